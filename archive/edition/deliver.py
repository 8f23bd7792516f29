"""
An edition as files and as mail. The only module of this folder that touches the world.

Whether a reader has had today's digest is for the archive to know: ask it before `MailRun.send`.
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
import tempfile
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses
from hashlib import blake2b
from pathlib import Path
from typing import Self

from archive.edition.formats import FORMATS
from archive.edition.render import render
from archive.model import Edition
from archive.settings import MailSettings
from scraper.errors import DeliveryError
from scraper.text import squash

_TIMEOUT_SECONDS = 30  # of each answer: servers that look a sender up take some seconds
_OK = 250  # RFC 5321 §4.2.3
LONGEST_RUN = timedelta(minutes=2)
"""
Who sends keeps the archive from others who write: what is not sent by then waits for the next time.
A server that takes a second for a mail gets a hundred.
"""
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def write_files(edition: Edition, folder: Path, formats: Iterable[str], name: str | None = None) -> tuple[Path, ...]:
    """
    The files written, called *name* or by the edition's local day ("2025-03-04.html"). Each is
    whole or not there.

    Raises:
        DeliveryError: A format that does not exist, or a folder that cannot be written.
    """
    written = []
    for style in formats:
        if style not in FORMATS:
            raise DeliveryError(style, f"no such format; there are {', '.join(FORMATS)}")
        path = folder / f"{name or edition.day.date().isoformat()}{FORMATS[style].suffix}"
        _write(path, render(edition, style).encode())
        written.append(path)
    return tuple(written)


def write_mail(message: EmailMessage, path: Path) -> None:
    """Write the message as an `.eml` file. Raises `DeliveryError` where that cannot be done."""
    _write(path, message.as_bytes(policy=SMTP))


@dataclass(frozen=True, slots=True)
class MailBody:
    """What a mail says: the same to every reader of an edition."""

    text: str
    html: str


def render_mail(edition: Edition) -> MailBody:
    """The edition as text and as HTML."""
    return MailBody(render(edition, "text"), render(edition, "html"))


def build_mail(edition: Edition, sender: str, reader: str, body: MailBody | None = None) -> EmailMessage:
    """
    The edition as a message to one reader, as text with HTML beside it; *body* where it was
    rendered before.

    The same edition for the same reader has the same Message-ID, so that a mail sent twice can be
    told.

    Raises:
        DeliveryError: *sender* or *reader* is not one mail address.

    Source: RFC 5322; List-Id as RFC 2919, Auto-Submitted as RFC 3834 have them.
    """
    from_address, to_address = read_address(sender), read_address(reader)
    key = f"{edition.title}\n{edition.since.isoformat()}\n{edition.until.isoformat()}\n{to_address.addr_spec}"
    digest = blake2b(key.encode(errors="replace"), digest_size=12).hexdigest()
    message = EmailMessage()
    message["From"] = from_address
    message["To"] = to_address
    message["Subject"] = header_text(f"{edition.title}, {edition.day:%Y-%m-%d}")
    message["Date"] = format_datetime(edition.made_at)
    message["Message-ID"] = f"<presswatch.{digest}@{from_address.domain}>"
    message["List-Id"] = f"<presswatch.{from_address.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    body = body or render_mail(edition)
    message.set_content(body.text)
    message.add_alternative(body.html, subtype="html")
    message.set_boundary(f"=_{digest}")  # the library's is random: a mail sent again is the same to the byte
    return message


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    Why a mail was not taken.

    Args:
        why: In the words of the server or the network.
        is_lasting: The server refuses this reader or this mail for good (5yz), and said so.
        is_general: It is no matter of this mail: the server is not there, or lets us not in.
    """

    why: str
    is_lasting: bool = False
    is_general: bool = False


class MailRun:
    """
    Mails to one server, one after the other, over one connection as long as that lasts.

    Use as a context manager. It sends for a bounded time: `is_late` says that what is left should
    wait.
    """

    def __init__(self, settings: MailSettings, password: str | None, longest: timedelta = LONGEST_RUN) -> None:
        self._settings = settings
        self._password = password
        self._server: smtplib.SMTP | None = None
        self._ends_at = time.monotonic() + longest.total_seconds()

    @property
    def is_late(self) -> bool:
        """Whether the time for one run is over; other writers to the archive wait for it."""
        return time.monotonic() >= self._ends_at

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def send(self, message: EmailMessage) -> Refusal | None:
        """
        Hand one mail to the server; None says that the server has taken it.

        After a refusal the next mail gets a new connection: one reader's trouble is not another's.

        Source: RFC 5321 §4.2.1, what a first digit of 4 or 5 means.
        """
        if self._server is not None and not _is_ready(self._server):
            self._hang_up()  # servers end a connection after a while, or after some mails
        try:
            self._server = self._server or self._connect()
        except (smtplib.SMTPException, OSError) as error:
            return Refusal(_describe(error), is_general=True)
        try:
            self._server.send_message(message)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self._hang_up()
            return _refusal(error)
        return None

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.user and self._password is None:
            raise smtplib.SMTPException(f"the password for {settings.user} is not set")
        context = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(settings.host, settings.port, timeout=_TIMEOUT_SECONDS, context=context)
            if settings.security == "tls"
            else smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT_SECONDS)
        )
        try:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.user and self._password is not None:
                server.login(settings.user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()  # it is gone already


def _refusal(error: Exception) -> Refusal:
    """What it means that a mail was not taken."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            (code, said), *_ = error.recipients.values()
            return Refusal(_said(code, said), is_lasting=_is_lasting(code))
        case smtplib.SMTPSenderRefused():
            return Refusal(_said(error.smtp_code, error.smtp_error), is_general=True)
        case smtplib.SMTPResponseException():
            return Refusal(_describe(error), is_lasting=_is_lasting(error.smtp_code))
        case smtplib.SMTPNotSupportedError() | UnicodeError():
            return Refusal(_describe(error), is_lasting=True)
        case _:
            return Refusal(_describe(error))


def _is_ready(server: smtplib.SMTP) -> bool:
    try:
        return server.noop()[0] == _OK
    except (smtplib.SMTPException, OSError):
        return False


def _is_lasting(code: int) -> bool:
    return code // 100 == 5


def _said(code: int, text: bytes | str) -> str:
    return squash(f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}")


def _describe(error: Exception) -> str:
    """What a mail server or the network said, on one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return squash(str(error)) or type(error).__name__


def header_text(text: str) -> str:
    r"""
    Text that stays in its header: no line breaks or controls, and nothing that a reader decodes to
    one.

    >>> header_text("Hello\r\nBcc: x@y.example =?utf-8?q?=0d=0a?=")
    'Hello Bcc: x@y.example = ?utf-8?q? =0d=0a? ='
    """
    plain = "".join(" " if unicodedata.category(mark) in {"Cc", "Cs", "Zl", "Zp"} else mark for mark in text)
    return squash(plain).replace("=?", "= ?").replace("?=", "? =")


def read_address(text: str) -> Address:
    """The one mail address in *text*, with its display name."""
    found = getaddresses([text])
    if len(found) == 1 and not _has_breaks(text):
        name, address = found[0]
        _, _, domain = address.rpartition("@")
        try:
            if _DOMAIN.fullmatch(domain):
                return Address(header_text(name), addr_spec=address)
        except (MessageError, ValueError, IndexError):
            pass  # said below, like every other way not to be an address
    raise DeliveryError(repr(text), "expected one mail address, such as desk@example.org")


def _has_breaks(text: str) -> bool:
    return any(unicodedata.category(mark) in {"Cc", "Cs", "Zl", "Zp"} for mark in text)


def _write(path: Path, content: bytes) -> None:
    """Write beside the file, then take its place: a reader never sees half a file."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DeliveryError(str(path), f"cannot be written: {error.strerror or error}") from error
