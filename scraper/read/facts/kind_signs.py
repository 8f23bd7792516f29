"""What there is to judge the kind of a page by, counted once."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote

from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.facts.kind_words import KINDS, speaks_in_person, words_of_kinds
from scraper.read.facts.metadata import Metadata
from scraper.read.facts.ticker import are_orderly, find_entries
from scraper.read.page.blocks import Block, Outline
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.parse import Json, Page
from scraper.text import count_words, fold
from scraper.urls import split_url

_ARTICLE_TYPES = frozenset(("LiveBlogPosting", "OpinionNewsArticle"))
_MENUS = frozenset(("nav", "header", "footer"))
_QUESTION = re.compile(r"[?？؟;]\W{0,3}$")
_OPENING_QUOTES = frozenset("\"“„«»‹›‘'「『")
_SPEAKER = re.compile(r"^(?:[^\W\d_][\w.]{0,20}(?:\s[^\W\d_][\w.]{1,20}){0,2}|Q)\s?[:：]\s")
_LIST_NUMBER = re.compile(r"^\W{0,2}(\d{1,3})[.):]?\s+\S|^#?(\d{1,3})[.)]?$")
# Of an interview. Set as plain paragraphs there must be more, as every text may ask, and a quarter
# of it so.
FEWEST_QUESTIONS = 4
_FEWEST_PLAIN_QUESTIONS, _LEAST_PLAIN_SHARE = 6, 0.25
# A block leads elsewhere when this share of its characters is links; in a line of a menu there are
# fewer words.
_ALL_LINK = 0.8
_FEWEST_LINE_WORDS = 4
_FEWEST_SLUG_WORDS = 3  # a section or a person has two
_FEWEST_TITLE_WORDS = 3  # … and so has the heading of one
_SLUG_NUMBER = re.compile(r"\d{3}")


@dataclass(frozen=True, slots=True)
class Signs:
    """
    What there is to judge by, counted once.

    Args:
        body_words: Of all blocks of the text.
        run_words: Of the longest stretch of text that no heading to elsewhere interrupts.
        stretches: How many stretches of text there are, parted by such headings.
        teasers: Headings that lead elsewhere.
        link_lines: Lines of some words that lead elsewhere, those in headings included.
        entries: Places in the text that begin with a clock and have text below.
        are_orderly: Their clocks run one way, without dates.
        questions: Blocks of the text set as the questions of an interview.
        spoken: Those whose answer speaks in the first person; below headings, only where the
            headline is a quotation.
        numbered: Subheads that count up.
        claims: The page says that it is one article, and which.
        has_slug: The address ends as those of articles do: in several words, or in a number.
    """

    types: frozenset[str]
    path: frozenset[str]
    sections: tuple[str, ...]
    headline: str
    body_words: int
    caption_words: int
    captions: int
    run_words: int
    stretches: int
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
    has_slug: bool


def find_signs(
    page: Page, metadata: Metadata, blocks: tuple[LabelledBlock, ...], outline: Outline, headline: str | None
) -> Signs:
    """
    What there is to judge the kind of a page by.

    Args:
        outline: What the blocks were made of; knows which of them are links.
    """
    links = _find_links(outline)
    teasers = {number: block.text for number, block in links.items() if _is_teaser(block)}
    body = [block for block in blocks if block.role in BODY_ROLES]
    captions = [block for block in blocks if block.role is Role.CAPTION]
    entries = find_entries(blocks)
    questions = _find_questions(body)
    runs = list(_runs(blocks, links, teasers))
    return Signs(
        types=frozenset(_own_types(page, metadata)),
        path=frozenset(_path_kinds(page.url)),
        sections=_sections(metadata, blocks),
        headline=(headline or "").casefold(),
        body_words=_words_in(body),
        caption_words=_words_in(captions),
        captions=len(captions),
        run_words=max(runs, default=0),
        stretches=len(runs),
        # What a page shows twice (for narrow screens and for wide ones) leads to one place.
        teasers=len(set(teasers.values())),
        link_lines=_count_lines(links.values()),
        entries=len(entries),
        are_orderly=are_orderly(entries),
        questions=len(questions),
        spoken=_count_spoken(body, questions, headline or "", (page.language or "")[:2].lower()),
        body_blocks=len(body),
        numbered=_count_numbered(body),
        claims=_claims_article(page, metadata, headline),
        is_root=split_url(page.url).path.rstrip("/") in {"", "/index.html", "/index.php"},
        has_slug=_has_slug(page.url),
    )


def _find_links(outline: Outline) -> dict[int, Block]:
    """The blocks that lead elsewhere, by number."""
    return {block.order: block for block in outline.blocks if block.link_share >= _ALL_LINK}


def _words_in(blocks: Iterable[LabelledBlock]) -> int:
    return sum(count_words(block.text) for block in blocks)


def _count_lines(links: Iterable[Block]) -> int:
    """How many lines of some words there are among blocks that lead elsewhere, each of them once."""
    return len({block.text for block in links if _is_line(block)})


def _sections(metadata: Metadata, blocks: tuple[LabelledBlock, ...]) -> tuple[str, ...]:
    """What section and kicker name, each part on its own."""
    kicker = next((block.text for block in blocks if block.role is Role.KICKER), "")
    named = f"{metadata.section or ''}|{kicker}".casefold()
    return tuple(part.strip() for part in re.split(r"[|/>,;\n]", named))


def _find_questions(body: list[LabelledBlock]) -> list[int]:
    """The places of the questions in a text."""
    marked = [number for number, block in enumerate(body) if _is_question(block)]
    if len(marked) >= FEWEST_QUESTIONS:
        return marked
    plain = [n for n, block in enumerate(body) if block.role is Role.BODY and _QUESTION.search(block.text)]
    return plain if len(plain) >= max(_FEWEST_PLAIN_QUESTIONS, _LEAST_PLAIN_SHARE * len(body)) else marked


def _count_spoken(body: list[LabelledBlock], questions: list[int], headline: str, language: str) -> int:
    """
    How many questions are answered in the first person; below headings where the headline is a
    quotation.
    """
    is_quoted = headline[:1] in _OPENING_QUOTES
    asked = [n for n in questions if n + 1 < len(body) and (is_quoted or body[n].tag not in HEADINGS)]
    return sum(_is_answer(body[n + 1], language) for n in asked)


def _runs(blocks: Iterable[LabelledBlock], links: Container[int], teasers: Container[int]) -> Iterator[int]:
    """How many words each stretch of text has that no heading to elsewhere interrupts."""
    run = 0
    for block in blocks:
        if block.number in teasers:
            if run:
                yield run
            run = 0
        elif block.role in BODY_ROLES and block.number not in links:
            run += count_words(block.text)
    if run:
        yield run


def _is_teaser(block: Block) -> bool:
    return (
        block.word_count >= _FEWEST_TITLE_WORDS and not HEADINGS.isdisjoint(block.element.tags) and not _is_menu(block)
    )


def _is_line(block: Block) -> bool:
    return block.word_count >= _FEWEST_LINE_WORDS and not _is_menu(block)


def _is_menu(block: Block) -> bool:
    return not block.element.tags.isdisjoint(_MENUS)


def _own_types(page: Page, metadata: Metadata) -> Iterator[str]:
    """
    The JSON-LD types that are said of the page or its main thing, not of what hangs on another
    thing.
    """
    for thing in page.json_ld:
        kinds = thing.get("@type")
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            name = str(kind).rsplit("/", 1)[-1]
            # Of articles only the main one counts; others are what the page links to.
            if name not in _ARTICLE_TYPES or name == metadata.kind or thing.get("liveBlogUpdate"):
                yield name


def _claims_article(page: Page, metadata: Metadata, headline: str | None) -> bool:
    """
    Whether the page says that it is one article: by its type, or as the one whose headline it
    shows.
    """
    if page.meta_content("og:type") == "article" or page.meta_content("article:published_time"):
        return True
    title = fold(headline)
    return any(_is_about(thing, title) for thing in metadata.articles)


def _is_about(thing: Json, title: str) -> bool:
    name = fold(thing.get("headline")) if isinstance(thing.get("headline"), str) else ""
    return bool(name and title) and (name in title or title in name)


def _has_slug(url: str) -> bool:
    last = unquote(split_url(url).path).rstrip("/").rpartition("/")[2]
    return len(re.split(r"[-_+ ]", last)) >= _FEWEST_SLUG_WORDS or _SLUG_NUMBER.search(last) is not None


def _path_parts(url: str) -> set[str]:
    return {part.rsplit(".", 1)[0] for part in unquote(split_url(url).path).casefold().split("/") if part}


def _path_kinds(url: str) -> Iterator[str]:
    """The kinds that parts of a URL's path speak for, or the head of its slug."""
    parts = _path_parts(url)
    for kind in KINDS:
        words = words_of_kinds()[kind]
        if words.in_path & parts or any(part.startswith(words.slug_heads) for part in parts):
            yield kind


def names_print(url: str) -> bool:
    """Whether an address says that its page is made for printing."""
    keys = {part.partition("=")[0].lower() for part in split_url(url).query.split("&")}
    return bool(words_of_kinds()["print"].in_path & (keys | _path_parts(url)))


def names_section(signs: Signs, kind: str) -> bool:
    """
    Whether the section or kicker is a word for this kind, or the headline opens with one and a
    colon or bar.
    """
    words = words_of_kinds()[kind]
    if any(part.strip(" :") in words.sections or part.startswith(words.kicker_heads) for part in signs.sections):
        return True
    opening = re.match(r"([^:|–]{3,30}?)\s?[:|–]\s", signs.headline)
    return opening is not None and opening[1].strip() in words.sections


def _is_question(block: LabelledBlock) -> bool:
    """
    Whether a block is a question and set apart: as a heading, in bold or italics, or behind a name
    and a colon.
    """
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
