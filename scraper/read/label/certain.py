"""
The tests of the rules that look at one block alone. Their names, and the order they are asked in,
are in `rules.py`.

A rule goes by the words of no one language alone, and by no site.
"""

from __future__ import annotations

import re
from functools import cache, reduce
from operator import or_

from scraper.model import Role
from scraper.read.label.label import Clues, form_of
from scraper.read.page.blocks import Block
from scraper.read.page.captions import FEWEST_CAPTION_WORDS
from scraper.read.page.hints import Hint, is_for_screen_readers
from scraper.read.page.identifiers import MOSTLY_IDENTIFIERS, identifier_share, is_address
from scraper.read.page.listings import is_numbers
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.surroundings import FEWEST_LONG_WORDS, View
from scraper.read.words.bylines import is_reporter, is_signed, mail_head_end
from scraper.read.words.credits import is_credit
from scraper.read.words.dates import beside_dates
from scraper.read.words.notices import has_rights_notice, is_related_heading, related_label
from scraper.read.words.phrases import ROLE_OF_KIND
from scraper.read.words.prompts import Prompt, find_prompt, opens, speaks_of_itself, speaks_to_reader
from scraper.read.words.sentences import ends_sentence
from scraper.text import count_words, squash
from scraper.urls import leads_off

_DIGIT = re.compile(r"\d")
_DATE = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}(?:\.|st|nd|rd"
    r"|th)?\s+[^\W\d]{3,10}\.?,?\s+\d{4}\b|\b[^\W\d]{3,10}\.?\s+\d{1,2},?\s+\d{4}\b"
    r"|\d{4}年\d{1,2}月\d{1,2}日"
)
_DAY = re.compile(rf"{_DATE.pattern}|\d{{4}}[./]\d{{1,2}}[./]\d{{1,2}}\b|[^\W\d]{{3,10}}\.?\s+\d{{1,2}}\s*[:–—-]\s")
# Inherited from any container around a block, these put it beside the article.
_FURNITURE = (
    (Hint.COMMENT, Role.COMMENT),
    (Hint.CONSENT, Role.OTHER),
    (Hint.NEWSLETTER, Role.NEWSLETTER),
    (Hint.RELATED, Role.RELATED),
    (Hint.FOOTER, Role.NAV),
    (Hint.NAV, Role.NAV),
    (Hint.AD, Role.PROMO),
    (Hint.PROMO, Role.PROMO),
    (Hint.SHARE, Role.NAV),
    (Hint.TAGS, Role.NAV),
    (Hint.AUTHOR_BOX, Role.OTHER),
    (Hint.ASIDE, Role.OTHER),
)
_ANY_FURNITURE = reduce(or_, (hint for hint, _ in _FURNITURE))
# … unless the block is a long paragraph: themes name whole pages so.
_OF_SHORT_BLOCKS = Hint.ASIDE | Hint.SHARE | Hint.TAGS | Hint.PROMO | Hint.NEWSLETTER
# Bound once: to look a member up in its class takes longer than what most rules do with it.
_CAPTION_HINT, _CREDIT_HINT, _BYLINE_HINT = Hint.CAPTION, Hint.CREDIT, Hint.BYLINE
_DATE_HINT, _KICKER_HINT, _PAYWALL_HINT = Hint.DATE, Hint.KICKER, Hint.PAYWALL
_KEEPING_BACK = frozenset(("cut", "wall"))
_ASKING_BOX = Hint.PAYWALL | Hint.NEWSLETTER | Hint.PROMO | Hint.CONSENT
_NO_PICTURES = Hint.COMMENT | Hint.CONSENT | Hint.FOOTER | Hint.NAV
_FIGURES = frozenset(("figure", "figcaption"))
_CONTROLS = frozenset(("button", "label", "select", "option", "textarea"))
_NEVER_CAPTIONS = frozenset(("address", "button", "label", "caption"))
# A block with a larger share of its characters in links is all link: a date or a mark can stand
# beside it. A text has a smaller share.
ALL_LINK, _MOST_LINKED_TEXT = 0.8, 0.3
# Most words, so that a block is nothing else beside: a caption with a story in it, a credit as a
# rule finds it or an element names it, names and dates in the head of a text, a line that leads to
# other reports.
_CAPTION_WORDS, _CREDIT_WORDS, _NAMED_CREDIT_WORDS = 120, 14, 10
_HEAD_WORDS, _NAMES_WORDS, _BYLINE_WORDS, _DATE_WORDS = 8, 12, 25, 16
# A reporter behind the text: the name, the post, an address.
_REPORTER_WORDS = 5
_RELATED_WORDS = 30
_MOST_RIGHTS_WORDS = 60  # longer blocks that state rights hold something else, too
_MOST_PROMPT_WORDS = 45  # a long paragraph among others speaks about subscriptions
_MOST_BOX_WORDS = 40  # of an offer; a longer block in its box is the text behind it
_MOST_MENU_WORDS = 5  # a link of more words has a title
# An entry of a list that recommends pages of other sites; links in menus and advertisements have
# fewer words.
_ENTRIES = frozenset(("p", "li", "dd", "dt", "div")) | HEADINGS
_FEWEST_ENTRY_WORDS = 3
_CELLS = frozenset(("td", "th"))
# What begins with a day and goes on is an entry of a timeline; what begins with a number is a note.
_ENTRY_OF_DAY = re.compile(r"[\s.]*[:–—-]\s+[^\W\d]")
_SOURCE = re.compile(r"\[\d{1,3}\]:?\s+\S")
_NOTE = re.compile(r"\[?\d{1,3}[.\])]\s+[^\W\d]")
# Characters beside a date that are still about it ("Published … at …").
_MOST_BESIDE_DATE = 30
_MOST_DATES_WORDS = 30  # of publication and of change, each with its time


def headline(view: View, clues: Clues) -> Role | None:
    """The headline as structured data or a heading has it."""
    is_heading = view.block.element.tag == "h1"
    is_headline = view.block.folded == clues.headline
    if not (is_heading or is_headline):
        return None
    # A kicker can share the heading's line.
    if clues.headline and view.block.link_share < 1 and f" {view.block.folded}".endswith(f" {clues.headline}"):
        return Role.HEADLINE
    return Role.HEADLINE if is_heading and view.own & Hint.HEADLINE and clues.headline is None else None


def caption(view: View, clues: Clues) -> Role | None:
    """What an element names as a picture's words."""
    block = view.block
    if not (view.own | view.inherited) & _CAPTION_HINT or block.word_count > _CAPTION_WORDS or _is_furniture(view):
        return None
    if (view.own & _CREDIT_HINT and block.word_count <= _HEAD_WORDS) or is_credit(block.text):
        return Role.CREDIT
    # A table has a caption, too.
    return None if _is_of_the_head(view, clues) or block.tag in _NEVER_CAPTIONS else Role.CAPTION


def _is_of_the_head(view: View, clues: Clues) -> bool:
    """Whether a block says who wrote it or when: that can stand in the box of the lead picture."""
    is_short = view.block.word_count <= _HEAD_WORDS
    return is_short and (dateline(view, clues) is not None or is_signed(view.block.text))


def credit(view: View, _: Clues) -> Role | None:
    """What is nothing but a picture's credit, or named so."""
    block = view.block
    if block.word_count > _CREDIT_WORDS or view.own & _BYLINE_HINT or _is_furniture(view):
        return None
    is_named = view.own & _CREDIT_HINT and block.word_count <= _NAMED_CREDIT_WORDS
    # A footer names so who owns the page. With the rights in a picture stands who took it ("Ann
    # Other/Copyright …").
    if is_named and has_rights_notice(block.text) and "/" not in block.text:
        is_named = bool(block.element.tags & _FIGURES)
    return Role.CREDIT if is_named or (is_credit(block.text) and not _begins_with_caption(block)) else None


def _begins_with_caption(block: Block) -> bool:
    """
    Whether a sentence ends where an element of a block does, or the next begins; with the credit
    behind it, and no space between, it can look like one.
    """
    ends = {inline.start or inline.end for inline in block.inlines} - {len(block.text)}
    return any(
        ends_sentence(part) and count_words(part) >= FEWEST_CAPTION_WORDS and not is_credit(part)
        for part in (block.text[:end] for end in ends)
    )


def rights_notice(view: View, _: Clues) -> Role | None:
    """Who owns the page: a part of its footer, wherever it stands."""
    return Role.NAV if view.block.word_count <= _MOST_RIGHTS_WORDS and has_rights_notice(view.block.text) else None


def _is_furniture(view: View) -> bool:
    """
    Whether a picture's words stand where no picture of the article does: in menus, footers,
    teasers.
    """
    if view.block.link_share > ALL_LINK and view.block.word_count < _NAMES_WORDS:
        # A caption may lead to its gallery; what a teaser says is a headline, and no sentence.
        is_sentence = view.is_inside and "figcaption" in view.block.element.tags and ends_sentence(view.block.text)
        return not is_sentence
    in_figure = bool(view.block.element.tags & _FIGURES)
    return bool(view.inherited & _NO_PICTURES) and not in_figure and not view.is_inside


def furniture(view: View, _: Clues) -> Role | None:
    """What a container puts beside the article by its name."""
    around = view.inherited & _ANY_FURNITURE
    return _furniture_role(around, is_text=is_long(view.block)) if around else None


@cache
def _furniture_role(around: int, *, is_text: bool) -> Role | None:
    for hint, role in _FURNITURE:
        if around & hint and not (is_text and hint & _OF_SHORT_BLOCKS):
            return role
    return None


def plain_prompt(view: View, _: Clues) -> Role | None:
    """A prompt that says what is kept back, or who asks ("our work"), or asks with its first word."""
    found = _find_asking(view)
    if found is None:
        return None
    is_plain = found.strength in _KEEPING_BACK or speaks_of_itself(found) or opens(view.block.text, found)
    return ROLE_OF_KIND[found.kind] if is_plain else None


def prompt(view: View, _: Clues) -> Role | None:
    """A line or two that ask for something, and speak to the reader."""
    found = _find_asking(view)
    return ROLE_OF_KIND[found.kind] if found else None


def _find_asking(view: View) -> Prompt | None:
    text = view.block.text
    in_box = bool(view.inherited & _ASKING_BOX)
    is_paragraph = view.block.word_count > _MOST_PROMPT_WORDS
    if is_paragraph and not in_box:
        return None
    found = find_prompt(text)
    if found is None or (not found.is_sure and (is_paragraph or not in_box)):
        return None
    return found if in_box or speaks_to_reader(text, found) else None


def paywall_box(view: View, _: Clues) -> Role | None:
    """What stands in a box that is named as a wall."""
    is_offer = view.inherited & _PAYWALL_HINT and view.block.word_count < _MOST_BOX_WORDS and not is_long(view.block)
    return Role.PAYWALL if is_offer else None


def byline(view: View, clues: Clues) -> Role | None:
    """A line that names an author, is named a byline, or begins with a "by"."""
    block = view.block
    if "\n" in block.text and mail_head_end(block.text) == len(block.text):
        return Role.BYLINE
    if block.word_count > _BYLINE_WORDS or not (view.own & _BYLINE_HINT or _names_author(block, clues)):
        return None
    return None if ends_sentence(block.text) else Role.BYLINE


def _names_author(block: Block, clues: Clues) -> bool:
    if block.word_count > _NAMES_WORDS:
        return False
    if any(author in block.folded for author in clues.authors) or is_signed(block.text):
        return True
    return block.word_count <= _REPORTER_WORDS and is_reporter(block.text)


def dateline(view: View, _: Clues) -> Role | None:
    """A line that is a date, and little else."""
    text, words = view.block.text, view.block.word_count
    is_named = bool(view.own & _DATE_HINT)
    if words > _MOST_DATES_WORDS or not (is_named or _DIGIT.search(text)):
        return None
    if words > _HEAD_WORDS and _is_dates_alone(text):
        return Role.DATELINE
    is_line = words <= _HEAD_WORDS or (words <= _DATE_WORDS and not ends_sentence(text))
    return Role.DATELINE if is_line and _is_line_of_date(text, words, is_named=is_named) else None


def _is_dates_alone(text: str) -> bool:
    """Whether a line is dates and little else, however many, and whatever point ends their times."""
    return _DATE.search(text) is not None and beside_dates(text) < _MOST_BESIDE_DATE


def _is_line_of_date(text: str, word_count: int, *, is_named: bool) -> bool:
    if is_signed(text) or (not is_named and _is_entry_with_date(text)):  # a name and a date on one line
        return False
    return _is_date(text, word_count, is_named=is_named)


def begins_with_day(text: str) -> bool:
    """
    Whether a text begins with a day, as the entries of a timeline do.

    >>> begins_with_day("11 December 2025: reported"), begins_with_day("2025-12-11"), begins_with_day("In 2025")
    (True, True, False)
    """
    return _DAY.match(text) is not None


def _is_entry_with_date(text: str) -> bool:
    """
    Whether a text with a date is one of a timeline or of notes, or what looks like a date is an
    address.
    """
    if (day := _DATE.match(text)) is not None and _ENTRY_OF_DAY.match(text, day.end()):
        return True
    return (_NOTE.match(text) is not None and ends_sentence(text)) or identifier_share(text) >= MOSTLY_IDENTIFIERS


def _is_date(text: str, word_count: int, *, is_named: bool) -> bool:
    if is_named and word_count <= _HEAD_WORDS and any(map(str.isdigit, text)):
        return True
    return _DATE.search(text) is not None and (is_named or len(_DATE.sub("", squash(text))) < _MOST_BESIDE_DATE)


def kicker(view: View, _: Clues) -> Role | None:
    """What is named a kicker."""
    return Role.KICKER if view.own & _KICKER_HINT and view.block.word_count <= _HEAD_WORDS else None


def hidden(view: View, _: Clues) -> Role | None:
    """What nobody sees, outside the main container."""
    return Role.OTHER if view.block.is_hidden and not view.is_inside else None


def for_screen_readers(view: View, _: Clues) -> Role | None:
    """Labels of what can be seen ("Article content"), set where nobody sees them."""
    return Role.NAV if is_for_screen_readers(view.block.names) else None


def line_numbers(view: View, _: Clues) -> Role | None:
    """The numbers of a listing's lines, in a column of their own."""
    block = view.block
    return Role.OTHER if "pre" in block.element.tags and is_numbers(block.text) else None


def form_control(view: View, _: Clues) -> Role | None:
    """The code that a field of a form offers to copy."""
    return Role.NAV if view.block.tag == "textarea" and "</" in view.block.text else None


def listing(view: View, _: Clues) -> Role | None:
    """Code, output, a rule: a listing in the main container belongs to the text."""
    is_text = view.is_inside and not view.block.is_hidden and "pre" in view.block.element.tags
    return form_of(view.block) if is_text and view.block.tag not in _CONTROLS else None


def identifiers(view: View, _: Clues) -> Role | None:
    """
    Numbers of flaws, hashes, addresses: neither menus nor teasers consist of them; nor is the number
    of a note before its source of any other text.
    """
    block = view.block
    if not view.is_inside or block.is_hidden or block.tag == "h1":
        return None
    # In a box beside the text they can be what is read most.
    if block.link_share > ALL_LINK and "aside" in block.element.tags:
        return None
    is_text = identifier_share(block.text) >= MOSTLY_IDENTIFIERS or _SOURCE.match(block.text) is not None
    return form_of(block) if is_text else None


def leads_to_others(view: View, _: Clues) -> Role | None:
    """A line above other reports ("See also"), or one that leads to one of them."""
    block = view.block
    if view.is_inside and block.tag in _CELLS:
        return None
    label = related_label(block.text) if block.word_count <= _RELATED_WORDS else ""
    if not label:
        return Role.RELATED if is_related_heading(block.folded) else None
    # A mark may stand behind the label.
    is_all = len(label) >= len(block.text) - 2
    return Role.RELATED if is_all or block.link_share > _MOST_LINKED_TEXT else None


def linked_line(view: View, clues: Clues) -> Role | None:
    """A line of some words, or one in the main container, that is all link."""
    if view.block.link_share <= ALL_LINK or not (view.is_inside or view.block.word_count > _MOST_MENU_WORDS):
        return None
    return Role.RELATED if _is_all_link(view, clues.site) else None


def linked_menu(view: View, clues: Clues) -> Role | None:
    """An entry of a menu; asked when `linked_line` has said no."""
    return Role.NAV if view.block.link_share > ALL_LINK and _is_all_link(view, clues.site) else None


def _is_all_link(view: View, site: str) -> bool:
    """Whether a block whose words are all links is no part of the text."""
    # A heading that leads to its own place is a subhead.
    is_subhead = view.block.tag in HEADINGS and (view.block.word_count <= 1 or _leads_to_itself(view.block))
    return not is_subhead and not _is_entry(view, site)


def _leads_to_itself(block: Block) -> bool:
    return all(inline.href.startswith("#") for inline in block.inlines if inline.href is not None)


def _is_entry(view: View, site: str) -> bool:
    """
    Whether a block that is all link is an entry of the text, such as what a list recommends, and no
    menu.
    """
    block = view.block
    if not view.is_inside:
        return False
    if block.tag in _CELLS or is_address(block.text):
        return True
    return (
        block.tag in _ENTRIES
        and (block.word_count >= _FEWEST_ENTRY_WORDS or block.tag in HEADINGS)
        and all(leads_off(inline.href, site) for inline in block.inlines if inline.href is not None)
    )


def is_long(block: Block) -> bool:
    """Whether a block is a sentence or more of running text."""
    is_text = block.word_count >= FEWEST_LONG_WORDS and block.link_share < _MOST_LINKED_TEXT
    return is_text and ends_sentence(block.text)
