"""
Who may read a page, and what was served: evidence first, then two answers.

Every signal is quoted. A missing mark is not "free": a page is called free when it could be
read and shows no sign of a wall. Position beats vocabulary: words that ask to subscribe count
most right behind the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scraper.model import BODY_ROLES, Access, AccessStatus, Evidence, LabelledBlock, MeterNumbers, Role
from scraper.read.metadata import Metadata
from scraper.read.page import Page, attribute
from scraper.read.prompts import find_numbers, find_prompt
from scraper.text import count_words, squash

_RESTRICTED_CODES = {401: "registration", 402: "preview", 403: "unknown", 451: "unknown"}
_TIER_METAS = (
    "article:content_tier",
    "content_tier",
    "og:content_tier",
    "article:access",
    "access",
    "dc.accessrights",
    "cxenseparse:recs:articletype",
)
_TIERS = {
    "free": "free",
    "metered": "metered",
    "locked": "full-subscriber",
    "premium": "full-subscriber",
    "paid": "full-subscriber",
    "subscriber": "full-subscriber",
    "registered": "registration",
}
_CUT_END = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*$|[\w,;–—-]\s*$")
# With a phrase this near behind the text a body is cut more often than not (precision .63; .33 anywhere).
_NEAR_BLOCKS = 6
# … and with so short a body besides it was cut in seven cases of seven.
_SHORT_BODY_WORDS = 200


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the judgement rests on."""

    evidence: tuple[Evidence, ...]
    numbers: MeterNumbers
    words: int
    declared: frozenset[str]
    meters: bool
    wall_kind: str | None  # of a sure prompt right behind the text
    is_cut_short: bool


def judge_access(
    page: Page | None,
    metadata: Metadata,
    blocks: tuple[LabelledBlock, ...],
    *,
    status_code: int = 200,
    next_page_url: str | None = None,
) -> Access:
    """The verdict on a page (None for plain text), with the evidence that led to it."""
    facts = _find_facts(page, metadata, blocks, status_code)
    status, cut, why = _judge(facts, status_code)
    complete: bool | None
    if facts.words == 0:
        complete, cut = (False, cut) if cut else (None, None)
    elif cut is None and next_page_url:
        complete, cut = False, "pagination"
        why += " The article goes on on another page."
    else:
        complete = cut is None
    return Access(status, complete, cut, why, facts.evidence, facts.numbers)


def _find_facts(page: Page | None, metadata: Metadata, blocks: tuple[LabelledBlock, ...], status_code: int) -> _Facts:
    evidence: list[Evidence] = []
    if page is not None:
        evidence.extend(_declarations(page, metadata))
        evidence.extend(_tiers(page.meta))
    if status_code in _RESTRICTED_CODES:
        evidence.append(Evidence("http-status", str(status_code), "http", _RESTRICTED_CODES[status_code]))
    body = [i for i, block in enumerate(blocks) if block.role in BODY_ROLES]
    first, last = (body[0], body[-1]) if body else (-1, -1)
    words = sum(count_words(blocks[i].text) for i in body)
    wall_kind = None
    meters = False
    texts: list[str] = []
    for i, block in enumerate(blocks):
        if block.role is not Role.PAYWALL:
            continue
        texts.append(block.text)
        prompt = find_prompt(block.text)
        if prompt is None:
            continue
        distance = i - last
        where = (
            "after body"
            if 0 < distance <= _NEAR_BLOCKS
            else "inside body"
            if first < i < last
            else "before body"
            if i < first
            else "elsewhere"
        )
        evidence.append(
            Evidence(f"prompt-{prompt.kind}", squash(block.text)[:300], where, _POINTS.get(prompt.kind, "unknown"))
        )
        meters |= prompt.kind == "meter" and prompt.is_sure
        if (
            prompt.is_sure
            and (where == "after body" or not body)
            and wall_kind is None
            and prompt.kind in {"subscription", "registration"}
        ):
            wall_kind = prompt.kind
    is_cut_short = bool(body) and bool(_CUT_END.search(blocks[last].text)) and blocks[last].role is Role.BODY
    if is_cut_short:
        evidence.append(Evidence("cut-end", blocks[last].text[-120:], "end of body", "preview"))
    if metadata.word_count and words and words < 0.5 * metadata.word_count:
        evidence.append(Evidence("word-count", f"{words} of {metadata.word_count} words", "json-ld", "preview"))
        is_cut_short = True
    declared = frozenset(signal.points_to for signal in evidence if signal.signal in {"declaration", "content-tier"})
    return _Facts(tuple(evidence), find_numbers(tuple(texts)), words, declared, meters, wall_kind, is_cut_short)


_POINTS = {"meter": "metered", "subscription": "preview", "registration": "registration"}


def _declarations(page: Page, metadata: Metadata) -> Iterator[Evidence]:
    for thing in metadata.articles:
        if "isAccessibleForFree" in thing:
            yield from _declared(thing["isAccessibleForFree"], "json-ld")
    for text in page.broken_json_ld:
        for found in re.finditer(r'isAccessibleForFree\\?"\s*:\s*\\?"?(\w+)', text):
            yield from _declared(found.group(1), "broken json-ld")
    for node in page.tree.css("[itemprop~='isAccessibleForFree']"):
        yield from _declared(attribute(node, "content") or squash(node.text()), "microdata")


def _declared(value: object, where: str) -> Iterator[Evidence]:
    word = str(value).strip().rsplit("/", 1)[-1].lower()
    if word in {"true", "1", "yes"}:
        yield Evidence("declaration", f"isAccessibleForFree: {value}", where, "free")
    elif word in {"false", "0", "no"}:
        yield Evidence("declaration", f"isAccessibleForFree: {value}", where, "full-subscriber")


def _tiers(meta: Mapping[str, tuple[str, ...]]) -> Iterator[Evidence]:
    for name in _TIER_METAS:
        for value in meta.get(name, ()):
            if points := _TIERS.get(value.strip().lower()):
                yield Evidence("content-tier", value, f"meta {name}", points)


def _judge(facts: _Facts, status_code: int) -> tuple[AccessStatus, str | None, str]:
    """Status, what cut the body if anything did, and why."""
    closed = "full-subscriber" in facts.declared
    is_short = facts.words < _SHORT_BODY_WORDS
    if status_code in (401, 402, 403, 451):
        return _refused(facts, status_code)
    if facts.wall_kind and (is_short or facts.is_cut_short):
        cut = "registration" if facts.wall_kind == "registration" else "paywall"
        status = AccessStatus.REGISTRATION if cut == "registration" else AccessStatus.PREVIEW
        return status, cut, "The text ends early, and a prompt stands right behind it."
    if facts.meters or "metered" in facts.declared:
        return AccessStatus.METERED, None, "A meter is shown; the text was served in full."
    if closed and facts.is_cut_short:
        return AccessStatus.PREVIEW, "paywall", "The page says it is not free, and the text breaks off."
    if closed:
        return AccessStatus.FULL_SUBSCRIBER, None, "The page says it is not free, yet the text was served in full."
    if "registration" in facts.declared:
        return AccessStatus.REGISTRATION, None, "The page asks for an account; the text was served in full."
    if facts.words == 0:
        return AccessStatus.UNKNOWN, None, "The page shows no text to judge by."
    if "free" in facts.declared:
        return AccessStatus.FREE, None, "The page says it is free."
    return AccessStatus.FREE, None, "No sign of a wall."


def _refused(facts: _Facts, status_code: int) -> tuple[AccessStatus, str | None, str]:
    if facts.wall_kind == "registration" or status_code == 401:
        return AccessStatus.REGISTRATION, "registration", f"The server asks for an account (HTTP {status_code})."
    if facts.wall_kind or status_code == 402:
        return AccessStatus.PREVIEW, "paywall", f"The server asks for a subscription (HTTP {status_code})."
    return AccessStatus.UNKNOWN, None, f"The server refused the page (HTTP {status_code}) and gave no reason."
