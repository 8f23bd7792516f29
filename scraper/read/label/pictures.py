"""
Captions that no name of an element tells: what stands right below a picture and is made otherwise
than the text, or says by itself that it belongs there.

Looked at when the model has spoken, since it takes most of them for body: they are sentences inside
the text.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from scraper.model import BODY_ROLES, Role
from scraper.read.label import rules
from scraper.read.label.certain import ALL_LINK
from scraper.read.label.label import Label, Rule
from scraper.read.page.blocks import Block, Element, Picture
from scraper.read.page.captions import FEWEST_CAPTION_WORDS, split_caption
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.surroundings import FEWEST_LONG_WORDS, View
from scraper.read.words.credits import is_credit
from scraper.read.words.notices import is_numbered, says_what_is_shown
from scraper.text import count_words, fold

# More is a paragraph that stands below a picture by chance, or ends in a name; where the element
# alone speaks for a caption, fewer are wanted.
_MOST_WORDS, _MOST_PLAIN_WORDS = 60, 30
_EMPHASIS = frozenset("em i small font cite sub".split())
_NEARLY_ALL = 0.9  # a full stop may stand outside the element that holds the words
# A make is that of captions where no fewer of its blocks stand below pictures.
_MOSTLY = 0.75
# Below a picture these are text of another kind, or the label of something.
_NEVER = HEADINGS | frozenset("li dt button label option legend pre code summary".split())
_PERHAPS = frozenset((Role.BODY, Role.QUOTE, Role.LIST, Role.OTHER))
# Elements that hold a paragraph and nothing else: the text's place is around them.
_PARAGRAPHS = frozenset("p blockquote pre li h1 h2 h3 h4 h5 h6".split())
# How far around a picture its box is looked for: a frame, a table, its row and cell.
_BOX_LEVELS = 6
_FEWEST_ALT_WORDS = 4  # fewer are a name that the text may begin with
# Korean papers point so at the picture above.
_UPWARD = ("▲", "△")
_LEAST_ALT = 0.6  # of the words of a block; an alternative text of fewer was cut from the text


def label_pictures(views: Sequence[View], labels: list[Label], pictures: Sequence[Picture]) -> list[Label]:
    """The labels with captions that stand right below a picture, or bear the number of a figure."""
    above: defaultdict[int, list[Picture]] = defaultdict(list)
    for picture in pictures:
        above[picture.before_block].append(picture)
    labels = list(labels)
    page = None
    for i in [i for i, view in enumerate(views) if _can_be_caption(view, labels[i])]:
        if i not in above:
            if labels[i].role is not Role.OTHER and is_numbered(views[i].block.text):
                labels[i] = rules.NUMBERED_FIGURE.label(Role.CAPTION)
            continue
        page = page or _look_at(views, labels, above)
        if rule := _caption_rule(views[i], labels[i], above[i], page):
            labels[i] = rule.label(Role.CAPTION)
    return labels


def _can_be_caption(view: View, label: Label) -> bool:
    block = view.block
    return (
        label.role in _PERHAPS
        and block.word_count <= _MOST_WORDS
        and block.tag not in _NEVER
        and block.link_share <= ALL_LINK
        and block.word_count > 0
        # What ends so leads to what stands below it.
        and not block.text.endswith((":", "："))
    )


# ---------------------------------------------------------------- what the page's text is like


# Whether a block is emphasised as a whole, and whether it stands in the middle.
_Make = tuple[bool, bool]


_Counted = TypeVar("_Counted", _Make, Element)


@dataclass(frozen=True, slots=True)
class _Page:
    """
    What captions are told from.

    Args:
        running: The make of most of the text.
        of_captions: Makes whose blocks stand below pictures, nearly all of them.
        place: The element whose children most of the text is.
        held: How many blocks stand in each element near a picture.
    """

    running: _Make
    of_captions: Collection[_Make]
    place: Element | None
    held: Mapping[Element, int]


def _look_at(views: Sequence[View], labels: Sequence[Label], above: Collection[int]) -> _Page:
    words: Counter[_Make] = Counter()
    blocks: Counter[_Make] = Counter()
    below: Counter[_Make] = Counter()
    places: Counter[Element] = Counter()
    for i, (view, label) in enumerate(zip(views, labels, strict=True)):
        if label.role not in BODY_ROLES:
            continue
        make = _make_of(view.block)
        words[make] += view.block.word_count
        blocks[make] += 1
        below[make] += i in above
        if view.block.word_count >= FEWEST_LONG_WORDS and (place := _place_of(view.block)):
            places[place] += view.block.word_count
    running = _most_of(words) or (False, False)
    of_captions = {make for make in blocks if _differs(make, running) and below[make] >= _MOSTLY * blocks[make]}
    return _Page(running, of_captions, _most_of(places), _count_held(views))


def _count_held(views: Sequence[View]) -> Counter[Element]:
    return Counter(element for view in views for element in islice(view.block.element.ancestors(), _BOX_LEVELS))


def _most_of(counts: Counter[_Counted]) -> _Counted | None:
    return max(counts, key=counts.__getitem__, default=None)


def _make_of(block: Block) -> _Make:
    length = _NEARLY_ALL * len(block.text)
    is_emphasised = any(inline.tag in _EMPHASIS and inline.end - inline.start >= length for inline in block.inlines)
    return is_emphasised, block.element.is_centred


def _differs(make: _Make, running: _Make) -> bool:
    """Whether a make sets its blocks apart from the running text."""
    return any(is_so and not is_usual for is_so, is_usual in zip(make, running, strict=True))


def _place_of(block: Block) -> Element | None:
    element = block.element
    return element.parent if element.tag in _PARAGRAPHS else element


# ---------------------------------------------------------------- one block below a picture


def _caption_rule(view: View, label: Label, pictures: Sequence[Picture], page: _Page) -> Rule | None:
    """The rule by which a block right below some pictures is their caption; None where none is sure."""
    block = view.block
    caption, credit = split_caption(block)
    if credit and is_credit(credit) and count_words(caption) >= FEWEST_CAPTION_WORDS:
        return rules.CAPTION_BELOW_PICTURE
    if label.role is Role.OTHER and not view.is_inside:
        return None
    if block.text.startswith(_UPWARD) and block.word_count <= _MOST_PLAIN_WORDS:
        return rules.CAPTION_BELOW_PICTURE
    if is_numbered(block.text):
        return rules.NUMBERED_FIGURE
    if block.word_count <= _MOST_PLAIN_WORDS and any(_is_alternative(block, picture) for picture in pictures):
        return rules.ALTERNATIVE_TEXT
    return _rule_of_form(block, pictures, page)


def _rule_of_form(block: Block, pictures: Sequence[Picture], page: _Page) -> Rule | None:
    """The rule that goes by how a block is set, and what stands around it."""
    make = _make_of(block)
    is_alone = _is_alone(block, pictures, page)
    if make in page.of_captions or (is_alone and _differs(make, page.running)):
        return rules.CAPTION_MAKE
    if block.word_count > _MOST_PLAIN_WORDS:
        return None
    if (is_alone and pictures[-1].ends_line) or _is_boxed(block, pictures, page) or says_what_is_shown(block.text):
        return rules.CAPTION_OF_BOX
    return None


def _is_alone(block: Block, pictures: Sequence[Picture], page: _Page) -> bool:
    """Whether a block and its picture are all that their element holds."""
    return page.held[block.element] == 1 and any(picture.element is block.element for picture in pictures)


def _is_alternative(block: Block, picture: Picture) -> bool:
    """Whether a block says what stands in the picture's place, or begins so."""
    for text in (picture.alt, picture.attributes.get("title") or ""):
        alternative, words = fold(text), block.word_count
        if len(alternative.split()) < _FEWEST_ALT_WORDS:
            continue
        if alternative.startswith(block.folded):
            return words >= _FEWEST_ALT_WORDS
        if block.folded.startswith(alternative) and len(alternative.split()) >= _LEAST_ALT * words:
            return True
    return False


def _is_boxed(block: Block, pictures: Sequence[Picture], page: _Page) -> bool:
    """Whether a block and its picture are all that a box amid the text holds."""
    for element in islice(block.element.ancestors(), _BOX_LEVELS):
        if element is page.place or page.held[element] > 1 or element.parent is None:
            return False
        if element.parent is page.place:
            return element.tag not in _PARAGRAPHS and any(
                element in picture.element.ancestors() for picture in pictures
            )
    return False
