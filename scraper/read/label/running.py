"""
What no rule of one block alone is sure of: running text inside the main container, the rest beside
it.
"""

from __future__ import annotations

from collections.abc import Sequence

from scraper.model import BODY_ROLES, Role
from scraper.read.label import rules
from scraper.read.label.certain import ALL_LINK, is_long
from scraper.read.label.label import ITEMS, Label
from scraper.read.page.blocks import Block
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.surroundings import View
from scraper.read.words.sentences import ends_sentence, ends_with_mark

# From so many words on a block without the end of a sentence frames the text, too: verse, a list of
# names.
_FEWEST_FRAME_WORDS = 30
# Short lines may stand before the first long one (a summary, a place) and behind the last (who
# wrote it).
_BEFORE_TEXT, _BEHIND_TEXT = 2, 3
# Shorter lines are said twice on purpose ("Yes.").
_FEWEST_REPEATED_WORDS = 12
# With a larger share of its characters in links, a heading in the text leads elsewhere, and a line
# is a teaser.
_MOST_LINKED_HEADING, _MOST_LINKED_LINE = 0.5, 0.6
# Fewer words are no line of a text, but for what ends as a sentence; outside of its frame some more
# are wanted.
_FEWEST_LINE_WORDS, _FEWEST_SENTENCE_WORDS = 4, 5


def label_running_text(views: Sequence[View], labels: Sequence[Label | None]) -> list[Label]:
    """The labels, with one for each block that no certain rule took."""
    frame = _frame_of(views, labels)
    near = range(frame.start - _BEFORE_TEXT, frame.stop + _BEHIND_TEXT)
    seen: set[str] = set()
    done: list[Label] = []
    for i, (view, known) in enumerate(zip(views, labels, strict=True)):
        if known is not None:
            done.append(known)
            continue
        label = _running_text(view, is_near=i in near, is_framed=i in frame)
        is_code = "pre" in view.block.element.tags
        if label.role in BODY_ROLES and view.block.word_count >= _FEWEST_REPEATED_WORDS and not is_code:
            if view.block.folded in seen:
                label = rules.PRINTED_TWICE.label(Role.OTHER)
            seen.add(view.block.folded)
        done.append(label)
    return done


def _frame_of(views: Sequence[View], labels: Sequence[Label | None]) -> range:
    """From the first block that is long enough to stand at an end of the text to the last one; else all."""
    framing = [i for i, view in enumerate(views) if labels[i] is None and _is_framing(view)]
    return range(framing[0], framing[-1] + 1) if framing else range(len(views))


def _is_framing(view: View) -> bool:
    """Whether a block is long enough to stand at an end of the text."""
    return view.is_inside and (is_long(view.block) or view.block.word_count >= _FEWEST_FRAME_WORDS)


def _running_text(view: View, *, is_near: bool, is_framed: bool) -> Label:
    block = view.block
    if not view.is_inside or block.is_hidden:
        return rules.OUTSIDE_MAIN.label(Role.OTHER)
    if not is_near:
        return rules.BESIDE_TEXT.label(Role.OTHER)
    return _by_element(block, is_framed=is_framed) or _by_words(block, is_framed=is_framed)


def _by_element(block: Block, *, is_framed: bool) -> Label | None:
    """What the element of a block says of it, near the text."""
    tags = block.element.tags
    if block.tag in HEADINGS:
        is_of_text = is_framed and block.link_share < _MOST_LINKED_HEADING
        return rules.HEADING.label(Role.SUBHEAD) if is_of_text else rules.HEADING_OUTSIDE.label(Role.OTHER)
    # What is all link and no entry of the text was taken before.
    if _MOST_LINKED_LINE < block.link_share <= ALL_LINK:
        return rules.LINKS.label(Role.RELATED)
    if tags & ITEMS:
        is_of_text = is_framed or is_long(block)
        return rules.LIST.label(Role.LIST) if is_of_text else rules.LIST_OUTSIDE.label(Role.OTHER)
    return rules.BLOCKQUOTE.label(Role.QUOTE) if "blockquote" in tags else None


def _by_words(block: Block, *, is_framed: bool) -> Label:
    is_line = block.word_count >= _FEWEST_LINE_WORDS or ends_with_mark(block.text)
    if is_long(block) or (is_framed and is_line):
        return rules.RUNNING_TEXT.label(Role.BODY)
    if ends_sentence(block.text) and block.word_count >= _FEWEST_SENTENCE_WORDS:
        return rules.SENTENCE.label(Role.BODY)
    return rules.SHORT.label(Role.OTHER)
