"""
What a source's own site is sent besides what every site gets: headers, a login or a token, the
secrets of an address.

    address       the one asked for is the one shown everywhere, with its secrets back in place
    login, token  from the environment, or before the host of a configured address; over https (or to this machine)
                  alone, to the source's own site alone: a redirect elsewhere goes without
    headers       of the source's table, to its own site alone; those that hold a secret, over https

What comes back is searched for the same secrets, so that none of them reaches archive, WARC or log
by an echo.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from scraper.model import FetchRequest, Purpose, Source
from scraper.secrets import is_findable, keeps_secrets, login_of, secret_parameters, without_login
from scraper.urls import host_key, registrable_domain

# Headers of the configuration whose value is a secret.
_SECRET_HEADER = re.compile(r"key|token|secret|auth|pass|session|signature", re.IGNORECASE)


class CredentialsError(Exception):
    """What a source's site is to be sent is missing; the text says what, and quotes no secret."""


@dataclass(frozen=True, slots=True)
class _Secret:
    """
    One parameter of one address: its value as it stands there, and the word that is shown in its
    place.
    """

    site: str
    needs_https: bool
    name: str
    value: str
    word: str


class Credentials:
    """
    What the sources of one client bring along.

    Args:
        environ: Where the variables are that sources name.
    """

    def __init__(self, sources: Iterable[Source], environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._sources = {source.name: source for source in sources}
        self._secrets = {name: tuple(_secrets_of(source)) for name, source in self._sources.items()}

    def source(self, request: FetchRequest) -> Source | None:
        """The source that a request is made for, where it is known here."""
        return self._sources.get(request.source or "")

    def real_url(self, request: FetchRequest) -> str:
        """The address to ask for: that of the request, with its secrets where these may go there."""
        url = request.url
        for secret in self._secrets.get(request.source or "", ()):
            if _site(url) == secret.site and (keeps_secrets(url) or not secret.needs_https):
                shown = rf"(?<=[?&;]){re.escape(secret.name)}={re.escape(secret.word)}(?=[&;#]|\Z)"
                url = re.sub(shown, lambda _, secret=secret: f"{secret.name}={secret.value}", url)  # type: ignore[misc]
        return url

    def headers(self, request: FetchRequest) -> dict[str, str]:
        """
        The headers that a request is sent with besides those of every request.

        Raises:
            CredentialsError: A variable that the source names is not set, or cannot be sent.
        """
        source = self.source(request)
        if source is None or request.purpose is Purpose.PICTURE:  # pictures are asked for by anybody
            return {}
        is_safe = keeps_secrets(request.url)
        is_own = _site(request.url) == _site(source.home_url)
        headers: dict[str, str] = {}
        if is_own:
            headers |= {name: value for name, value in source.headers if is_safe or not _SECRET_HEADER.search(name)}
        if is_safe and (authorization := self._authorization(request, source, is_own=is_own)):
            headers["Authorization"] = authorization
        return headers

    def _authorization(self, request: FetchRequest, source: Source, *, is_own: bool) -> str | None:
        """
        The login that goes along: the one that the source names for its own site, else that of an
        address.
        """
        variable = source.token_env or source.auth_password_env
        if is_own and variable:
            try:
                secret = self._variable(variable, source)
            except CredentialsError:
                if request.purpose is Purpose.ROBOTS:  # the rules of a host are asked for by anybody
                    return None
                raise
            return _basic(source.auth_user, secret) if source.auth_user else f"Bearer {secret}"
        real = (address.real for address in source.secret_urls if _host(address.real) == _host(request.url))
        login = next(filter(None, map(login_of, real)), None)
        return _basic(*login) if login else None

    def hide(self, request: FetchRequest, text: str) -> str:
        """
        A text that came with an answer, or is said of it, with the words that are shown in place of
        its secrets.
        """
        for secret in self._secrets.get(request.source or "", ()):
            for value in {secret.value, unquote(secret.value)}:
                text = text.replace(f"{secret.name}={value}", f"{secret.name}={secret.word}")
                if is_findable(value):
                    text = text.replace(value, secret.word)
        return text

    def hide_bytes(self, request: FetchRequest, body: bytes) -> bytes:
        """As `hide`, for a body in whatever encoding."""
        if not self._secrets.get(request.source or ""):
            return body
        return self.hide(request, body.decode("latin-1")).encode("latin-1", "replace")

    def _variable(self, name: str, source: Source) -> str:
        value = self._environ.get(name, "").strip()
        if not value:
            raise CredentialsError(f"the environment variable {name}, which [{source.name}] names, is not set")
        if not value.isprintable():
            raise CredentialsError(f"the environment variable {name} holds what no header can carry")
        return value


def _secrets_of(source: Source) -> Iterable[_Secret]:
    for address in source.secret_urls:
        real, shown = secret_parameters(address.real), secret_parameters(address.shown)
        needs_https = urlsplit(address.real).scheme == "https"
        for (name, value), (_, word) in zip(real, shown, strict=False):
            yield _Secret(_site(address.shown), needs_https, name, value, word)


def _site(url: str) -> str:
    """
    Whom a host belongs to: its registrable domain, or host and port of an address that nobody
    registered.
    """
    domain, host = registrable_domain(url), urlsplit(url).hostname or ""
    return host_key(url) if domain == host and not re.search("[a-z]", host.rpartition(".")[2]) else domain


def _host(url: str) -> str:
    return host_key(without_login(url)).removesuffix(":80").removesuffix(":443")


def _basic(user: str, password: str) -> str:
    """Source: RFC 7617 §2, with its UTF-8."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
