"""Whether the reader's own subscription holds: what one answer says of the session. Pure."""

from __future__ import annotations

import re

from archive.judge.meters import is_walled
from archive.model import Session
from scraper.model import Article
from scraper.urls import split_url

# What a form to log in is called: a whole part of a path, or the first name of a host.
# "/auth-bypass-found" is news.
_LOG_IN = re.compile(
    r"(?:log-?in|log-?on|sign-?in|sso|auth|accounts?|authenticate|authorize|anmeld(?:en|ung)|einloggen|connexion"
    r"|s-?identifier|iniciar-?sesion|acceso|accedi|entrar|inloggen|logga-in|logg-inn|zaloguj|giris)(?:\.\w{2,5})?",
    re.IGNORECASE,
)
# Answers to a request with cookies that say: not you, or not without paying.
_REFUSED = frozenset({401, 402})


def is_log_in(url: str) -> bool:
    """
    Whether an address is that of a form to log in, by its host and path.

    >>> is_log_in("https://login.tide.example/?to=/a"), is_log_in("https://tide.example/sso-flaw-found")
    (True, False)
    """
    parts = split_url(url)
    names = [parts.host.partition(".")[0], *parts.path.split("/")]
    return any(_LOG_IN.fullmatch(name) for name in names)


def judge_refusal(status: int | None) -> Session:
    """What an error in answer to the subscription's cookies says of its session."""
    return Session.EXPIRED if status in _REFUSED else Session.SUBSCRIBER


def judge_page(article: Article) -> Session:
    """What a page that was asked for with the subscription's cookies says of its session."""
    return Session.EXPIRED if article.signed_out or is_walled(article.access) else Session.SUBSCRIBER
