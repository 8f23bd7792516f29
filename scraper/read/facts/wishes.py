"""
What a publisher wishes for a page: the words of its head and its headers, and what they mean to us.
Pure.

    X-Robots-Tag, meta robots       noindex, noarchive, nosnippet, max-snippet, unavailable_after
    tdm-reservation, tdm-policy     text and data mining (TDMRep); the file of the same meaning is `fetch.tdmrep`'s
    link rel=license                a licence, of RSL or another kind
    crawler-price                   what a crawler is asked to pay, with a 402

Sources: Google, "Robots meta tag, data-nosnippet, and X-Robots-Tag specifications"
(developers.google.com/search/docs/crawling-indexing/robots-meta-tag); TDM Reservation Protocol,
final community group report of 2024-05-10
(w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510); RSL 1.0 (rslstandard.org/rsl, guides
"robots.txt", "HTTP Headers", "Web Pages"); Cloudflare, "Pay per crawl", crawl pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scraper.model import Wish, Wishes
from scraper.read.page.parse import Page
from scraper.text import squash
from scraper.urls import join_url

_HEADERS = {
    "x-robots-tag": "robots",
    "tdm-reservation": "tdm-reservation",
    "tdm-policy": "tdm-policy",
    "crawler-price": "crawler-price",
}
_TDM_NAMES = ("tdm-reservation", "tdm-policy")
_PLAIN_RULES = frozenset(
    "all none index noindex follow nofollow archive noarchive nocache snippet nosnippet notranslate noimageindex "
    "indexifembedded noodp noydir noai noimageai".split()
)
_VALUED_RULES = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_RULES = _PLAIN_RULES | _VALUED_RULES
_NAMED = re.compile(r"([A-Za-z*][\w.*-]*)\s*:\s*(.*)", re.DOTALL)
# RFC 8288 §3, as far as it matters here: an address, then parameters.
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?)*)")
_REL_LICENSE = re.compile(r";\s*rel\s*=\s*(?:\"(?:[^\"]*\s)?license(?:\s[^\"]*)?\"|license(?![\w-]))", re.IGNORECASE)
# What is longer is no wish; and a page must not fill the archive with it.
_LONGEST = 1000


def find_header_wishes(headers: Iterable[tuple[str, str]]) -> tuple[Wish, ...]:
    """
    What the headers of a response say, a wish for each header line.

    >>> find_header_wishes([("X-Robots-Tag", "googlebot: noindex"), ("ETag", "1")])
    (Wish(name='robots', value='googlebot: noindex', where='header', agent=None),)
    """
    return tuple(_header_wishes(headers))


def _header_wishes(headers: Iterable[tuple[str, str]]) -> Iterator[Wish]:
    for name, value in headers:
        key, words = name.lower(), value.strip()[:_LONGEST]
        if key in _HEADERS and words:
            yield Wish(_HEADERS[key], words, "header")
        elif key == "link":
            for target, parameters in _LINK.findall(value):
                if _REL_LICENSE.search(parameters):
                    yield Wish("license", target.strip()[:_LONGEST], "header")


def find_page_wishes(page: Page) -> tuple[Wish, ...]:
    """
    What the head of a page says: to every robot, and to single ones by name.

    A meta element counts as a word to a robot of its name where it holds nothing but rules for
    robots.
    """
    return tuple(_page_wishes(page))


def _page_wishes(page: Page) -> Iterator[Wish]:
    for name, contents in page.meta.items():
        for content in contents:
            if wish := _read_meta(name, squash(content)[:_LONGEST]):
                yield wish
    for link in page.links:
        if "license" in link.rel.split() and (target := join_url(page.base_url, link.href)):
            yield Wish("license", target[:_LONGEST], "link")


def _read_meta(name: str, words: str) -> Wish | None:
    if not words:
        return None
    if name == "robots" or name in _TDM_NAMES:
        return Wish(name, words, "meta")
    if ":" not in name and _is_rules(words):
        return Wish("robots", words, "meta", agent=name)
    return None


def _is_rules(words: str) -> bool:
    first = words.partition(",")[0].strip().lower()
    if first and ":" not in first and first not in _RULES:  # a text, as most contents are
        return False
    return all(name in _RULES for _, name, _ in find_robots_rules(words))


def find_robots_rules(value: str) -> tuple[tuple[str | None, str, str], ...]:
    """
    The rules in the value of a robots meta element or an X-Robots-Tag header: agent, rule, value.

    An agent's name holds until the next one. Dates may have a comma in them.

    >>> find_robots_rules("noarchive, otherbot: max-snippet:5, unavailable_after: Monday, 15-Aug-05 15:52:01 UTC")
    ... # doctest: +NORMALIZE_WHITESPACE
    ((None, 'noarchive', ''), ('otherbot', 'max-snippet', '5'),
     ('otherbot', 'unavailable_after', 'Monday, 15-Aug-05 15:52:01 UTC'))
    """
    rules: list[tuple[str | None, str, str]] = []
    agent: str | None = None
    for part in value.split(","):
        rest = part.strip()
        while (named := _NAMED.fullmatch(rest)) and named[1].lower() not in _VALUED_RULES:
            agent, rest = named[1].lower(), named[2].strip()
        name = rest.lower()
        if named:
            rules.append((agent, named[1].lower(), named[2].strip()))
        elif rules and rules[-1][1] == "unavailable_after" and name not in _PLAIN_RULES and rest:
            rules[-1] = (*rules[-1][:2], f"{rules[-1][2]}, {rest}")
        elif rest:
            rules.append((agent, name, ""))
    return tuple(rules)


def judge_wishes(said: Iterable[Wish], agent: str) -> Wishes:
    """
    What *said* means to the robot called *agent*.

    Rules for robots add up, the stricter one counts, those for everybody and those for us alike. Of
    several words on mining the later source counts: file, then headers, then the page; what is no 0
    or 1 counts as not said.

    Args:
        said: In any order.
        agent: Our product token.

    Source: Google, as above, "Handling conflicting rules" and "Combining rules"; TDMRep,
    "tdm-reservation" and "Processing priority".

    >>> said = [Wish("robots", "presswatch: noarchive", "header"), Wish("robots", "max-snippet:50", "meta")]
    >>> judge_wishes(said, "presswatch")
    ... # doctest: +ELLIPSIS
    Wishes(noindex=False, noarchive=True, max_snippet=50, unavailable_after=None, ...)
    """
    known = tuple(said)
    rules = tuple(_rules_for(known, agent.lower()))
    names = {name for name, _ in rules}
    ends = [end for name, value in rules if name == "unavailable_after" and (end := parse_end(value))]
    reserved, policy = _judge_mining(known)
    return Wishes(
        noindex=bool(names & {"noindex", "none"}),
        noarchive="noarchive" in names,
        max_snippet=min(_snippet_lengths(rules), default=None),
        unavailable_after=min(ends, default=None),
        tdm_reserved=reserved,
        tdm_policy=policy,
        licenses=tuple(dict.fromkeys(wish.value for wish in known if wish.name == "license")),
        crawler_price=next((wish.value for wish in known if wish.name == "crawler-price"), None),
    )


def _rules_for(said: Iterable[Wish], agent: str) -> Iterator[tuple[str, str]]:
    """The rules for robots that are said to everybody or to *agent*."""
    for wish in said:
        if wish.name != "robots" or wish.agent not in {None, agent}:
            continue
        for meant_for, name, value in find_robots_rules(wish.value):
            if meant_for in {None, "*", agent}:
                yield name, value


def _snippet_lengths(rules: Iterable[tuple[str, str]]) -> Iterator[int]:
    """How much text each rule lets be quoted, in characters."""
    for name, value in rules:
        if name == "nosnippet":
            yield 0
        elif name == "max-snippet" and re.fullmatch(r"[0-9]{1,9}", value):
            yield int(value)


_PRIORITY = ("tdmrep.json", "header", "meta")


def _judge_mining(said: tuple[Wish, ...]) -> tuple[bool | None, str | None]:
    values: dict[str, str] = {}
    for place in _PRIORITY:
        for wish in said:
            if wish.where != place or wish.name not in _TDM_NAMES:
                continue
            if wish.name == "tdm-policy" or wish.value in {"0", "1"}:
                values[wish.name] = wish.value
    reserved = {"0": False, "1": True}.get(values.get("tdm-reservation", ""))
    return reserved, values.get("tdm-policy") if reserved else None


def parse_end(text: str) -> datetime | None:
    """
    The time that an `unavailable_after` names, in UTC; None where it names none. A time without a
    zone is in UTC.

    Source: Google, as above: "RFC 822, RFC 850, and ISO 8601".

    >>> parse_end("25 Jun 2010 15:00:00 PST").isoformat(), parse_end("2030-01-02").isoformat()
    ('2010-06-25T23:00:00+00:00', '2030-01-02T00:00:00+00:00')
    >>> parse_end("soon") is None
    True
    """
    try:
        end = datetime.fromisoformat(text.strip())
    except ValueError:
        try:
            end = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
    try:
        return (end if end.tzinfo else end.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def describe_wishes(wishes: Wishes) -> tuple[str, ...]:
    """
    What a publisher wishes, for the reader, a phrase each.

    >>> describe_wishes(Wishes(noarchive=True, max_snippet=0, tdm_reserved=True))
    ('no copy to be shown', 'no text to be quoted', 'text and data mining reserved')
    """

    def phrases() -> Iterator[str]:
        if wishes.noindex:
            yield "not to be listed"
        if wishes.noarchive:
            yield "no copy to be shown"
        if wishes.max_snippet is not None:
            yield f"{describe_snippet(wishes.max_snippet)} to be quoted"
        if wishes.unavailable_after:
            yield f"not to be shown after {wishes.unavailable_after:%Y-%m-%d %H:%M} UTC"
        if wishes.tdm_reserved is not None:
            terms = f", terms at {wishes.tdm_policy}" if wishes.tdm_policy else ""
            yield f"text and data mining {'reserved' if wishes.tdm_reserved else 'allowed'}{terms}"
        for license_url in wishes.licenses:
            yield f"licence at {license_url}"
        if wishes.crawler_price:
            yield f"a price for crawlers: {wishes.crawler_price}"

    return tuple(phrases())


def describe_snippet(length: int) -> str:
    """
    How much text may be quoted.

    >>> describe_snippet(0), describe_snippet(1), describe_snippet(50)
    ('no text', 'no more than 1 character', 'no more than 50 characters')
    """
    return f"no more than {length} character{'s' * (length != 1)}" if length else "no text"
