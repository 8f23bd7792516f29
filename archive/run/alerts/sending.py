"""Notices by mail, webhook, ntfy and apprise. It knows nothing of the archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from archive.edition.deliver import MailRun, Refusal, header_text, read_address
from archive.model import Notice, NoticeDelivery
from archive.run.alerts.messages import identity, record_of, subject_of, text_of
from archive.settings import MAIL_READERS, ChannelKind, ChannelSettings, Settings
from scraper.errors import DeliveryError
from scraper.fetch.post import post


class Sender:
    """
    Hands notices over, each by its channel. Use as a context manager.

    Args:
        environ: Holds passwords, tokens and addresses that stand in no file.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self._settings = settings
        self._environ = environ
        self._channels = {channel.name: channel for channel in settings.channels}
        self._mail: MailRun | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mail is not None:
            self._mail.__exit__(kind, error, trace)

    def send(self, one: NoticeDelivery) -> Refusal | None:
        """Hand one notice over; None says that it was taken."""
        channel = self._channels.get(one.channel)
        if one.channel == MAIL_READERS or (channel and channel.kind is ChannelKind.MAIL):
            return self._send_mail(one, channel)
        if channel is None:
            return Refusal(f"no channel is called {one.channel} any more", is_lasting=True)
        if unset := self._unset_variable(channel):
            return Refusal(f"the variable {unset} is not set", is_general=True)
        address = channel.address or self._environ[channel.address_env or ""]
        match channel.kind:
            case ChannelKind.NTFY:
                return self._push(one.notice, channel, address)
            case ChannelKind.APPRISE:
                return self._apprise(one.notice, address)
            case _:
                return self._post(one, channel, address)

    def _unset_variable(self, channel: ChannelSettings) -> str | None:
        """The first variable that a channel needs and that is not there, or empty."""
        needed = (channel.address_env, channel.token_env)
        return next((name for name in needed if name and not self._environ.get(name)), None)

    def _text(self, notice: Notice) -> str:
        digest = self._settings.digest
        return text_of(notice, digest.timezone, digest.base_url)

    def _send_mail(self, one: NoticeDelivery, channel: ChannelSettings | None) -> Refusal | None:
        mail = self._settings.mail
        if mail is None:
            return Refusal("there is no [mail] in presswatch.toml", is_general=True)
        reader = one.target or (channel and self._environ.get(channel.address_env or "")) or ""
        try:
            message = self._message(one, mail.sender, reader)
        except DeliveryError as error:
            return Refusal(str(error), is_lasting=True)
        if self._mail is None:
            self._mail = MailRun(mail, self._environ.get(mail.password_env) if mail.password_env else None)
        return self._mail.send(message)

    def _message(self, one: NoticeDelivery, sender: str, reader: str) -> EmailMessage:
        from_address, to_address = read_address(sender), read_address(reader)
        notice, domain = one.notice, from_address.domain
        message = EmailMessage()
        message["From"] = from_address
        message["To"] = to_address
        message["Subject"] = header_text(subject_of(notice))
        message["Date"] = format_datetime(notice.made_at)
        message["Message-ID"] = f"<presswatch.alert.{identity(notice, one.notice_id, reader)}@{domain}>"
        message["List-Id"] = f"<{notice.alert}.alerts.presswatch.{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._text(notice))
        return message

    def _post(self, one: NoticeDelivery, channel: ChannelSettings, address: str) -> Refusal | None:
        digest = self._settings.digest
        record = record_of(one.notice, one.notice_id, digest.timezone, digest.base_url)
        return self._hand_over(address, record, channel, {"idempotency-key": record["id"]})

    def _push(self, notice: Notice, channel: ChannelSettings, address: str) -> Refusal | None:
        """Source: https://docs.ntfy.sh/publish/#publish-as-json."""
        parts = urlsplit(address)
        folder, _, topic = parts.path.rstrip("/").rpartition("/")
        record = {
            "topic": topic,
            "title": subject_of(notice),
            "message": self._text(notice),
            "click": notice.lead.url,
            "tags": ["newspaper"],
        }
        return self._hand_over(urlunsplit((parts.scheme, parts.netloc, folder + "/", "", "")), record, channel, {})

    def _hand_over(
        self, url: str, record: Mapping[str, Any], channel: ChannelSettings, headers: Mapping[str, str]
    ) -> Refusal | None:
        token = self._environ.get(channel.token_env) if channel.token_env else None
        given = {"content-type": "application/json", **headers}
        if token:
            given["authorization"] = f"Bearer {token}"
        body = json.dumps(record, ensure_ascii=False).encode(errors="replace")
        refused = post(url, body, given, self._settings.fetch)
        if refused is None:
            return None
        # What the channel refuses for good, it may refuse for this message alone.
        return Refusal(refused.why, is_lasting=refused.is_lasting, is_general=not refused.is_lasting)

    def _apprise(self, notice: Notice, address: str) -> Refusal | None:
        try:
            import apprise  # noqa: PLC0415 - an extra, that few have
        except ImportError:
            return Refusal('apprise is not there: pip install "presswatch[apprise]"', is_general=True)
        service = apprise.Apprise()
        if not service.add(address):
            return Refusal("apprise does not know this kind of address", is_general=True)
        is_taken = service.notify(title=subject_of(notice), body=self._text(notice))
        return None if is_taken else Refusal("apprise could not hand it over", is_general=True)
