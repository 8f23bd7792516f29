"""
The blocks of a page with their roles: of what it shows, else of its script data, else as another
reader sees it.
"""

from __future__ import annotations

from typing import NamedTuple

from scraper.model import BODY_ROLES, LabelledBlock, Reason, Role, Selectors
from scraper.read.access.lengths import KeptBack
from scraper.read.ciphers import without_enciphered
from scraper.read.facts.headline import Headline
from scraper.read.facts.metadata import Metadata
from scraper.read.facts.script_data import ScriptText, find_script_text
from scraper.read.facts.second_opinion import SecondOpinion, ask_trafilatura, has_no_text, take_body
from scraper.read.label.label import Clues
from scraper.read.label.labels import label_blocks
from scraper.read.label.selectors import apply_selectors
from scraper.read.learnt.model import LabelModel
from scraper.read.page.blocks import Outline
from scraper.read.page.parse import Page, parse_page
from scraper.read.page.walk import walk
from scraper.read.unseen import behind_wall, has_wall, without_filler, without_hidden
from scraper.text import count_words
from scraper.urls import is_http_url, registrable_domain

# Fewer words than this on the page itself, and script data is looked into.
_FEWEST_TREE_WORDS = 60
# … and with fewer than this, too: a shell greets, explains itself and asks for scripts. There only
# what is the page's own article for certain is taken.
_MOST_SHELL_WORDS = 200
# Script data has more of the text only with so many times its words: beside it stand captions and
# summaries.
_LEAST_GAIN = 1.5


class Labelled(NamedTuple):
    """
    A page whose blocks have their roles.

    Args:
        outline: What the labelled blocks were made of: their numbers are places in it.
        origin: Where the text stood; None where the page shows it.
        opinion: Another reader's view, where it was asked for.
        kept_back: What the page has of the text behind a wall that can be seen.
    """

    outline: Outline
    blocks: tuple[LabelledBlock, ...]
    origin: str | None = None
    opinion: SecondOpinion | None = None
    kept_back: KeptBack | None = None


def find_clues(url: str, metadata: Metadata, headline: Headline) -> Clues:
    """What the address and structured data tell the labeller."""
    heading = headline.shown or headline.chosen
    # A file has no host, but the page may say where it came from.
    address = url if is_http_url(url) else metadata.canonical_url
    return Clues(
        heading.text if heading else None,
        metadata.description.text if metadata.description else None,
        metadata.authors,
        registrable_domain(address) if address else "",
    )


def label_page(
    page: Page, metadata: Metadata, outline: Outline, clues: Clues, model: LabelModel, selectors: Selectors
) -> Labelled:
    """The blocks of a page with their roles."""
    blocks, kept_back = behind_wall(page, outline, without_filler(label_blocks(outline, clues, model)))
    hidden = KeptBack("hidden markup", kept_back) if kept_back else None
    found = Labelled(outline, without_hidden(page, outline, blocks), kept_back=hidden)
    found = _with_script_data(found, page, metadata, clues, model)
    if has_no_text(found.blocks) and (opinion := ask_trafilatura(page)) is not None:
        found = found._replace(blocks=take_body(found.blocks, opinion), opinion=opinion)
    blocks = without_enciphered(found.blocks)
    return found._replace(blocks=apply_selectors(page, selectors, found.outline, blocks))


def count_body(blocks: tuple[LabelledBlock, ...]) -> int:
    """How many words the text has."""
    return sum(count_words(block.text) for block in blocks if block.role in BODY_ROLES)


def _with_script_data(found: Labelled, page: Page, metadata: Metadata, clues: Clues, model: LabelModel) -> Labelled:
    """
    The page's blocks followed by those of its script data, when these have more text.

    Never past a wall: where one stands below the shown text, script data only tells that there is
    more.
    """
    words = count_body(found.blocks)
    is_walled = found.kept_back is not None or has_wall(found.outline, found.blocks)
    if words >= _MOST_SHELL_WORDS and not is_walled:
        return found
    data = find_script_text(page, metadata, clues.headline)
    if data is None or data.words <= _LEAST_GAIN * words:
        return found
    if is_walled:
        return found._replace(kept_back=KeptBack(data.where, data.words))
    if words >= _FEWEST_TREE_WORDS and not data.is_named:
        return found
    return _with_text(found, words, data, page, clues, model)


def _with_text(found: Labelled, words: int, data: ScriptText, page: Page, clues: Clues, model: LabelModel) -> Labelled:
    markup, where = data.markup, data.where
    hidden_page = parse_page(f"<article>{markup}</article>".encode(), page.url, "text/html; charset=utf-8")
    more = walk(hidden_page)
    count = len(found.outline.blocks)
    labelled = tuple(
        block._replace(reason=f"{block.reason} in {where}", number=count + block.number)
        for block in label_blocks(more, clues, model)
    )
    if count_body(labelled) > _LEAST_GAIN * words:
        shown = tuple(map(_as_repeated, found.blocks))
        found = Labelled(found.outline.followed_by(more), (*shown, *labelled))
    return found._replace(origin=where) if count_body(found.blocks) >= _FEWEST_TREE_WORDS else found


def _as_repeated(block: LabelledBlock) -> LabelledBlock:
    """A block whose text script data has, too."""
    if block.role not in BODY_ROLES:
        return block
    return block._replace(role=Role.OTHER, reason=Reason.IN_SCRIPT_DATA)
