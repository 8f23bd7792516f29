"""
What kind of page it is: a news story, an opinion, a live ticker … or no article at all.

What the page says of itself in structured data and how it is built count before words; words of its
address and its section decide only where these agree or are silent. The words: `kind_words.py`. No
rule names a site.
"""

from __future__ import annotations

from typing import NamedTuple

from scraper.model import BODY_ROLES, LabelledBlock, PageKind, Reason, Role
from scraper.read.facts.kind_signs import FEWEST_QUESTIONS, Signs, find_signs, names_section
from scraper.read.facts.metadata import Metadata
from scraper.read.page.blocks import Outline
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.parse import Page
from scraper.read.words.notices import (
    asks_for_account,
    asks_for_consent,
    asks_for_proof,
    asks_for_scripts,
    says_nothing_is_there,
)
from scraper.text import count_words

# schema.org types that say what the page is, not what is on it.
_LISTING_TYPES = frozenset(("CollectionPage", "ItemList", "SearchResultsPage", "ProfilePage", "Blog"))
_VIDEO_TYPES = frozenset(("VideoObject", "Clip", "TVEpisode", "BroadcastEvent"))
_PODCAST_TYPES = frozenset(("PodcastEpisode", "RadioEpisode"))
_GALLERY_TYPES = frozenset(("ImageGallery", "MediaGallery"))
# Fewer words in one stretch than this are no story of their own beside a page full of teasers.
_FEWEST_STORY_WORDS = 120
# Beside it, a page needs as many headings that lead elsewhere before it counts as a list of them.
_FEWEST_TEASERS = 6
_MOST_TEASER_WORDS = 40  # below a heading that leads to the rest
_FEWEST_STRETCHES = 3  # of a section with few teasers: two stand below many a notice
_MOST_ERROR_TITLE = 90  # characters
_MOST_TITLE = 120  # characters: a longer heading is a sentence of a text
# A question for consent: so many of its blocks ask, it has no more words, and a third of them ask.
_FEWEST_ASKING, _MOST_CONSENT_WORDS, _LEAST_ASKING = 2, 600, 0.3
# A shell says no more, and less than a short notice beside what it says of scripts.
_MOST_SHELL_WORDS, _FEWEST_OWN_WORDS = 200, 50
_MOST_NOTICE_WORDS = 100  # an error page says no more
_MOST_INDEX_WORDS = 60  # of one stretch: two teasers or an introduction, where the page is no listing
_NO_TEXT_WORDS = 15  # less than a sentence between lines of links
_MOST_CLAIMED_WORDS = 40  # … nor one that claims to be an article, as some are made by its template
_MOST_SHORT_WORDS = 150  # what stands below a video
_FEWEST_ENTRIES = 3  # of a ticker: two times can stand in any text
_FEWEST_ITEMS = 5  # of a list
_FEWEST_CAPTIONS = 3  # of a gallery: two pictures are those of a story


class Verdict(NamedTuple):
    """What kind a page is, how sure that is (0 to 1), and why in words for the reader."""

    kind: PageKind
    confidence: float
    reason: str


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
    signs = find_signs(page, metadata, blocks, outline, headline)
    return (
        _judge_notice(signs, metadata, blocks, status_code)
        or _judge_ticker(signs)
        or _judge_index(signs, page)
        or _judge_gallery(signs)
        or _judge_media(signs, page)
        or _judge_text(signs)
    )


def captions_as_text(blocks: tuple[LabelledBlock, ...]) -> tuple[LabelledBlock, ...]:
    """The blocks of a gallery that has no other text, with its captions as the text."""
    return tuple(
        block._replace(role=Role.BODY, reason=Reason.CAPTION_IS_TEXT) if block.role is Role.CAPTION else block
        for block in blocks
    )


def _judge_notice(
    signs: Signs, metadata: Metadata, blocks: tuple[LabelledBlock, ...], status_code: int
) -> Verdict | None:
    """An error, a check for robots, a question for consent: pages that stand in for another one."""
    is_of_notice = signs.run_words < _MOST_NOTICE_WORDS and not signs.claims
    if not is_of_notice and signs.run_words > _MOST_CLAIMED_WORDS:
        return _judge_shell(signs, blocks)
    if status_code in {404, 410} or status_code >= 500:
        return Verdict(PageKind.ERROR, 0.97, f"the server answered {status_code}")
    error = _judge_titles(metadata, blocks) if metadata.published is None else None
    return error or _judge_shell(signs, blocks) or (None if signs.claims else _judge_consent(blocks))


def _judge_shell(signs: Signs, blocks: tuple[LabelledBlock, ...]) -> Verdict | None:
    """What waits for a script to fill it, and has no text of its own beside."""
    if signs.body_words > _MOST_SHELL_WORDS:
        return None
    asking = [block for block in blocks if block.role in BODY_ROLES and asks_for_scripts(block.text)]
    if asking and signs.body_words - sum(count_words(block.text) for block in asking) < _FEWEST_OWN_WORDS:
        return Verdict(PageKind.ERROR, 0.85, f"it waits for a script: “{asks_for_scripts(asking[0].text)}”")
    return None


def _judge_titles(metadata: Metadata, blocks: tuple[LabelledBlock, ...]) -> Verdict | None:
    """
    What the titles of a page without a date say: that there is nothing, or that one has to prove
    something.
    """
    titles = [value.text.casefold() for value in metadata.headlines]
    # Below a text, a heading can ask for an account to read on.
    if words := next(filter(None, map(asks_for_account, titles)), ""):
        return Verdict(PageKind.ERROR, 0.85, f"a page to log in or to register: “{words}”")
    titles.extend(block.text.casefold() for block in blocks if block.tag in HEADINGS and len(block.text) < _MOST_TITLE)
    if words := next(filter(None, map(asks_for_proof, titles)), ""):
        return Verdict(PageKind.ERROR, 0.85, f"a check for robots: “{words}”")
    if words := _find_error(titles):
        return Verdict(PageKind.ERROR, 0.9, f"the page says “{words}” and little else")
    return None


def _judge_consent(blocks: tuple[LabelledBlock, ...]) -> Verdict | None:
    shown = sum(count_words(block.text) for block in blocks)
    asked = [(block, found) for block in blocks if (found := asks_for_consent(block.text))]
    asked_words = sum(count_words(block.text) for block, _ in asked)
    if len(asked) >= _FEWEST_ASKING and shown < _MOST_CONSENT_WORDS and asked_words >= _LEAST_ASKING * shown:
        return Verdict(PageKind.CONSENT, 0.85, f"it asks for consent and shows little else: “{asked[0][1]}”")
    return None


def _find_error(titles: list[str]) -> str:
    """The words of a title that says that there is nothing; a longer one is of a report about that."""
    return next(filter(None, (says_nothing_is_there(title) for title in titles if len(title) < _MOST_ERROR_TITLE)), "")


def _says(signs: Signs, kind: str) -> bool:
    """Whether the address or the section of a page names a kind."""
    return kind in signs.path or names_section(signs, kind)


def _judge_ticker(signs: Signs) -> Verdict | None:
    says = _says(signs, "ticker")
    if "LiveBlogPosting" in signs.types and signs.body_words:
        return Verdict(PageKind.TICKER, 0.97, "json-ld: LiveBlogPosting")
    if signs.entries >= (_FEWEST_ENTRIES if says else _FEWEST_ENTRIES + 2) and (says or signs.are_orderly):
        return Verdict(PageKind.TICKER, 0.9 if says else 0.75, f"{signs.entries} entries with a time each")
    return None


def _judge_index(signs: Signs, page: Page) -> Verdict | None:
    """
    A page of teasers. One stretch of running text of its own, or a claim to be one article, speaks
    against it.
    """
    if signs.run_words >= _FEWEST_STORY_WORDS:
        return None
    if signs.run_words > _MOST_INDEX_WORDS and not _is_listing(signs):
        return None
    says = _says_index(signs, page)
    wanted = _wanted_teasers(signs, says=says)
    how = f"{signs.teasers} headings lead elsewhere, the longest text between them has {signs.run_words} words"
    if signs.teasers >= wanted:
        return Verdict(PageKind.INDEX, 0.9 if says else 0.75, how)
    if _is_section(signs):
        how = f"{signs.teasers} headings lead elsewhere, each with a line of text, on the page of a section"
        return Verdict(PageKind.INDEX, 0.7, how)
    if signs.link_lines >= 2 * wanted and signs.run_words < _NO_TEXT_WORDS:
        how = f"{signs.link_lines} lines lead elsewhere, and there is no text between them"
        return Verdict(PageKind.INDEX, 0.85 if says else 0.6, how)
    return None


def _is_section(signs: Signs) -> bool:
    """Whether a page has few teasers, but nothing else, and an address as sections have."""
    is_teasers = min(signs.teasers, signs.stretches) >= _FEWEST_STRETCHES and signs.run_words < _MOST_TEASER_WORDS
    return is_teasers and not signs.claims and not signs.has_slug


def _is_listing(signs: Signs) -> bool:
    return signs.is_root or bool(signs.types & _LISTING_TYPES)


def _says_index(signs: Signs, page: Page) -> bool:
    return _is_listing(signs) or "index" in signs.path or page.meta_content("og:type") == "website"


def _wanted_teasers(signs: Signs, *, says: bool) -> int:
    """How many headings that lead elsewhere make an index page; *says*: the page says that it is one."""
    if signs.claims:
        # A short notice with a long list below: only a page without any text of its own is taken
        # for the list.
        return 2 * _FEWEST_TEASERS if signs.run_words < 15 else 10**6
    return _FEWEST_TEASERS if says else 2 * _FEWEST_TEASERS


def _judge_gallery(signs: Signs) -> Verdict | None:
    says = _says(signs, "gallery")
    is_short = signs.body_words < _MOST_SHORT_WORDS
    may_be = is_short or signs.captions >= _FEWEST_CAPTIONS
    words = f"{signs.captions} captions with {signs.caption_words} words, {signs.body_words} words of text"
    if signs.types & _GALLERY_TYPES and may_be:
        return Verdict(PageKind.GALLERY, 0.9, f"json-ld: ImageGallery; {words}")
    if _has_most_in_captions(signs) and (says or is_short):
        return Verdict(PageKind.GALLERY, 0.85 if says else 0.65, words)
    if says and may_be:
        return Verdict(PageKind.GALLERY, 0.7, f"its address or section says so; {words}")
    return None


def _has_most_in_captions(signs: Signs) -> bool:
    return signs.captions >= _FEWEST_CAPTIONS and signs.caption_words > signs.body_words


def _judge_media(signs: Signs, page: Page) -> Verdict | None:
    if signs.run_words >= _MOST_SHORT_WORDS:
        return None
    og_type = page.meta_content("og:type") or ""
    for kind, types, og in (
        (PageKind.PODCAST, _PODCAST_TYPES, "music."),
        (PageKind.VIDEO, _VIDEO_TYPES, "video"),
    ):
        says = _says(signs, kind.value) or og_type.startswith(og)
        if verdict := _judge_medium(signs, kind, has_type=bool(signs.types & types), says=says):
            return verdict
    return None


def _judge_medium(signs: Signs, kind: PageKind, *, has_type: bool, says: bool) -> Verdict | None:
    """
    Whether a page with little text is of a kind that its structured data names, or that it says
    itself.
    """
    if says and (has_type or signs.run_words < _MOST_SHORT_WORDS / 2):
        return Verdict(kind, 0.9 if has_type else 0.7, f"a {kind.value} page with {signs.body_words} words of text")
    if has_type and not signs.claims and signs.run_words < _MOST_NOTICE_WORDS:
        return Verdict(kind, 0.75, f"json-ld names a {kind.value} and no article")
    return None


def _judge_text(signs: Signs) -> Verdict:
    if not signs.body_words:
        return Verdict(PageKind.NEWS, 0.2, "no text was found")
    says_interview = _says(signs, "interview")
    found = _judge_questions(signs, says=says_interview) or _judge_opinion(signs)
    if found is not None:
        return found
    if says_interview:
        return Verdict(PageKind.INTERVIEW, 0.6, "its address or section says so")
    if signs.numbered >= _FEWEST_ITEMS:
        return Verdict(PageKind.LIST, 0.75, f"{signs.numbered} numbered subheads")
    return Verdict(PageKind.NEWS, 0.9 if signs.claims else 0.7, "an article with nothing that speaks for another kind")


def _judge_questions(signs: Signs, *, says: bool) -> Verdict | None:
    """Whether the questions in a text make an interview; *says*: the page says that it is one."""
    # Guides have questions, too, mostly as headings; nobody says "I" right below them.
    is_spoken = signs.spoken >= 0.5 * signs.questions and signs.questions >= 0.12 * signs.body_blocks
    if signs.questions < FEWEST_QUESTIONS - says or not (says or is_spoken):
        return None
    sure = 0.95 if says and is_spoken else 0.75
    how = f"{signs.questions} questions set apart{', answered in person' * is_spoken}"
    return Verdict(PageKind.INTERVIEW, sure, how)


def _judge_opinion(signs: Signs) -> Verdict | None:
    if "OpinionNewsArticle" in signs.types:
        return Verdict(PageKind.OPINION, 0.95, "json-ld: OpinionNewsArticle")
    in_path, in_section = "opinion" in signs.path, names_section(signs, "opinion")
    if in_path or in_section:
        where = " and ".join(name for name, holds in (("address", in_path), ("section", in_section)) if holds)
        return Verdict(PageKind.OPINION, 0.92 if in_path and in_section else 0.8, f"its {where} says so")
    return None
