"""What every response tells the browser: run nothing, fetch nothing, tell nobody."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

_Message = MutableMapping[str, Any]
_Send = Callable[[_Message], Awaitable[None]]
_Application = Callable[[_Message, Callable[[], Awaitable[_Message]], _Send], Awaitable[None]]

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# The template of datasette 0.65 with an inline script that says the same on every page: the editor
# for SQL. The other script of this kind stands in its table page, with one value in it.
_SCRIPT_TEMPLATE = "_codemirror_foot.html"
_SCRIPTS = ("DATASETTE_ALLOW_FACET = true;", "DATASETTE_ALLOW_FACET = false;")


@cache
def content_security_policy() -> str:
    """
    The narrowest policy under which datasette works.

    Scripts: files of our own, which ask this server alone, and datasette's inline scripts by their
    hashes; whatever else finds its way into a page does not run. Styles: inline ones are allowed,
    because datasette writes the names of columns and the colour of the database into them; with no
    address to fetch from (images are our own or `data:`), a style cannot carry anything out. So
    pictures of articles are shown where the archive keeps them, and never loaded from elsewhere.

    Source: https://www.w3.org/TR/CSP3/, hashes in §2.3.1.
    """
    text = (files("datasette") / "templates" / _SCRIPT_TEMPLATE).read_text(encoding="utf-8")
    scripts = _INLINE_SCRIPT.findall(text)
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in (*scripts, *_SCRIPTS)) + f" '{script_integrity()}'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {hashes}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


@cache
def script_integrity() -> str:
    """The hash of our own script, without which a browser does not run it (Subresource Integrity)."""
    return f"sha256-{_hash((Path(__file__).parent / 'static' / 'presswatch.js').read_text(encoding='utf-8'))}"


def _hash(script: str) -> str:
    return b64encode(hashlib.sha256(script.encode()).digest()).decode()


def with_security_headers(application: _Application, *, is_private: bool = False) -> _Application:
    """
    The application with our headers on every response; a page of a live archive is asked for anew
    each time. What is its owner's alone stays in no cache: nobody finds it there, and whoever goes
    back sees the marks as they are.
    """
    cached = b"no-store" if is_private else b"no-cache"

    async def secured(scope: _Message, receive: Callable[[], Awaitable[_Message]], send: _Send) -> None:
        async def send_with_headers(message: _Message) -> None:
            if message["type"] == "http.response.start":
                ours = {
                    b"content-security-policy": content_security_policy().encode(),
                    b"x-content-type-options": b"nosniff",
                    b"referrer-policy": b"no-referrer",
                    b"cross-origin-resource-policy": b"same-origin",
                }
                theirs = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in ours]
                if not any(name.lower() == b"cache-control" for name, _ in theirs):
                    theirs.append((b"cache-control", cached))
                message = {**message, "headers": [*theirs, *ours.items()]}
            await send(message)

        await application(scope, receive, send_with_headers)

    return secured
