"""How alerts are told: by mail, webhook and ntfy, while a pass goes on, and what `check` says of it."""

import asyncio
import json
import threading
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner
from samples import NOW, TIDE, article, body_of, keep
from test_alerts import FIRST, alert, settings_of, telling
from test_deliver import READER, MailServer

from archive.cli import cli
from archive.edition.deliver import Refusal
from archive.model import Limits
from archive.run.alerts.judging import judge_new
from archive.run.alerts.outbox import tell, tell_meanwhile
from archive.run.health.alerts import check_alerts
from archive.run.schedule import aside
from archive.settings import ChannelKind, ChannelSettings, read_settings
from archive.store import Archive
from scraper.errors import ConfigError

MINUTE = timedelta(minutes=1)


class Service(ThreadingHTTPServer):
    """A server that takes messages, or answers as it is told."""

    daemon_threads = True

    def __init__(self, *answers):
        super().__init__(("127.0.0.1", 0), _Taking)
        self.answers, self.taken = list(answers), []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def archive():
    with Archive.open(":memory:", write=True) as opened:
        opened.save_sources([TIDE])
        keep(opened, replace(FIRST, cves=("CVE-2026-1",)))
        yield opened


def hook(url, kind=ChannelKind.WEBHOOK, **more):
    return ChannelSettings("phone", kind, url, **more)


# ---------------------------------------------------------------- channels


def test_a_webhook_gets_the_story_as_json(archive):
    with Service() as service:
        settings = settings_of(telling(), channels=(hook(f"{service.url}/in?key=1", token_env="TOKEN"),))
        settings = replace(settings, digest=replace(settings.digest, base_url="https://news.example"))
        sent = tell(archive, settings, NOW, environ={"TOKEN": "s3cret"})
    ((path, headers, record),) = service.taken
    assert ("/in?key=1", "Bearer s3cret") == (path, headers["authorization"])
    assert {"version", "id", "alert", "title", "made_at", "story_id", "article", "others", "text"} == set(record)
    assert ("sandvik", FIRST.headline, FIRST.url) == (
        record["alert"],
        record["article"]["headline"],
        record["article"]["url"],
    )
    assert "https://news.example/article/1" == record["article"]["archive_url"]
    assert record["id"] == headers["idempotency-key"]
    assert [("sandvik", FIRST.headline)] == sent.told


def test_ntfy_gets_title_text_and_link(archive):
    with Service() as service:
        tell(archive, settings_of(telling(), channels=(hook(f"{service.url}/desk", ChannelKind.NTFY),)), NOW)
    ((path, _, record),) = service.taken
    assert ("/", "desk", FIRST.url) == (path, record["topic"], record["click"])
    assert f"Sandvik: {FIRST.headline}" == record["title"]
    assert "CVE-2026-1" in record["message"]


def test_a_mail_goes_to_each_reader_once(archive):
    with MailServer() as server:
        mail = server.settings(readers=("one@example.org", "two@example.org"))
        settings = replace(settings_of(alert(notify=("mail",))), mail=mail)
        tell(archive, settings, NOW)
        tell(archive, settings, NOW + MINUTE)
    assert ["one@example.org", "two@example.org"] == server.readers()
    message = message_from_bytes(server.mails[0], policy=default)
    assert f"Sandvik: {FIRST.headline}" == message["Subject"]
    assert FIRST.url in message.get_content()


def test_a_reader_who_is_refused_is_no_trouble_of_the_others(archive):
    with MailServer(refuses={READER: "550 no such mailbox"}) as server:
        settings = replace(
            settings_of(alert(notify=("mail",))), mail=server.settings(readers=(READER, "two@example.org"))
        )
        sent = tell(archive, settings, NOW)
    assert ["two@example.org"] == server.readers()
    assert [f"alert sandvik: not told by mail to {READER}: 550 no such mailbox"] == sent.problems


def test_a_headline_cannot_add_a_header(archive):
    keep(archive, article("https://tide.example/x", f"Sandvik. {body_of('x')}", headline="Sandvik\r\nBcc: a@b.example"))
    with MailServer() as server:
        tell(archive, replace(settings_of(alert(notify=("mail",))), mail=server.settings()), NOW)
    assert [None, None] == [message_from_bytes(mail, policy=default)["Bcc"] for mail in server.mails]


@pytest.mark.parametrize(("answer", "again_after"), [(503, timedelta(seconds=30)), (404, timedelta(hours=6))])
def test_what_a_server_answers_says_when_it_is_tried_again(archive, answer, again_after):
    with Service(answer) as service:
        settings = settings_of(telling(), channels=(hook(service.url),))
        tell(archive, settings, NOW)
        (waiting,) = archive.waiting_notices()
        assert NOW + again_after == waiting.next_try_at
        tell(archive, settings, NOW + again_after - timedelta(seconds=1))
        assert 1 == len(service.taken)
        tell(archive, settings, NOW + again_after)
    assert 2 == len(service.taken)
    assert () == archive.waiting_notices()


def test_a_publisher_who_wants_nothing_quoted_is_not_quoted():
    with Archive.open(":memory:", write=True) as archive, Service() as service:
        archive.save_sources([TIDE])
        keep(archive, FIRST, limits=Limits(snippet_length=0))
        tell(archive, settings_of(telling(), channels=(hook(service.url),)), NOW)
    assert "" == service.taken[0][2]["article"]["extract"]


def test_a_variable_that_is_not_set_is_said(archive):
    channel = ChannelSettings("phone", ChannelKind.WEBHOOK, address_env="HOOK")
    sent = tell(archive, settings_of(telling(), channels=(channel,)), NOW, environ={})
    assert ["alert sandvik: not told by phone: the variable HOOK is not set"] == sent.problems


def test_apprise_that_is_not_there_is_said(archive):
    try:
        import apprise  # noqa: F401, PLC0415
    except ImportError:
        sent = tell(archive, settings_of(telling(), channels=(hook("json://127.0.0.1", ChannelKind.APPRISE),)), NOW)
        assert "presswatch[apprise]" in sent.problems[0]
    else:
        pytest.skip("apprise is there")


# ---------------------------------------------------------------- while a pass goes on


def test_messages_are_handed_over_aside_and_what_went_out_is_noted_where_the_loop_ends(archive):
    """A watch that is stopped in the middle of a message does not send it again."""
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Service):
        def finish_request(self, request, client_address):
            begun.set()
            go_on.wait(5)
            super().finish_request(request, client_address)

    async def main(service):
        settings = settings_of(telling(), channels=(hook(service.url),))
        telling_it = asyncio.create_task(tell_meanwhile(archive, settings, NOW, aside=aside))
        await aside(lambda: begun.wait(5))  # the loop goes on
        telling_it.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await telling_it

    with Slow() as service:
        asyncio.run(asyncio.wait_for(main(service), 10))
        assert () == archive.waiting_notices()
        assert 1 == len(service.taken)


# ---------------------------------------------------------------- check


def test_check_tells_a_channel_that_failed_for_long(archive):
    settings = settings_of(telling())
    tell(archive, settings, NOW, send=lambda _: Refusal("nobody answers", is_general=True))
    assert [] == list(check_alerts(archive, settings, NOW + MINUTE))
    (finding,) = check_alerts(archive, settings, NOW + 40 * MINUTE)
    assert "alerts by phone" == finding.what
    assert "nobody answers" in finding.detail


def test_check_tells_an_alert_whose_list_is_broken(archive):
    broken = alert(words=(), problem="words.txt cannot be read: No such file or directory")
    (finding,) = check_alerts(archive, settings_of(broken), NOW)
    assert ("alert sandvik", False) == (finding.what, finding.is_well)


# ---------------------------------------------------------------- configuration and commands


@pytest.fixture
def config(tmp_path):
    result = CliRunner().invoke(cli, ["init", str(tmp_path / "config"), "--contact", "desk@example.org"])
    assert 0 == result.exit_code
    return tmp_path / "config"


def run(config, *words, code=0):
    result = CliRunner().invoke(cli, ["--config", str(config), *words])
    assert code == result.exit_code, result.output
    return result


def settings_in(config, text):
    (config / "alerts" / "more.toml").write_text(text, encoding="utf-8")
    return read_settings(config, environ={})


def test_the_shipped_alerts_are_disabled_and_can_be_read(config):
    found = {one.name: one for one in read_settings(config, environ={}).alerts}
    assert {"vendors", "baltic", "ransomware", "cves"} == set(found)
    assert [] == [one.name for one in found.values() if one.enabled or one.problem]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[a]\nquery = "(gate"', "this bracket is not closed"),
        ("[a]\nmark = true", "an alert has a query, a words_file, or both"),
        ('[a]\nquery = "gate"\nnotify = ["phone"]', 'no channel is called "phone"'),
        ('[a]\nquery = "gate"\nnotify = ["mail"]', "there is no [mail]"),
        ('[a]\nquery = "gate"\nled = true', "did you mean lead?"),
        ('[vendors]\nquery = "gate"', "there is an alert of this name already"),
        ('["A b"]\nquery = "gate"', "expected a name of a-z"),
        ('query = "gate"', "this key is in none"),
    ],
)
def test_mistakes_are_named_and_stop_no_other_alert(config, text, said):
    settings = settings_in(config, text)
    assert said in str(settings.alert_mistakes[0])
    assert {"vendors", "baltic", "ransomware", "cves"} <= {one.name for one in settings.alerts}
    told = run(config, "alert", "list", code=1)
    assert said in told.stderr
    assert "baltic" in told.stdout
    assert said in " ".join(run(config, "check", code=1).output.split())


def test_a_channel_that_is_not_there_keeps_an_alert_from_nothing_else(config):
    settings = settings_in(config, '[a]\nquery = "gate"\nnotify = ["phone"]')
    assert [()] == [one.notify for one in settings.alerts if one.name == "a"]
    assert settings.alert_mistakes


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"gate\n\xff\n", "is not UTF-8, at line 2"),
        (b"gate\n--\n", "no word to look for at line 2"),
        (b"#\n", "found 0"),
    ],
)
def test_a_broken_word_list_stops_nothing_and_is_told(config, content, said):
    (config / "alerts" / "list.txt").write_bytes(content)
    (found,) = (one for one in settings_in(config, '[a]\nwords_file = "list.txt"').alerts if one.name == "a")
    assert said in found.problem


def test_channels_are_read_and_their_mistakes_named(config):
    main = config / "presswatch.toml"
    text = main.read_text(encoding="utf-8")
    main.write_text(text + '\n[notify.desk]\nkind = "ntfy"\naddress_env = "TOPIC"\n', encoding="utf-8")
    assert (ChannelSettings("desk", ChannelKind.NTFY, address_env="TOPIC"),) == read_settings(
        config, environ={}
    ).channels
    main.write_text(text + '\n[notify.desk]\nkind = "webhook"\naddress = "desk"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="http"):
        read_settings(config, environ={})


def test_an_alert_is_added_listed_and_tried(config):
    added = run(config, "alert", "add", "steel", "sandvik", "-rumour", "north quay", "--lead", "--tag", "steel")
    assert 'query = "sandvik -rumour \\"north quay\\""' in added.output
    (found,) = (one for one in read_settings(config, environ={}).alerts if one.name == "steel")
    assert ('sandvik -rumour "north quay"', True, ("steel",)) == (found.query, found.lead, found.tag)
    assert "steel" in run(config, "alert", "list").output
    assert "steel" in {one["name"] for one in json.loads(run(config, "alert", "list", "--json").output)}
    assert "already" in run(config, "alert", "add", "steel", "gate", code=2).output


def test_what_an_alert_would_have_found_is_shown_and_nothing_sent(config):
    run(config, "alert", "add", "steel", "sandvik")
    settings = read_settings(config, environ={})
    with Archive.open(settings.archive.database, write=True) as archive:
        archive.save_sources([TIDE])
        keep(archive, FIRST)
        keep(archive, article())
    told = run(config, "alert", "test", "steel", "--since", "5000d")
    assert FIRST.headline in told.output
    assert "Storm shuts roads" not in told.output
    with Archive.open(settings.archive.database, write=False) as archive:
        assert {} == archive.alert_counts()
    with Archive.open(settings.archive.database, write=True) as archive:
        judge_new(archive, settings, NOW)
    assert "alerts steel" in run(config, "show", "1").output
    assert "did you mean steel" in run(config, "alert", "test", "stel", code=2).output
