"""
A mail server on loopback for `quarter.py`: up, down, or refusing single readers, as its nights are
planned.
"""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import Self

_MARK = re.compile(r"zq\d{6,}\b")
# The last part of a mail: it names what was not had, which is told when it is.
_UNSEEN = re.compile(r'\nWHAT COULD NOT BE SEEN\n|<h2 id="unseen">')


@dataclass(frozen=True, slots=True)
class Mail:
    """
    A mail that the server took.

    Args:
        told: Marks of the articles it tells.
        told_again: Those that it tells as revised.
    """

    at: datetime
    readers: tuple[str, ...]
    message_id: str
    told: frozenset[str]
    told_again: frozenset[str]
    text: str


class _Conversation(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321."""

    server: MailServer

    def handle(self) -> None:
        state = self.server.state()
        if state == "hangs up":
            return
        self._say("421 not now" if state == "421" else "220 ready")
        readers: list[str] = []
        while state != "421" and (line := self.rfile.readline().decode().strip()):
            verb = line.split(":")[0].split(" ")[0].upper()
            match verb:
                case "QUIT":
                    self._say("221 bye")
                    return
                case "RCPT":
                    reader = line.split("<")[1].split(">")[0]
                    if self.server.refuses(reader):
                        self._say("550 no such reader")
                    else:
                        readers.append(reader)
                        self._say("250 ok")
                case "DATA" if state == "451":
                    self._say("451 try later")
                case "DATA":
                    self._say("354 go on")
                    raw = b"".join(iter(self.rfile.readline, b".\r\n"))
                    self.server.mails.append(_read(self.server.now(), tuple(readers), raw))
                    readers = []
                    self._say("250 taken")
                case _:
                    self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class MailServer(socketserver.TCPServer):
    """
    Takes mails on a port of 127.0.0.1.

    Args:
        now: The time of the simulation.
        state: "up", or how it is down: "hangs up", "421", "451".
        refuses: Whether a reader is refused now.
    """

    allow_reuse_address = True

    def __init__(self, now: Callable[[], datetime], state: Callable[[], str], refuses: Callable[[str], bool]) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.now, self.state, self.refuses = now, state, refuses
        self.mails: list[Mail] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news here."""


def _read(at: datetime, readers: tuple[str, ...], raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=default)
    part = message.get_body(("plain",))
    text = part.get_content() if part else ""
    told, told_again = set(), set()
    telling = _UNSEEN.split(text.replace("\r\n", "\n"))[0]
    for paragraph in telling.split("\n\n"):
        for brief in re.findall(r"^- (.*?)(?=\n  http|\n- |\Z)", paragraph, re.DOTALL | re.MULTILINE):
            # A story in a line: headline, then source, time and "revised" in brackets.
            is_revised = re.search(r",\srevised[,)]", brief)
            (told_again if is_revised else told).update(_MARK.findall(brief))
        lines = paragraph.strip().split("\n")
        # A story: headline, then source, time and "revised".
        if found := set(_MARK.findall(" ".join(lines[:1]))):
            is_revised = any(line.endswith("· revised") for line in lines[1:3])
            (told_again if is_revised else told).update(found)
    html = message.get_body(("html",))
    # Further articles of a story stand in some forms only.
    shown = _UNSEEN.split(html.get_content())[0] if html else ""
    everything = set(_MARK.findall(shown)) | set(_MARK.findall(telling))
    return Mail(
        at, readers, message["Message-ID"], frozenset(told | (everything - told_again)), frozenset(told_again), text
    )
