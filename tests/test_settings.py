"""The configuration folder: what it says, and every mistake in it by name."""

import textwrap
from dataclasses import fields, replace
from datetime import date, time, timedelta
from pathlib import Path

import certifi
import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import example, given
from hypothesis import strategies as st

from archive.settings import (
    MailSettings,
    MetricsSettings,
    PassSettings,
    RetentionRule,
    Settings,
    added_sources_file,
    config_files,
    config_folder,
    read_settings,
)
from archive.settings.values import check_mailbox
from scraper.errors import ConfigError
from scraper.model import FetchSettings, MeterRule, Phrase, Selectors, Source
from scraper.settings.network import is_example_contact
from scraper.settings.rendering import render_source
from scraper.settings.sources import read_source
from scraper.settings.values import check_crontab, parse_duration, parse_size, render_duration

LEAST = """
[archive]
database = "kept/press.db"
warc_folder = "kept/captures"
[fetch]
user_agent = "presswatch (contact: reader@tide.example)"
[digest]
title = "Digest"
timezone = "Europe/Berlin"
at = "06:30"
folder = "kept/digests"
"""
TIDE = """
[tide]
title = "The Tide"
home_url = "https://tide.example/"
feeds = ["https://tide.example/rss"]
"""


@pytest.fixture
def write(tmp_path):
    """Writes a configuration folder, with the least that it must hold, and gives its path."""

    def write_folder(main: str = LEAST, **sources: str) -> Path:
        folder = tmp_path / "config"
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        (folder / "presswatch.toml").write_text(main, encoding="utf-8")
        for name, text in sources.items():
            (folder / "sources" / f"{name}.toml").write_text(textwrap.dedent(text), encoding="utf-8")
        return folder

    return write_folder


def mistakes_in(folder: Path) -> list[str]:
    """Each mistake, with the path of its file shortened."""
    with pytest.raises(ConfigError) as caught:
        read_settings(folder, environ={})
    return [str(mistake).removeprefix(f"{folder}/") for mistake in caught.value.mistakes]


# ---------------------------------------------------------------- what is read


def test_what_a_file_leaves_out_has_its_default(write):
    settings = read_settings(write(), environ={})

    assert FetchSettings(user_agent="presswatch (contact: reader@tide.example)") == settings.fetch
    assert PassSettings() == settings.passes
    assert ((), (), None) == (settings.sources, settings.retention, settings.mail)


def test_relative_paths_start_beside_the_configuration_folder(write, tmp_path):
    settings = read_settings(write(), environ={})

    assert tmp_path / "kept/press.db" == settings.archive.database
    assert tmp_path / "kept/digests" == settings.digest.folder


def test_tilde_is_the_home_that_the_environment_names(write):
    folder = write(LEAST.replace("kept/press.db", "~/press.db"))

    assert Path("/home/reader/press.db") == read_settings(folder, environ={"HOME": "/home/reader"}).archive.database


def test_durations_sizes_times_and_addresses_become_values(write):
    more = (
        LEAST.replace(
            "[digest]", 'pace = "1.5s"\nmax_bytes = "2MiB"\nallowed_addresses = ["127.0.0.1:80", "[::1]:80"]\n[digest]'
        )
        + '[passes]\noldest_entry = "all"\nrecheck_for = "1d12h"\n'
    )
    settings = read_settings(write(more), environ={})

    assert timedelta(seconds=1.5) == settings.fetch.pace
    assert 2 * 1024**2 == settings.fetch.max_bytes
    assert {"127.0.0.1:80", "[::1]:80"} == settings.fetch.allowed_addresses
    assert settings.passes.oldest_entry is None
    assert timedelta(hours=36) == settings.passes.recheck_for
    assert time(6, 30) == settings.digest.at


def test_mail_and_retention(write):
    more = """
        [mail]
        host = "smtp.tide.example"
        port = 587
        security = "starttls"
        sender = "press@tide.example"
        readers = ["a@tide.example", "b@tide.example"]
        [retention]
        keep = "365d"
        [retention.sources]
        tide = "30d"
    """
    settings = read_settings(write(LEAST + textwrap.dedent(more), tide=TIDE), environ={})

    mail = MailSettings(
        "smtp.tide.example", 587, "starttls", "press@tide.example", ("a@tide.example", "b@tide.example")
    )
    assert mail == settings.mail
    assert (RetentionRule(None, timedelta(365)), RetentionRule("tide", timedelta(30))) == settings.retention


def test_sources_come_file_by_file_in_the_order_of_their_tables(write):
    other = TIDE.replace("tide", "{}")
    folder = write(b=other.format(*["ebb"] * 3) + other.format(*["calm"] * 3), a=TIDE)

    assert ["tide", "ebb", "calm"] == [source.name for source in read_settings(folder, environ={}).sources]


def test_a_source_with_everything(write, tmp_path):
    (tmp_path / "cookies.txt").write_text("", encoding="utf-8")
    (tmp_path / "cookies.txt").chmod(0o600)
    text = """
        [tide]
        title = "The Tide"
        home_url = "https://tide.example/"
        sitemaps = ["https://tide.example/news.xml"]
        index_pages = ["https://tide.example/world"]
        language = "pt-BR"
        section = "cyber"
        schedule = "0 */2 * * mon-fri"
        pace = "10s"
        enabled = false
        access_note = "metered"
        access_checked = 2026-11-24
        cookies_file = "cookies.txt"
        [tide.selectors]
        body = ["article > p", "not : a { selector"]
    """
    expected = Source(
        name="tide",
        title="The Tide",
        home_url="https://tide.example/",
        sitemaps=("https://tide.example/news.xml",),
        index_pages=("https://tide.example/world",),
        language="pt-BR",
        section="cyber",
        schedule="0 */2 * * mon-fri",
        pace=timedelta(seconds=10),
        enabled=False,
        access_note="metered",
        access_checked=date(2026, 11, 24),
        selectors=Selectors(body=("article > p", "not : a { selector")),
        cookies_file=tmp_path / "cookies.txt",
    )

    assert (expected,) == read_settings(write(tide=text), environ={}).sources


def test_what_a_source_brings_along(write):
    text = (
        TIDE
        + """
        auth_user = "ann"
        auth_password_env = "TIDE_PASSWORD"
        proxy = "none"
        [tide.headers]
        Accept-Language = "de"
        X-Api-Key = "4f2a"
    """
    )
    (source,) = read_settings(write(tide=textwrap.dedent(text)), environ={}).sources

    assert (("Accept-Language", "de"), ("X-Api-Key", "4f2a")) == source.headers
    assert ("ann", "TIDE_PASSWORD", "none") == (source.auth_user, source.auth_password_env, source.proxy)


def test_certificates_of_the_house(write):
    general = LEAST.replace("[digest]", f'ca_bundle = "{certifi.where()}"\n[digest]')
    settings = read_settings(write(general, tide=f'{TIDE}ca_bundle = "{certifi.where()}"'), environ={})

    assert (Path(certifi.where()),) * 2 == (settings.fetch.ca_bundle, settings.sources[0].ca_bundle)


def test_addresses_with_secrets_are_kept_apart_from_what_is_shown(write):
    text = """
        [tide]
        title = "The Tide"
        home_url = "https://ann:sesame@tide.example/"
        feeds = ["https://ann:sesame@tide.example/rss", "https://tide.example/x?token=4f2a", "https://tide.example/b"]
    """
    (source,) = read_settings(write(tide=text), environ={}).sources

    assert "https://tide.example/" == source.home_url
    assert ("https://tide.example/rss", "https://tide.example/x?token=hidden", "https://tide.example/b") == source.feeds
    assert not [secret for secret in ("sesame", "4f2a") if secret in f"{source} {render_source(source)}"]
    assert "https://ann:sesame@tide.example/rss" in render_source(source, with_secrets=True)
    again = read_settings(write(tide=render_source(source, with_secrets=True)), environ={}).sources
    assert (source,) == again


def test_addresses_that_differ_in_their_secrets_alone_are_told_apart_by_a_number(write):
    text = TIDE.replace("/rss", "/rss?token=a") + TIDE.replace("[tide]", "[b]").replace("/rss", "/rss?token=b")
    sources = read_settings(write(tide=text), environ={}).sources

    assert ["https://tide.example/rss?token=hidden", "https://tide.example/rss?token=hidden2"] == [
        source.feeds[0] for source in sources
    ]


# ---------------------------------------------------------------- what is wrong


WRONG_WAYS = {
    "a cookie": ('headers = {Cookie = "id=1"}', "headers: Cookie is not taken: presswatch says who it is"),
    "an agent": ('headers = {user-agent = "Googlebot"}', "headers: user-agent is not taken"),
    "a referrer": ('headers = {Referer = "https://news.google.com/"}', "headers: Referer is not taken"),
    "an address": ('headers = {X-Forwarded-For = "66.249.66.1"}', "headers: X-Forwarded-For is not taken"),
    "a browser": ("headers = {Sec-CH-UA = 'Chrome'}", "headers: Sec-CH-UA is not taken"),
    "our own": ('headers = {Host = "a.example"}', "headers: Host is set by presswatch itself"),
    "a login": ('headers = {Authorization = "Basic eA=="}', "headers: Authorization is set by auth_user and"),
    "no name": ('headers = {"a b" = "c"}', 'headers: "a b" is no name of a header'),
    "a line break": ('headers = {X-A = "b\\nHost: c"}', "headers: X-A: expected a text in ASCII on one line"),
    "no table": ('headers = "a"', "headers: expected a table of headers"),
    "user alone": ('auth_user = "ann"', "auth_password_env: missing; auth_user and auth_password_env go together"),
    "both": (
        'token_env = "T"\nauth_user = "ann"\nauth_password_env = "P"',
        "token_env: expected a token or a user, not both",
    ),
    "a secret": ('token_env = "4f2a-91"', "token_env: expected the name of an environment variable"),
    "proxy": ('proxy = "127.0.0.1:3128"', "proxy: expected the address of a proxy"),
    "proxy path": ('proxy = "ftp://127.0.0.1/"', "proxy: expected the address of a proxy"),
    "proxy password": ('proxy = "http://ann:sesame@127.0.0.1:x"', 'found "http://127.0.0.1:x"'),
    "certificates": ('ca_bundle = "none.pem"', "ca_bundle: expected the path of a file with certificates (PEM)"),
}


@pytest.mark.parametrize(("wrong", "expected"), WRONG_WAYS.values(), ids=WRONG_WAYS.keys())
def test_a_way_that_is_not_taken_is_named(write, wrong, expected):
    (mistake,) = mistakes_in(write(tide=f"{TIDE}{wrong}\n"))
    assert mistake.startswith("sources/tide.toml: [tide] ")
    assert expected in mistake


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ('token_env = "T"', "token_env: goes over https alone, and http://tide.example/rss is not"),
        ("", ""),
    ],
)
def test_a_token_that_would_never_be_sent_is_named(write, wrong, expected):
    folder = write(tide=f"{TIDE.replace('https:', 'http:')}{wrong}\n")
    assert [f"sources/tide.toml: [tide] {expected}"] * bool(wrong) == (mistakes_in(folder) if wrong else [])


def test_a_password_over_http_is_refused_and_not_said(write):
    (mistake,) = mistakes_in(write(tide=TIDE.replace("https://tide.example/rss", "http://ann:sesame@tide.example/rss")))
    assert "sources/tide.toml: [tide] feeds: http://tide.example/rss: a password goes over https alone" == mistake


def test_a_wrong_address_is_said_without_its_password(write):
    (mistake,) = mistakes_in(write(tide=TIDE.replace("https://tide.example/rss", "htp://ann:sesame@tide.example/rss")))
    assert "sesame" not in mistake


def test_what_a_file_is_about_to_hold_is_read_in_its_place(write):
    folder = write(tide=TIDE)
    new = TIDE.replace("tide", "dyke")
    instead = {folder / "sources" / "added.toml": new}

    assert ["dyke", "tide"] == [source.name for source in read_settings(folder, environ={}, instead=instead).sources]
    with pytest.raises(ConfigError, match=r"already in tide\.toml|already in added\.toml"):
        read_settings(folder, environ={}, instead={folder / "sources" / "added.toml": TIDE})


def test_a_missing_folder_leads_to_presswatch_init(tmp_path):
    (only,) = mistakes_in(tmp_path / "config")

    assert f"there is no such file; write a starter configuration with: presswatch init {tmp_path}/config" in only


MISTAKES = {
    "unknown key": ('[fetch]\npase = "2s"', "[fetch] pase: unknown key; did you mean pace?"),
    "unknown key near nothing": ("[passes]\nzzz = 1", "[passes] zzz: unknown key; known here: articles_per_source,"),
    "unknown table": ("[fetsch]\na = 1", "[fetsch]: unknown table; did you mean fetch?"),
    "key in no table": ("zzz = 1", "zzz: unknown key; known here: archive, fetch,"),
    "no table": ("passes = 3", "[passes]: expected a table, found 3"),
    "wrong type of text": ("[fetch]\nuser_agent = 3", "[fetch] user_agent: expected a text on one line, found 3"),
    "line break in a text": (
        '[fetch]\nuser_agent = "a\\r\\nX: b@c.de"',
        "[fetch] user_agent: expected a text on one line",
    ),
    "wrong type of number": ('[fetch]\nper_host = "1"', "[fetch] per_host: expected a whole number of 1 to 8"),
    "true is no number": ("[fetch]\nretries = true", "[fetch] retries: expected a whole number of 0 to 10, found true"),
    "number out of range": ("[fetch]\njitter = 1.5", "[fetch] jitter: expected a number of 0 to 1, found 1.5"),
    "bad duration": ('[fetch]\npace = "2 sec"', '[fetch] pace: expected a duration such as "10s", "30m"'),
    "duration without a unit": ("[fetch]\npace = 2", '[fetch] pace: expected a duration such as "10s", "30m"'),
    "no time at all": ('[fetch]\ntotal_timeout = "0s"', "[fetch] total_timeout: expected a duration of more than"),
    "bad size": ('[fetch]\nmax_bytes = "10 apples"', '[fetch] max_bytes: expected a size such as "10MB"'),
    "no contact": ('[fetch]\nuser_agent = "bot/1"', "[fetch] user_agent: expected a text in ASCII with a contact"),
    "robots agent": ('[fetch]\nrobots_agent = "my bot"', "[fetch] robots_agent: expected a product token"),
    "network with host bits": (
        '[fetch]\nallowed_addresses = ["10.1.2.3/8"]',
        "[fetch] allowed_addresses: expected a host or a network",
    ),
    "text for a list": ('[fetch]\nallowed_addresses = "a:1"', "[fetch] allowed_addresses: expected a list"),
    "bad time": ('[digest]\nat = "25:00"', '[digest] at: expected a time of day such as "06:30", found "25:00"'),
    "unknown time zone": (
        '[digest]\ntimezone = "Europe/Berlyn"',
        "[digest] timezone: expected a time zone such as Europe/Berlin, found Europe/Berlyn; did you mean",
    ),
    "a folder of time zones": ('[digest]\ntimezone = "Europe"', "[digest] timezone: expected a time zone"),
    "a path for a time zone": ('[digest]\ntimezone = "../etc"', "[digest] timezone: expected a time zone"),
    "bad format": ('[digest]\nformats = ["pdf"]', "[digest] formats: expected one of html, markdown, text, atom"),
    "no format": ("[digest]\nformats = []", "[digest] formats: expected at least one in the list"),
    "home unknown": ('[archive]\ndatabase = "~/a.db"', "[archive] database: expected a path; `~` stands for $HOME"),
    "path is a number": ("[archive]\ndatabase = 1", "[archive] database: expected a text on one line, found 1"),
    "folder for a file": ('[archive]\ndatabase = "config"', "[archive] database: expected the path of a file; this is"),
    "file for a folder": (
        '[archive]\nwarc_folder = "config/presswatch.toml"',
        "[archive] warc_folder: expected the path of a folder; this is a file",
    ),
    "unknown source in retention": (
        '[retention.sources]\ntidde = "1d"',
        "[retention.sources] tidde: no such source; did you mean tide?",
    ),
    "unknown key in retention": ('[retention]\nkep = "1d"', "[retention] kep: unknown key; did you mean keep?"),
    "bad retention": ('[retention]\nkeep = "forever"', "[retention] keep: expected a duration"),
}


@pytest.mark.parametrize(("wrong", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_presswatch_toml_is_named(write, wrong, expected):
    """File, table, key and what was expected there."""
    mistakes = mistakes_in(write(_merged(wrong), tide=TIDE))

    assert [True] == [f"presswatch.toml: {expected}" in mistake for mistake in mistakes], mistakes


def _merged(wrong: str) -> str:
    """The least configuration with the key of *wrong* in place of its own, or beside the others."""
    table, _, assignment = wrong.partition("\n")
    if table not in LEAST:
        return f"{wrong}\n{LEAST}"
    key = assignment.partition(" = ")[0]
    kept = [line for line in LEAST.splitlines() if not line.startswith(f"{key} = ")]
    return "\n".join(f"{line}\n{assignment}" if line == table else line for line in kept)


def test_required_keys_that_are_missing_are_named(write):
    expected = [
        "presswatch.toml: [archive] database: missing; it has no default",
        "presswatch.toml: [archive] warc_folder: missing; it has no default",
        "presswatch.toml: [fetch] user_agent: missing; it has no default",
        "presswatch.toml: [digest] title: missing; it has no default",
        "presswatch.toml: [digest] timezone: missing; it has no default",
        "presswatch.toml: [digest] at: missing; it has no default",
        "presswatch.toml: [digest] folder: missing; it has no default",
    ]

    assert expected == mistakes_in(write(""))


MAIL_MISTAKES = {
    "security": ('security = "ssl"', 'security: expected one of starttls, tls, none, found "ssl"'),
    "sender": (
        'sender = "somebody"',
        'sender: expected an e-mail address, alone or as "Name <name@example.org>", found "somebody"',
    ),
    "one reader": ('readers = ["a@b.example", "x"]', 'readers: expected an e-mail address, found "x"'),
    "no reader": ("readers = []", "readers: expected at least one in the list"),
    "port": ("port = 0", "port: expected a whole number of 1 to 65535, found 0"),
    "password in the file": ('password = "secret"', "password: unknown key; did you mean password_env?"),
    "user alone": ('user = "me"', "password_env: missing; user and password_env go together"),
    "variable": ('user = "me"\npassword_env = "my pass"', "password_env: expected the name of an environment variable"),
}


@pytest.mark.parametrize("sender", ["press@a.example", "Presswatch <press@a.example>", '"Watch, Press" <p@a.example>'])
def test_the_sender_of_mail_may_have_a_name(sender):
    assert sender == check_mailbox(sender)


@pytest.mark.parametrize(
    "sender", ["Press", "a@b.example, c@d.example", "Press <a@b.example>\nBcc: c@d.example", 7, "<>"]
)
def test_a_sender_is_one_address(sender):
    with pytest.raises(ValueError, match="expected an e-mail address"):
        check_mailbox(sender)


@pytest.mark.parametrize(("wrong", "expected"), MAIL_MISTAKES.values(), ids=MAIL_MISTAKES.keys())
def test_a_mistake_in_the_mail_table_is_named(write, wrong, expected):
    lines = {
        "host": '"m.example"',
        "port": "25",
        "security": '"none"',
        "sender": '"a@b.example"',
        "readers": '["c@b.example"]',
    }
    lines |= dict(line.split(" = ", 1) for line in wrong.splitlines())
    mail = "[mail]\n" + "\n".join(f"{key} = {value}" for key, value in lines.items())

    mistakes = mistakes_in(write(LEAST + mail))

    assert [True] == [f"presswatch.toml: [mail] {expected}" in mistake for mistake in mistakes], mistakes


SOURCE_MISTAKES = {
    "bad URL": ('home_url = "tide.example"', "home_url: expected an absolute http(s) URL"),
    "bad URL in a list": (
        'feeds = ["https://a.example/f", "ftp://b.example/"]',
        'feeds: expected an absolute http(s) URL, found "ftp://b.example/"',
    ),
    "URL with a space": ('home_url = "https://a.example/a b"', "home_url: expected an absolute http(s) URL"),
    "nothing to visit": ("feeds = []", "feeds: missing; a source has at least one feed, sitemap or index page"),
    "the same feed twice": (
        'feeds = ["https://tide.example/rss", "http://TIDE.example:80/rss?utm_source=b"]',
        "feeds: http://TIDE.example:80/rss?utm_source=b is already in feeds of [tide]",
    ),
    "bad crontab line": (
        'schedule = "0 24 * * *"',
        'schedule: expected an hour of 0 to 23 in a crontab line, found "24"',
    ),
    "short crontab line": ('schedule = "0 24 *"', "schedule: expected a crontab line of five fields"),
    "bad schedule": ('schedule = "hourly"', 'schedule: expected a duration such as "30m", or a crontab line'),
    "bad language": ('language = "English"', 'language: expected a language such as "en" or "pt-BR"'),
    "bad switch": ('enabled = "yes"', 'enabled: expected true or false, found "yes"'),
    "bad day": ('access_checked = "2026-11-24"', "access_checked: expected a day such as 2026-11-24, without"),
    "no cookie file": ('cookies_file = "none.txt"', "cookies_file: expected the path of a cookie file that is there"),
    "robots is no choice": ('robots = "obey"', "robots: unknown key; known here: title, home_url,"),
    "old name of a key": ('home = "https://a.example/"', "home: unknown key; did you mean home_url?"),
}


@pytest.mark.parametrize(("wrong", "expected"), SOURCE_MISTAKES.values(), ids=SOURCE_MISTAKES.keys())
def test_a_mistake_in_a_source_is_named(write, wrong, expected):
    key = wrong.partition(" = ")[0]
    kept = "\n".join(line for line in TIDE.splitlines() if not line.startswith(f"{key} = "))

    mistakes = mistakes_in(write(tide=f"{kept}\n{wrong}\n"))

    assert [True] == [f"sources/tide.toml: [tide] {expected}" in mistake for mistake in mistakes], mistakes


def test_a_cookie_file_that_others_can_read_is_refused(write, tmp_path):
    cookies = tmp_path / "cookies.txt"
    cookies.touch()
    cookies.chmod(0o640)

    (only,) = mistakes_in(write(tide=f'{TIDE}cookies_file = "cookies.txt"\n'))
    assert f"cookies_file: expected a cookie file that nobody else can read (chmod 600 {cookies})" in only


@pytest.mark.parametrize("place", ["kept", "kept/captures", "kept/mine/deep"])
def test_a_cookie_file_in_a_folder_of_the_archive_is_refused(write, tmp_path, place):
    cookies = tmp_path / place / "cookies.txt"
    cookies.parent.mkdir(parents=True)
    cookies.touch(0o600)

    (only,) = mistakes_in(write(tide=f'{TIDE}cookies_file = "{place}/cookies.txt"\n'))
    assert "[tide] cookies_file: expected a file outside the archive, found" in only


def test_a_database_beside_the_configuration_does_not_make_its_folder_the_archives(write, tmp_path):
    (tmp_path / "cookies.txt").touch(0o600)
    main = LEAST.replace("kept/press.db", "press.db")

    (source,) = read_settings(write(main, tide=f'{TIDE}cookies_file = "cookies.txt"\n'), environ={}).sources
    assert tmp_path / "cookies.txt" == source.cookies_file


def test_a_meter_may_be_a_table_of_its_own_or_stand_in_line(write):
    expected = MeterRule(limit=5, window="month", reserve=1)
    in_line = f'{TIDE}meter = {{limit = 5, window = "month", reserve = 1}}\n'
    table = f'{TIDE}[tide.meter]\nlimit = 5\nwindow = "month"\nreserve = 1\n'
    for text in (in_line, table):
        (source,) = read_settings(write(tide=text), environ={}).sources
        assert expected == source.meter


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("limit = 0", "limit: expected a whole number of 1 to 1000, found 0"),
        ('window = "a year"', 'window: expected "month", or a duration such as "30d", found "a year"'),
        ("limit = 2, reserve = 2", "reserve: expected less than the limit of 2, found 2"),
        ("limits = 2", "limits: unknown key; did you mean limit?"),
    ],
)
def test_a_mistake_in_a_meter_is_named(write, wrong, expected):
    assert [f"sources/tide.toml: [tide.meter] {expected}"] == mistakes_in(write(tide=f"{TIDE}meter = {{{wrong}}}\n"))


def test_wrong_selectors_are_named(write):
    text = TIDE + '[tide.selectors]\nbody = "p"\nboddy = ["p"]\n'

    assert [
        'sources/tide.toml: [tide.selectors] body: expected a list, in [square brackets], found "p"',
        "sources/tide.toml: [tide.selectors] boddy: unknown key; did you mean body?",
    ] == mistakes_in(write(tide=text))


def test_a_source_without_title_and_home_is_named(write):
    expected = ["title", "home_url"]

    assert [f"sources/tide.toml: [tide] {key}: missing; it has no default" for key in expected] == mistakes_in(
        write(tide='[tide]\nfeeds = ["https://tide.example/rss"]')
    )


def test_a_name_that_is_taken_is_named(write):
    assert ["sources/b.toml: [tide]: this source is already in a.toml"] == mistakes_in(write(a=TIDE, b=TIDE))


def test_a_name_that_is_hard_to_type_is_named(write):
    assert ["sources/a.toml: [The Tide]: expected a source name of a-z, 0-9, - and _"] == mistakes_in(
        write(a=TIDE.replace("[tide]", '["The Tide"]'))
    )


def test_two_sources_with_one_feed_are_named_even_when_it_is_spelled_otherwise(write):
    ebb = TIDE.replace("[tide]", "[ebb]").replace("https://tide.example/rss", "http://TIDE.example:80/rss?utm_source=b")

    assert [
        "sources/b.toml: [ebb] feeds: http://TIDE.example:80/rss?utm_source=b is already in feeds of [tide]"
    ] == mistakes_in(write(a=TIDE, b=ebb))


def test_the_feed_of_a_source_that_is_switched_off_may_be_another_ones(write):
    ebb = TIDE.replace("[tide]", "[ebb]")

    assert {"tide", "ebb"} == {
        source.name for source in read_settings(write(a=TIDE + "enabled = false\n", b=ebb), environ={}).sources
    }


def test_a_key_outside_the_tables_of_sources_is_named(write):
    assert [
        "sources/a.toml: title: expected a table for each source, such as [krebs]; this key is in none"
    ] == mistakes_in(write(a='title = "The Tide"'))


def test_a_wrong_source_is_not_also_a_missing_one(write):
    """Its retention rule names a source that is there, although its table has a mistake."""
    folder = write(LEAST + '[retention.sources]\ntide = "1d"', tide=TIDE + "enabled = 1")

    assert ["sources/tide.toml: [tide] enabled: expected true or false, found 1"] == mistakes_in(folder)


def test_invalid_toml_is_named_with_its_line_and_once(write):
    (only,) = mistakes_in(write("[archive]\ndatabase = \n"))

    assert only.startswith("presswatch.toml: not valid TOML: ")
    assert "line 2" in only


def test_bytes_that_are_not_utf_8_are_named_with_their_line(write):
    folder = write(tide=TIDE)
    (folder / "sources" / "tide.toml").write_bytes(b"[tide]\ntitle = 'Caf\xe9'\n")

    assert ["sources/tide.toml: expected UTF-8, found other bytes at line 2"] == mistakes_in(folder)


def test_phrases_of_ones_own_are_read_in_their_order(write):
    folder = write()
    (folder / "phrases.toml").write_text(r"""
[subscription]
cut = ['\bharbour pass\b', 'a\Sb']
likely = ['pass']
[promo]
sure = ['tide table']
""")

    expected = (
        Phrase("subscription", "cut", r"\bharbour pass\b"),
        Phrase("subscription", "cut", r"a\Sb"),
        Phrase("subscription", "likely", "pass"),
        Phrase("promo", "sure", "tide table"),
    )
    assert expected == read_settings(folder, environ={}).phrases


NEVER_FOUND = "texts are compared in lower case, with plain quotes; never found there, try "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[subscribtion]\nsure = ['a']", "[subscribtion]: unknown table; did you mean subscription?"),
        (
            "sure = ['a']",
            "sure: unknown key; known here: meter, subscription, registration, newsletter, donation, promo",
        ),
        ("[meter]\nsur = ['a']", "[meter] sur: unknown key; did you mean sure?"),
        ("meter = ['a']", '[meter]: expected a table, found ["a"]'),
        ("[meter]\nsure = 'a'", '[meter] sure: expected a list, in [square brackets], found "a"'),
        ("[meter]\nsure = [1]", "[meter] sure: expected a text on one line, found 1"),
        (
            "[meter]\nsure = ['a(b']",
            "[meter] sure: 'a(b': not a regular expression: missing ), unterminated subpattern at position 1",
        ),
        ("[meter]\nsure = ['(?:a|b)*']", "[meter] sure: '(?:a|b)*': fits on a text without words"),
        ("[meter]\nsure = ['.']", "[meter] sure: '.': fits on a text without words"),
        ("[meter]\nsure = ['\\bReste \\S+', 'b']", f"[meter] sure: '\\bReste \\S+': {NEVER_FOUND}'\\breste \\S+'"),
        ("[meter]\nsure = ['d’A', 'É']", f"[meter] sure: 'd’A': {NEVER_FOUND}'d'a'; 'É': {NEVER_FOUND}'é'"),
        ("[", "not valid TOML: "),
    ],
)
def test_a_mistake_in_phrases_is_named_with_its_place(write, text, expected):
    folder = write()
    (folder / "phrases.toml").write_text(text, encoding="utf-8")

    (found,) = mistakes_in(folder)

    assert f"phrases.toml: {expected}" == (found[: len(expected) + 14] if expected.endswith(": ") else found)


def test_capitals_that_are_no_letters_of_the_text_may_stand_in_a_phrase(write):
    folder = write()
    patterns = [r"\Bpass", r"a\u00E4", r"(?P<Pass>pass)", r"(?i)Pass", r"\N{LATIN SMALL LETTER A}b"]
    (folder / "phrases.toml").write_text(f"[promo]\nsure = {[*patterns]}".replace("\\\\", "\\"))

    assert patterns == [phrase.pattern for phrase in read_settings(folder, environ={}).phrases]


def test_a_file_that_cannot_be_read_is_named(write):
    folder = write()
    (folder / "sources" / "a.toml").mkdir()

    assert ["sources/a.toml: cannot be read: Is a directory"] == mistakes_in(folder)


def test_all_mistakes_of_all_files_are_named_at_once(write):
    main = LEAST.replace('at = "06:30"', 'at = "noon"').replace("user_agent", "user_agnt")
    folder = write(main, a=TIDE + "enabled = 1\npace = 2\n", b="[")

    expected = [
        "sources/a.toml: [tide] enabled: expected",
        "sources/a.toml: [tide] pace: expected",
        "sources/b.toml: not valid TOML",
        "presswatch.toml: [fetch] user_agnt: unknown key",
        "presswatch.toml: [fetch] user_agent: missing",
        "presswatch.toml: [digest] at: expected",
    ]

    found = mistakes_in(folder)

    assert expected == [mistake[: len(start)] for mistake, start in zip(found, expected, strict=True)]


@given(st.text())
@example("[a]\nb.c = [{}]")
@example("fetch = [[]]\nretention.sources = 1\n[digest]\nat = 2026-11-24")
def test_any_text_is_read_or_is_a_named_error(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("any")
    (folder / "sources").mkdir()
    for file in ("presswatch.toml", "sources/a.toml", "phrases.toml"):
        (folder / file).write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        assert isinstance(read_settings(folder, environ={}), Settings)
    except ConfigError as error:
        assert error.mistakes  # noqa: PT017 - either outcome is right


# ---------------------------------------------------------------- single values


@pytest.mark.parametrize("text", ["", "m", "30", "-1h", "1m1h", "1h 30m", "1.5h", "1H", "٣m", "1h1h", "30m\n"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(text)


@given(st.timedeltas(min_value=timedelta(0)))
@example(timedelta.max)
def test_a_rendered_duration_is_read_as_the_same(duration):
    assert duration == parse_duration(render_duration(duration))


def test_a_duration_too_long_to_count_is_a_named_error():
    for text in ("9" * 20 + "d", "9" * 5000 + "s"):
        with pytest.raises(ValueError, match="less than a million years"):
            parse_duration(text)


@pytest.mark.parametrize("text", ["", "MB", "-1MB", "1.5MB", "10", "10mb", "1TB", "9" * 5000 + "B"])
def test_what_is_no_size(text):
    with pytest.raises(ValueError, match="expected a size"):
        parse_size(text)


@pytest.mark.parametrize(
    "line", ["* * * * *", "0 0 1 1 sun", "*/5 0-23/2 1,15 jan-mar sun", "59 23 31 DEC Sat", "05/10 * * * mon,wed-fri"]
)
def test_a_crontab_line(line):
    check_crontab(line)


@pytest.mark.parametrize(
    "line",
    [
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 0",
        "* * * * sun-tue",
        "* * * 1-feb *",
        "* * * jan-mar/2 *",
        "*/60 * * * *",
        "*/0 * * * *",
        "5-1 * * * *",
        "1, * * * *",
        "* * * foo *",
        "mon * * * *",
        "@daily x x x x",
    ],
)
def test_what_is_no_crontab_line(line):
    with pytest.raises(ValueError, match="in a crontab line, found"):
        check_crontab(line)


@given(st.lists(st.from_regex(r"(\*|[0-9]{1,2}|jan|mon|fri)(-([0-9]{1,2}|mar|wed))?(/[0-9]{1,2})?", fullmatch=True)))
def test_what_passes_as_a_crontab_line_is_one_to_the_scheduler(parts):
    """Each part is tried in each field."""
    for part in parts:
        for field in range(5):
            line = " ".join(part if field == position else "*" for position in range(5))
            try:
                check_crontab(line)
            except ValueError:
                continue
            CronTrigger.from_crontab(line, "UTC")


@pytest.mark.parametrize(
    ("is_example", "agent"),
    [
        (True, "bot (+https://press.example/bot; you@press.example)"),
        (True, "bot (you@example.org)"),
        (False, "bot (+https://press.example/bot; me@tide.net)"),
        (False, "bot (me@counter-example.org)"),
    ],
)
def test_a_contact_that_is_still_the_example(is_example, agent):
    assert is_example == is_example_contact(agent)


def test_the_option_goes_before_the_environment_and_that_before_the_default():
    environ = {"PRESSWATCH_CONFIG": "/etc/press", "HOME": "/home/reader"}

    assert Path("/desk/mine") == config_folder("mine", environ, Path("/desk"))
    assert Path("/etc/press") == config_folder(None, environ, Path("/desk"))
    assert Path("/desk/config") == config_folder(None, {"PRESSWATCH_CONFIG": ""}, Path("/desk"))


# ---------------------------------------------------------------- writing

LINES = st.text(min_size=1).filter(lambda text: text.isprintable() and text.strip())
URLS = st.lists(st.integers(0, 10**6).map("https://tide.example/{}".format), unique=True).map(tuple)


@given(
    st.builds(
        Source,
        name=st.from_regex(r"[a-z0-9][a-z0-9_-]*", fullmatch=True),
        title=LINES,
        home_url=st.just("https://tide.example/"),
        feeds=URLS.filter(bool),
        sitemaps=st.just(()),
        index_pages=st.just(()),
        language=st.sampled_from([None, "en", "pt-BR"]),
        section=st.none() | LINES,
        schedule=st.sampled_from(["1h", "30m", "0 6 * * mon"]),
        pace=st.none() | st.timedeltas(min_value=timedelta(0)),
        enabled=st.booleans(),
        headers=st.dictionaries(
            st.sampled_from(["Accept-Language", "X-Api-Key", "DNT"]), st.sampled_from(["a", "de, en;q=0.5", '"x"'])
        ).map(lambda table: tuple(table.items())),
        token_env=st.sampled_from([None, "TIDE_TOKEN"]),
        auth_user=st.none(),
        auth_password_env=st.none(),
        proxy=st.sampled_from([None, "none", "socks5://127.0.0.1:1080"]),
        ca_bundle=st.none(),
        secret_urls=st.just(()),
        access_note=st.none() | LINES,
        access_checked=st.none() | st.dates(),
        selectors=st.builds(Selectors, body=st.lists(LINES).map(tuple), remove=st.lists(LINES).map(tuple)),
        cookies_file=st.none(),
        meter=st.none()
        | st.builds(
            MeterRule,
            limit=st.none() | st.integers(21, 30),
            window=st.sampled_from([None, "month", "30d"]),
            reserve=st.integers(0, 20),
        ),
    )
)
def test_a_rendered_source_is_read_as_the_same(tmp_path_factory, source):
    folder = tmp_path_factory.mktemp("config")
    (folder / "sources").mkdir()
    (folder / "presswatch.toml").write_text(LEAST, encoding="utf-8")
    (folder / "sources" / "a.toml").write_text(render_source(source), encoding="utf-8")

    assert (source,) == read_settings(folder, environ={}).sources


def test_each_field_of_a_source_can_be_set_in_its_table(tmp_path):
    """
    A field without a check could not, and one that is not written out would be lost when a source
    is added.
    """
    cookies = tmp_path / "cookies.txt"
    cookies.touch(0o600)
    tide = Source(
        "tide",
        "The Tide",
        "https://tide.example/",
        feeds=("https://tide.example/rss",),
        sitemaps=("https://tide.example/sitemap.xml",),
        index_pages=("https://tide.example/news",),
        language="en",
        section="cyber",
        schedule="30m",
        pace=timedelta(seconds=5),
        enabled=False,
        access_note="Free",
        access_checked=date(2026, 3, 2),
        selectors=Selectors(**{part.name: ("p",) for part in fields(Selectors)}),
        cookies_file=cookies,
        meter=MeterRule(5, "30d", 1),
        learn_templates=False,
        preferred=True,
        headers=(("DNT", "1"),),
        auth_user="ann",
        auth_password_env="TIDE_PASSWORD",
        proxy="none",
        ca_bundle=Path(certifi.where()),
    )
    unset = {part.name for part in fields(Source) if getattr(tide, part.name) == part.default}
    assert {"token_env", "secret_urls"} == unset  # a token goes without a user; the other is made of the addresses
    for source in (tide, replace(tide, auth_user=None, auth_password_env=None, token_env="TIDE_TOKEN")):
        assert source == read_source(render_source(source), tmp_path / "config/sources/tide.toml", environ={})


# ---------------------------------------------------------------- the data folder

ROOTED = LEAST.replace("[archive]", '[archive]\nroot = "kept"').replace('= "kept/', '= "')


def places(settings: Settings) -> list[Path]:
    return [settings.archive.database, settings.archive.warc_folder, settings.digest.folder]


def test_what_is_kept_lies_below_the_data_folder(write, tmp_path):
    settings = read_settings(write(ROOTED), environ={})
    assert [tmp_path / "kept" / name for name in ("press.db", "captures", "digests")] == places(settings)
    assert tmp_path / "kept" == settings.archive.root


def test_a_configuration_without_a_data_folder_keeps_what_it_kept_where_it_was(write, tmp_path):
    settings = read_settings(write(), environ={})
    assert [tmp_path / "kept" / name for name in ("press.db", "captures", "digests")] == places(settings)
    assert settings.archive.root is None


@pytest.mark.parametrize("main", [LEAST, ROOTED])
def test_the_environment_goes_before_the_file_whatever_its_folders_are_called(write, main):
    settings = read_settings(write(main), environ={"PRESSWATCH_DATA": "/data"})
    assert Path("/data") == settings.archive.root
    assert all(place.is_relative_to("/data") for place in places(settings))


def test_an_absolute_path_is_taken_as_it_is(write):
    main = LEAST.replace('"kept/press.db"', '"/srv/press.db"')
    settings = read_settings(write(main), environ={"PRESSWATCH_DATA": "/data"})
    assert Path("/srv/press.db") == settings.archive.database


def test_a_data_folder_that_is_a_file_is_a_mistake(write, tmp_path):
    (tmp_path / "kept").write_text("")
    assert "[archive] root: expected the path of a folder; this is a file" in mistakes_in(write(ROOTED))[0]


def test_sources_may_stand_in_the_data_folder_too(write, tmp_path):
    folder = write(ROOTED)
    (tmp_path / "kept/sources").mkdir(parents=True)
    (tmp_path / "kept/sources/added.toml").write_text(TIDE)
    settings = read_settings(folder, environ={})
    assert ["tide"] == [source.name for source in settings.sources]
    assert tmp_path / "kept/sources/added.toml" in config_files(folder, settings.archive.root)


def test_one_source_in_both_folders_is_a_mistake(write, tmp_path):
    folder = write(ROOTED, mine=TIDE)
    (tmp_path / "kept/sources").mkdir(parents=True)
    (tmp_path / "kept/sources/added.toml").write_text(TIDE)
    assert "[tide]: this source is already in mine.toml" in mistakes_in(folder)[0]


def test_sources_are_added_to_the_configuration_where_it_can_be_written(write):
    folder = write(ROOTED)
    assert folder / "sources/added.toml" == added_sources_file(read_settings(folder, environ={}))


def test_metrics_are_a_file_below_the_data_folder_and_a_port(write, tmp_path):
    settings = read_settings(write(ROOTED + '[metrics]\nfile = "press.prom"\nport = 9798\n'), environ={})
    assert MetricsSettings(tmp_path / "kept/press.prom", 9798) == settings.metrics
    assert "[metrics] port" in mistakes_in(write(ROOTED + "[metrics]\nport = 0\n"))[0]
