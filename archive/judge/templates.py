"""
A site's own templates: what stands word for word in many articles of one source, and so belongs to
none of them.

A disclaimer, a newsletter line, a standing note reads like a paragraph of the article; only other
articles of the same source show what it is. The archive keeps the fingerprints of what was read as
body and counts them (`Archive.templates_for`); here is what has a fingerprint, and what becomes of
a block that is known. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from itertools import takewhile

from scraper.model import BODY_ROLES, LabelledBlock, Reason, Role
from scraper.text import count_words, fold

# A template is on so many other articles, of so many days, and on this share of what the source
# published from the first of them to the last: the background paragraph of a running story is on
# some articles of some days.
FEWEST_PAGES = 5
FEWEST_DAYS = 3
LEAST_SHARE = 0.2
# Fewer words repeat by chance ("He said no more."); where a word is one character, so many
# characters.
_FEWEST_WORDS = 4
_FEWEST_CHARACTERS = 12
# Where less than this share of the words would stay, the template may be the text: boilerplate is
# not most of a page.
_MUST_STAY = 0.5


def find_fingerprints(blocks: Iterable[LabelledBlock]) -> dict[int, int]:
    """
    The fingerprint of each block that may be a template, with the block's place (the first one's of
    equal blocks).

    Paragraphs, lists and quotes of the body that are long enough; subheads of any length, since
    they are judged by what stands under them. A block keeps its fingerprint when it was taken out
    as a template.
    """
    found: dict[int, int] = {}
    for place, block in enumerate(blocks):
        if _may_be_template(block):
            found.setdefault(_fingerprint(block.text), place)
    return found


def is_template(block: LabelledBlock) -> bool:
    """Whether a block was taken out of its article as a template of the source."""
    return block.reason.startswith(Reason.TEMPLATE)


def take_out(blocks: tuple[LabelledBlock, ...], pages: Mapping[int, int]) -> tuple[LabelledBlock, ...]:
    """
    The blocks of an article with the source's templates out of the body: these are of the role
    "other" then.

    Subheads go only with all that stands under them: "Background" over a paragraph of its own is
    the article's. An article that would lose most of its words keeps them all.

    Args:
        pages: On how many other articles of the source each template was seen, by fingerprint.
    """
    if not pages:
        return blocks
    body = [place for place, block in enumerate(blocks) if block.role in BODY_ROLES]
    known = {place: pages[mark] for place in body if (mark := _known_mark(blocks[place], pages)) is not None}
    gone = known.keys() - set(_subheads_that_stay(blocks, body, known))
    if not gone or _count(blocks, set(body) - gone) < _MUST_STAY * _count(blocks, body):
        return blocks
    left = list(blocks)
    for place in gone:
        reason = f"{Reason.TEMPLATE}-{known[place]}-pages"
        left[place] = blocks[place]._replace(role=Role.OTHER, reason=reason, confidence=1.0)
    return tuple(left)


def strip_templates(body: str, templates: Collection[int]) -> str:
    r"""
    A body without the paragraphs that are templates: the form in which two versions of an article
    are compared.

    >>> strip_templates("It rained.\n\nWrite to our newsroom.", {_fingerprint("write to our newsroom")})
    'It rained.'
    """
    if not templates:
        return body
    return "\n\n".join(text for text in body.split("\n\n") if _fingerprint(text) not in templates)


def _may_be_template(block: LabelledBlock) -> bool:
    if block.cell is not None:  # rows of tables repeat by their nature
        return False
    return is_template(block) or block.role is Role.SUBHEAD or (block.role in BODY_ROLES and _is_long(block.text))


def _is_long(text: str) -> bool:
    """
    Whether a text is too long to be repeated by chance.

    >>> _is_long("Background"), _is_long("Write to our newsroom."), _is_long("今後の見通し")
    (False, True, False)
    """
    words = fold(text).split()
    fewest = _FEWEST_CHARACTERS if 2 * sum(len(word) == 1 for word in words) > len(words) else _FEWEST_WORDS
    return len(words) >= fewest


def _fingerprint(text: str) -> int:
    """64 bits of the folded text, signed (SQLite INTEGER); equal in every process."""
    return int.from_bytes(blake2b(fold(text).encode(), digest_size=8).digest(), "big", signed=True)


def _known_mark(block: LabelledBlock, pages: Mapping[int, int]) -> int | None:
    if not _may_be_template(block):
        return None
    mark = _fingerprint(block.text)
    return mark if mark in pages else None


def _subheads_that_stay(blocks: tuple[LabelledBlock, ...], body: list[int], known: Mapping[int, int]) -> Iterable[int]:
    """
    The known subheads with something under them that is not known; one that ends the body heads
    nothing.
    """
    for number, place in enumerate(body):
        if blocks[place].role is Role.SUBHEAD and number + 1 < len(body):
            under = list(takewhile(lambda below: blocks[below].role is not Role.SUBHEAD, body[number + 1 :]))
            if not under or not known.keys() >= set(under):
                yield place


def _count(blocks: tuple[LabelledBlock, ...], places: Iterable[int]) -> int:
    return sum(count_words(blocks[place].text) for place in places)
