"""
Who may read a page, and what was served: evidence first, then two answers.

Every signal is a function that gives what it saw, quoted (those of the markup and the server:
`signals.py`); `judge_access` weighs them, and says of each whether the verdict rests on it or why
not. A missing mark is not "free": a page is called free when it could be read and shows no sign of
a wall. Position beats vocabulary: words that ask to subscribe count most right behind the text.

    declarations, tiers, parts ─► who may read it ─┐
    prompts by place, ends, lengths ─► was it cut ─┴─► Access ◄─ weigh_against: what is known from elsewhere
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus

from scraper.model import (
    Access,
    AccessStatus,
    Article,
    Evidence,
    Expected,
    LabelledBlock,
    MeterNumbers,
)
from scraper.read.access.asks import (
    DENIED_WEIGHT,
    PAYWALL,
    Ask,
    Sign,
    Text,
    claims_whole,
    find_asks,
    find_strongest,
    is_counting,
    is_meter,
    is_spent,
    quote_of,
    weigh_asks,
)
from scraper.read.access.case import Case, Verdict, weighed
from scraper.read.access.currencies import find_local_currency
from scraper.read.access.lengths import (
    KeptBack,
    find_cut_end,
    find_empty_wall,
    find_enciphered,
    find_filler,
    find_hidden_text,
    find_kept_back,
    find_shortfall,
)
from scraper.read.access.signals import (
    REFUSALS,
    find_challenge,
    find_consent,
    find_declarations,
    find_products,
    find_refusal,
    find_sections,
    find_sources,
    find_tiers,
    find_vendors,
)
from scraper.read.facts.metadata import Metadata
from scraper.read.page.parse import Page
from scraper.read.words.meter_numbers import find_numbers
from scraper.text import count_words

# A short body before a wall adds so much to the signs of a cut: with both it was cut in seven cases
# of seven.
_SHORT_BEFORE_WALL = 2
# What the signs of a cut must add up to.
_ENOUGH = 3
# What one sign adds to a verdict, or takes from it; a conflict is worth two.
_A_SIGN, _LESS_IN_CONFLICT = 0.1, 0.2
# A page with fewer words may be no article at all.
_FEWEST_WORDS = 50


def judge_access(
    page: Page | None,
    metadata: Metadata,
    blocks: tuple[LabelledBlock, ...],
    *,
    status_code: int = 200,
    next_page_url: str | None = None,
    hidden: Container[int] = (),
    kept_back: KeptBack | None = None,
) -> Access:
    """
    The verdict on a page (None for plain text), with the evidence that led to it.

    Args:
        hidden: The numbers of the blocks that nobody sees.
        kept_back: What the page has of the text behind a wall that can be seen.
    """
    text = Text(blocks, hidden)
    case = _find_case(page, metadata, text, status_code, next_page_url, kept_back)
    verdict = _judge(case)
    why, confidence = verdict.why, verdict.confidence
    conflict = _is_conflict(case, verdict)
    if conflict:
        why = f"{why} Its own statements contradict each other or what was served."
        confidence -= _LESS_IN_CONFLICT
    meters = {ask.index for ask in case.asks if is_meter(ask)}
    offers = tuple(block.text for i, block in enumerate(blocks) if block.role is PAYWALL or i in meters)
    return Access(
        verdict.status,
        verdict.complete,
        verdict.cut_by,
        why,
        tuple(weighed(sign, verdict, case) for sign in case.signs),
        _find_numbers(page, case, offers),
        _bounded(confidence),
        conflict,
    )


def _find_numbers(page: Page | None, case: Case, offers: tuple[str, ...]) -> MeterNumbers:
    """What the page's offers and meters say in numbers."""
    numbers = find_numbers(offers, find_local_currency(page) if page and offers else None)
    is_none_left = numbers.remaining is None and any(is_spent(ask) for ask in case.asks if ask.where == "after body")
    return replace(numbers, remaining=0) if is_none_left else numbers


def _find_case(
    page: Page | None,
    metadata: Metadata,
    text: Text,
    status_code: int,
    next_page_url: str | None,
    kept_back: KeptBack | None,
) -> Case:
    """All that there is to judge by."""
    asks = tuple(find_asks(text))
    sources = find_sources(page) if page else ""
    stated = list(_find_statements(page, metadata, sources)) if page else []
    answered = list(_find_answers(page, text, status_code))
    signs = [
        *map(Sign, answered),
        *(Sign(evidence, DENIED_WEIGHT * (evidence.points_to == "preview")) for evidence in stated),
        *weigh_asks(asks, text, {evidence.points_to for evidence in stated}),
        *find_cut_end(text, asks, is_closed=any(evidence.points_to == "full-subscriber" for evidence in stated)),
        *find_enciphered(text),
        *find_shortfall(text, metadata),
        *find_kept_back(text, kept_back),
        *find_filler(text),
        *(Sign(evidence) for evidence in find_hidden_text(text, metadata) if kept_back is None),
        *(find_empty_wall(page, text) if page else ()),
        *map(Sign, find_vendors(sources)),
    ]
    if next_page_url:
        signs.append(Sign(Evidence("next-page", next_page_url, "link", "pagination")))
    weight = _weigh_cut_signs(signs, text, asks)
    return Case(text, asks, stated, answered, tuple(signs), weight, status_code, next_page_url)


def _weigh_cut_signs(signs: Iterable[Sign], text: Text, asks: tuple[Ask, ...]) -> int:
    """How much all signs of a cut speak for one; a short text makes them heavier."""
    weight = sum(sign.weight for sign in signs)
    if weight and text.is_short and text.body:
        strongest = find_strongest(asks)
        # A general offer stands below whole items, too, and most short items are whole.
        is_wall = strongest is not None and strongest.prompt.strength != "sure"
        weight += _SHORT_BEFORE_WALL if is_wall else 1
    return weight


def _find_answers(page: Page | None, text: Text, status_code: int) -> Iterator[Evidence]:
    """What the server answered instead of an article."""
    yield from find_refusal(status_code)
    if page:
        yield from _find_interruption(page, text, status_code)


def _find_statements(page: Page, metadata: Metadata, sources: str) -> Iterator[Evidence]:
    """What the publisher states in markup of who may read the page."""
    yield from find_declarations(page, metadata)
    yield from find_tiers(page)
    yield from find_products(page, sources)
    yield from find_sections(page, sources)


def _find_interruption(page: Page, text: Text, status_code: int) -> Iterator[Evidence]:
    """What stands in the place of an article: a challenge, a question for consent."""
    is_bare = text.is_short and text.words < _FEWEST_WORDS
    if status_code != HTTPStatus.OK or is_bare:
        yield from find_challenge(page)
    if is_bare:
        yield from find_consent(block.text for block in text.blocks)


# ---------------------------------------------------------------- the two answers


def _judge(case: Case) -> Verdict:
    if case.answered:
        return _judge_refusal(case)
    hidden = case.found("hidden-text")
    if case.weight >= _ENOUGH and not hidden:
        return _judge_cut(case)
    whole = _judge_whole(case)
    if not case.text.body:
        return replace(whole, complete=None)
    if case.next_page_url:
        return _as_first_page(case, whole)
    if hidden and case.weight:
        why = f"{whole.why} The rest of it is in the page, out of sight."
        whole = replace(whole, why=why, rests_on=(*whole.rests_on, *hidden))
    return replace(whole, confidence=whole.confidence - _A_SIGN * case.weight)


def _as_first_page(case: Case, whole: Verdict) -> Verdict:
    return replace(
        whole,
        complete=False,
        cut_by="pagination",
        why=f"{whole.why} The article goes on on another page.",
        rests_on=(*whole.rests_on, *case.found("next-page")),
    )


def _judge_refusal(case: Case) -> Verdict:
    code = case.status_code
    refused = case.found("http-status", "bot-challenge", "consent-page")
    if instead := _served_instead(case):
        return Verdict(AccessStatus.UNKNOWN, None, None, instead, 0.6, refused)
    complete = bool(case.text.body) or None
    if code not in REFUSALS:
        why = f"The server answered with HTTP {code}."
        return Verdict(AccessStatus.UNKNOWN, complete, None, why, 0.4, refused)
    if case.wall_kind == "registration" or code == HTTPStatus.UNAUTHORIZED:
        why = f"The server asks for an account (HTTP {code})."
        return Verdict(AccessStatus.REGISTRATION, False, "registration", why, 0.8, (*refused, *case.heavy))
    if case.wall_kind or code == HTTPStatus.PAYMENT_REQUIRED:
        why = f"The server asks for a subscription (HTTP {code})."
        return Verdict(AccessStatus.PREVIEW, False, "paywall", why, 0.8, (*refused, *case.heavy))
    reason = "for legal reasons" if code == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS else "and gave no reason"
    why = f"The server refused the page (HTTP {code}) {reason}."
    return Verdict(AccessStatus.UNKNOWN, complete, None, why, 0.4, refused)


# Answers that say more than a question for consent on the same page.
_SAYS_MORE = frozenset((HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS))


def _served_instead(case: Case) -> str | None:
    """What stands in the place of the article, if it is no wall."""
    if case.found("bot-challenge") and not case.asks:
        return "The server wants proof that no program is asking."
    if case.found("consent-page") and case.status_code not in _SAYS_MORE:
        return "The page asks for consent before it shows anything."
    return None


def _judge_cut(case: Case) -> Verdict:
    confidence = min(0.95, 0.6 + _A_SIGN * (case.weight - _ENOUGH))
    if case.next_page_url and not case.wall_kind:
        return replace(_as_first_page(case, _judge_whole(case)), confidence=confidence)
    if case.wall_kind == "registration":
        why = "The text ends early, and a prompt to register stands right behind it."
        return Verdict(AccessStatus.REGISTRATION, False, "registration", why, confidence, case.heavy)
    if case.wall_kind == "meter" and any(is_spent(ask) for ask in case.asks):
        why = "The text ends early, and right behind it stands that the free articles are spent."
        return Verdict(AccessStatus.METERED, False, "paywall", why, confidence, case.heavy)
    if case.wall_kind:
        why = "The text ends early, and a prompt stands right behind it."
    elif case.found("word-count"):
        why = "The page says that its article is much longer than what was served."
    else:
        why = "The page says that this reader sees a part of the text."
    agreeing = case.says("full-subscriber", "preview")
    return Verdict(AccessStatus.PREVIEW, False, "paywall", why, confidence, (*case.heavy, *agreeing))


_SERVED = "the text was served in full."


def _judge_whole(case: Case) -> Verdict:
    """Who may read a text that was served in full."""
    found = _metered(case) or _stated_closed(case)
    if found is not None:
        return found
    free = case.says("free")
    if not free and (claim := _find_claim(case)):
        return _claimed(claim)
    if not case.text.body:
        return _whole(AccessStatus.UNKNOWN, "The page shows no text to judge by.", 0.3, ())
    if free:
        return _whole(AccessStatus.FREE, "The page says it is free.", 0.95, free)
    return _whole(AccessStatus.FREE, "No sign of a wall.", 0.8, ())


def _whole(status: AccessStatus, why: str, confidence: float, rests_on: tuple[Evidence, ...]) -> Verdict:
    return Verdict(status, True, None, why, confidence, rests_on)


def _metered(case: Case) -> Verdict | None:
    shown = tuple(quote_of(ask) for ask in case.asks if is_counting(ask))
    if shown:
        return _whole(AccessStatus.METERED, f"A meter is shown; {_SERVED}", 0.8, shown)
    if said := case.says("metered"):
        return _whole(AccessStatus.METERED, f"The page names a meter; {_SERVED}", 0.8, said)
    return None


def _stated_closed(case: Case) -> Verdict | None:
    if said := case.says("registration"):
        return _whole(AccessStatus.REGISTRATION, f"The page asks for an account; {_SERVED}", 0.7, said)
    if said := case.says("full-subscriber", "preview"):
        return _whole(AccessStatus.FULL_SUBSCRIBER, f"The page says it is not free, yet {_SERVED}", 0.8, said)
    return None


def _claimed(claim: Ask) -> Verdict:
    if claim.prompt.kind == "registration":
        why = f"A prompt asks for an account; {_SERVED}"
        return _whole(AccessStatus.REGISTRATION, why, 0.6, (quote_of(claim),))
    why = f"A mark says that it is kept for subscribers, yet {_SERVED}"
    return _whole(AccessStatus.FULL_SUBSCRIBER, why, 0.6, (quote_of(claim),))


def _find_claim(case: Case) -> Ask | None:
    """The prompt that claims a whole text."""
    if not case.text.body:
        return None
    return next((ask for ask in case.asks if claims_whole(case.text, ask)), None)


def _is_conflict(case: Case, verdict: Verdict) -> bool:
    if not case.says("free"):
        return False
    is_cut_by_wall = verdict.complete is False and verdict.cut_by != "pagination"
    return is_cut_by_wall or bool(case.says("full-subscriber", "preview", "registration"))


# ---------------------------------------------------------------- what is known from elsewhere

# A shorter text is a shorter edit; with less than this of it, something is missing.
_LEAST_SHARE = 0.6
_MOST_MISSING_WORDS = 80
# With so much of it, it is as long.
_AS_LONG = 0.9
# What another sign that agrees, or does not, changes of the confidence.
_SURER, _LESS_SURE = 0.05, -0.1
_FEED = "the feed"


def weigh_against(article: Article, known: Iterable[Expected]) -> Article:
    """
    The article with its verdict weighed against how long it is known to be from elsewhere.

    A feed carries the text of now: where the page has much less of it, the page was cut. An earlier
    capture may have been shortened since, so it tells only together with a wall. A text as long as
    the known one is whole with more confidence.
    """
    access, known = article.access, tuple(known)
    words = count_words(article.body) if known else 0
    for expected in known:
        access = _weigh_length(access, words, expected)
    return article if access is article.access else replace(article, access=access)


def _weigh_length(access: Access, words: int, expected: Expected) -> Access:
    if not words or not expected.words or access.cut_by == "pagination":
        return access
    is_short = _lacks_words(words, expected.words)
    signal = "feed-length" if expected.origin == _FEED else "earlier-length"
    quote = f"{words} of {expected.words} words"
    found = Evidence(signal, quote, expected.origin, "preview" if is_short else "unknown")
    if access.complete is False:
        return _weigh_cut(access, found, is_short=is_short)
    if is_short:
        return _weigh_short(
            access, found, f"The page has {words} words of the text, {expected.origin} {expected.words}."
        )
    if words < _AS_LONG * expected.words or access.complete is None:
        return access
    return _with_sign(access, replace(found, decided=True), _SURER)


def _lacks_words(words: int, expected: int) -> bool:
    """Whether a text has so much less than is expected that something is missing."""
    return words < _LEAST_SHARE * expected and expected - words >= _MOST_MISSING_WORDS


def _with_sign(access: Access, sign: Evidence, change: float) -> Access:
    """The verdict with one more sign, which makes it surer by *change*."""
    return replace(access, evidence=(*access.evidence, sign), confidence=_bounded(access.confidence + change))


def _weigh_cut(access: Access, found: Evidence, *, is_short: bool) -> Access:
    """A cut text, that is as short as one expects or is not."""
    if is_short:
        return _with_sign(access, replace(found, decided=True), _SURER)
    return _with_sign(access, replace(found, note=f"{found.where} has no more of the text"), _LESS_SURE)


def _weigh_short(access: Access, found: Evidence, why: str) -> Access:
    """A text that was taken for whole, of which something is missing."""
    walls = [sign for sign in access.evidence if _is_wall_behind(sign)]
    if not walls and found.where != _FEED:
        note = "articles are shortened, too, and no wall is shown"
        return _with_sign(access, replace(found, note=note), _LESS_SURE)
    evidence = (
        *(replace(sign, decided=True, note="") if sign in walls else sign for sign in access.evidence),
        replace(found, decided=True),
    )
    if not walls:
        return replace(
            access, complete=False, explanation=f"{access.explanation} {why}", evidence=evidence, confidence=0.6
        )
    return _cut_by_walls(replace(access, evidence=evidence), walls, why)


def _cut_by_walls(access: Access, walls: Iterable[Evidence], why: str) -> Access:
    """The verdict on a text that was cut where the signs of a wall stand."""
    is_account = all(sign.points_to == "registration" for sign in walls)
    return replace(
        access,
        status=AccessStatus.REGISTRATION if is_account else AccessStatus.PREVIEW,
        complete=False,
        cut_by="registration" if is_account else "paywall",
        explanation=f"{why} A prompt or a statement of the page says who may read the rest.",
        confidence=0.85,
        conflict=access.conflict or any(sign.points_to == "free" for sign in access.evidence),
    )


def _is_wall_behind(sign: Evidence) -> bool:
    """
    Whether a sign speaks of a wall: a prompt right behind the text, or a statement that it is not
    free.
    """
    if sign.signal.startswith("prompt-"):
        return sign.where == "after body" and sign.points_to in {"preview", "registration"}
    return sign.signal in {"declaration", "declared-part", "content-tier", "subscriber-section"} and (
        sign.points_to in {"preview", "full-subscriber", "registration"}
    )


def _bounded(confidence: float) -> float:
    return round(min(max(confidence, 0.1), 0.99), 2)
