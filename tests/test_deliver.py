"""Files and mail: whole or not there, and nothing a source writes leaves its header."""

import json
import socketserver
import threading
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.edition.deliver import MailRun, build_mail, write_files, write_mail
from archive.edition.render import render
from archive.model import Edition, EditionItem, Story
from archive.settings import MailSettings
from scraper.errors import DeliveryError

SHARED = Path(__file__).parents[2] / "shared"
AT = datetime(2025, 3, 4, 9, tzinfo=UTC)
ITEM = EditionItem(
    1, 1, "Cranes stand still", "https://a.example/1", "Courier", AT, AT, None, None, "Twelve cranes stopped. “Why?”"
)
EDITION = Edition(
    "The Night Desk",
    datetime(2025, 3, 3, 23, tzinfo=UTC),
    datetime(2025, 3, 4, 23, tzinfo=UTC),
    "Europe/Berlin",
    datetime(2025, 3, 4, 23, 5, tzinfo=UTC),
    (Story(ITEM),),
)
SENDER, READER = "Desk <desk@example.org>", "reader@example.org"
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]


class Conversation(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321 to take mails, to refuse readers, or to go away in the middle."""

    def handle(self):
        self.server.connections += 1
        self.say("220 ready")
        taken = 0
        while line := self.rfile.readline().decode().strip():
            self.server.heard.append(line)
            verb = line.split(":")[0].upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                mail = b"".join(lines)
                if self.server.drops:
                    return
                self.server.mails.append(mail)
                taken += 1
            if self.server.mails_a_connection == taken and verb == "NOOP":
                self.say("421 enough")
                return
            answer = self.server.refuses.get(line.split("<")[-1].rstrip(">")) if verb == "RCPT TO" else None
            self.say(answer or ("235 welcome" if verb.startswith("AUTH") else self.server.greeting(verb)))

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *, refuses=None, drops=False, mails_a_connection=None):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.refuses, self.drops, self.mails_a_connection = dict(refuses or {}), drops, mails_a_connection
        self.heard, self.mails, self.connections = [], [], 0

    def readers(self):
        """Whom each mail was for, in order."""
        return [message_from_bytes(mail, policy=default)["To"] for mail in self.mails]

    def texts(self):
        """What each mail says as plain text, in order."""
        bodies = (message_from_bytes(mail, policy=default).get_body(("plain",)) for mail in self.mails)
        return [body.get_content().replace("\r\n", "\n") for body in bodies]

    def greeting(self, verb):
        return "250-here\r\n250 AUTH PLAIN" if verb.startswith("EHLO") else "250 ok"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def settings(self, **changes):
        return replace(MailSettings("127.0.0.1", self.server_address[1], "none", SENDER, (READER,)), **changes)


def test_files_are_named_by_the_local_day(tmp_path):
    written = write_files(EDITION, tmp_path / "new", ("html", "markdown", "text", "atom"))
    assert ["2025-03-04.html", "2025-03-04.md", "2025-03-04.txt", "2025-03-04.atom"] == [path.name for path in written]
    assert render(EDITION, "html") == written[0].read_text(encoding="utf-8")


def test_a_second_edition_of_a_day_takes_the_place_of_the_first(tmp_path):
    write_files(EDITION, tmp_path, ("text",))
    write_files(replace(EDITION, title="Second"), tmp_path, ("text",))
    assert ["2025-03-04.txt"] == [path.name for path in tmp_path.iterdir()]
    assert (tmp_path / "2025-03-04.txt").read_text().startswith("Second\n")


def test_a_folder_that_cannot_be_written_is_a_named_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DeliveryError, match="cannot be written"):
        write_files(EDITION, tmp_path / "file", ("html",))


def test_an_unknown_format_is_a_named_error(tmp_path):
    with pytest.raises(DeliveryError, match="no such format"):
        write_files(EDITION, tmp_path, ("pdf",))


def test_a_mail_carries_text_and_html():
    message = message_from_bytes(build_mail(EDITION, SENDER, READER).as_bytes(), policy=default)
    assert ["text/plain", "text/html"] == [part.get_content_type() for part in message.iter_parts()]
    assert render(EDITION, "text") == message.get_body(("plain",)).get_content()
    assert render(EDITION, "html") == message.get_body(("html",)).get_content()


def test_the_headers_of_a_mail():
    message = build_mail(EDITION, SENDER, READER)
    assert HEADERS == message.keys()
    assert "The Night Desk, 2025-03-04" == message["Subject"]
    assert EDITION.made_at == message["Date"].datetime
    assert "<presswatch.example.org>" == message["List-Id"]
    assert "<mailto:desk@example.org?subject=unsubscribe>" == message["List-Unsubscribe"]


def test_a_mail_has_one_id_for_an_edition_and_a_reader():
    ids = [build_mail(EDITION, SENDER, reader)["Message-ID"] for reader in (READER, READER, "other@example.org")]
    assert ids[0] == ids[1] != ids[2]


def test_a_mail_that_is_made_again_is_the_same_to_the_byte():
    assert 1 == len({build_mail(EDITION, SENDER, READER).as_bytes() for _ in range(2)})


def assert_in_its_header(title: str) -> None:
    """One subject, and no header or body that the edition did not have."""
    raw = build_mail(replace(EDITION, title=title, stories=()), SENDER, READER).as_bytes()
    message = message_from_bytes(raw, policy=default)
    assert HEADERS == message.keys()
    assert not {"\r", "\n", "\0"} & set(message["Subject"])
    assert "text/plain" == message.get_body(("plain",)).get_content_type()


@pytest.mark.shared
def test_no_title_leaves_its_header():
    cases = SHARED / "conformance" / "security" / "email_headers.json"
    if not cases.exists():
        pytest.skip("../shared is not here")
    for case in json.loads(cases.read_text(encoding="utf-8")):
        assert_in_its_header(case["value"])


@given(st.text(alphabet=st.sampled_from("ab:\r\n\t\0\x0b\u0085\u2028\ud800=?é <>") | st.characters(), max_size=60))
def test_no_title_of_any_characters_leaves_its_header(title):
    assert_in_its_header(title)


@pytest.mark.parametrize(
    "address", ["", "desk", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "a@", "a b@c d"]
)
def test_what_is_not_one_address_is_a_named_error(address):
    with pytest.raises(DeliveryError, match="expected one mail address"):
        build_mail(EDITION, SENDER, address)


def test_a_mail_can_be_kept_as_a_file(tmp_path):
    message = build_mail(EDITION, SENDER, READER)
    write_mail(message, tmp_path / "out" / "one.eml")
    kept = message_from_bytes((tmp_path / "out" / "one.eml").read_bytes(), policy=default)
    assert message["Message-ID"] == kept["Message-ID"]


def send(settings, password=None, reader=READER):
    with MailRun(settings, password) as run:
        return run.send(build_mail(EDITION, SENDER, reader))


def test_a_mail_reaches_the_server():
    with MailServer() as server:
        assert send(server.settings()) is None
        assert "rcpt TO:<reader@example.org>" in server.heard
        assert b"Cranes stand still" in server.mails[0]


def test_several_mails_go_over_one_connection():
    with MailServer() as server:
        with MailRun(server.settings(), None) as run:
            for reader in (READER, "other@example.org"):
                assert run.send(build_mail(EDITION, SENDER, reader)) is None
        assert [READER, "other@example.org"] == server.readers()
        assert 1 == server.connections


def test_a_server_that_takes_few_mails_a_connection_gets_another_one():
    with MailServer(mails_a_connection=1) as server:
        with MailRun(server.settings(), None) as run:
            for reader in (READER, "other@example.org"):
                assert run.send(build_mail(EDITION, SENDER, reader)) is None
        assert 2 == len(server.mails) == server.connections


def test_a_user_logs_in():
    with MailServer() as server:
        assert send(server.settings(user="desk"), "secret") is None
        assert any(line.startswith("AUTH PLAIN") for line in server.heard)


def test_a_missing_password_is_said_before_anything_is_sent():
    with MailServer() as server:
        refusal = send(server.settings(user="desk"))
        assert ("the password for desk is not set", True) == (refusal.why, refusal.is_general)
        assert [] == server.heard


def test_a_refused_reader_is_no_trouble_of_the_next_one():
    with MailServer(refuses={READER: "550 5.1.1 no such reader"}) as server:
        with MailRun(server.settings(), None) as run:
            refusal = run.send(build_mail(EDITION, SENDER, READER))
            assert ("550 5.1.1 no such reader", True, False) == (
                refusal.why, refusal.is_lasting, refusal.is_general,
            )  # fmt: skip
            assert run.send(build_mail(EDITION, SENDER, "other@example.org")) is None
        assert ["other@example.org"] == server.readers()


def test_a_full_mailbox_is_a_refusal_that_may_pass():
    with MailServer(refuses={READER: "452 mailbox full"}) as server:
        refusal = send(server.settings())
        assert not refusal.is_lasting
        assert not refusal.is_general


def test_a_server_that_goes_away_in_the_middle_is_asked_again_for_the_next_reader():
    with MailServer(drops=True) as server, MailRun(server.settings(), None) as run:
        refusal = run.send(build_mail(EDITION, SENDER, READER))
        assert not refusal.is_lasting
        server.drops = False
        assert run.send(build_mail(EDITION, SENDER, "other@example.org")) is None


def test_a_server_without_encryption_gets_no_mail_when_encryption_is_asked_for():
    with MailServer() as server:
        refusal = send(server.settings(security="starttls"))
        assert "STARTTLS" in refusal.why
        assert refusal.is_general
        assert [] == server.mails


def test_a_server_that_is_not_there_is_no_trouble_of_a_reader():
    with MailServer() as server:
        settings = server.settings()
    assert send(settings).is_general
