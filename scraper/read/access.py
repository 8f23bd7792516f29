"""
Who may read a page, and what was served: evidence first, then two answers.

Every signal is a function that gives what it saw, quoted; `judge_access` weighs them. A missing mark is
not "free": a page is called free when it could be read and shows no sign of a wall. Position beats
vocabulary: words that ask to subscribe count most right behind the text.

    declarations, tiers, parts ─► who may read it ─┐
    prompts by place, ends, lengths ─► was it cut ─┴─► Access
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode, SelectolaxError

from scraper.model import BODY_ROLES, Access, AccessStatus, Evidence, LabelledBlock, Role
from scraper.read.metadata import Metadata
from scraper.read.page import Json, Page, attribute
from scraper.read.prompts import Prompt, find_numbers, find_prompt
from scraper.text import count_words, squash

# With a phrase this near behind the text a body is cut more often than not (precision .63; .33 anywhere).
_NEAR_BLOCKS = 6
# … and with so short a body besides it was cut in seven cases of seven.
_SHORT_BODY_WORDS = 200
_SHORT_BEFORE_WALL = 2
# What the signs of a cut must add up to.
_ENOUGH = 3
_MOST_QUOTED = 300


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


@dataclass(frozen=True, slots=True)
class _Text:
    """The page's blocks, and where its body lies among them."""

    blocks: tuple[LabelledBlock, ...]
    body: tuple[int, ...] = field(init=False)
    end: int = field(init=False)  # the last paragraph: lists of references can follow the wall
    words: int = field(init=False)

    def __post_init__(self) -> None:
        body = tuple(i for i, block in enumerate(self.blocks) if block.role in BODY_ROLES)
        object.__setattr__(self, "body", body)
        paragraphs = [i for i in body if self.blocks[i].role is Role.BODY] or body
        object.__setattr__(self, "end", paragraphs[-1] if paragraphs else -1)
        object.__setattr__(self, "words", sum(count_words(self.blocks[i].text) for i in body))

    @property
    def is_short(self) -> bool:
        return self.words < _SHORT_BODY_WORDS

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
) -> Access:
    """The verdict on a page (None for plain text), with the evidence that led to it."""
    text = _Text(blocks)
    asks = tuple(_find_asks(text))
    stated = [] if page is None else [*find_declarations(page, metadata), *find_tiers(page)]
    answered = list(find_refusal(status_code))
    if page is not None and (status_code != 200 or text.words < _FEWEST_WORDS):
        answered += find_challenge(page)
    signs = [
        *(_Sign(evidence, _DENIED_WEIGHT * (evidence.points_to == "preview")) for evidence in stated),
        *weigh_asks(asks, text, {evidence.points_to for evidence in stated}),
        *find_cut_end(text, asks),
        *find_shortfall(text, metadata),
    ]
    evidence = (*answered, *(sign.evidence for sign in signs), *find_hidden_text(text, metadata))
    meters = {ask.index for ask in asks if _is_meter(ask)}
    offers = tuple(block.text for i, block in enumerate(blocks) if block.role is Role.PAYWALL or i in meters)
    numbers = find_numbers(offers)
    weight = sum(sign.weight for sign in signs)
    if weight and text.is_short and text.body:
        weight += _SHORT_BEFORE_WALL if _find_strongest(asks) else 1
    case = _Case(text, asks, stated, answered, evidence, weight, status_code, next_page_url)
    status, complete, cut_by, why, confidence = _judge(case)
    conflict = _is_conflict(case, complete=complete, cut_by=cut_by)
    if conflict:
        why, confidence = f"{why} Its own statements contradict each other or what was served.", confidence - 0.2
    return Access(status, complete, cut_by, why, evidence, numbers, round(max(confidence, 0.1), 2), conflict)


# ---------------------------------------------------------------- what the publisher states

_FREE_WORDS = {"true", "1", "yes"}
_CLOSED_WORDS = {"false", "0", "no"}
_PAGE_TYPES = {"WebPage", "CreativeWork", "ItemPage", ""}
# The same words in JSON that cannot be parsed or that hides in an attribute, with any kind of quotes.
_QUOTE = r"(?:\\*(?:[\"']|&quot;|&#34;|\\?u0022)){0,2}"
_LOOSE_DECLARATION = re.compile(
    rf"isAccessibleForFree{_QUOTE}\s*:\s*{_QUOTE}(?:https?:\W{{1,6}}schema\.org\W{{1,3}})?([Tt]rue|[Ff]alse)\b"
)
# Names that publishers give the part behind a wall say which wall it is.
_METER_NAME = re.compile(r"meter", re.IGNORECASE)
_REGISTRATION_NAME = re.compile(
    r"reg-?wall|regist|e?mail-?wall|log-?in|sign-?(?:in|up)|anmeld|conne(?:ct|x)", re.IGNORECASE
)
_FEWEST_PART_WORDS = 15


def find_declarations(page: Page, metadata: Metadata) -> list[Evidence]:
    """
    What the publisher declares of the article and its parts, in JSON-LD and microdata, parsable or not.

    Source: https://schema.org/isAccessibleForFree and Google's "Structured data for subscription and paywalled
    content", which names the part behind the wall by `hasPart.cssSelector`.
    """
    articles = {id(thing) for thing in metadata.articles}
    found: list[Evidence] = []
    parts: list[Evidence] = []
    for thing in page.json_ld:
        if "isAccessibleForFree" not in thing:
            continue
        if thing.get("cssSelector"):
            parts += _declared_part(page, thing)
        elif id(thing) in articles or str(thing.get("@type") or "").rsplit("/", 1)[-1] in _PAGE_TYPES:
            found += _declared(thing["isAccessibleForFree"], "json-ld")
        elif "WebPageElement" in str(thing.get("@type")):
            parts += _declared(thing["isAccessibleForFree"], "json-ld hasPart")
    for node in page.tree.css("[itemprop~='isAccessibleForFree']"):
        value = attribute(node, "content") or attribute(node, "href") or squash(node.text())
        found += _declared(value, "microdata")
    # A closed part of a page that is free as a whole is an extra, or a template.
    if not any(evidence.points_to == "free" for evidence in found):
        found += parts
    return found or _loose_declarations(page)


def _declared(value: object, where: str) -> Iterator[Evidence]:
    for single in value if isinstance(value, list) else [value]:
        plain = single.get("@value", single.get("@id")) if isinstance(single, dict) else single
        word = str(plain).strip().rsplit("/", 1)[-1].lower()
        if word in _FREE_WORDS:
            yield Evidence("declaration", f"isAccessibleForFree: {plain}", where, "free")
        elif word in _CLOSED_WORDS:
            yield Evidence("declaration", f"isAccessibleForFree: {plain}", where, "full-subscriber")


def _declared_part(page: Page, part: Json) -> Iterator[Evidence]:
    """A part that is declared closed: the wall that its name speaks of, and whether anything stands in it."""
    if not any(evidence.points_to != "free" for evidence in _declared(part["isAccessibleForFree"], "")):
        return
    selectors = part["cssSelector"] if isinstance(part["cssSelector"], list) else [part["cssSelector"]]
    for selector in filter(None, map(str, selectors)):
        nodes = _select(page, selector)
        words = sum(count_words(node.text(separator=" ")) for node in nodes or ())
        if _METER_NAME.search(selector):
            points_to = "metered"
        elif _REGISTRATION_NAME.search(selector):
            points_to = "registration"
        else:
            points_to = "preview" if nodes and words < _FEWEST_PART_WORDS else "full-subscriber"
        what = f"{len(nodes)} elements, {words} words" if nodes else "no such element"
        yield Evidence("declared-part", f"{selector}: {what}", "json-ld hasPart", points_to)


def _select(page: Page, selector: str) -> list[LexborNode]:
    try:
        return page.tree.css(selector)
    except (SelectolaxError, ValueError):
        return []


def _loose_declarations(page: Page) -> list[Evidence]:
    """Declarations in markup that is no JSON to us; those of other articles stand there too, so all must agree."""
    # The pattern is slow on a whole page; to look for its first word is not.
    if not any(name in page.text for name in ("isAccessibleForFree", "isaccessibleforfree")):
        return []
    if "isAccessibleForFree" not in page.text:
        return []
    words = [found.group(1).lower() for found in _LOOSE_DECLARATION.finditer(page.text)]
    return list(_declared(words[0], "broken or escaped json-ld")) if len(set(words)) == 1 else []


_TIER_METAS = tuple(
    "article:content_tier content_tier og:content_tier article:access access access-type access_type dc.accessrights "
    "dcterms.accessrights cxenseparse:recs:articletype content:accesslevel accesslevel article:accesslevel "
    "article:tier content-tier paywall_status article:paywall".split()
)
_TIERS = {
    "free": "free",
    "open": "free",
    "public": "free",
    "yes": "free",
    "metered": "metered",
    "meter": "metered",
    "locked": "full-subscriber",
    "premium": "full-subscriber",
    "paid": "full-subscriber",
    "paywall": "full-subscriber",
    "subscriber": "full-subscriber",
    "subscribers": "full-subscriber",
    "subscription": "full-subscriber",
    "registered": "registration",
    "registration": "registration",
    "no": "preview",
}
# Google's Reader Revenue Manager: a product that ends so is open to all.
_OPEN_PRODUCT = re.compile(r"\"(?:productID|isPartOfProductId)\\?\"\s*:\s*\\?\"[^\"]{1,80}:openaccess")


def find_tiers(page: Page) -> Iterator[Evidence]:
    """What meta elements name as the page's tier, and an open product of Reader Revenue Manager."""
    for name in _TIER_METAS:
        for value in page.meta.get(name, ()):
            if points_to := _TIERS.get(value.strip().lower()):
                yield Evidence("content-tier", value, f"meta {name}", points_to)
    if ":openaccess" in page.text and (found := _OPEN_PRODUCT.search(page.text)):
        yield Evidence("reader-revenue-product", found.group(), "script", "free")


# ---------------------------------------------------------------- what the server answered

# RFC 9110 §15.5.2-4, RFC 7725.
_REFUSALS = {401: "registration", 402: "preview", 403: "unknown", 451: "unknown"}
_CHALLENGE = re.compile(
    r"cf-chl-|cf_chl_|_Incapsula_Resource|px-captcha|captcha-delivery\.com|awsWafCookie|awswaf\.com|/h-?captcha\.com|sec-if-cpt"
)
_FEWEST_WORDS = 50


def find_refusal(status_code: int) -> Iterator[Evidence]:
    """A status by which a server keeps a page to itself."""
    if points_to := _REFUSALS.get(status_code):
        yield Evidence("http-status", str(status_code), "http", points_to)


def find_challenge(page: Page) -> Iterator[Evidence]:
    """The marks of a page that wants proof that no program is asking; such a page says nothing of a wall."""
    if found := _CHALLENGE.search(page.text):
        yield Evidence("bot-challenge", found.group(), "markup", "unknown")


# ---------------------------------------------------------------- prompts by kind and place

_ASKING = {"meter", "subscription", "registration"}
_POINTS = {"meter": "metered", "subscription": "preview", "registration": "registration"}
# "Log in to comment" keeps nobody from reading.
_TO_COMMENT = re.compile(
    r"comment|kommentar|comentar|commentaire|reacti|reager|komentarz|коммент|コメント|댓글|评论|yorum", re.IGNORECASE
)
_NO_ASK_ROLES = frozenset((Role.COMMENT, Role.CAPTION, Role.CREDIT, Role.HEADLINE, Role.NEWSLETTER, Role.PROMO))
_WEIGHTS = {"cut": 3, "wall": 2, "mark": 1, "sure": 1}
# The publisher says that this reader has no access, or the part behind the wall is empty.
_DENIED_WEIGHT = 2
# A mark at the head of an article stands this near to its text, and is this short.
_BADGE_BLOCKS = 4
_MOST_BADGE_WORDS = 8


def _find_asks(text: _Text) -> Iterator[_Ask]:
    """
    Prompts to pay or register. Beside the blocks labelled so: marks at the text's head, and what stands close
    around the text and says outright that it is kept for some.
    """
    for i, block in enumerate(text.blocks):
        if block.role in BODY_ROLES or block.role in _NO_ASK_ROLES:
            continue
        prompt = find_prompt(block.text)
        if prompt is None or prompt.kind not in _ASKING:
            continue
        where = text.where(i)
        is_stated = prompt.strength in {"cut", "wall", "mark"} and where != "elsewhere" and _stands_free(text, i)
        if _TO_COMMENT.search(block.text):
            continue
        # A hidden counter is a template.
        is_meter = prompt.kind == "meter" and block.reason != "rule:hidden"
        if block.role is Role.PAYWALL or is_stated or is_meter:
            yield _Ask(block, i, prompt, where)


def _stands_free(text: _Text, index: int) -> bool:
    """Whether a block that is not labelled as a prompt may be one: no link to another article, not hidden."""
    block = text.blocks[index]
    if block.role in {Role.RELATED, Role.NAV, Role.KICKER}:
        near = bool(text.body) and 0 < text.body[0] - index <= _BADGE_BLOCKS
        return near and count_words(block.text) <= _MOST_BADGE_WORDS
    return block.reason != "rule:hidden"


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
        points_to = _POINTS[ask.prompt.kind]
        quote = squash(ask.block.text)[:_MOST_QUOTED]
        yield _Sign(Evidence(f"prompt-{ask.prompt.kind}", quote, ask.where, points_to), weight)
    if strongest is not None and text.is_short and _ends_page(text, strongest):
        yield _Sign(Evidence("wall-ends-page", squash(strongest.block.text)[:80], "after body", "preview"), 1)


def _rank(ask: _Ask) -> int:
    # Every site says "log in" somewhere; a counter stands below texts that it let through.
    if ask.prompt.strength == "sure" and ask.prompt.kind != "subscription":
        return 0
    return _WEIGHTS.get(ask.prompt.strength, 0)


def _find_strongest(asks: tuple[_Ask, ...]) -> _Ask | None:
    """The prompt right behind the text that asks most."""
    behind = (ask for ask in asks if ask.where == "after body" and _rank(ask))
    return max(behind, key=_rank, default=None)


def _is_meter(ask: _Ask) -> bool:
    return ask.prompt.kind == "meter"


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
    characters = sum(len(text.blocks[i].text) for i in text.body)
    if stated >= 0.7 * characters and stated <= 1.5 * characters:  # some count characters
        return
    if count_words(metadata.article_body or "") >= 0.5 * stated:
        return
    weight = 2 if text.words <= _LONGEST_TEASER_WORDS else 1
    yield _Sign(Evidence("word-count", f"{text.words} of {stated} words", "json-ld", "preview"), weight)


def find_hidden_text(text: _Text, metadata: Metadata) -> Iterator[Evidence]:
    """The rest of a text in the page's data, served and not shown. (What an attribute hides is among the blocks.)"""
    whole = count_words(metadata.article_body or "")
    if text.words and whole > 1.3 * text.words + 50:
        value = f"articleBody has {whole} words, the page shows {text.words}"
        yield Evidence("hidden-text", value, "json-ld", "unknown")


# ---------------------------------------------------------------- the two answers


@dataclass(frozen=True, slots=True)
class _Case:
    """What the judgement rests on. *weight* is what the signs of a cut add up to."""

    text: _Text
    asks: tuple[_Ask, ...]
    stated: list[Evidence]
    answered: list[Evidence]
    evidence: tuple[Evidence, ...]
    weight: int
    status_code: int
    next_page_url: str | None

    def says(self, points_to: str) -> bool:
        """Whether the publisher states this anywhere."""
        return any(evidence.points_to == points_to for evidence in self.stated)

    def has(self, signal: str) -> bool:
        return any(evidence.signal == signal for evidence in self.evidence)

    @property
    def wall_kind(self) -> str | None:
        """The kind of the strongest prompt right behind the text."""
        strongest = _find_strongest(self.asks)
        return strongest.prompt.kind if strongest else None


_Verdict = tuple[AccessStatus, bool | None, str | None, str, float]


def _judge(case: _Case) -> _Verdict:
    """Status, whether the body is whole, what cut it, why, and how sure that is."""
    if case.answered:
        return _judge_refusal(case)
    if case.weight >= _ENOUGH and not case.has("hidden-text"):
        return _judge_cut(case)
    status, why, confidence = _judge_whole(case)
    if case.text.words == 0:
        return status, None, None, why, confidence
    if case.next_page_url:
        return status, False, "pagination", f"{why} The article goes on on another page.", confidence
    if case.has("hidden-text") and case.weight:
        why += " The rest of it is in the page, out of sight."
    return status, True, None, why, confidence - 0.1 * case.weight


def _judge_refusal(case: _Case) -> _Verdict:
    code = case.status_code
    complete = bool(case.text.words) or None
    if case.has("bot-challenge") and not case.asks:
        return AccessStatus.UNKNOWN, None, None, "The server wants proof that no program is asking.", 0.6
    if code not in _REFUSALS:
        return AccessStatus.UNKNOWN, complete, None, f"The server answered with HTTP {code}.", 0.4
    if case.wall_kind == "registration" or code == 401:
        why = f"The server asks for an account (HTTP {code})."
        return AccessStatus.REGISTRATION, False, "registration", why, 0.8
    if case.wall_kind or code == 402:
        return AccessStatus.PREVIEW, False, "paywall", f"The server asks for a subscription (HTTP {code}).", 0.8
    why = "for legal reasons" if code == 451 else "and gave no reason"
    return AccessStatus.UNKNOWN, complete, None, f"The server refused the page (HTTP {code}) {why}.", 0.4


def _judge_cut(case: _Case) -> _Verdict:
    confidence = min(0.95, 0.6 + 0.1 * (case.weight - _ENOUGH))
    if case.next_page_url and not case.wall_kind:
        status, why, _ = _judge_whole(case)
        return status, False, "pagination", f"{why} The article goes on on another page.", confidence
    if case.wall_kind == "registration":
        why = "The text ends early, and a prompt to register stands right behind it."
        return AccessStatus.REGISTRATION, False, "registration", why, confidence
    if case.wall_kind:
        why = "The text ends early, and a prompt stands right behind it."
    elif case.has("word-count"):
        why = "The page says that its article is much longer than what was served."
    else:
        why = "The page says that this reader sees a part of the text."
    return AccessStatus.PREVIEW, False, "paywall", why, confidence


def _judge_whole(case: _Case) -> tuple[AccessStatus, str, float]:
    """Who may read a text that was served in full."""
    served = "the text was served in full."
    if any(_is_meter(ask) and ask.prompt.strength == "sure" for ask in case.asks):
        return AccessStatus.METERED, f"A meter is shown; {served}", 0.8
    if case.says("metered"):
        return AccessStatus.METERED, f"The page names a meter; {served}", 0.8
    if case.says("registration"):
        return AccessStatus.REGISTRATION, f"The page asks for an account; {served}", 0.7
    if case.says("full-subscriber") or case.says("preview"):
        return AccessStatus.FULL_SUBSCRIBER, f"The page says it is not free, yet {served}", 0.8
    if not case.says("free") and (kind := _claimed_by(case)):
        if kind == "registration":
            return AccessStatus.REGISTRATION, f"A prompt asks for an account; {served}", 0.6
        return AccessStatus.FULL_SUBSCRIBER, f"A mark says that it is kept for subscribers, yet {served}", 0.6
    if case.text.words == 0:
        return AccessStatus.UNKNOWN, "The page shows no text to judge by.", 0.3
    if case.says("free"):
        return AccessStatus.FREE, "The page says it is free.", 0.95
    return AccessStatus.FREE, "No sign of a wall.", 0.8


def _claimed_by(case: _Case) -> str | None:
    """The kind of a prompt that claims a whole text: a mark at its head, or a wall to register right behind it."""
    for ask in case.asks:
        strength, kind = ask.prompt.strength, ask.prompt.kind
        is_mark = ask.where == "before body" and strength in {"cut", "mark"} and _is_badge(case.text, ask)
        is_wall = ask.where == "after body" and strength in {"cut", "wall"} and kind == "registration"
        if case.text.body and (is_mark or is_wall):
            return kind
    return None


def _is_badge(text: _Text, ask: _Ask) -> bool:
    """Whether a mark stands right above the text and below (or just above) its headline, not in a list of others."""
    headline = next((i for i, block in enumerate(text.blocks) if block.role is Role.HEADLINE), None)
    return headline is not None and headline - 2 <= ask.index and 0 < text.body[0] - ask.index <= _BADGE_BLOCKS


def _is_conflict(case: _Case, *, complete: bool | None, cut_by: str | None) -> bool:
    if not case.says("free"):
        return False
    is_cut_by_wall = complete is False and cut_by != "pagination"
    return is_cut_by_wall or case.says("full-subscriber") or case.says("preview") or case.says("registration")
