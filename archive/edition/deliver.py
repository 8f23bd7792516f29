"""
An edition as files and as mail. The only module of this folder that touches the world.

Whether a reader has had today's digest is for the archive to know: ask it before `send_mail`.
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
import tempfile
import unicodedata
from collections.abc import Iterable
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses
from hashlib import blake2b
from pathlib import Path

from archive.edition.render import render_atom, render_html, render_markdown, render_text
from archive.model import Edition
from scraper.errors import DeliveryError
from scraper.settings import MailSettings
from scraper.text import squash

# name in the configuration: file suffix, and how it is made
_FORMATS = {
    "html": (".html", render_html),
    "markdown": (".md", render_markdown),
    "text": (".txt", render_text),
    "atom": (".atom", render_atom),
}
_TIMEOUT_SECONDS = 30
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def write_files(edition: Edition, folder: Path, formats: Iterable[str]) -> tuple[Path, ...]:
    """
    The files written, named by the edition's local day ("2025-03-04.html"). Each is whole or not there.

    Raises:
        DeliveryError: A format that does not exist, or a folder that cannot be written.
    """
    written = []
    for name in formats:
        if name not in _FORMATS:
            raise DeliveryError(name, f"no such format; there are {', '.join(_FORMATS)}")
        suffix, render = _FORMATS[name]
        path = folder / f"{edition.day:%Y-%m-%d}{suffix}"
        _write(path, render(edition).encode())
        written.append(path)
    return tuple(written)


def write_mail(message: EmailMessage, path: Path) -> None:
    """Write the message as an `.eml` file. Raises `DeliveryError` where that cannot be done."""
    _write(path, message.as_bytes(policy=SMTP))


def build_mail(edition: Edition, sender: str, reader: str) -> EmailMessage:
    """
    The edition as a message to one reader, as text with HTML beside it.

    The same edition for the same reader has the same Message-ID, so that a mail sent twice can be told.

    Raises:
        DeliveryError: *sender* or *reader* is not one mail address.

    Source: RFC 5322; List-Id as RFC 2919, Auto-Submitted as RFC 3834 have them.
    """
    from_address, to_address = _read_address(sender), _read_address(reader)
    key = f"{edition.title}\n{edition.since.isoformat()}\n{edition.until.isoformat()}\n{to_address.addr_spec}"
    digest = blake2b(key.encode(errors="replace"), digest_size=12).hexdigest()
    message = EmailMessage()
    message["From"] = from_address
    message["To"] = to_address
    message["Subject"] = _header_text(f"{edition.title}, {edition.day:%Y-%m-%d}")
    message["Date"] = format_datetime(edition.made_at)
    message["Message-ID"] = f"<presswatch.{digest}@{from_address.domain}>"
    message["List-Id"] = f"<presswatch.{from_address.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(render_text(edition))
    message.add_alternative(render_html(edition), subtype="html")
    return message


def send_mail(message: EmailMessage, settings: MailSettings, password: str | None) -> None:
    """
    Hand the message to the mail server; when this returns, the server has taken it.

    Raises:
        DeliveryError: The server cannot be reached, is not who it should be, or refuses.
    """
    target = f"{settings.host}:{settings.port}"
    if settings.user and password is None:
        raise DeliveryError(target, f"the password for {settings.user} is not set")
    context = ssl.create_default_context()
    try:
        with (
            smtplib.SMTP_SSL(settings.host, settings.port, timeout=_TIMEOUT_SECONDS, context=context)
            if settings.security == "tls"
            else smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT_SECONDS)
        ) as server:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.user and password is not None:
                server.login(settings.user, password)
            server.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryError(target, f"the mail was not sent: {_describe(error)}") from error


def _describe(error: Exception) -> str:
    """What a mail server or the network said, on one line."""
    said = error.smtp_error if isinstance(error, smtplib.SMTPResponseException) else str(error)
    return squash(said.decode(errors="replace") if isinstance(said, bytes) else said) or type(error).__name__


def _header_text(text: str) -> str:
    r"""
    Text that stays in its header: no line breaks or controls, and nothing that a reader decodes to one.

    >>> _header_text("Hello\r\nBcc: x@y.example =?utf-8?q?=0d=0a?=")
    'Hello Bcc: x@y.example = ?utf-8?q? =0d=0a? ='
    """
    plain = "".join(" " if unicodedata.category(mark) in {"Cc", "Cs", "Zl", "Zp"} else mark for mark in text)
    return squash(plain).replace("=?", "= ?").replace("?=", "? =")


def _read_address(text: str) -> Address:
    """The one mail address in *text*, with its display name."""
    found = getaddresses([text])
    if len(found) == 1 and not _has_breaks(text):
        name, address = found[0]
        _, _, domain = address.rpartition("@")
        try:
            if _DOMAIN.fullmatch(domain):
                return Address(_header_text(name), addr_spec=address)
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
