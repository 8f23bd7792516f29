"""
What each block is: body, caption, prompt, navigation …

Two steps. First the *main container* is found, the innermost element that holds most of the
page's running text; then named rules give every block its role, the certain ones first. A role
never depends on words of one language alone, nor on any site.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.blocks import Block, Element
from scraper.read.body_model import BodyModel, shipped_model
from scraper.read.captions import is_credit, split_caption
from scraper.read.features import describe
from scraper.read.markdown import escape, render_block
from scraper.read.names import Hint
from scraper.read.prompts import ROLE_OF_KIND, find_prompt, speaks_of_itself, speaks_to_reader
from scraper.read.views import FEWEST_LONG_WORDS, FULL_STOP, HEADINGS, View, find_views
from scraper.text import fold, squash

_SENTENCE_END = re.compile(r"[.!?…。！？؟।:;”\"'»)\]]\s*$")
_BULLET = re.compile(r"^[•●▪◦·*►▶]\s*")
_DATE = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}(?:\.|st|nd|rd"
    r"|th)?\s+[^\W\d]{3,10}\.?,?\s+\d{4}\b|\b[^\W\d]{3,10}\.?\s+\d{1,2},?\s+\d{4}\b"
    r"|\d{4}年\d{1,2}月\d{1,2}日"
)
_BYLINE = re.compile(
    r"^(?:by|von|par|por|di|door|av|af|text|autor|written by|words by|από|przez|автор|文|記者)\b[\s:]+\S", re.IGNORECASE
)
_RELATED_LABEL = re.compile(
    r"^(?:see also|read (?:also|more|next)|related(?: (?:articles?|stories|story|news|content|links?"
    r"|topics?))?|more (?:on this|from|stories)|also read|lesen sie auch|mehr zum thema|lire aussi"
    r"|à lire"
    r"|lea también|te puede interesar|leggi anche|lees ook|les også|läs (?:också|mer)|læs også"
    r"|czytaj (?:też|także|również)|zobacz też|читайте также|関連記事|관련기사|相关阅读|relacionad[oa]s"
    r"|leia (?:também|mais)|ilgili haber(?:ler)?|recommended)\b[^.!?]{0,60}:?",
    re.IGNORECASE,
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
_FURNITURE_RULE = "rule:furniture"
# … unless the block is a long paragraph: themes name whole pages so.
_OF_SHORT_BLOCKS = Hint.ASIDE | Hint.SHARE | Hint.TAGS | Hint.PROMO | Hint.NEWSLETTER
_NO_PICTURES = Hint.COMMENT | Hint.CONSENT | Hint.FOOTER | Hint.NAV
_FIGURES = frozenset(("figure", "figcaption"))
_ITEMS = frozenset(("li", "dd", "dt"))
_MOST_PICTURE_BLOCKS = 3
_HEAD_ROLES = frozenset((Role.BYLINE, Role.DATELINE))


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of the article before its blocks are labelled."""

    headline: str | None = None
    description: str | None = None
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """A role and the rule that gave it."""

    role: Role
    reason: str
    confidence: float = 1.0


def label_blocks(blocks: tuple[Block, ...], clues: Clues, model: BodyModel | None = None) -> tuple[LabelledBlock, ...]:
    """
    Every block with its role; captions are parted from their credits. Text and order are kept.

    Args:
        model: Tells body from the rest where no rule is certain; the shipped one by default.
    """
    views = find_views(blocks)
    labels = label_by_rules(views, clues)
    rows = describe(views, [(label.role, label.confidence) for label in labels], clues.headline, clues.description)
    open_ones = [i for i, label in enumerate(labels) if not _is_settled(label)]
    chances = dict(zip(open_ones, (model or shipped_model()).predict(rows[open_ones]).tolist(), strict=True))
    labels = _judge_body(views, labels, chances)
    headline = clues.headline or ""
    return tuple(
        piece for view, label in zip(views, labels, strict=True) for piece in _pieces(view.block, label, headline)
    )


def label_by_rules(views: Sequence[View], clues: Clues) -> list[Label]:
    """What the rules alone make of each block; the model looks at it, too."""
    return _neighbour_labels(views, _body_labels(views, _first_labels(views, clues)))


# ---------------------------------------------------------------- body, by the model

# What a rule is certain of stays. These roles go by a name or a pattern alone: the model may take them back
# where it has no doubt.
_LESS_SETTLED = frozenset((Role.BYLINE, Role.DATELINE, Role.KICKER, Role.PROMO))
_NO_DOUBT = 0.9


def _is_settled(label: Label) -> bool:
    """Whether the model is not asked."""
    return _is_certain(label) and (label.role not in _LESS_SETTLED or label.reason.startswith(_PROMPT_RULE))


def _judge_body(views: Sequence[View], labels: list[Label], chances: Mapping[int, float]) -> list[Label]:
    """The labels with what the model says of body: *chances* are its probabilities, by number of block."""
    judged = []
    for i, (view, label) in enumerate(zip(views, labels, strict=True)):
        chance = chances.get(i, 0.0)
        if _is_certain(label) and chance < _NO_DOUBT:
            judged.append(label)
        elif chance >= 0.5:
            role = label.role if label.role in BODY_ROLES else _form_of(view.block)
            judged.append(Label(role, "model:body", round(chance, 3)))
        elif label.role in BODY_ROLES:
            judged.append(Label(Role.OTHER, "model:not-body", round(1 - chance, 3)))
        else:
            judged.append(label)
    return _bare_subheads(judged)


def _is_certain(label: Label) -> bool:
    """Whether a rule settles the role. What a container far around is called ("ad", "banner") is a hint only."""
    return label.reason.startswith("rule:") and label.reason != _FURNITURE_RULE and label.role not in BODY_ROLES


def _form_of(block: Block) -> Role:
    """The body role that the form of a block speaks for."""
    around = {element.tag for element in block.element.ancestors()}
    if block.tag in HEADINGS:
        return Role.SUBHEAD
    if around & {"li", "dd", "dt"}:
        return Role.LIST
    return Role.QUOTE if "blockquote" in around else Role.BODY


# ---------------------------------------------------------------- certain roles

# The same few for every block of a page.
_fold_clue = lru_cache(maxsize=32)(fold)
_Rule = Callable[[View, Clues], Role | None]


def _headline(view: View, clues: Clues) -> Role | None:
    headline = _fold_clue(clues.headline)
    # A kicker can share the heading's line.
    is_headline = view.folded == headline or (view.block.tag == "h1" and view.folded.endswith(f" {headline}"))
    if headline and is_headline and view.block.link_share < 1:
        return Role.HEADLINE
    return Role.HEADLINE if view.block.tag == "h1" and view.own & Hint.HEADLINE and not clues.headline else None


def _caption(view: View, _: Clues) -> Role | None:
    hints = view.own | (view.inherited & Hint.CAPTION)
    if hints & Hint.CAPTION and view.block.word_count <= 120 and not _is_furniture(view):
        return (
            Role.CREDIT
            if is_credit(view.block.text) or (view.own & Hint.CREDIT and view.block.word_count <= 8)
            else Role.CAPTION
        )
    return None


def _credit(view: View, _: Clues) -> Role | None:
    return (
        Role.CREDIT
        if view.block.word_count <= 14
        and not _is_furniture(view)
        and (
            is_credit(view.block.text)
            or (view.own & Hint.CREDIT and not view.own & Hint.BYLINE and view.block.word_count <= 10)
        )
        else None
    )


def _is_furniture(view: View) -> bool:
    """Whether a picture's words stand where no picture of the article does: in menus, footers, teasers."""
    if view.block.link_share > 0.8 and view.block.word_count < 12:
        return True
    in_figure = bool(view.block.element.tags & _FIGURES)
    return bool(view.inherited & _NO_PICTURES) and not in_figure and not view.is_inside


def _furniture(view: View, _: Clues) -> Role | None:
    for hint, role in _FURNITURE:
        if view.inherited & hint and not (hint & _OF_SHORT_BLOCKS and _is_long(view.block)):
            return role
    return None


_MOST_LINE_WORDS = 45


def _prompt(view: View, _: Clues) -> Role | None:
    prompt = find_prompt(view.block.text)
    if prompt is None:
        return None
    in_box = bool(view.inherited & (Hint.PAYWALL | Hint.NEWSLETTER | Hint.PROMO | Hint.CONSENT))
    if not prompt.is_sure and (not in_box or view.block.word_count > _MOST_LINE_WORDS):
        return None
    # A long paragraph among others speaks about subscriptions; a prompt is a line or two, and speaks to the reader.
    if not in_box and (view.block.word_count > _MOST_LINE_WORDS or not speaks_to_reader(view.block.text, prompt)):
        return None
    return ROLE_OF_KIND[prompt.kind]


def _paywall_box(view: View, _: Clues) -> Role | None:
    return (
        Role.PAYWALL
        if view.inherited & Hint.PAYWALL and view.block.word_count < 40 and not _is_long(view.block)
        else None
    )


def _byline(view: View, clues: Clues) -> Role | None:
    if view.block.word_count > 25:
        return None
    if (
        clues.authors
        and view.block.word_count <= 12
        and any(_fold_clue(author) in view.folded for author in clues.authors)
        and not FULL_STOP.search(view.block.text)
    ):
        return Role.BYLINE
    if view.own & Hint.BYLINE and not FULL_STOP.search(view.block.text):
        return Role.BYLINE
    return (
        Role.BYLINE
        if view.block.word_count <= 12 and _BYLINE.match(view.block.text) and not FULL_STOP.search(view.block.text)
        else None
    )


def _dateline(view: View, _: Clues) -> Role | None:
    if view.block.word_count > 16 or (view.block.word_count > 8 and FULL_STOP.search(view.block.text)):
        return None
    if _BYLINE.match(view.block.text):  # a name and a date on one line
        return None
    if _DATE.search(view.block.text) and (view.own & Hint.DATE or len(_DATE.sub("", squash(view.block.text))) < 30):
        return Role.DATELINE
    return (
        Role.DATELINE
        if view.own & Hint.DATE and view.block.word_count <= 8 and any(c.isdigit() for c in view.block.text)
        else None
    )


def _kicker(view: View, _: Clues) -> Role | None:
    return Role.KICKER if view.own & Hint.KICKER and view.block.word_count <= 8 else None


def _hidden(view: View, _: Clues) -> Role | None:
    return Role.OTHER if view.block.is_hidden and not view.is_inside else None


def _related_label(view: View, _: Clues) -> Role | None:
    found = _RELATED_LABEL.match(view.block.text)
    if not found or view.block.word_count > 30:
        return None
    return Role.RELATED if view.block.link_share > 0.3 or found.end() >= len(view.block.text) - 2 else None


def _all_link(view: View, _: Clues) -> Role | None:
    if view.block.link_share > 0.8 and (view.block.tag not in HEADINGS or view.block.word_count > 1):
        return Role.RELATED if view.is_inside or view.block.word_count > 5 else Role.NAV
    return None


_CERTAIN: tuple[_Rule, ...] = (
    _headline,
    _hidden,
    _caption,
    _credit,
    _prompt,
    _related_label,
    _furniture,
    _paywall_box,
    _kicker,
    _dateline,
    _byline,
    _all_link,
)


def _first_labels(views: Sequence[View], clues: Clues) -> list[Label | None]:
    labels: list[Label | None] = []
    for view in views:
        label = None
        for rule in _CERTAIN:
            if (role := rule(view, clues)) is not None:
                label = Label(role, f"rule:{rule.__name__.strip('_').replace('_', '-')}", 0.9)
                break
        labels.append(label)
    return _dek(views, labels, clues)


def _is_long(block: Block) -> bool:
    return block.word_count >= FEWEST_LONG_WORDS and block.link_share < 0.3 and bool(FULL_STOP.search(block.text))


def _dek(views: Sequence[View], labels: list[Label | None], clues: Clues) -> list[Label | None]:
    """The summary near the headline: named so, or the very words of the page's description."""
    headline = next((i for i, label in enumerate(labels) if label and label.role is Role.HEADLINE), None)
    description = fold(clues.description)
    first = headline if headline is not None else 0
    running = 0
    for i in range(first, min(first + 40, len(views))):
        view = views[i]
        if labels[i] is not None or i == headline:
            continue
        words = view.block.word_count
        if 4 <= words <= 90 and view.block.link_share < 0.5:
            is_named = bool(view.own & Hint.DEK) or (
                view.block.tag == "h2" and headline is not None and i - headline <= 4 and words >= 6
            )
            is_described = len(description) > 30 and (
                view.folded == description
                or (view.folded.startswith(description[:-3].strip()) and len(view.folded) < 1.3 * len(description))
            )
            if (
                (is_named and running == 0)
                or (is_described and running == 0 and view.block.tag != "p")
                or (is_named and is_described)
            ):
                labels[i] = Label(Role.DEK, "rule:dek-named" if is_named else "rule:dek-described", 0.8)
                # A dek can be printed again at the head of the body.
                for j in range(i + 1, min(i + 25, len(views))):
                    if views[j].folded == view.folded:
                        labels[j] = Label(Role.DEK, "rule:dek-repeated", 0.8)
                return labels
        running += _is_long(view.block) and view.is_inside
    return _dek_by_place(views, labels, headline)


def _dek_by_place(views: Sequence[View], labels: list[Label | None], headline: int | None) -> list[Label | None]:
    """One paragraph right below the headline, parted from the text by a byline, a date or a tagline."""
    if headline is None or headline + 2 >= len(views):
        return labels
    view, behind = views[headline + 1], labels[headline + 2]
    is_tagged = _BULLET.match(views[headline + 2].block.text) is not None
    is_parted = is_tagged or (behind is not None and behind.role in _HEAD_ROLES)
    if (
        labels[headline + 1] is None
        and is_parted
        and 6 <= view.block.word_count <= 60
        and view.block.link_share < 0.5
        and not _BULLET.match(view.block.text)
    ):
        labels[headline + 1] = Label(Role.DEK, "rule:dek-by-place", 0.6)
    return labels


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
                if view.folded in seen:
                    label = Label(Role.OTHER, "rule:printed-twice", 0.7)
                seen.add(view.folded)
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
    if block.link_share > 0.6:
        return Label(Role.RELATED, "model:links", 0.6)
    if block.element.tags & _ITEMS:
        if is_framed or _is_long(block):
            return Label(Role.LIST, "rule:list", 0.7)
        return Label(Role.OTHER, "model:list-outside", 0.6)
    if quoted:
        return Label(Role.QUOTE, "rule:blockquote", 0.8)
    if _is_long(block) or (is_framed and (block.word_count >= 4 or _SENTENCE_END.search(block.text))):
        return Label(Role.BODY, "model:running-text", 0.8)
    if FULL_STOP.search(block.text) and block.word_count >= 5:
        return Label(Role.BODY, "model:running-text", 0.6)
    return Label(Role.OTHER, "model:short", 0.6)


# ---------------------------------------------------------------- neighbours


def _neighbour_labels(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """What only the neighbours tell: series notes, prompts that go on, subheads with nothing below them."""
    body = [i for i, label in enumerate(labels) if label.role in BODY_ROLES]
    if not body:
        return labels
    labels = _beside_credit(views, labels)
    labels = _series_note(views, labels, body)
    labels = _prompts_go_on(views, labels)
    labels = _prompt_boxes(views, labels)
    labels = _prompt_sections(views, labels)
    labels = _closing_prompts(views, labels)
    return _bare_subheads(labels)


def _beside_credit(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """A few words that share a small box with a credit are the caption."""
    labels = list(labels)
    crowd = Counter(element for view in views for element in islice(view.block.element.ancestors(), 4))
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
    """A tagline behind a bullet before the first paragraph, wherever it is printed."""
    notes: set[str] = set()
    first_long = next((i for i in body if views[i].block.word_count >= 25), body[0])
    for i in range(first_long + 1):
        view = views[i]
        text = view.block.text
        if (
            labels[i].role in BODY_ROLES | {Role.OTHER, Role.DEK}
            and _BULLET.match(text)
            and 3 <= view.block.word_count <= 25
            and view.block.tag != "li"
        ):
            notes.add(fold(text))
    return [
        Label(Role.SERIES_NOTE, "rule:series-note", 0.9)
        if notes and view.folded in notes and label.role not in {Role.HEADLINE, Role.CAPTION}
        else label
        for view, label in zip(views, labels, strict=True)
    ]


def _prompts_go_on(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """After the last paragraph, short lines that stand together with a sure prompt belong to it."""
    labels = list(labels)
    last = max(
        (i for i, label in enumerate(labels) if label.role in BODY_ROLES and _is_paragraph(views[i].block)), default=-1
    )
    for i in range(last + 1, len(labels)):
        if labels[i].role is not Role.PAYWALL:
            continue
        for step in (-1, 1):
            j = i + step
            while last < j < len(labels) and _goes_on(views[i], views[j], labels[j]):
                labels[j] = Label(Role.PAYWALL, "rule:prompt-goes-on", 0.8)
                j += step
    return labels


def _is_paragraph(block: Block) -> bool:
    return block.word_count >= FEWEST_LONG_WORDS


def _goes_on(prompt: View, view: View, label: Label) -> bool:
    if label.role not in BODY_ROLES | {Role.OTHER, Role.RELATED} or view.block.word_count > 15:
        return False
    if find_prompt(view.block.text) is not None:
        return True
    here, there = prompt.block.element, view.block.element
    is_beside = bool({here, here.parent} & {there, there.parent})
    return is_beside and view.block.word_count <= 8 and label.reason != "rule:furniture"


# What an offer holds beside the words that ask: its advantages, its prices.
_MOST_OFFER_WORDS = 150
_LEAST_ASKING = 0.25
_LARGEST_BODY_SHARE = 0.25
_TAKEN_BY_PROMPTS = BODY_ROLES | {Role.OTHER, Role.RELATED, Role.DEK}
_PROMPT_RULE = "rule:prompt"
_OFFERS = frozenset(("subscription", "registration", "meter", "newsletter", "donation"))


def _prompt_boxes(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """A small element that a prompt opens, or that asks twice, is an offer as a whole."""
    labels = list(labels)
    body_words = sum(
        view.block.word_count for view, label in zip(views, labels, strict=True) if label.role in BODY_ROLES
    )
    done: set[int] = set()
    for i in range(len(views)):
        if not _is_offer(views[i], labels[i]):
            continue
        box: range | None = None
        for element in islice(views[i].block.element.ancestors(), 1, 6):
            if element.order in done:
                continue
            done.add(element.order)
            span = _span(views, i, element, _MOST_OFFER_WORDS)
            if span is None:
                break
            if _is_offer_box(views, labels, span, body_words):
                box = span
        for j in box or ():
            if labels[j].role in _TAKEN_BY_PROMPTS:
                labels[j] = Label(labels[i].role, "rule:prompt-box", 0.8)
    return labels


def _is_offer(view: View, label: Label) -> bool:
    """Whether a block was labelled for a sure phrase of an offer."""
    if not label.reason.startswith(_PROMPT_RULE):
        return False
    prompt = find_prompt(view.block.text)
    return prompt is not None and prompt.is_sure and prompt.kind in _OFFERS


def _span(views: Sequence[View], at: int, element: Element, most_words: int) -> range | None:
    """The blocks in an element around one of them; None where they have too many words."""
    first, last = at, at
    words = views[at].block.word_count
    for step in (-1, 1):
        j = at + step
        while 0 <= j < len(views) and any(around is element for around in views[j].block.element.ancestors()):
            words += views[j].block.word_count
            if words > most_words:
                return None
            first, last = min(first, j), max(last, j)
            j += step
    return range(first, last + 1)


def _is_offer_box(views: Sequence[View], labels: Sequence[Label], span: range, body_words: int) -> bool:
    offers = [j for j in span if _is_offer(views[j], labels[j])]
    if any(labels[j].role in _HEAD_ROLES | {Role.HEADLINE} for j in span):
        return False
    opens = span[0] in offers and views[span[0]].block.tag != "li"
    asking = sum(views[j].block.word_count for j in span if find_prompt(views[j].block.text) is not None)
    words = sum(views[j].block.word_count for j in span)
    taken = sum(views[j].block.word_count for j in span if labels[j].role in BODY_ROLES)
    return (opens or len(offers) > 1) and asking >= _LEAST_ASKING * words and taken <= _LARGEST_BODY_SHARE * body_words


def _prompt_sections(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """The few lines below a heading that asks ("Support us!") go with it."""
    labels = list(labels)
    for i, view in enumerate(views):
        if view.block.tag not in HEADINGS or not _is_offer(view, labels[i]):
            continue
        section = []
        for j in range(i + 1, len(views)):
            if views[j].block.element.parent is not view.block.element.parent or views[j].block.tag in HEADINGS:
                break
            section.append(j)
        if sum(views[j].block.word_count for j in section) <= _MOST_OFFER_WORDS:
            for j in section:
                if labels[j].role in _TAKEN_BY_PROMPTS:
                    labels[j] = Label(labels[i].role, "rule:prompt-section", 0.8)
    return labels


def _closing_prompts(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """After an article its publisher may ask at more length than within it."""
    labels = list(labels)
    body = [i for i, label in enumerate(labels) if label.role in BODY_ROLES]
    for i in reversed(body[-3:]):
        prompt = find_prompt(views[i].block.text)
        if prompt is None or not prompt.is_sure:
            break
        if not (speaks_of_itself(prompt) or speaks_to_reader(views[i].block.text, prompt)):
            break
        labels[i] = Label(ROLE_OF_KIND[prompt.kind], "rule:prompt-at-end", 0.7)
    return labels


def _bare_subheads(labels: list[Label]) -> list[Label]:
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


# ---------------------------------------------------------------- pieces


def _pieces(block: Block, label: Label, headline: str) -> Iterable[LabelledBlock]:
    whole = LabelledBlock(label.role, block.text, label.reason, label.confidence, render_block(block), block.tag)
    if label.role is Role.SERIES_NOTE:
        text = _BULLET.sub("", block.text)
        return (replace(whole, text=text, markdown=text),)
    kicker = block.text.removesuffix(headline).strip()
    if label.role is Role.HEADLINE and kicker and kicker != block.text:
        return (
            LabelledBlock(Role.KICKER, kicker, "rule:kicker-in-headline", 0.8, escape(kicker), block.tag),
            replace(whole, text=headline, markdown=escape(headline)),
        )
    if label.role is Role.CAPTION:
        caption, credit = split_caption(block)
        if credit:
            parts = [replace(whole, text=caption, markdown=caption)] if caption else []
            return (*parts, LabelledBlock(Role.CREDIT, credit, "rule:credit-in-caption", 0.9, credit, block.tag))
    return (whole,)
