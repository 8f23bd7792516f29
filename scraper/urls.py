"""URLs: the form that compares, joining, and which targets are worth asking for."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from tld import get_fld

# Query parameters that say how a reader came, not what the page is.
# Names after courlan's list and the parameters documented by the analytics and mail services themselves.
_TRACKING_PARAMETERS = frozenset(
    "cmp cmpid dclid fbclid gad_source gbraid gclid gclsrc igshid mc_cid mc_eid mkt_tok msclkid ncid ocid "
    "partner ref_src s_cid smid sref twclid wbraid wt.mc_id wt_mc xtor yclid _ga _gl __twitter_impression".split()
)
_TRACKING_PREFIXES = ("utm_", "at_campaign", "at_medium", "hsa_", "pk_", "mtm_", "piwik_", "matomo_", "trk_")
# What nearly every link looks like: no need to split it to know that it names a host.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?:[/?#]|\Z)")
# What joining would change in it: a fragment, white space, empty parts at its end.
_UNSETTLED = re.compile(r"[#;\s]|\?\Z")
# Begins a name of our own behind the address of a page. Browsers pass over such words: they are a fragment
# directive (WICG, Scroll To Text Fragment, §3.3), and of one that they do not know they take no notice.
_ENTRY_MARK = ":~:entry="
_DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 3986 §2.3 unreserved, §2.2 sub-delims, and what a path segment may hold besides (§3.3).
_PATH_SAFE = "/:@!$&'()*+,;=-._~%"


def is_http_url(url: str) -> bool:
    """
    Whether *url* is absolute, http(s), and names a host.

    >>> is_http_url("https://news.example/a"), is_http_url("mailto:a@b.example"), is_http_url("/a")
    (True, False, False)
    """
    if _PLAIN_URL.match(url):
        return True
    try:
        parts = urlsplit(url)
        return parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def join_url(base: str, reference: str | None) -> str | None:
    """
    The absolute http(s) URL that *reference* means on a page at *base*, without its fragment; None if there is none.

    Source: RFC 3986 §5.

    >>> join_url("https://news.example/a/b", "../c?d#e")
    'https://news.example/c?d'
    >>> join_url("https://news.example/", "javascript:void(0)") is None
    True
    """
    if not reference:
        return None
    if _PLAIN_URL.match(reference) and not _UNSETTLED.search(reference):
        return reference
    try:
        joined = urljoin(base, re.sub(r"[\t\r\n]", "", reference.strip()))
        joined = urlunsplit(urlsplit(joined)._replace(fragment=""))
    except ValueError:
        return None
    return joined if is_http_url(joined) else None


def url_key(url: str) -> str:
    """
    The form of a URL used to compare two of them.

    https for http, lower-case host in its ASCII form without "www.", no user, no default
    port, no fragment but the name that `entry_url` gives, no tracking parameters, the others sorted; the path in
    one percent coding. A slash at its end stays: it can tell two pages apart, and where it does not the canonical
    URL says so. Applying it twice changes nothing.

    Args:
        url: Absolute URL.

    Raises:
        ValueError: *url* is relative, or not http(s).

    Source: RFC 3986 §6.2.2 and §6.2.3; tracking parameters as listed above.

    >>> url_key("http://www.News.example:80/a/?utm_source=rss&b=1#top")
    'https://news.example/a/?b=1'
    """
    if not is_http_url(url):
        message = f"not an absolute http(s) URL: {url!r}"
        raise ValueError(message)
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = quote(host)
    host = host.removeprefix("www.") or host
    if ":" in host:  # an IPv6 address
        host = f"[{host}]"
    if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{parts.port}"
    path = re.sub("%[0-9a-fA-F]{2}", lambda m: _normal_escape(m.group()), quote(parts.path, safe=_PATH_SAFE))
    path = path or "/"
    pairs = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(k)]
    return urlunsplit(("https", host, path, urlencode(sorted(pairs)), _entry_mark(parts.fragment)))


def entry_url(url: str, name: str) -> str:
    """
    An address of its own for one of several entries that lie at *url*, or for one of a feed that has no page.

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
    """One percent escape: decoded where it hides an unreserved character, else upper case (RFC 3986 §6.2.2)."""
    character = unquote(escape, errors="replace")
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else escape.upper()


def _is_tracking(parameter: str) -> bool:
    name = parameter.lower()
    return name in _TRACKING_PARAMETERS or name.startswith(_TRACKING_PREFIXES)


def registrable_domain(url: str) -> str:
    """
    The part of the host that its owner registered; the whole host where there is no public suffix.

    Source: the Public Suffix List, as the package `tld` carries it.

    >>> registrable_domain("https://www.security.news.co.uk/a")
    'news.co.uk'
    >>> registrable_domain("http://127.1.0.1:8600/")
    '127.1.0.1'
    """
    return get_fld(url, fail_silently=True) or urlsplit(url).hostname or ""


def leads_off(reference: str, site: str) -> bool:
    """
    Whether a reference, as it stands in a page, leads away from the site with this registrable domain.

    Where the site is unknown ("") none does.

    >>> leads_off("https://www.dyke.example/a", "harbor.example"), leads_off("/a", "harbor.example")
    (True, False)
    """
    url = join_url(f"https://{site}/", reference) if site else None
    return url is not None and registrable_domain(url) != site


def host_key(url: str) -> str:
    """
    The host and port whose politeness a request falls under.

    >>> host_key("http://News.example/a"), host_key("https://news.example:8443/")
    ('news.example:80', 'news.example:8443')
    """
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)}"
