"""
URLs: reading and joining them as browsers do, the form that compares, and which targets are worth
asking for.

One reader for all (WHATWG URL, by `ada_url`): two that disagree about the host of an address would
let one judge what the other asks for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlunsplit

import ada_url
from tld import get_fld

# Query parameters that say how a reader came, not what the page is. Names after courlan's list and
# the parameters documented by the analytics and mail services themselves.
_TRACKING_PARAMETERS = frozenset(
    "cmp cmpid dclid fbclid gad_source gbraid gclid gclsrc igshid mc_cid mc_eid mkt_tok msclkid ncid ocid "
    "partner ref_src s_cid smid sref twclid wbraid wt.mc_id wt_mc xtor yclid _ga _gl __twitter_impression".split()
)
_TRACKING_PREFIXES = ("utm_", "at_campaign", "at_medium", "hsa_", "pk_", "mtm_", "piwik_", "matomo_", "trk_")
# "http:/a" and "http:a" are addresses to a browser too, but nobody who writes an absolute one
# writes it so.
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
# A host of letters, no fragment, no white space, nothing that is only sometimes escaped.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:[/?][A-Za-z0-9/?:@!$&()*+,;=._~%-]*)?")
# A host of letters that are none of another script in disguise: there is one way to read it, whatever
# stands behind it.
_PLAIN_HOST = re.compile(r"https?://(?!\S*xn--)(?:[A-Za-z0-9-]+\.)+[A-Za-z]+(?=[/?#])", re.IGNORECASE)
# What stays on the site it is written on. (Browsers leave out tabs and line ends, and read a
# backslash as a slash.)
_ON_SITE = re.compile(r"[#?]|/(?![/\\\t\n\r])")
# Begins a name of our own behind the address of a page. Browsers pass over such words: they are a
# fragment directive (WICG, Scroll To Text Fragment, §3.3), and of one that they do not know they
# take no notice.
_ENTRY_MARK = ":~:entry="
_DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 3986 §2.3 unreserved, §2.2 sub-delims, and what a path segment may hold besides (§3.3).
_PATH_SAFE = "/:@!$&'()*+,;=-._~%"


class UrlParts(NamedTuple):
    """
    An absolute http(s) URL, taken apart.

    Args:
        host: Lower case and ASCII; an IPv6 address without its brackets.
        port: The scheme's own where none is named.
        query, fragment: Without their marks.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: str
    fragment: str = ""

    @property
    def url(self) -> str:
        """The URL again, with its port and without its fragment."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}" + (f"?{self.query}" if self.query else "")


def _read(reference: str, base: str = "") -> str | None:
    """The absolute http(s) URL in its one form; None where *reference* means none."""
    try:
        # Half a character is no character (WHATWG "scalar value string").
        text = (
            reference
            if reference.isascii()
            else reference.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        )
        href: str = ada_url.URL(text, base or None).href
    except ValueError:
        return None
    if not href.startswith(("https://", "http://")) or ("xn--" in href and not _has_known_letters(href)):
        return None
    return href


def _has_known_letters(href: str) -> bool:
    """
    Whether each label of the host that claims to be Punycode is that (UTS 46 §4, step 4); ada lets
    all pass.
    """
    for label in ada_url.URL(href).hostname.split("."):
        if label.startswith("xn--"):
            try:
                if label[4:].encode().decode("punycode").isascii():
                    return False
            except UnicodeError:
                return False
    return True


@lru_cache(maxsize=4096)
def split_url(url: str) -> UrlParts:
    r"""
    The parts of a URL; of what is no absolute http(s) URL (a file's name, a path) path and query
    alone.

    Source: WHATWG URL.

    >>> split_url("HTTP://0x7f.1:8000\\a/../b?c#d")
    UrlParts(scheme='http', host='127.0.0.1', port=8000, path='/b', query='c', fragment='d')
    >>> split_url("/a?b").path
    '/a'
    """
    href = _read(url)
    if href is None:
        path, _, query = url.partition("#")[0].partition("?")
        return UrlParts("", "", 0, path, query)
    found = ada_url.URL(href)
    scheme = found.protocol.removesuffix(":")
    port = int(found.port or _DEFAULT_PORTS[scheme])
    query, fragment = found.search.removeprefix("?"), url.partition("#")[2].strip()
    return UrlParts(scheme, found.hostname.strip("[]"), port, found.pathname, query, fragment)


def is_http_url(url: str) -> bool:
    """
    Whether *url* is absolute, http(s), and names a host.

    >>> is_http_url("https://news.example/a"), is_http_url("mailto:a@b.example"), is_http_url("/a"), is_http_url("http://")
    (True, False, False, False)
    """
    return _PLAIN_HOST.match(url) is not None or (_ABSOLUTE.match(url) is not None and _read(url) is not None)


def join_url(base: str, reference: str | None) -> str | None:
    """
    The absolute http(s) URL that *reference* means on a page at *base*, without its fragment; None
    if there is none.

    Source: WHATWG URL, as browsers read a link.

    >>> join_url("https://news.example/a/b", "../c?d#e")
    'https://news.example/c?d'
    >>> [join_url("https://news.example/", reference) for reference in ("javascript:void(0)", "http://", None)]
    [None, None, None]
    """
    # Feeds put all kinds of white space around their links.
    found = _read(reference.strip(), base) if reference else None
    return found.partition("#")[0] if found else None


def keep_url(base: str, reference: str | None) -> str | None:
    """
    An absolute http(s) URL as it stands, where browsers read it in one way only; what `join_url`
    gives where not.

    Feeds and sitemaps name their articles so, and a reader finds again what he has seen there.

    >>> keep_url("https://news.example/", "http://News.example"), keep_url("https://news.example/", "/a b")
    ('http://News.example', 'https://news.example/a%20b')
    """
    joined = join_url(base, reference)
    stands = (reference or "").strip()
    return stands if joined and _PLAIN_URL.fullmatch(stands) and url_key(stands) == url_key(joined) else joined


@lru_cache(maxsize=4096)
def url_key(url: str) -> str:
    """
    The form of a URL used to compare two of them.

    https for http, lower-case host in its ASCII form without "www.", no user, no default port, no
    fragment but the name that `entry_url` gives, no tracking parameters, the others sorted; the
    path in one percent coding. A slash at its end stays: it can tell two pages apart, and where it
    does not the canonical URL says so. Applying it twice changes nothing.

    Args:
        url: Absolute URL.

    Raises:
        ValueError: *url* is relative, or not http(s).

    Source: WHATWG URL, RFC 3986 §6.2.2 and §6.2.3; tracking parameters as listed above.

    >>> url_key("http://www.News.example:80/a/?utm_source=rss&b=1#top")
    'https://news.example/a/?b=1'
    """
    if not is_http_url(url):
        message = f"not an absolute http(s) URL: {url!r}"
        raise ValueError(message)
    parts = split_url(url)
    host = parts.host.rstrip(".")
    host = host.removeprefix("www.") or host
    if ":" in host:  # an IPv6 address
        host = f"[{host}]"
    if parts.port not in {_DEFAULT_PORTS[parts.scheme], _DEFAULT_PORTS["https"]}:  # the key is of https
        host = f"{host}:{parts.port}"
    path = re.sub("%[0-9a-fA-F]{2}", lambda m: _normal_escape(m.group()), quote(parts.path, safe=_PATH_SAFE))
    path = path or "/"
    pairs = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(k)]
    return urlunsplit(("https", host, path, urlencode(sorted(pairs)), _entry_mark(parts.fragment)))


def entry_url(url: str, name: str) -> str:
    """
    An address of its own for one of several entries that lie at *url*, or for one of a feed that
    has no page.

    Who follows it comes to the page, at the place that the fragment of *url* names.

    >>> entry_url("https://news.example/advisories#a1", "tag:7/1")
    'https://news.example/advisories#a1:~:entry=tag%3A7%2F1'
    """
    page, _, fragment = url.partition("#")
    return f"{page}#{fragment.partition(_ENTRY_MARK)[0]}{_ENTRY_MARK}{quote(name, safe='')}"


def has_page(url: str) -> bool:
    """
    Whether an entry at *url* has a page of its own that can be asked for.

    >>> has_page("https://news.example/a#top"), has_page(entry_url("https://news.example/feed", "7"))
    (True, False)
    """
    return _ENTRY_MARK not in url


def _entry_mark(fragment: str) -> str:
    _, mark, name = fragment.partition(_ENTRY_MARK)
    return mark + name


def _normal_escape(escape: str) -> str:
    """
    One percent escape: decoded where it hides an unreserved character, else upper case (RFC 3986
    §6.2.2).
    """
    character = unquote(escape, errors="replace")
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else escape.upper()


def _is_tracking(parameter: str) -> bool:
    name = parameter.lower()
    return name in _TRACKING_PARAMETERS or name.startswith(_TRACKING_PREFIXES)


@lru_cache(maxsize=4096)
def registrable_domain(url: str) -> str:
    """
    The part of the host that its owner registered; the whole host where there is no public suffix.

    Source: the Public Suffix List, as the package `tld` carries it.

    >>> registrable_domain("https://www.security.news.co.uk/a")
    'news.co.uk'
    >>> registrable_domain("http://127.1.0.1:8600/")
    '127.1.0.1'
    """
    host = split_url(url).host
    return (get_fld(f"https://{host}/", fail_silently=True) if host else None) or host


def is_same_site(one: str, other: str) -> bool:
    """
    Whether two addresses have one owner; "www." tells none where there is no public suffix.

    >>> is_same_site("https://www.security.news.co.uk/a", "https://news.co.uk/")
    True
    """
    return registrable_domain(one).removeprefix("www.") == registrable_domain(other).removeprefix("www.")


def leads_off(reference: str, site: str) -> bool:
    """
    Whether a reference, as it stands in a page, leads away from the site with this registrable
    domain.

    Where the site is unknown ("") none does.

    >>> leads_off("https://www.dyke.example/a", "harbor.example"), leads_off("/a", "harbor.example")
    (True, False)
    """
    if not site or _ON_SITE.match(reference):
        return False
    url = join_url(f"https://{site}/", reference)
    return url is not None and registrable_domain(url) != site


def host_key(url: str) -> str:
    """
    The host and port whose politeness a request falls under.

    >>> host_key("http://News.example/a"), host_key("https://news.example:8443/")
    ('news.example:80', 'news.example:8443')
    """
    parts = split_url(url)
    return f"{parts.host}:{parts.port}"
