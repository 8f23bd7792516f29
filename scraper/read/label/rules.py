"""
What named rules alone make of each block, the certain ones first.

A rule goes by the words of no one language alone, and by no site. What none is certain of the model settles
(`labels.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, reduce
from itertools import pairwise
from operator import or_

from scraper.model import BODY_ROLES, Role
from scraper.read.label.label import Clues, Label
from scraper.read.label.neighbours import label_prompts
from scraper.read.page.blocks import Block, Element
from scraper.read.page.hints import Hint, is_for_screen_readers
from scraper.read.page.surroundings import FEWEST_LONG_WORDS, HEADINGS, View
from scraper.read.words.bylines import is_signed
from scraper.read.words.credits import is_credit
from scraper.read.words.notices import has_rights_notice, is_related_heading, related_label
from scraper.read.words.phrases import ROLE_OF_KIND
from scraper.read.words.prompts import find_prompt, speaks_to_reader
from scraper.read.words.sentences import ends_sentence, ends_with_mark
from scraper.text import fold, squash
from scraper.urls import leads_off

BULLET = re.compile(r"^[•●▪◦·*►▶]\s*")
_DIGIT = re.compile(r"\d")
_DATE = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}(?:\.|st|nd|rd"
    r"|th)?\s+[^\W\d]{3,10}\.?,?\s+\d{4}\b|\b[^\W\d]{3,10}\.?\s+\d{1,2},?\s+\d{4}\b"
    r"|\d{4}年\d{1,2}月\d{1,2}日"
)
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
FURNITURE_RULE, HIDDEN_RULE = "rule:furniture", "rule:hidden"
# … unless the block is a long paragraph: themes name whole pages so.
_OF_SHORT_BLOCKS = Hint.ASIDE | Hint.SHARE | Hint.TAGS | Hint.PROMO | Hint.NEWSLETTER
# Bound once: to look a member up in its class takes longer than what most rules do with it.
_CAPTION_HINT, _CREDIT_HINT, _BYLINE_HINT = Hint.CAPTION, Hint.CREDIT, Hint.BYLINE
_DATE_HINT, _KICKER_HINT, _PAYWALL_HINT = Hint.DATE, Hint.KICKER, Hint.PAYWALL
_ASKING_BOX = Hint.PAYWALL | Hint.NEWSLETTER | Hint.PROMO | Hint.CONSENT
_NO_PICTURES = Hint.COMMENT | Hint.CONSENT | Hint.FOOTER | Hint.NAV
_FIGURES = frozenset(("figure", "figcaption"))
_NEVER_CAPTIONS = frozenset(("address", "button", "label", "caption"))
_ITEMS = frozenset(("li", "dd", "dt"))
# An entry of a list that recommends pages of other sites; links in menus and advertisements have fewer words.
_ENTRIES = frozenset(("p", "li"))
_ALL_LINK = 0.8
_FEWEST_ENTRY_WORDS = 12
_LAID_OUT = _ITEMS | {"pre"}
_MOST_PICTURE_BLOCKS, _PICTURE_LEVELS = 3, 4
_PERHAPS_NOTES = BODY_ROLES | {Role.OTHER, Role.DEK}


def label_by_rules(views: Sequence[View], clues: Clues) -> list[Label]:
    """What the rules alone make of each block; the model looks at it, too."""
    return _neighbour_labels(views, _body_labels(views, _first_labels(views, clues)), clues.site)


# ---------------------------------------------------------------- certain roles

# What is known of the article is folded as the blocks are.
_Rule = Callable[[View, Clues], Role | None]


def _headline(view: View, clues: Clues) -> Role | None:
    is_heading = view.block.element.tag == "h1"
    is_headline = view.block.folded == clues.headline
    if not (is_heading or is_headline):
        return None
    # A kicker can share the heading's line.
    if clues.headline and view.block.link_share < 1 and f" {view.block.folded}".endswith(f" {clues.headline}"):
        return Role.HEADLINE
    return Role.HEADLINE if is_heading and view.own & Hint.HEADLINE and clues.headline is None else None


def _caption(view: View, clues: Clues) -> Role | None:
    if not (view.own | view.inherited) & _CAPTION_HINT or view.block.word_count > 120 or _is_furniture(view):
        return None
    if (view.own & _CREDIT_HINT and view.block.word_count <= 8) or is_credit(view.block.text):
        return Role.CREDIT
    # Who wrote it and when can stand in the box of the lead picture; a table has a caption, too.
    is_of_the_head = view.block.word_count <= 8 and (_dateline(view, clues) or is_signed(view.block.text))
    return None if is_of_the_head or view.block.tag in _NEVER_CAPTIONS else Role.CAPTION


def _credit(view: View, _: Clues) -> Role | None:
    if view.block.word_count > 14 or _is_furniture(view):
        return None
    is_named = view.own & _CREDIT_HINT and not view.own & _BYLINE_HINT and view.block.word_count <= 10
    # A footer names so who owns the page. With the rights in a picture stands who took it ("Ann Other/Copyright …").
    if is_named and has_rights_notice(view.block.text) and "/" not in view.block.text:
        is_named = bool(view.block.element.tags & _FIGURES)
    return Role.CREDIT if is_named or is_credit(view.block.text) else None


# Longer blocks that state rights hold something else, too.
_MOST_RIGHTS_WORDS = 60


def _rights_notice(view: View, _: Clues) -> Role | None:
    # As all of a footer.
    return Role.NAV if view.block.word_count <= _MOST_RIGHTS_WORDS and has_rights_notice(view.block.text) else None


def _is_furniture(view: View) -> bool:
    """Whether a picture's words stand where no picture of the article does: in menus, footers, teasers."""
    if view.block.link_share > _ALL_LINK and view.block.word_count < 12:
        return True
    in_figure = bool(view.block.element.tags & _FIGURES)
    return bool(view.inherited & _NO_PICTURES) and not in_figure and not view.is_inside


def _furniture(view: View, _: Clues) -> Role | None:
    around = view.inherited & _ANY_FURNITURE
    return _furniture_role(around, is_long=_is_long(view.block)) if around else None


@cache
def _furniture_role(around: int, *, is_long: bool) -> Role | None:
    for hint, role in _FURNITURE:
        if around & hint and not (is_long and hint & _OF_SHORT_BLOCKS):
            return role
    return None


_MOST_LINE_WORDS = 45


def _prompt(view: View, _: Clues) -> Role | None:
    in_box = bool(view.inherited & _ASKING_BOX)
    is_long = view.block.word_count > _MOST_LINE_WORDS
    # A long paragraph among others speaks about subscriptions; a prompt is a line or two, and speaks to the reader.
    if is_long and not in_box:
        return None
    prompt = find_prompt(view.block.text)
    if prompt is None or (not prompt.is_sure and (is_long or not in_box)):
        return None
    if not in_box and not speaks_to_reader(view.block.text, prompt):
        return None
    return ROLE_OF_KIND[prompt.kind]


def _paywall_box(view: View, _: Clues) -> Role | None:
    return (
        Role.PAYWALL
        if view.inherited & _PAYWALL_HINT and view.block.word_count < 40 and not _is_long(view.block)
        else None
    )


def _byline(view: View, clues: Clues) -> Role | None:
    if view.block.word_count > 25:
        return None
    if (
        clues.authors
        and view.block.word_count <= 12
        and any(author in view.block.folded for author in clues.authors)
        and not ends_sentence(view.block.text)
    ):
        return Role.BYLINE
    if view.own & _BYLINE_HINT and not ends_sentence(view.block.text):
        return Role.BYLINE
    return (
        Role.BYLINE
        if view.block.word_count <= 12 and is_signed(view.block.text) and not ends_sentence(view.block.text)
        else None
    )


def _dateline(view: View, _: Clues) -> Role | None:
    text, words = view.block.text, view.block.word_count
    is_named = view.own & _DATE_HINT
    if words > 16 or not (is_named or _DIGIT.search(text)) or (words > 8 and ends_sentence(text)):
        return None
    if is_signed(text):  # a name and a date on one line
        return None
    if _DATE.search(text) and (is_named or len(_DATE.sub("", squash(text))) < 30):
        return Role.DATELINE
    return Role.DATELINE if is_named and words <= 8 and any(c.isdigit() for c in text) else None


def _kicker(view: View, _: Clues) -> Role | None:
    return Role.KICKER if view.own & _KICKER_HINT and view.block.word_count <= 8 else None


def _hidden(view: View, _: Clues) -> Role | None:
    return Role.OTHER if view.block.is_hidden and not view.is_inside else None


def _for_screen_readers(view: View, _: Clues) -> Role | None:
    # Labels of what can be seen ("Article content"), set where nobody sees them.
    return Role.NAV if is_for_screen_readers(view.block.names) else None


def _related_label(view: View, _: Clues) -> Role | None:
    label = related_label(view.block.text) if view.block.word_count <= 30 else ""
    if not label:
        return Role.RELATED if is_related_heading(view.block.folded) else None
    return Role.RELATED if view.block.link_share > 0.3 or len(label) >= len(view.block.text) - 2 else None


def _all_link(view: View, clues: Clues) -> Role | None:
    if (
        view.block.link_share > _ALL_LINK
        and (view.block.tag not in HEADINGS or view.block.word_count > 1)
        and not _is_entry(view, clues.site)
    ):
        return Role.RELATED if view.is_inside or view.block.word_count > 5 else Role.NAV
    return None


def _is_entry(view: View, site: str) -> bool:
    """Whether a block that is all link is an entry of the text, such as what a list recommends, and no menu."""
    block = view.block
    return (
        view.is_inside
        and block.tag in _ENTRIES
        and block.word_count >= _FEWEST_ENTRY_WORDS
        and all(leads_off(inline.href, site) for inline in block.inlines if inline.href is not None)
    )


_CERTAIN: tuple[_Rule, ...] = (
    _headline,
    _hidden,
    _caption,
    _credit,
    _for_screen_readers,
    _prompt,
    _related_label,
    _furniture,
    _rights_notice,
    _paywall_box,
    _kicker,
    _dateline,
    _byline,
    _all_link,
)


@cache
def _certain(rule: _Rule, role: Role) -> Label:
    return Label(role, f"rule:{rule.__name__.strip('_').replace('_', '-')}", 0.9)


def _first_labels(views: Sequence[View], clues: Clues) -> list[Label | None]:
    known = replace(
        clues, headline=fold(clues.headline) if clues.headline else None, authors=tuple(map(fold, clues.authors))
    )
    labels: list[Label | None] = []
    for view in views:
        label = None
        for rule in _CERTAIN:
            if (role := rule(view, known)) is not None:
                label = _certain(rule, role)
                break
        labels.append(label)
    return labels


def _is_long(block: Block) -> bool:
    return block.word_count >= FEWEST_LONG_WORDS and block.link_share < 0.3 and ends_sentence(block.text)


# ---------------------------------------------------------------- body


def _body_labels(views: Sequence[View], labels: list[Label | None]) -> list[Label]:
    """Roles for what no certain rule took: running text inside the main container, the rest beside it."""
    long_ones = [
        i
        for i, view in enumerate(views)
        if view.is_inside and labels[i] is None and (_is_long(view.block) or view.block.word_count >= 30)
    ]
    first, last = (long_ones[0], long_ones[-1]) if long_ones else (0, len(views) - 1)
    seen: set[str] = set()
    done: list[Label] = []
    for i, view in enumerate(views):
        label = labels[i]
        if label is None:
            label = _running_text(view, is_between=first - 2 <= i <= last + 3, is_framed=first <= i <= last)
            if label.role in BODY_ROLES and view.block.word_count >= 12:
                if view.block.folded in seen:
                    label = Label(Role.OTHER, "rule:printed-twice", 0.7)
                seen.add(view.block.folded)
        done.append(label)
    return done


def _running_text(view: View, *, is_between: bool, is_framed: bool) -> Label:
    block = view.block
    if not view.is_inside or block.is_hidden:
        return Label(Role.OTHER, "model:outside-main", 0.7)
    if not is_between:
        return Label(Role.OTHER, "model:before-or-after-text", 0.6)
    if block.tag in HEADINGS:
        return (
            Label(Role.SUBHEAD, "rule:heading", 0.7)
            if is_framed and block.link_share < 0.5
            else Label(Role.OTHER, "model:heading-outside", 0.6)
        )
    if "pre" in block.element.tags:
        return Label(Role.BODY, "rule:preformatted", 0.9)
    quoted = "blockquote" in block.element.tags
    # What is all link and no entry of the text was taken before.
    if 0.6 < block.link_share <= _ALL_LINK:
        return Label(Role.RELATED, "model:links", 0.6)
    if block.element.tags & _ITEMS:
        if is_framed or _is_long(block):
            return Label(Role.LIST, "rule:list", 0.7)
        return Label(Role.OTHER, "model:list-outside", 0.6)
    if quoted:
        return Label(Role.QUOTE, "rule:blockquote", 0.8)
    if _is_long(block) or (is_framed and (block.word_count >= 4 or ends_with_mark(block.text))):
        return Label(Role.BODY, "model:running-text", 0.8)
    if ends_sentence(block.text) and block.word_count >= 5:
        return Label(Role.BODY, "model:running-text", 0.6)
    return Label(Role.OTHER, "model:short", 0.6)


# ---------------------------------------------------------------- neighbours


def _neighbour_labels(views: Sequence[View], labels: list[Label], site: str) -> list[Label]:
    """What only the neighbours tell: series notes, teasers, prompts that go on, subheads with nothing below them."""
    body = [i for i, label in enumerate(labels) if label.role in BODY_ROLES]
    if not body:
        return labels
    labels = _beside_credit(views, labels)
    labels = _label_teasers(views, _series_note(views, labels, body), site)
    return drop_bare_subheads(label_prompts(views, labels))


def _beside_credit(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """A few words that share a small box with a credit are the caption."""
    if not any(label.role is Role.CREDIT for label in labels):
        return labels
    labels = list(labels)
    boxes = {view.block.element.parent for view, label in zip(views, labels, strict=True) if label.role is Role.CREDIT}
    crowd: Counter[Element | None] = Counter()
    for view in views:
        element: Element | None = view.block.element
        for _ in range(_PICTURE_LEVELS):
            if element is None:
                break
            if element in boxes:
                crowd[element] += 1
            element = element.parent
    for i, label in enumerate(labels):
        parent = views[i].block.element.parent
        if label.role is not Role.CREDIT or parent is None or crowd[parent] > _MOST_PICTURE_BLOCKS:
            continue
        for j in (i - 1, i + 1):
            if (
                0 <= j < len(labels)
                and views[j].block.element.parent is parent
                and labels[j].role in {Role.BODY, Role.OTHER}
                and 3 <= views[j].block.word_count <= 80
            ):
                labels[j] = Label(Role.CAPTION, "rule:beside-credit", 0.8)
    return labels


def _series_note(views: Sequence[View], labels: list[Label], body: list[int]) -> list[Label]:
    """A tagline behind a bullet before the first paragraph, wherever it is printed; of several bullets none is one."""
    long = [i for i in body if views[i].block.word_count >= 25] or body
    bullets = [i for i in body if BULLET.match(views[i].block.text)]
    # A long dek counts as a paragraph as yet.
    first_long = long[1] if len(bullets) == 1 and long[1:] and bullets[0] < long[1] else long[0]
    notes = {
        view.block.folded
        for view, label in zip(views[: first_long + 1], labels, strict=False)
        if label.role in _PERHAPS_NOTES
        and BULLET.match(view.block.text)
        and 3 <= view.block.word_count <= 25
        and view.block.tag != "li"
    }
    if not notes:
        return labels
    return [
        Label(Role.SERIES_NOTE, "rule:series-note", 0.9)
        if view.block.folded in notes and label.role not in {Role.HEADLINE, Role.CAPTION}
        else label
        for view, label in zip(views, labels, strict=True)
    ]


_TEASERS_NEAR = 2
_FEWEST_TEASER_CHARACTERS = 30


def _label_teasers(views: Sequence[View], labels: list[Label], site: str) -> list[Label]:
    """Where blocks near each other have a link to the site as their first line, they tell of other reports."""
    teasers = [i for i, view in enumerate(views) if "\n" in view.block.text and _is_teaser(view, site)]
    near = {i for pair in pairwise(teasers) if pair[1] - pair[0] <= _TEASERS_NEAR for i in pair}
    if not near:
        return labels
    teaser = Label(Role.RELATED, "rule:teasers", 0.9)
    return [
        teaser if i in near and (label.role in BODY_ROLES or label.role is Role.OTHER) else label
        for i, label in enumerate(labels)
    ]


def _is_teaser(view: View, site: str) -> bool:
    """Whether the first of several lines leads to another page of the site, not to its own place in a ticker."""
    text = view.block.text
    end = text.index("\n")
    if len(text) - end < _FEWEST_TEASER_CHARACTERS or view.block.element.tags & _LAID_OUT:
        return False
    links = [inline.href for inline in view.block.inlines if inline.href and (inline.start, inline.end) == (0, end)]
    return bool(site) and any(not link.startswith("#") and not leads_off(link, site) for link in links)


def drop_bare_subheads(labels: list[Label]) -> list[Label]:
    """A subhead leads to text; the last heading of a page leads to something else."""
    labels = list(labels)
    below = False
    for i in range(len(labels) - 1, -1, -1):
        role = labels[i].role
        if role is Role.SUBHEAD:
            if not below:
                labels[i] = Label(Role.OTHER, "rule:bare-subhead", 0.7)
        elif role in BODY_ROLES:
            below = True
    return labels
