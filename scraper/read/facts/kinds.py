"""
What kind of page it is: a news story, an opinion, a live ticker … or no article at all.

What the page says of itself in structured data and how it is built count before words; words of its address and its
section decide only where these agree or are silent. The words: `kind_words.py`. No rule names a site.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from scraper.model import BODY_ROLES, LabelledBlock, PageKind, Role
from scraper.read.facts.kind_words import KINDS, speaks_in_person, words_of_kinds
from scraper.read.facts.metadata import Metadata
from scraper.read.page.blocks import Block, Outline
from scraper.read.page.parse import Json, Page
from scraper.read.page.surroundings import HEADINGS
from scraper.read.words.notices import asks_for_consent, asks_for_proof, says_nothing_is_there
from scraper.text import count_words, fold
from scraper.urls import split_url

# schema.org types that say what the page is, not what is on it.
_LISTING_TYPES = frozenset(("CollectionPage", "ItemList", "SearchResultsPage", "ProfilePage", "Blog"))
_VIDEO_TYPES = frozenset(("VideoObject", "Clip", "TVEpisode", "BroadcastEvent"))
_PODCAST_TYPES = frozenset(("PodcastEpisode", "RadioEpisode"))
_ARTICLE_TYPES = frozenset(("LiveBlogPosting", "OpinionNewsArticle"))
_GALLERY_TYPES = frozenset(("ImageGallery", "MediaGallery"))

# A time of day; with a point between only where "Uhr" or the like says that it is one.
_CLOCK = re.compile(
    r"(?<![\d.:/])(?P<hour>[01]?\d|2[0-3])\s?(?:[:h]\s?(?P<minute>[0-5]\d)|\.(?P<after>[0-5]\d)(?=\s?(?:uhr|h)\b))(?![\d.:/])",
    re.IGNORECASE,
)
_MOST_HEADING = 150  # characters of the heading of an entry
# A text that is stated as an entry's counts as one from this length on, whatever it was taken for.
_FEWEST_ENTRY_CHARACTERS = 30
_LOST_IN_TICKERS = frozenset({Role.OTHER, Role.RELATED, Role.COMMENT, Role.NAV})
_MENUS = frozenset(("nav", "header", "footer"))
_MOST_CLOCK_LINE = 48  # characters: a date, a clock and a zone
_QUESTION = re.compile(r"[?？؟;]\W{0,3}$")
_OPENING_QUOTES = frozenset("\"“„«»‹›‘'「『")
_SPEAKER = re.compile(r"^(?:[^\W\d_][\w.]{0,20}(?:\s[^\W\d_][\w.]{1,20}){0,2}|Q)\s?[:：]\s")
_LIST_NUMBER = re.compile(r"^\W{0,2}(\d{1,3})[.):]?\s+\S|^#?(\d{1,3})[.)]?$")

# Fewer words in one stretch than this are no story of their own beside a page full of teasers.
_FEWEST_STORY_WORDS = 120
# Beside it, a page needs as many headings that lead elsewhere before it counts as a list of them.
_FEWEST_TEASERS = 6
_MOST_ERROR_TITLE = 90  # characters
_MOST_NOTICE_WORDS = 100  # an error page says no more
_MOST_SHORT_WORDS = 150  # what stands below a video
_FEWEST_ENTRIES = 3  # of a ticker
_FEWEST_QUESTIONS = 4
_FEWEST_PLAIN_QUESTIONS = 6
_FEWEST_ITEMS = 5  # of a list
_FEWEST_CAPTIONS = 3
# A block leads elsewhere when this share of its characters is links; in a line of a menu there are fewer words.
_ALL_LINK = 0.8
_FEWEST_LINE_WORDS = 4


class Verdict(NamedTuple):
    """What kind a page is, how sure that is (0 to 1), and why in words for the reader."""

    kind: PageKind
    confidence: float
    reason: str


class _Entry(NamedTuple):
    """One entry of a ticker: its clock, and whether no date stands with it."""

    minutes: int
    is_bare: bool


@dataclass(frozen=True, slots=True)
class _Signs:
    """
    What there is to judge by, counted once.

    Args:
        body_words: Of all blocks of the text.
        run_words: Of the longest stretch of text that no heading to elsewhere interrupts.
        teasers: Headings that lead elsewhere.
        link_lines: Lines of some words that lead elsewhere, those in headings included.
        entries: Places in the text that begin with a clock and have text below.
        are_orderly: Their clocks run one way, without dates.
        questions: Blocks of the text set as the questions of an interview.
        spoken: Those whose answer speaks in the first person; below headings, only where the headline is a quotation.
        numbered: Subheads that count up.
        claims: The page says that it is one article, and which.
    """

    types: frozenset[str]
    path: frozenset[str]
    sections: tuple[str, ...]
    headline: str
    body_words: int
    caption_words: int
    captions: int
    run_words: int
    teasers: int
    link_lines: int
    entries: int
    are_orderly: bool
    questions: int
    spoken: int
    body_blocks: int
    numbered: int
    claims: bool
    is_root: bool


def judge_kind(
    page: Page,
    metadata: Metadata,
    blocks: tuple[LabelledBlock, ...],
    outline: Outline,
    *,
    headline: str | None = None,
    status_code: int = 200,
) -> Verdict:
    """
    What kind of page it is.

    Args:
        blocks: Labelled, in reading order.
        outline: What they were made of; knows which of them are links.
        status_code: Of the HTTP response.
    """
    signs = _find_signs(page, metadata, blocks, outline, headline)
    return (
        _judge_notice(signs, metadata, blocks, status_code)
        or _judge_ticker(signs)
        or _judge_index(signs, page)
        or _judge_gallery(signs)
        or _judge_media(signs, page)
        or _judge_text(signs)
    )


def names_print(url: str) -> bool:
    """Whether an address says that its page is made for printing."""
    keys = {part.partition("=")[0].lower() for part in split_url(url).query.split("&")}
    return bool(words_of_kinds()["print"].in_path & (keys | _path_parts(url)))


def keep_entries(page: Page, blocks: tuple[LabelledBlock, ...]) -> tuple[LabelledBlock, ...]:
    """
    The blocks of a ticker, in their order: the times of its entries as subheads, and as its text what the page
    states as the text of an entry (`liveBlogUpdate` of JSON-LD).
    """
    first, last = _body_span(blocks)
    stated = fold(" ".join(_entry_texts(page)))
    return tuple(_kept(block, stated, is_inside=first < number < last) for number, block in enumerate(blocks))


def _kept(block: LabelledBlock, stated: str, *, is_inside: bool) -> LabelledBlock:
    if block.role in _LOST_IN_TICKERS and len(block.text) > _FEWEST_ENTRY_CHARACTERS and fold(block.text) in stated:
        return block._replace(role=Role.BODY, reason="rule:entry-in-json-ld", confidence=0.95)
    is_timed = _is_clock_line(block.text) or (len(block.text) < _MOST_HEADING and _CLOCK.match(block.text))
    if is_inside and is_timed and block.role in {Role.OTHER, Role.DATELINE}:
        return block._replace(role=Role.SUBHEAD, reason="rule:entry")
    return block


def _entry_texts(page: Page) -> Iterator[str]:
    for thing in page.json_ld:
        updates = thing.get("liveBlogUpdate")
        for update in updates if isinstance(updates, list) else [updates]:
            if isinstance(update, dict) and isinstance(update.get("articleBody"), str):
                yield update["articleBody"]


def captions_as_text(blocks: tuple[LabelledBlock, ...]) -> tuple[LabelledBlock, ...]:
    """The blocks of a gallery that has no other text, with its captions as the text."""
    return tuple(
        block._replace(role=Role.BODY, reason="rule:caption-is-text") if block.role is Role.CAPTION else block
        for block in blocks
    )


# ---------------------------------------------------------------- the verdicts


def _judge_notice(
    signs: _Signs, metadata: Metadata, blocks: tuple[LabelledBlock, ...], status_code: int
) -> Verdict | None:
    """An error, a check for robots, a question for consent: pages that stand in for another one."""
    is_short = signs.run_words < _MOST_NOTICE_WORDS and not (signs.claims and signs.run_words > 40)
    if (status_code in {404, 410} or status_code >= 500) and is_short:
        return Verdict(PageKind.ERROR, 0.97, f"the server answered {status_code}")
    if not is_short:
        return None
    titles = [value.text.casefold() for value in metadata.headlines]
    titles.extend(block.text.casefold() for block in blocks if block.tag in HEADINGS and len(block.text) < 120)
    is_dated = metadata.published is not None
    if not is_dated and (words := next(filter(None, map(asks_for_proof, titles)), "")):
        return Verdict(PageKind.ERROR, 0.85, f"a check for robots: “{words}”")
    if not is_dated and (words := _find_error(titles)):
        return Verdict(PageKind.ERROR, 0.9, f"the page says “{words}” and little else")
    shown = sum(count_words(block.text) for block in blocks)
    asked = [(block, found) for block in blocks if (found := asks_for_consent(block.text))]
    asked_words = sum(count_words(block.text) for block, _ in asked)
    if len(asked) >= 2 and shown < 600 and asked_words >= 0.3 * shown and not signs.claims:
        return Verdict(PageKind.CONSENT, 0.85, f"it asks for consent and shows little else: “{asked[0][1]}”")
    return None


def _find_error(titles: list[str]) -> str:
    """The words of a title that says that there is nothing; a longer one is of a report about that."""
    return next(filter(None, (says_nothing_is_there(title) for title in titles if len(title) < _MOST_ERROR_TITLE)), "")


def _judge_ticker(signs: _Signs) -> Verdict | None:
    says = "ticker" in signs.path or _names_section(signs, "ticker")
    if "LiveBlogPosting" in signs.types and signs.body_words:
        return Verdict(PageKind.TICKER, 0.97, "json-ld: LiveBlogPosting")
    if signs.entries >= (_FEWEST_ENTRIES if says else _FEWEST_ENTRIES + 2) and (says or signs.are_orderly):
        return Verdict(PageKind.TICKER, 0.9 if says else 0.75, f"{signs.entries} entries with a time each")
    return None


def _judge_index(signs: _Signs, page: Page) -> Verdict | None:
    """A page of teasers. One stretch of running text of its own, or a claim to be one article, speaks against it."""
    if signs.run_words >= _FEWEST_STORY_WORDS:
        return None
    teasers, listing = signs.teasers, bool(signs.types & _LISTING_TYPES)
    says = listing or signs.is_root or "index" in signs.path or page.meta_content("og:type") == "website"
    wanted = _FEWEST_TEASERS
    if signs.claims:
        # A short notice with a long list below: only a page without any text of its own is taken for the list.
        wanted = 2 * _FEWEST_TEASERS if signs.run_words < 15 else 10**6
    elif not says:
        wanted = 2 * _FEWEST_TEASERS
    if signs.run_words > 60 and not (listing or signs.is_root):
        return None
    how = f"{teasers} headings lead elsewhere, the longest text between them has {signs.run_words} words"
    if teasers >= wanted:
        return Verdict(PageKind.INDEX, 0.9 if says else 0.75, how)
    if signs.link_lines >= 2 * wanted and signs.run_words < 15:
        how = f"{signs.link_lines} lines lead elsewhere, and there is no text between them"
        return Verdict(PageKind.INDEX, 0.85 if says else 0.6, how)
    return None


def _judge_gallery(signs: _Signs) -> Verdict | None:
    says = "gallery" in signs.path or _names_section(signs, "gallery")
    is_short = signs.body_words < _MOST_SHORT_WORDS
    words = f"{signs.captions} captions with {signs.caption_words} words, {signs.body_words} words of text"
    if signs.types & _GALLERY_TYPES and (signs.captions >= _FEWEST_CAPTIONS or is_short):
        return Verdict(PageKind.GALLERY, 0.9, f"json-ld: ImageGallery; {words}")
    if signs.captions >= _FEWEST_CAPTIONS and signs.caption_words > signs.body_words and (says or is_short):
        return Verdict(PageKind.GALLERY, 0.85 if says else 0.65, words)
    if says and (signs.captions >= _FEWEST_CAPTIONS or is_short):
        return Verdict(PageKind.GALLERY, 0.7, f"its address or section says so; {words}")
    return None


def _judge_media(signs: _Signs, page: Page) -> Verdict | None:
    if signs.run_words >= _MOST_SHORT_WORDS:
        return None
    og_type = page.meta_content("og:type") or ""
    for kind, types, og in (
        (PageKind.PODCAST, _PODCAST_TYPES, "music."),
        (PageKind.VIDEO, _VIDEO_TYPES, "video"),
    ):
        has_type = bool(signs.types & types)
        says = kind.value in signs.path or _names_section(signs, kind.value) or og_type.startswith(og)
        if (has_type and says) or (says and signs.run_words < _MOST_SHORT_WORDS / 2):
            return Verdict(kind, 0.9 if has_type else 0.7, f"a {kind.value} page with {signs.body_words} words of text")
        if has_type and not signs.claims and signs.run_words < _MOST_NOTICE_WORDS:
            return Verdict(kind, 0.75, f"json-ld names a {kind.value} and no article")
    return None


def _judge_text(signs: _Signs) -> Verdict:
    if not signs.body_words:
        return Verdict(PageKind.NEWS, 0.2, "no text was found")
    says = "interview" in signs.path or _names_section(signs, "interview")
    # Guides have questions, too, mostly as headings; nobody says "I" right below them.
    is_spoken = signs.spoken >= 0.5 * signs.questions and signs.questions >= 0.12 * signs.body_blocks
    if signs.questions >= _FEWEST_QUESTIONS - says and (says or is_spoken):
        sure = 0.95 if says and is_spoken else 0.75
        return Verdict(
            PageKind.INTERVIEW, sure, f"{signs.questions} questions set apart{', answered in person' * is_spoken}"
        )
    if "OpinionNewsArticle" in signs.types:
        return Verdict(PageKind.OPINION, 0.95, "json-ld: OpinionNewsArticle")
    in_path, in_section = "opinion" in signs.path, _names_section(signs, "opinion")
    if in_path or in_section:
        where = " and ".join(name for name, holds in (("address", in_path), ("section", in_section)) if holds)
        return Verdict(PageKind.OPINION, 0.92 if in_path and in_section else 0.8, f"its {where} says so")
    if says:
        return Verdict(PageKind.INTERVIEW, 0.6, "its address or section says so")
    if signs.numbered >= _FEWEST_ITEMS:
        return Verdict(PageKind.LIST, 0.75, f"{signs.numbered} numbered subheads")
    return Verdict(PageKind.NEWS, 0.9 if signs.claims else 0.7, "an article with nothing that speaks for another kind")


# ---------------------------------------------------------------- what there is to judge by


def _find_signs(
    page: Page, metadata: Metadata, blocks: tuple[LabelledBlock, ...], outline: Outline, headline: str | None
) -> _Signs:
    links = {block.order: block for block in outline.blocks if block.link_share >= _ALL_LINK}
    teasers = {number: block.text for number, block in links.items() if _is_teaser(block)}
    lines = {block.text for block in links.values() if block.word_count >= _FEWEST_LINE_WORDS and not _is_menu(block)}
    body = [block for block in blocks if block.role in BODY_ROLES]
    captions = [block for block in blocks if block.role is Role.CAPTION]
    kicker = next((block.text for block in blocks if block.role is Role.KICKER), "")
    entries = _find_entries(blocks)
    language = (page.language or "")[:2].lower()
    is_quoted = (headline or "")[:1] in _OPENING_QUOTES
    questions = [number for number, block in enumerate(body) if _is_question(block)]
    if len(questions) < _FEWEST_QUESTIONS:  # set as plain paragraphs: then there must be many of them
        plain = [n for n, block in enumerate(body) if block.role is Role.BODY and _QUESTION.search(block.text)]
        questions = plain if len(plain) >= max(_FEWEST_PLAIN_QUESTIONS, 0.25 * len(body)) else questions
    return _Signs(
        types=frozenset(_own_types(page, metadata)),
        path=frozenset(_path_kinds(page.url)),
        sections=tuple(
            part.strip() for part in re.split(r"[|/>,;\n]", f"{metadata.section or ''}|{kicker}".casefold())
        ),
        headline=(headline or "").casefold(),
        body_words=sum(count_words(block.text) for block in body),
        caption_words=sum(count_words(block.text) for block in captions),
        captions=len(captions),
        run_words=_longest_run(blocks, links, teasers),
        # What a page shows twice (for narrow screens and for wide ones) leads to one place.
        teasers=len(set(teasers.values())),
        link_lines=len(lines),
        entries=len(entries),
        are_orderly=_are_orderly(entries),
        questions=len(questions),
        spoken=sum(
            _is_answer(body[n + 1], language)
            for n in questions
            if n + 1 < len(body) and (is_quoted or body[n].tag not in HEADINGS)
        ),
        body_blocks=len(body),
        numbered=_count_numbered(body),
        claims=_claims_article(page, metadata, headline),
        is_root=split_url(page.url).path.rstrip("/") in {"", "/index.html", "/index.php"},
    )


def _longest_run(blocks: Iterable[LabelledBlock], links: Container[int], teasers: Container[int]) -> int:
    longest = run = 0
    for block in blocks:
        if block.number in teasers:
            run = 0
        elif block.role in BODY_ROLES and block.number not in links:
            run += count_words(block.text)
            longest = max(longest, run)
    return longest


def _is_teaser(block: Block) -> bool:
    return block.word_count >= 3 and not HEADINGS.isdisjoint(block.element.tags) and not _is_menu(block)


def _is_menu(block: Block) -> bool:
    return not block.element.tags.isdisjoint(_MENUS)


def _own_types(page: Page, metadata: Metadata) -> Iterator[str]:
    """The JSON-LD types that are said of the page or its main thing, not of what hangs on another thing."""
    for thing in page.json_ld:
        kinds = thing.get("@type")
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            name = str(kind).rsplit("/", 1)[-1]
            # Of articles only the main one counts; others are what the page links to.
            if name not in _ARTICLE_TYPES or name == metadata.kind or thing.get("liveBlogUpdate"):
                yield name


def _claims_article(page: Page, metadata: Metadata, headline: str | None) -> bool:
    """Whether the page says that it is one article: by its type, or as the one whose headline it shows."""
    if page.meta_content("og:type") == "article" or page.meta_content("article:published_time"):
        return True
    title = fold(headline)
    return any(_is_about(thing, title) for thing in metadata.articles)


def _is_about(thing: Json, title: str) -> bool:
    name = fold(thing.get("headline")) if isinstance(thing.get("headline"), str) else ""
    return bool(name and title) and (name in title or title in name)


def _path_parts(url: str) -> set[str]:
    return {part.rsplit(".", 1)[0] for part in unquote(split_url(url).path).casefold().split("/") if part}


def _path_kinds(url: str) -> Iterator[str]:
    """The kinds that parts of a URL's path speak for, or the head of its slug."""
    parts = _path_parts(url)
    for kind in KINDS:
        words = words_of_kinds()[kind]
        if words.in_path & parts or any(part.startswith(words.slug_heads) for part in parts):
            yield kind


def _names_section(signs: _Signs, kind: str) -> bool:
    """Whether the section or kicker is a word for this kind, or the headline opens with one and a colon or bar."""
    words = words_of_kinds()[kind]
    if any(part.strip(" :") in words.sections or part.startswith(words.kicker_heads) for part in signs.sections):
        return True
    opening = re.match(r"([^:|–]{3,30}?)\s?[:|–]\s", signs.headline)
    return opening is not None and opening[1].strip() in words.sections


def _body_span(blocks: tuple[LabelledBlock, ...]) -> tuple[int, int]:
    places = [number for number, block in enumerate(blocks) if block.role in BODY_ROLES]
    return (places[0] - 2, places[-1]) if places else (0, 0)


def _is_clock_line(text: str) -> bool:
    return len(text) <= _MOST_CLOCK_LINE and _CLOCK.search(text) is not None


def _find_entries(blocks: tuple[LabelledBlock, ...]) -> list[_Entry]:
    """The clocks in the text that have at least a sentence below them, before the next one."""
    first, last = _body_span(blocks)
    entries: list[_Entry] = []
    entry = None
    for block in blocks[max(0, first) : last + 1]:
        if block.role in {Role.COMMENT, Role.RELATED, Role.NAV, Role.BYLINE}:
            entry = None
        elif found := _find_entry(block):
            entry = found
        elif entry and block.role in BODY_ROLES and block.role is not Role.SUBHEAD and len(block.text) > 40:
            entries.append(entry)
            entry = None
    return entries


def _find_entry(block: LabelledBlock) -> _Entry | None:
    """The time of an entry: in a line of its own, or at the head of a heading."""
    is_line = len(block.text) <= _MOST_CLOCK_LINE
    if not is_line and block.role is not Role.SUBHEAD and not block.markdown.startswith(("#", "**")):
        return None
    found = _CLOCK.search(block.text) if is_line else _CLOCK.match(block.text)
    if found is None:
        return None
    minutes = 60 * int(found["hour"]) + int(found["minute"] or found["after"])
    rest = block.text[: found.start()] + block.text[found.end() :]
    return _Entry(minutes, is_bare=not any(map(str.isdigit, rest)) or not is_line)


def _are_orderly(entries: list[_Entry]) -> bool:
    """Whether clocks run one way, midnight apart, and stand alone: the times of readers' comments carry dates."""
    downs = sum(a.minutes > b.minutes for a, b in pairwise(entries))
    ups = sum(a.minutes < b.minutes for a, b in pairwise(entries))
    return max(ups, downs) >= 0.8 * (len(entries) - 1) and all(entry.is_bare for entry in entries)


def _is_question(block: LabelledBlock) -> bool:
    """Whether a block is a question and set apart: as a heading, in bold or italics, or behind a name and a colon."""
    if not _QUESTION.search(block.text):
        return False
    mark = block.markdown
    is_marked = mark.startswith(("#", "**", "*")) and mark.endswith(("*", "?")) and mark.count("**") in {0, 2}
    return block.role is Role.SUBHEAD or is_marked or _SPEAKER.match(block.text) is not None


def _is_answer(block: LabelledBlock, language: str) -> bool:
    return not _QUESTION.search(block.text) and speaks_in_person(block.text, language)


def _count_numbered(body: list[LabelledBlock]) -> int:
    """How far the subheads count up, or down, one by one."""
    found = [
        int(match[1] or match[2])
        for block in body
        if block.role is Role.SUBHEAD and (match := _LIST_NUMBER.match(block.text))
    ]
    ups = sum(b - a == 1 for a, b in pairwise(found))
    downs = sum(a - b == 1 for a, b in pairwise(found))
    return max(ups, downs) + 1 if found else 0
