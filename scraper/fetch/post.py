"""
A message handed to a server of the reader's own choice: a webhook, a push service.

Nothing of robots.txt, pace or the guard of addresses holds here: no page is read, and the server is
as often on this machine as not. Certificates and proxies are those of all requests.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from scraper.model import FetchSettings
from scraper.text import squash

_TIMEOUT_SECONDS = 30  # a server that takes longer is tried again later
_MOST_SAID = 200  # characters of an answer: what was wrong stands at its beginning
# "Later" in its several forms (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4); all of 5xx is, too.
_LATER = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Unposted:
    """
    Why a message was not taken.

    Args:
        is_lasting: The server says that it will not take it, however often it comes.
    """

    why: str
    is_lasting: bool = False


def post(url: str, body: bytes, headers: Mapping[str, str], settings: FetchSettings) -> Unposted | None:
    """Hand a message over; None says that the server has taken it. Redirects are not followed."""
    try:
        with _client(url, settings) as client:
            answer = client.post(url, content=body, headers={"user-agent": settings.user_agent, **headers})
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, UnicodeError) as error:
        return Unposted(squash(str(error)) or type(error).__name__)
    if answer.is_success:
        return None
    why = squash(f"{answer.status_code} {answer.reason_phrase}: {answer.text[:_MOST_SAID]}").rstrip(": ")
    return Unposted(why, is_lasting=answer.status_code < 500 and answer.status_code not in _LATER)


def _client(url: str, settings: FetchSettings) -> httpx.Client:
    context = httpx.create_ssl_context(trust_env=False)
    if settings.ca_bundle is not None:
        context.load_verify_locations(settings.ca_bundle)
    proxy = None if _is_at_home(url) else settings.proxy
    return httpx.Client(verify=context, proxy=proxy, trust_env=False, timeout=_TIMEOUT_SECONDS)


def _is_at_home(url: str) -> bool:
    """
    Whether an address is one that no proxy is needed for, or could reach.

    >>> _is_at_home("http://127.0.0.1:8080/x"), _is_at_home("https://ntfy.example/desk")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_private
    except ValueError:
        return False
