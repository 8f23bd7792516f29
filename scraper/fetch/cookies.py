"""
Cookies: those of the reader's own subscription, and those that sites set.

    subscription    a Netscape file of the reader's, read and never written; what the site sets meanwhile
                    holds until the client is left. Over https only, and to the site it belongs to only.
    kept            what sites set when they are read without one: a file a site, readable by its owner alone.
                    They go back as a browser sends them, in later passes too, since to drop one
                    would reset a meter.
    passing         what comes with a redirect of any other request goes along where the redirect leads, and is
                    forgotten with the answer: sites that look whether cookies are taken redirect to where we were.

A cookie is set by and sent to its own registrable domain alone. Its age is told by the system's
clock, which `http.cookiejar` reads itself.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from email.message import Message
from http.client import HTTPMessage
from http.cookiejar import Cookie, DefaultCookiePolicy, LoadError, MozillaCookieJar
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, cast
from urllib.parse import quote
from urllib.request import Request as CookieRequest

from scraper.model import FetchRequest, Purpose
from scraper.secrets import keeps_secrets
from scraper.urls import registrable_domain

# Permission bits of group and others.
_OTHERS = 0o077


class CookieFileError(Exception):
    """Cookies cannot be read or kept; its text is the reason, and quotes none of them."""


_REDIRECTS = range(300, 400)  # RFC 9110 §15.4


def sends_subscription(request: FetchRequest) -> bool:
    """Whether a request goes out with the cookies of the reader's own subscription."""
    return request.cookies_file is not None and keeps_secrets(request.url)


class Cookies:
    """
    The cookies of one client.

    Args:
        folder: Where those that sites set are kept; None keeps none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._jars: dict[Path, MozillaCookieJar] = {}
        self._passing: dict[tuple[Purpose, str | None, str], MozillaCookieJar] = {}  # by what was asked for first

    def header(self, request: FetchRequest) -> str | None:
        """
        What the Cookie header of a request says; None where there is nothing to say.

        Raises:
            CookieFileError: The file is missing, broken, or others may read it.
        """
        jar = self._jar(request)
        if jar is None:
            return None
        carrier = CookieRequest(request.url)  # noqa: S310 - the URL was judged; nothing is opened
        jar.add_cookie_header(carrier)
        return carrier.get_header("Cookie")

    def take(self, request: FetchRequest, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """
        Keep what the answer to a request sets; those of an anonymous reader are on disk when this
        returns.

        True where the same request would now go out with other cookies.

        Raises:
            CookieFileError: They cannot be written.
        """
        message = _cookies_in(headers)
        is_redirect, passing = status in _REDIRECTS, _chain(request)
        if message and is_redirect and self._jar(request) is None:
            self._passing[passing] = MozillaCookieJar(policy=_FirstParty())
        jar = self._jar(request) if message else None
        before = self.header(request) if jar is not None else None
        if not is_redirect:
            self._passing.pop(passing, None)
        if jar is None:
            return False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cookiejar takes an odd header for a bug of its own
            jar.extract_cookies(cast("Any", _Answer(message)), CookieRequest(request.url))  # noqa: S310 - as above
        if jar.filename and not sends_subscription(request):
            _save(jar)
        return self.header(request) != before

    def _jar(self, request: FetchRequest) -> MozillaCookieJar | None:
        """The jar that a request takes its cookies from."""
        if request.cookies_file is not None and sends_subscription(request):
            file, load = request.cookies_file, _load_subscription
        elif self._folder is not None and request.purpose is Purpose.ARTICLE:
            file, load = self._folder / f"{quote(registrable_domain(request.url), safe='')}.txt", _load_kept
        else:
            return self._passing.get(_chain(request))
        if file not in self._jars:
            self._jars[file] = load(file)
        return self._jars[file]


def _cookies_in(headers: Iterable[tuple[bytes, bytes]]) -> Message:
    """The cookies that an answer sets, as a message that the standard library reads."""
    message = Message()
    for name, value in headers:
        if name.lower() == b"set-cookie":
            message["Set-Cookie"] = value.decode("latin-1")
    return message


def _chain(request: FetchRequest) -> tuple[Purpose, str | None, str]:
    """What a request and those that its redirects lead to have in common."""
    return request.purpose, request.source, request.hops[0] if request.hops else request.url


class _FirstParty(DefaultCookiePolicy):
    """A browser's rules, and no cookie for all of a public suffix ("co.uk"): it would go to strangers."""

    def set_ok(self, cookie: Cookie, request: CookieRequest) -> bool:
        return super().set_ok(cookie, request) and _is_own(cookie, request)

    def return_ok(self, cookie: Cookie, request: CookieRequest) -> bool:
        return super().return_ok(cookie, request) and _is_own(cookie, request)


def _is_own(cookie: Cookie, request: CookieRequest) -> bool:
    own = registrable_domain(request.full_url)
    return registrable_domain(f"https://{cookie.domain.lstrip('.')}/") == own


class _Answer:
    """A response, as far as `http.cookiejar` looks at one."""

    def __init__(self, headers: Message) -> None:
        self._headers = headers

    def info(self) -> HTTPMessage:
        return cast("HTTPMessage", self._headers)


def _load(file: Path) -> MozillaCookieJar:
    """The cookies of a Netscape file."""
    jar = MozillaCookieJar(file, policy=_FirstParty())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a broken line is no bug of cookiejar
            jar.load(ignore_discard=True, ignore_expires=True)
    except (LoadError, OSError, UnicodeError):
        # `from None`: the original message quotes the line, and with it the secret.
        raise CookieFileError(f"the cookie file {file} is missing or not in Netscape format") from None
    for cookie in jar:
        if cookie.expires == 0:  # how browsers export a session cookie
            cookie.expires = None
    return jar


def _load_subscription(file: Path) -> MozillaCookieJar:
    if file.exists() and file.stat().st_mode & _OTHERS:
        raise CookieFileError(f"the cookie file {file} can be read by others, and is not used before: chmod 600 {file}")
    return _load(file)


def _load_kept(file: Path) -> MozillaCookieJar:
    return _load(file) if file.exists() else MozillaCookieJar(file, policy=_FirstParty())


def _save(jar: MozillaCookieJar) -> None:
    """Write a jar to its file, whole or not at all."""
    file = Path(cast("Path", jar.filename))
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as written:  # for its owner alone
            jar.save(written.name, ignore_discard=True)
        os.replace(written.name, file)  # noqa: PTH105 - the same as Path.replace
    except OSError as error:
        raise CookieFileError(f"the site's cookies cannot be kept in {file.parent}: {error.strerror}") from error
