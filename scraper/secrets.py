"""
Secrets that stand in addresses: a user with a password, a token among the parameters.

Every address has a form without them, which stands for it wherever it is kept or shown. What is
asked for is told by `scraper.fetch.credentials` alone.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit, urlunsplit

HIDDEN = "hidden"
"""Stands for the value of a parameter that is a secret."""

# Parameters whose value is a secret, as services of private feeds name them; letters alone are
# compared.
_SECRET_NAMES = frozenset(
    "accesskey apikey auth authkey bearer credentials feedkey hmac jwt pass passphrase passwd password privatekey "
    "pwd rsskey secret secretkey sessionid sig signature token userkey".split()
)
_SECRET_ENDINGS = ("apikey", "password", "passwd", "secret", "token")
# "key" is as often the name of a section: a secret is longer than most of these.
_SHORTEST_KEY = 6
_PARAMETER = re.compile(r"(?<=[?&;])([^=&;#]+)=([^&;#]*)")
# What a text is worth searching for: it hits nothing else by chance.
_LEAST_FINDABLE = 12


def hide_secrets(url: str, number: int = 1) -> str:
    """
    What stands for *url*: without user and password, and with a word in place of what is clearly a
    secret.

    Args:
        url: Absolute URL.
        number: Tells apart addresses that would look the same.

    >>> hide_secrets("https://me:pass@news.example/rss?token=ab12&page=1")
    'https://news.example/rss?token=hidden&page=1'
    >>> hide_secrets("https://news.example/rss?key=wide-world", 2), hide_secrets("https://news.example/rss?key=uk")
    ('https://news.example/rss?key=hidden2', 'https://news.example/rss?key=uk')
    """
    word = HIDDEN if number == 1 else f"{HIDDEN}{number}"
    return _PARAMETER.sub(
        lambda match: f"{match[1]}={word}" if _is_secret(match[1], match[2]) else match[0], without_login(url)
    )


def without_login(url: str) -> str:
    """
    *url* without the user and password before its host.

    >>> without_login("https://me:p@ss@news.example:8443/@desk")
    'https://news.example:8443/@desk'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def login_of(url: str) -> tuple[str, str] | None:
    """
    User and password that stand before the host of *url*; None where nobody does.

    >>> login_of("https://me%40desk:a%3Ab@news.example/"), login_of("https://news.example/")
    (('me@desk', 'a:b'), None)
    """
    user, at, _ = urlsplit(url).netloc.rpartition("@")
    name, _, password = user.partition(":")
    return (unquote(name), unquote(password)) if at and user else None


def secret_parameters(url: str) -> tuple[tuple[str, str], ...]:
    """
    The parameters of *url* that are clearly secrets, as they stand there.

    >>> secret_parameters("https://news.example/rss?token=ab%2F12&page=1")
    (('token', 'ab%2F12'),)
    """
    found = _PARAMETER.finditer(without_login(url))
    return tuple((match[1], match[2]) for match in found if _is_secret(match[1], match[2]))


def _is_secret(name: str, value: str) -> bool:
    plain = re.sub(r"[^a-z]", "", unquote(name).lower())
    if plain == "key":
        return len(value) >= _SHORTEST_KEY
    return bool(value) and (plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDINGS))


def is_findable(secret: str) -> bool:
    """
    Whether a secret can be told from the words of a text: it is long, with a digit in it.

    >>> is_findable("9f86d081884c7d65"), is_findable("cybersecurity")
    (True, False)
    """
    return len(secret) >= _LEAST_FINDABLE and re.search("[0-9]", secret) is not None


def keeps_secrets(url: str) -> bool:
    """
    Whether nobody can listen on the way to *url*: it is https, or this machine itself.

    Source: W3C Secure Contexts §3.1. A name such as "localhost" may lead anywhere, and is not
    enough.

    >>> [keeps_secrets(url) for url in ("https://a.example/", "http://127.0.0.1:8000/", "http://a.example/")]
    [True, True, False]
    """
    parts = urlsplit(url)
    if parts.scheme == "https":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
