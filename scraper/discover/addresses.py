"""
Addresses as people and services write them: mended where it is plain what is meant, taken out of
redirectors.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urljoin, urlsplit

from scraper.secrets import without_login
from scraper.urls import is_http_url, registrable_domain

# ---------------------------------------------------------------- mended

_FEED_SCHEME = re.compile(r"(?:feed|rss|itpc|pcast|podcast):(?://)?", re.IGNORECASE)
_SCHEME = re.compile(r"(https?):[/\\]*", re.IGNORECASE)
_ANY_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_UNUSABLE_IN_HOST = re.compile(r"[\x00-\x20\x7f\"%<>\\^`{|}]")
_INVISIBLE_EDGES = re.compile(r"^[\s\u200b-\u200f\u2060\ufeff\u00ad]+|[\s\u200b-\u200f\u2060\ufeff\u00ad]+$")


def mend_url(text: str, home_url: str | None = None) -> str:
    """
    The absolute http(s) URL that a text from a list or a command line means.

    Spaces are escaped; `feed:` is http, or what stands behind it; a host alone is asked over https.

    Args:
        home_url: Where a relative address begins.

    Raises:
        ValueError: It means none; the text says why.

    Source: https://en.wikipedia.org/wiki/Feed_URI_scheme for `feed:`; WHATWG URL for spaces and
    backslashes.

    >>> mend_url("http://news.example/rss feed.xml"), mend_url("feed:https://news.example/rss")
    ('http://news.example/rss%20feed.xml', 'https://news.example/rss')
    >>> mend_url("feed://news.example/rss"), mend_url("news.example.org/rss"), mend_url("/rss", "https://news.example/")
    ('http://news.example/rss', 'https://news.example.org/rss', 'https://news.example/rss')
    """
    text = re.sub(r"[\t\r\n]", "", _INVISIBLE_EDGES.sub("", text))
    if not text:
        raise ValueError("it has no address")
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ValueError("its address has control characters in it")
    text = _escape_unprintable(_with_scheme(_without_feed_scheme(text), home_url))
    try:
        netloc = urlsplit(text).netloc
    except ValueError:
        raise ValueError("its address cannot be read") from None
    if _UNUSABLE_IN_HOST.search(netloc.rpartition("@")[2]) or not is_http_url(without_login(text)):
        raise ValueError("its address names no host that there can be")
    return text


def _without_feed_scheme(text: str) -> str:
    """What stands behind `feed:`, or the same over http where that is no whole address."""
    scheme = _FEED_SCHEME.match(text)
    if scheme is None:
        return text
    rest = text[scheme.end() :]
    return rest if _SCHEME.match(rest) else f"http://{rest.lstrip('/')}"


def _with_scheme(text: str, home_url: str | None) -> str:
    """
    The address with http or https before it; raises ValueError where it has another scheme, or
    stands nowhere.
    """
    if scheme := _SCHEME.match(text):
        return f"{scheme[1].lower()}://{text[scheme.end() :]}"
    if _ANY_SCHEME.match(text):
        raise ValueError("its address is not http or https")
    if text.startswith("//"):
        return f"https:{text}"
    if _begins_with_host(text):
        return f"https://{text}"
    if home_url:
        return urljoin(home_url, text)
    raise ValueError("its address is relative, and nothing says to what")


def _escape_unprintable(text: str) -> str:
    return "".join(
        quote(character) if character.isspace() or not character.isprintable() else character for character in text
    )


def _begins_with_host(text: str) -> bool:
    """
    Whether an address without a scheme begins with a host: one that somebody can have registered,
    or a number.
    """
    host = re.split(r"[/?#]", text, maxsplit=1)[0]
    if re.fullmatch(r"(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?|localhost(?::\d+)?", host):
        return True
    if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?", host):
        return False
    name = host.partition(":")[0].lower()
    # "rss.xml" has no public suffix, and would be taken whole for what somebody registered.
    return registrable_domain(f"https://www.{name}/") not in {f"www.{name}", ""}


# ---------------------------------------------------------------- taken out of redirectors

_MOST_LAYERS = 4  # an alert of Google that leads to an AMP viewer of a counted link has three
_GOOGLE = re.compile(r"(?:www\.|news\.|news\.url\.)?google\.(?:com?\.)?[a-z]{2,3}")
_GOOGLE_NEWS = re.compile(r"/(?:__i/)?(?:rss/)?(?:rd/)?(?:articles|read)/([\w=-]+)", re.ASCII)
# Hosts whose only business is to lead on, with the parameters that name the target.
_COUNTERS: dict[str, tuple[str, ...]] = {
    "away.vk.com": ("to",),
    "click.linksynergy.com": ("murl",),
    "exit.sc": ("url",),
    "feedproxy.google.com": ("url", "q"),
    "feeds.feedburner.com": ("url", "q"),
    "feeds.feedblitz.com": ("url", "u"),
    "flipboard.com/redirect": ("url",),
    "getpocket.com/redirect": ("url",),
    "go.redirectingat.com": ("url",),
    "go.skimresources.com": ("url",),
    "href.li": (),
    "l.facebook.com": ("u",),
    "l.instagram.com": ("u",),
    "l.threads.net": ("u",),
    "lm.facebook.com": ("u",),
    "out.reddit.com": ("url",),
    "rd.yahoo.com": (),
    "r.search.yahoo.com": (),
    "redirect.viglink.com": ("u",),
    "slack-redir.net": ("url",),
    "t.umblr.com": ("z",),
    "vk.com/away.php": ("to",),
    "awin1.com": ("ued", "p"),
    "bing.com/news/apiclick.aspx": ("url",),
    "facebook.com/l.php": ("u",),
    "linkedin.com/redir": ("url",),
    "youtube.com/redirect": ("q",),
    "duckduckgo.com/l/": ("uddg",),
    "safelinks.protection.outlook.com": ("url",),
}
# What stands in a path: /*http://…, /RU=https%3a%2f%2f…/RK=2, /https://…, ?https://…
_IN_PATH = re.compile(r"(?:\*|/RU=|/|\?)(https?(?:://|%3a%2f%2f)[^/].*)", re.IGNORECASE)
_IN_RU = re.compile(r"/RU=([^/]+)/", re.IGNORECASE)


def unwrap(url: str) -> str:
    """
    The address that a redirector's link leads to, where it stands in the link; else *url* as it is.

    Google News (the older form, base64), Google Alerts and search, AMP viewers, Bing, feedburner
    and common click counters. Nothing is asked. The newer links of Google News say nothing without
    asking, and stay. The target is an absolute http(s) URL; whether it may be asked is judged like
    that of any other link. A login is left out.

    >>> unwrap("https://www.google.com/url?rct=j&sa=t&url=https://news.example/a%3Fb%3D1&ct=ga")
    'https://news.example/a?b=1'
    >>> unwrap("https://news.google.com/rss/articles/CBMiFmh0dHBzOi8vbmV3cy5leGFtcGxlL2HSAQA?oc=5")
    'https://news.example/a'
    >>> unwrap("http://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fnews.example%2fa&c=1")
    'https://news.example/a'
    >>> unwrap("https://news.example/a?url=https://other.example/")
    'https://news.example/a?url=https://other.example/'
    """
    for _ in range(_MOST_LAYERS):
        target = next(filter(_is_target, (text.replace(" ", "%20") for text in _targets(url))), None)
        if target is None:
            break
        url = target
    return without_login(url) if "@" in url else url


def _is_target(text: str) -> bool:
    if not text.isprintable() or not is_http_url(text):
        return False
    netloc = urlsplit(text).netloc
    return "@" not in netloc and not _UNUSABLE_IN_HOST.search(netloc)


def _targets(url: str) -> Iterator[str]:
    """What may stand for the target in a redirector's link, best first; nothing for any other link."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return
    for known, read in _READERS:
        if known.fullmatch(host):
            yield from read(url)
    names = _parameters_of(host, parts.path)
    if names is not None:
        yield from _targets_of_counter(parts, names)


def _targets_of_counter(parts: SplitResult, names: tuple[str, ...]) -> Iterator[str]:
    """What the link of a click counter may lead to: by its parameters, then by its path."""
    given = dict(parse_qsl(parts.query))
    yield from (given[name] for name in names if name in given)
    rest = f"{parts.path}{f'?{parts.query}' if parts.query else ''}"
    if match := _IN_RU.search(rest):
        yield unquote(match[1])
    if match := _IN_PATH.search(rest):
        is_quoted = "%3a" in match[1][: len("https%3a")].lower()
        yield unquote(match[1]) if is_quoted else match[1]


def _parameters_of(host: str, path: str) -> tuple[str, ...] | None:
    """
    The parameters by which a click counter names its targets; None where nothing is known of the
    host.
    """
    for start, names in _COUNTERS.items():
        known, slash, folder = start.partition("/")
        if (host == known or host.endswith(f".{known}")) and path.startswith(slash + folder):
            return names
    return None


def _read_google(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    if parts.path in {"/url", "/alerts/url"}:
        yield from (given[name] for name in ("url", "q") if name in given)
    elif match := re.match(r"/amp/(s/)?([\w-]+\.[^/]+/.*)", parts.path):
        yield f"http{'s' if match[1] else ''}://{match[2]}"
    elif match := _GOOGLE_NEWS.match(parts.path):
        yield from _in_google_news(match[1])


def _in_google_news(coded: str) -> Iterator[str]:
    """
    The address in an article's identifier: a protocol buffer with the URL as its field 4, and that
    of the AMP form.

    Source: https://protobuf.dev/programming-guides/encoding/.
    """
    try:
        message = base64.urlsafe_b64decode(coded.rstrip("=") + "=" * (-len(coded.rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        return
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag & 7 == 0:
            _, at = _varint(message, at)
        elif tag & 7 == 2:
            length, at = _varint(message, at)
            if tag >> 3 == 4:
                yield message[at : at + length].decode("utf-8", errors="replace")
            at += length
        else:
            return


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where the next thing begins; past the end where it is cut."""
    number = 0
    for count, byte in enumerate(message[at : at + 10]):
        number |= (byte & 127) << (7 * count)
        if byte < 128:
            return number, at + count + 1
    return 0, len(message)


def _read_bing(url: str) -> Iterator[str]:
    """`/ck/a?…&u=a1` and the address in base64."""
    parts = urlsplit(url)
    coded = dict(parse_qsl(parts.query)).get("u", "")
    if parts.path == "/ck/a" and coded.startswith("a1"):
        try:
            yield base64.urlsafe_b64decode(coded[2:] + "=" * (-len(coded[2:]) % 4)).decode()
        except (binascii.Error, ValueError):
            return


def _read_amp_cache(url: str) -> Iterator[str]:
    """`/c/s/` and the address; `s` for https."""
    if match := re.match(r"/(?:c|v)/(s/)?([\w-]+\.[^/]+/.*)", urlsplit(url).path):
        yield f"http{'s' if match[1] else ''}://{match[2]}"


_READERS: tuple[tuple[re.Pattern[str], Callable[[str], Iterator[str]]], ...] = (
    (_GOOGLE, _read_google),
    (re.compile(r"(?:www\.)?bing\.com"), _read_bing),
    (re.compile(r"[\w-]+\.cdn\.ampproject\.org"), _read_amp_cache),
)
