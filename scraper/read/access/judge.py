"""
Who may read a page, and what was served: evidence first, then two answers.

Every signal is a function that gives what it saw, quoted (those of the markup and the server: `signals.py`);
`judge_access` weighs them, and says of each whether the verdict rests on it or why not. A missing mark is not "free":
a page is called free when it could be read and shows no sign of a wall. Position beats vocabulary: words that ask to
subscribe count most right behind the text.

    declarations, tiers, parts ─► who may read it ─┐
    prompts by place, ends, lengths ─► was it cut ─┴─► Access ◄─ weigh_against: what is known from elsewhere
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from scraper.model import (
    BODY_ROLES,
    Access,
    AccessStatus,
    Article,
    Evidence,
    Expected,
    LabelledBlock,
    Role,
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
    find_wall_container,
)
from scraper.read.facts.metadata import Metadata
from scraper.read.page.parse import Page
from scraper.read.words.meter_numbers import find_numbers
from scraper.read.words.notices import asks_to_comment
from scraper.read.words.prompts import Prompt, find_prompt
from scraper.text import count_words, squash

# With a phrase this near behind the text a body is cut more often than not (precision .63; .33 anywhere).
_NEAR_BLOCKS = 6
# … and with so short a body besides it was cut in seven cases of seven.
_SHORT_BODY_WORDS = 200
_LONGEST_WORD = 15
_SHORT_BEFORE_WALL = 2
# What the signs of a cut must add up to.
_ENOUGH = 3
_MOST_QUOTED = 300
# A page with fewer words may be no article at all.
_FEWEST_WORDS = 50


@dataclass(frozen=True, slots=True)
class _Sign:
    """One signal, and how much it speaks for a body that was cut (0: nothing)."""

    evidence: Evidence
    weight: int = 0


@dataclass(frozen=True, slots=True)
class _Ask:
    """A prompt on the page. *where* is "before body", "inside body", "after body" or "elsewhere"."""

    block: LabelledBlock
    index: int
    prompt: Prompt
    where: str


class _Text:
    """The page's blocks, and where its body lies among them."""

    def __init__(self, blocks: tuple[LabelledBlock, ...], hidden: Container[int] = ()) -> None:
        self.blocks, self.hidden = blocks, hidden
        self.body = tuple(i for i, block in enumerate(blocks) if block.role in BODY_ROLES)
        paragraphs = [i for i in self.body if blocks[i].role is Role.BODY] or self.body
        # The last paragraph: lists of references can follow the wall.
        self.end = paragraphs[-1] if paragraphs else -1

    @cached_property
    def words(self) -> int:
        return sum(count_words(self.blocks[i].text) for i in self.body)

    @cached_property
    def characters(self) -> int:
        return sum(len(self.blocks[i].text) for i in self.body)

    @property
    def is_short(self) -> bool:
        # Words are dear to count, and few are longer than this.
        return self.characters < _LONGEST_WORD * _SHORT_BODY_WORDS and self.words < _SHORT_BODY_WORDS

    def where(self, index: int) -> str:
        """The place of a block against the body; where there is none, the wall is what was served ("after body")."""
        if not self.body or 0 < index - self.end <= _NEAR_BLOCKS:
            return "after body"
        if index > self.end:
            return "elsewhere"
        return "inside body" if index > self.body[0] else "before body"


def judge_access(
    page: Page | None,
    metadata: Metadata,
    blocks: tuple[LabelledBlock, ...],
    *,
    status_code: int = 200,
    next_page_url: str | None = None,
    hidden: Container[int] = (),
) -> Access:
    """
    The verdict on a page (None for plain text), with the evidence that led to it.

    Args:
        hidden: The numbers of the blocks that nobody sees.
    """
    text = _Text(blocks, hidden)
    asks = tuple(_find_asks(text))
    sources = find_sources(page) if page else ""
    stated = list(_find_statements(page, metadata, sources)) if page else []
    answered = [*find_refusal(status_code), *(_find_interruption(page, text, status_code) if page else ())]
    signs = [
        *(_Sign(evidence) for evidence in answered),
        *(_Sign(evidence, _DENIED_WEIGHT * (evidence.points_to == "preview")) for evidence in stated),
        *weigh_asks(asks, text, {evidence.points_to for evidence in stated}),
        *find_cut_end(text, asks),
        *find_shortfall(text, metadata),
        *(_Sign(evidence) for evidence in find_hidden_text(text, metadata)),
        *(find_empty_wall(page, text) if page else ()),
        *(_Sign(evidence) for evidence in find_vendors(sources)),
    ]
    if next_page_url:
        signs.append(_Sign(Evidence("next-page", next_page_url, "link", "pagination")))
    weight = sum(sign.weight for sign in signs)
    if weight and text.is_short and text.body:
        weight += _SHORT_BEFORE_WALL if _find_strongest(asks) else 1
    case = _Case(text, asks, stated, answered, tuple(signs), weight, status_code, next_page_url)
    verdict = _judge(case)
    why, confidence = verdict.why, verdict.confidence
    conflict = _is_conflict(case, verdict)
    if conflict:
        why, confidence = f"{why} Its own statements contradict each other or what was served.", confidence - 0.2
    meters = {ask.index for ask in asks if _is_meter(ask)}
    offers = tuple(block.text for i, block in enumerate(blocks) if block.role is _PAYWALL or i in meters)
    return Access(
        verdict.status,
        verdict.complete,
        verdict.cut_by,
        why,
        tuple(_weighed(sign, verdict, case) for sign in signs),
        find_numbers(offers),
        _bounded(confidence),
        conflict,
    )


def _find_statements(page: Page, metadata: Metadata, sources: str) -> Iterator[Evidence]:
    """What the publisher states in markup of who may read the page."""
    yield from find_declarations(page, metadata)
    yield from find_tiers(page)
    yield from find_products(page, sources)
    yield from find_sections(page, sources)


def _find_interruption(page: Page, text: _Text, status_code: int) -> Iterator[Evidence]:
    """What stands in the place of an article: a challenge, a question for consent."""
    is_bare = text.is_short and text.words < _FEWEST_WORDS
    if status_code != 200 or is_bare:
        yield from find_challenge(page)
    if is_bare:
        yield from find_consent(block.text for block in text.blocks)


# ---------------------------------------------------------------- prompts by kind and place

_ASKING = {"meter", "subscription", "registration"}
_POINTS = {"meter": "metered", "subscription": "preview", "registration": "registration"}
_NO_ASK_ROLES = BODY_ROLES | {Role.COMMENT, Role.CAPTION, Role.CREDIT, Role.HEADLINE, Role.NEWSLETTER, Role.PROMO}
# Bound once: it is asked for of every block, and a class takes its time to give a member.
_PAYWALL = Role.PAYWALL
_WEIGHTS = {"cut": 3, "wall": 2, "mark": 1, "sure": 1}
# The publisher says that this reader has no access, or the part behind the wall is empty.
_DENIED_WEIGHT = 2
# A mark at the head of an article stands this near to its text, and is this short.
_BADGE_BLOCKS = 4
_MOST_BADGE_WORDS = 8
_MOST_BUTTON_CHARACTERS = 20


def _find_asks(text: _Text) -> Iterator[_Ask]:
    """
    Prompts to pay or register. Beside the blocks labelled so: marks at the text's head, and what stands close
    around the text and says outright that it is kept for some.
    """
    for i, block in enumerate(text.blocks):
        if block.role in _NO_ASK_ROLES:
            continue
        prompt = find_prompt(block.text)
        if prompt is None or prompt.kind not in _ASKING:
            continue
        if asks_to_comment(block.text):
            continue
        where = text.where(i)
        is_stated = prompt.strength in {"cut", "wall", "mark"} and where != "elsewhere" and _stands_free(text, i)
        # A hidden counter is a template.
        is_meter = prompt.kind == "meter" and block.number not in text.hidden
        if block.role is _PAYWALL or is_stated or is_meter:
            yield _Ask(block, i, prompt, where)


def _stands_free(text: _Text, index: int) -> bool:
    """Whether a block that is not labelled as a prompt may be one: no link to another article, not hidden."""
    block = text.blocks[index]
    if block.role in {Role.RELATED, Role.NAV, Role.KICKER}:
        near = bool(text.body) and 0 < text.body[0] - index <= _BADGE_BLOCKS
        return near and count_words(block.text) <= _MOST_BADGE_WORDS
    return block.number not in text.hidden


def weigh_asks(asks: tuple[_Ask, ...], text: _Text, stated: set[str]) -> Iterator[_Sign]:
    """
    Each prompt with its place; the strongest right behind the text has weight.

    Where the page is declared closed, a wall's template is expected, and most such bodies are whole (66 of 74).
    """
    strongest = _find_strongest(asks)
    for ask in asks:
        weight = 0
        if ask is strongest:
            weight = min(_rank(ask), 2) if "full-subscriber" in stated else _rank(ask)
        elif strongest is None and ask.prompt.strength == "cut" and ask.where == "before body":
            weight = 1
        yield _Sign(_quote(ask), weight)
    if strongest is not None and text.is_short and _ends_page(text, strongest):
        yield _Sign(Evidence("wall-ends-page", squash(strongest.block.text)[:80], "after body", "preview"), 1)


def _quote(ask: _Ask) -> Evidence:
    quote = squash(ask.block.text)[:_MOST_QUOTED]
    return Evidence(f"prompt-{ask.prompt.kind}", quote, ask.where, _POINTS[ask.prompt.kind])


def _rank(ask: _Ask) -> int:
    # Every site says "log in" and "subscribe" somewhere; a counter stands below texts that it let through.
    if ask.prompt.strength == "sure" and (ask.prompt.kind != "subscription" or _is_button(ask)):
        return 0
    return _WEIGHTS.get(ask.prompt.strength, 0)


def _is_button(ask: _Ask) -> bool:
    """Whether a prompt is a word or two in a menu, or the button of an offer that says more beside it."""
    return len(ask.block.text) <= _MOST_BUTTON_CHARACTERS


def _find_strongest(asks: tuple[_Ask, ...]) -> _Ask | None:
    """The prompt right behind the text that asks most."""
    behind = (ask for ask in asks if ask.where == "after body" and _rank(ask))
    return max(behind, key=_rank, default=None)


def _is_meter(ask: _Ask) -> bool:
    return ask.prompt.kind == "meter"


def _is_spent(ask: _Ask) -> bool:
    """Whether a meter says that nothing of it is left."""
    return _is_meter(ask) and ask.prompt.strength == "wall"


def _ends_page(text: _Text, ask: _Ask) -> bool:
    """Whether nothing but more of the wall and furniture follows a prompt."""
    return all(block.role in {Role.PAYWALL, Role.NAV, Role.PROMO} for block in text.blocks[ask.index + 1 :])


# ---------------------------------------------------------------- ends and lengths

_CUT_END = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|[:：]|[\w,;–—-])\s*$")
_FEWEST_END_WORDS = 4
# Walls let a few paragraphs through; a longer text beside a large number is one that was counted otherwise.
_LONGEST_TEASER_WORDS = 800


def find_cut_end(text: _Text, asks: tuple[_Ask, ...]) -> Iterator[_Sign]:
    """A last paragraph that trails off, stops in a sentence, or announces what does not come."""
    if not text.body:
        return
    end = text.end
    wall = next((ask.index for ask in asks if ask.where == "after body" and ask.prompt.is_sure), None)
    # What leads over to the wall can be too short to be known as body.
    if wall is not None and end < wall - 1 and text.blocks[wall - 1].role is Role.OTHER:
        between = text.blocks[wall - 1]
        is_prose = between.tag == "p" and count_words(between.text) >= _FEWEST_END_WORDS
        end = wall - 1 if is_prose else end
    block = text.blocks[end]
    if block.role in {Role.BODY, Role.OTHER} and _CUT_END.search(block.text):
        yield _Sign(Evidence("cut-end", block.text[-120:], "end of body", "preview"), 1)


def find_shortfall(text: _Text, metadata: Metadata) -> Iterator[_Sign]:
    """Less than half of the words that the page says its article has."""
    stated = metadata.word_count
    if not stated or not text.words or text.words >= 0.5 * stated:
        return
    if 0.7 * text.characters <= stated <= 1.5 * text.characters:  # some count characters
        return
    if count_words(metadata.article_body or "") >= 0.5 * stated:
        return
    weight = 2 if text.words <= _LONGEST_TEASER_WORDS else 1
    yield _Sign(Evidence("word-count", f"{text.words} of {stated} words", "json-ld", "preview"), weight)


def find_hidden_text(text: _Text, metadata: Metadata) -> Iterator[Evidence]:
    """The rest of a text in the page's data, served and not shown. (What an attribute hides is among the blocks.)"""
    stated = metadata.article_body or ""
    if not text.body or len(stated) <= text.characters:
        return
    whole = count_words(stated)
    if text.words and whole > 1.3 * text.words + 50:
        value = f"articleBody has {whole} words, the page shows {text.words}"
        yield Evidence("hidden-text", value, "json-ld", "unknown")


def find_empty_wall(page: Page, text: _Text) -> Iterator[_Sign]:
    """An element that is named as a wall behind a short text; a whole page can carry one for a script to fill."""
    if text.body and text.is_short:
        yield from (_Sign(evidence, 1) for evidence in find_wall_container(page, text.blocks[text.end].text))


# ---------------------------------------------------------------- the two answers


@dataclass(frozen=True, slots=True)
class _Case:
    """What the judgement rests on. *weight* is what the signs of a cut add up to."""

    text: _Text
    asks: tuple[_Ask, ...]
    stated: list[Evidence]
    answered: list[Evidence]
    signs: tuple[_Sign, ...]
    weight: int
    status_code: int
    next_page_url: str | None

    def says(self, *points_to: str) -> tuple[Evidence, ...]:
        """Where the publisher states one of these."""
        return tuple(evidence for evidence in self.stated if evidence.points_to in points_to)

    def found(self, *signals: str) -> tuple[Evidence, ...]:
        return tuple(sign.evidence for sign in self.signs if sign.evidence.signal in signals)

    @property
    def heavy(self) -> tuple[Evidence, ...]:
        """The signs of a cut."""
        return tuple(sign.evidence for sign in self.signs if sign.weight)

    @property
    def wall_kind(self) -> str | None:
        """The kind of the strongest prompt right behind the text."""
        strongest = _find_strongest(self.asks)
        return strongest.prompt.kind if strongest else None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Status, whether the body is whole, what cut it, why, how sure that is, and what it rests on."""

    status: AccessStatus
    complete: bool | None
    cut_by: str | None
    why: str
    confidence: float
    rests_on: tuple[Evidence, ...] = ()


def _judge(case: _Case) -> _Verdict:
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
    return replace(whole, confidence=whole.confidence - 0.1 * case.weight)


def _as_first_page(case: _Case, whole: _Verdict) -> _Verdict:
    return replace(
        whole,
        complete=False,
        cut_by="pagination",
        why=f"{whole.why} The article goes on on another page.",
        rests_on=(*whole.rests_on, *case.found("next-page")),
    )


def _judge_refusal(case: _Case) -> _Verdict:
    code = case.status_code
    complete = bool(case.text.body) or None
    refused = case.found("http-status", "bot-challenge", "consent-page")
    if case.found("bot-challenge") and not case.asks:
        why = "The server wants proof that no program is asking."
        return _Verdict(AccessStatus.UNKNOWN, None, None, why, 0.6, refused)
    if case.found("consent-page") and code not in {401, 402, 451}:
        why = "The page asks for consent before it shows anything."
        return _Verdict(AccessStatus.UNKNOWN, None, None, why, 0.6, refused)
    if code not in REFUSALS:
        why = f"The server answered with HTTP {code}."
        return _Verdict(AccessStatus.UNKNOWN, complete, None, why, 0.4, refused)
    if case.wall_kind == "registration" or code == 401:
        why = f"The server asks for an account (HTTP {code})."
        return _Verdict(AccessStatus.REGISTRATION, False, "registration", why, 0.8, (*refused, *case.heavy))
    if case.wall_kind or code == 402:
        why = f"The server asks for a subscription (HTTP {code})."
        return _Verdict(AccessStatus.PREVIEW, False, "paywall", why, 0.8, (*refused, *case.heavy))
    why = "for legal reasons" if code == 451 else "and gave no reason"
    why = f"The server refused the page (HTTP {code}) {why}."
    return _Verdict(AccessStatus.UNKNOWN, complete, None, why, 0.4, refused)


def _judge_cut(case: _Case) -> _Verdict:
    confidence = min(0.95, 0.6 + 0.1 * (case.weight - _ENOUGH))
    if case.next_page_url and not case.wall_kind:
        return replace(_as_first_page(case, _judge_whole(case)), confidence=confidence)
    if case.wall_kind == "registration":
        why = "The text ends early, and a prompt to register stands right behind it."
        return _Verdict(AccessStatus.REGISTRATION, False, "registration", why, confidence, case.heavy)
    if case.wall_kind == "meter" and any(_is_spent(ask) for ask in case.asks):
        why = "The text ends early, and right behind it stands that the free articles are spent."
        return _Verdict(AccessStatus.METERED, False, "paywall", why, confidence, case.heavy)
    if case.wall_kind:
        why = "The text ends early, and a prompt stands right behind it."
    elif case.found("word-count"):
        why = "The page says that its article is much longer than what was served."
    else:
        why = "The page says that this reader sees a part of the text."
    agreeing = case.says("full-subscriber", "preview")
    return _Verdict(AccessStatus.PREVIEW, False, "paywall", why, confidence, (*case.heavy, *agreeing))


def _judge_whole(case: _Case) -> _Verdict:
    """Who may read a text that was served in full."""

    def whole(status: AccessStatus, why: str, confidence: float, rests_on: tuple[Evidence, ...]) -> _Verdict:
        return _Verdict(status, True, None, why, confidence, rests_on)

    served = "the text was served in full."
    counters = [ask for ask in case.asks if _is_meter(ask) and ask.prompt.strength in {"wall", "sure"}]
    if counters:
        shown = tuple(_quote(ask) for ask in counters)
        return whole(AccessStatus.METERED, f"A meter is shown; {served}", 0.8, shown)
    if said := case.says("metered"):
        return whole(AccessStatus.METERED, f"The page names a meter; {served}", 0.8, said)
    if said := case.says("registration"):
        return whole(AccessStatus.REGISTRATION, f"The page asks for an account; {served}", 0.7, said)
    if said := case.says("full-subscriber", "preview"):
        return whole(AccessStatus.FULL_SUBSCRIBER, f"The page says it is not free, yet {served}", 0.8, said)
    free = case.says("free")
    if not free and (claim := _find_claim(case)):
        if claim.prompt.kind == "registration":
            why = f"A prompt asks for an account; {served}"
            return whole(AccessStatus.REGISTRATION, why, 0.6, (_quote(claim),))
        why = f"A mark says that it is kept for subscribers, yet {served}"
        return whole(AccessStatus.FULL_SUBSCRIBER, why, 0.6, (_quote(claim),))
    if not case.text.body:
        return whole(AccessStatus.UNKNOWN, "The page shows no text to judge by.", 0.3, ())
    if free:
        return whole(AccessStatus.FREE, "The page says it is free.", 0.95, free)
    return whole(AccessStatus.FREE, "No sign of a wall.", 0.8, ())


def _find_claim(case: _Case) -> _Ask | None:
    """The prompt that claims a whole text: a mark at its head, or a wall to register right behind it."""
    for ask in case.asks:
        strength, kind = ask.prompt.strength, ask.prompt.kind
        is_mark = ask.where == "before body" and strength in {"cut", "mark"} and _is_badge(case.text, ask)
        is_wall = ask.where == "after body" and strength in {"cut", "wall"} and kind == "registration"
        if case.text.body and (is_mark or is_wall):
            return ask
    return None


def _is_badge(text: _Text, ask: _Ask) -> bool:
    """Whether a mark stands right above the text and below (or just above) its headline, not in a list of others."""
    headline = next((i for i, block in enumerate(text.blocks) if block.role is Role.HEADLINE), None)
    return headline is not None and headline - 2 <= ask.index and 0 < text.body[0] - ask.index <= _BADGE_BLOCKS


def _is_conflict(case: _Case, verdict: _Verdict) -> bool:
    if not case.says("free"):
        return False
    is_cut_by_wall = verdict.complete is False and verdict.cut_by != "pagination"
    return is_cut_by_wall or bool(case.says("full-subscriber", "preview", "registration"))


# ---------------------------------------------------------------- what decided, and what did not

_NOT_THERE = {
    "inside body": "the text goes on behind it",
    "before body": "stands above the text and does not mark it",
    "elsewhere": "stands far from the text, where every page of a site has its offers",
}
_NOT_ENOUGH = {
    "cut-end": "texts end so without a wall, too",
    "word-count": "a number of words alone is not enough",
    "wall-ends-page": "the offer above the page's foot does not cut the text",
    "wall-container": "whole pages carry one for a script to fill",
    "wall-script": "free pages load it, too",
    "hidden-text": "nothing says that the text was cut",
    "bot-challenge": "the page came all the same",
    "next-page": "the wall came first",
}


def _weighed(sign: _Sign, verdict: _Verdict, case: _Case) -> Evidence:
    """The evidence with what it came to: it decided, or why it did not."""
    evidence = sign.evidence
    if evidence in verdict.rests_on:
        return replace(evidence, decided=True)
    return replace(evidence, note=_find_note(sign, verdict, case))


def _find_note(sign: _Sign, verdict: _Verdict, case: _Case) -> str:
    evidence = sign.evidence
    if evidence in case.stated:
        if case.answered:
            return "no article was served to compare it with"
        if evidence.points_to == "free":
            return "yet the text was cut" if verdict.complete is False else "another statement says otherwise"
        return "another sign says more exactly which wall it is"
    if evidence.signal in _NOT_ENOUGH:
        return _NOT_ENOUGH[evidence.signal]
    if not evidence.signal.startswith("prompt-"):
        return "another sign says more"
    if evidence.where in _NOT_THERE:
        return _NOT_THERE[evidence.where]
    if verdict.complete is False and verdict.cut_by != "pagination":
        return "another prompt beside it says more"
    return "an offer below a text that reads as whole"


# ---------------------------------------------------------------- what is known from elsewhere

# A shorter text is a shorter edit; with less than this of it, something is missing.
_LEAST_SHARE = 0.6
_MOST_MISSING_WORDS = 80
_FEED = "the feed"


def weigh_against(article: Article, known: Iterable[Expected]) -> Article:
    """
    The article with its verdict weighed against how long it is known to be from elsewhere.

    A feed carries the text of now: where the page has much less of it, the page was cut. An earlier capture
    may have been shortened since, so it tells only together with a wall. A text as long as the known one
    is whole with more confidence.
    """
    access = article.access
    words = count_words(article.body)
    for expected in known:
        access = _weigh_length(access, words, expected)
    return article if access is article.access else replace(article, access=access)


def _weigh_length(access: Access, words: int, expected: Expected) -> Access:
    if not words or not expected.words or access.cut_by == "pagination":
        return access
    is_short = words < _LEAST_SHARE * expected.words and expected.words - words >= _MOST_MISSING_WORDS
    signal = "feed-length" if expected.origin == _FEED else "earlier-length"
    found = Evidence(
        signal, f"{words} of {expected.words} words", expected.origin, "preview" if is_short else "unknown"
    )
    if access.complete is False:
        note = "" if is_short else f"{expected.origin} has no more of the text"
        confidence = access.confidence + 0.05 if is_short else access.confidence - 0.1
        evidence = (*access.evidence, replace(found, decided=is_short, note=note))
        return replace(access, evidence=evidence, confidence=_bounded(confidence))
    if not is_short:
        if words < 0.9 * expected.words or access.complete is None:
            return access
        evidence = (*access.evidence, replace(found, decided=True))
        return replace(access, evidence=evidence, confidence=_bounded(access.confidence + 0.05))
    walls = [sign for sign in access.evidence if _is_wall_behind(sign)]
    if not walls and expected.origin != _FEED:
        note = "articles are shortened, too, and no wall is shown"
        evidence = (*access.evidence, replace(found, note=note))
        return replace(access, evidence=evidence, confidence=_bounded(access.confidence - 0.1))
    evidence = (
        *(replace(sign, decided=True, note="") if sign in walls else sign for sign in access.evidence),
        replace(found, decided=True),
    )
    why = f"The page has {words} words of the text, {expected.origin} {expected.words}."
    if not walls:
        return replace(
            access, complete=False, explanation=f"{access.explanation} {why}", evidence=evidence, confidence=0.6
        )
    is_account = all(sign.points_to == "registration" for sign in walls)
    return replace(
        access,
        status=AccessStatus.REGISTRATION if is_account else AccessStatus.PREVIEW,
        complete=False,
        cut_by="registration" if is_account else "paywall",
        explanation=f"{why} A prompt or a statement of the page says who may read the rest.",
        evidence=evidence,
        confidence=0.85,
        conflict=access.conflict or any(sign.points_to == "free" for sign in access.evidence),
    )


def _is_wall_behind(sign: Evidence) -> bool:
    """Whether a sign speaks of a wall: a prompt right behind the text, or a statement that it is not free."""
    if sign.signal.startswith("prompt-"):
        return sign.where == "after body" and sign.points_to in {"preview", "registration"}
    return sign.signal in {"declaration", "declared-part", "content-tier", "subscriber-section"} and (
        sign.points_to in {"preview", "full-subscriber", "registration"}
    )


def _bounded(confidence: float) -> float:
    return round(min(max(confidence, 0.1), 0.99), 2)
