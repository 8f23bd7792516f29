"""
What each block is: body, caption, prompt, navigation …

Named rules give every block a role (`rules.py` has them all); where none is certain, the model says
what is body and what the dek. A role never depends on words of one language alone, nor on any site.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.label import rules
from scraper.read.label.below import label_below
from scraper.read.label.beside import BULLET, drop_bare_subheads, label_by_neighbours
from scraper.read.label.boxes import label_boxes
from scraper.read.label.comments import label_comments
from scraper.read.label.label import NEVER, Clues, Label, Rule, form_of
from scraper.read.label.pictures import label_pictures
from scraper.read.label.running import label_running_text
from scraper.read.label.walls import label_walls
from scraper.read.label.wholes import label_wholes
from scraper.read.learnt.columns import describe
from scraper.read.learnt.dek import find_dek
from scraper.read.learnt.model import LabelModel, shipped_model
from scraper.read.page.blocks import Block, Outline, Picture
from scraper.read.page.captions import part_caption
from scraper.read.page.markdown import escape, render_block
from scraper.read.page.surroundings import View, find_views
from scraper.read.words.bylines import mail_head_end
from scraper.text import fold


def label_blocks(outline: Outline, clues: Clues, model: LabelModel | None = None) -> tuple[LabelledBlock, ...]:
    """
    Every block with its role; captions are parted from their credits. Text and order are kept.

    Args:
        model: Tells body and dek where no rule is certain; the shipped one by default.
    """
    model = model or shipped_model()
    views = find_views(outline.blocks)
    by_rules = label_by_rules(views, clues)
    chances = body_chances(views, by_rules, outline.pictures, clues, model)
    labels = label_boxes(views, label_wholes(views, _judge_body(views, by_rules, chances), clues.site))
    labels = label_comments(views, labels)
    labels = label_pictures(views, labels, outline.pictures)
    labels = label_below(views, labels, clues)
    roles = [label.role for label in by_rules]
    deks, repeats = find_dek(views, roles, chances, clues.headline, clues.description, model.dek)
    if _leave_text(views, labels, deks):
        for i, chance in deks.items():
            labels[i] = Label(Role.DEK, rules.DEK, round(chance, 3))
        for i in repeats:
            labels[i] = rules.DEK_REPEATED.label(Role.DEK)
    labels = drop_bare_subheads(label_walls(views, labels))
    pieces: list[LabelledBlock] = []
    for view, label in zip(views, labels, strict=True):
        whole = _piece(view.block, label)
        pieces += _parts(whole, view.block, clues.headline or "") if label.role in _PARTED else (whole,)
    return tuple(pieces)


# ---------------------------------------------------------------- by the rules alone


def label_by_rules(views: Sequence[View], clues: Clues) -> list[Label]:
    """What the rules alone make of each block; the model looks at it, too."""
    return label_by_neighbours(views, label_running_text(views, _certain_labels(views, clues)), clues.site)


def _certain_labels(views: Sequence[View], clues: Clues) -> list[Label | None]:
    """The labels by the rules that look at one block alone; None where none is certain."""
    # What is known of the article is folded as the blocks are.
    known = replace(
        clues, headline=fold(clues.headline) if clues.headline else None, authors=tuple(map(fold, clues.authors))
    )
    tests = [(rule, rule.test) for rule in rules.CERTAIN if rule.test]
    labels: list[Label | None] = []
    for view in views:
        label = None
        for rule, test in tests:
            if (role := test(view, known)) is not None:
                label = rule.label(role)
                break
        labels.append(label)
    return labels


# ---------------------------------------------------------------- body and dek, by the model


def _leave_text(views: Sequence[View], labels: Sequence[Label], deks: Collection[int]) -> bool:
    """Whether there is a text beside the dek: a report of one paragraph has it as its body."""
    body = {i for i, label in enumerate(labels) if label.role in BODY_ROLES}
    return sum(views[i].block.word_count for i in body.difference(deks)) > sum(
        views[i].block.word_count for i in body.intersection(deks)
    )


def body_chances(
    views: Sequence[View], labels: Sequence[Label], pictures: Sequence[Picture], clues: Clues, model: LabelModel
) -> list[float]:
    """How likely each block is body, 0 to 1; 0 or 1 where a rule settles what it is."""
    known = [(label.role, label.confidence) for label in labels]
    rows = describe(views, known, pictures, clues.headline, clues.description, model.columns)
    open_ones = [i for i, label in enumerate(labels) if label.rule.gives_way_at < NEVER]
    chances = [float(label.rule.is_surely_text) for label in labels]
    for i, chance in zip(open_ones, model.body_chances(rows, open_ones).tolist(), strict=True):
        chances[i] = chance
    return _without_hidden(views, labels, chances)


def _without_hidden(views: Sequence[View], labels: Sequence[Label], chances: list[float]) -> list[float]:
    """
    The chances with none for what is hidden outside the main container, unless most of the text is
    hidden.

    A script shows such a page; beside a text that is seen, what is hidden is an offer or a draft.
    """
    text = [view.block for view, chance in zip(views, chances, strict=True) if chance >= 0.5]
    hidden = sum(block.word_count for block in text if block.is_hidden)
    if hidden > sum(block.word_count for block in text) / 2:
        return chances
    return [0.0 if label.rule is rules.HIDDEN else chance for label, chance in zip(labels, chances, strict=True)]


def _judge_body(views: Sequence[View], labels: Sequence[Label], chances: Sequence[float]) -> list[Label]:
    """The labels with what the model says of body."""
    judged = []
    for view, label, chance in zip(views, labels, chances, strict=True):
        if label.rule.is_surely_text:
            judged.append(label)
        elif chance >= label.rule.gives_way_at:
            role = label.role if label.role in BODY_ROLES else form_of(view.block)
            judged.append(Label(role, rules.BODY, round(chance, 3)))
        elif label.role in BODY_ROLES:
            judged.append(Label(Role.OTHER, rules.NOT_BODY, round(1 - chance, 3)))
        else:
            judged.append(label)
    return _keep_terms(views, judged)


def _keep_terms(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """A term goes where its definition goes: a word alone looks like nothing."""
    terms = [i for i, view in enumerate(views[:-1]) if view.block.element.tag == "dt"]
    for i in reversed(terms):
        is_defined = "dd" in views[i + 1].block.element.tags and labels[i + 1].role in BODY_ROLES
        if is_defined and labels[i].role is Role.OTHER:
            labels[i] = Label(Role.LIST, rules.TERM, labels[i + 1].confidence)
    return labels


# ---------------------------------------------------------------- pieces

# Most blocks of a page are menus and teasers: nobody follows their links here, and they are never
# shown as text.
_UNRENDERED = frozenset((Role.NAV, Role.RELATED))
# A block of these may hold another piece, or a mark that is no part of it.
_PARTED = frozenset((Role.SERIES_NOTE, Role.HEADLINE, Role.CAPTION, Role.BODY))


def _piece(block: Block, label: Label) -> LabelledBlock:
    markdown = "" if label.role in _UNRENDERED else render_block(block)
    return LabelledBlock(
        label.role, block.text, label.reason, label.confidence, markdown, block.tag, number=block.order
    )


def _parts(whole: LabelledBlock, block: Block, headline: str) -> Iterable[LabelledBlock]:
    text = block.text
    match whole.role:
        case Role.SERIES_NOTE:
            text = BULLET.sub("", text)
            return (whole._replace(text=text, markdown=text),)
        case Role.HEADLINE:
            kicker = text.removesuffix(headline).strip()
            if kicker and kicker != text:
                return (
                    _part(whole, Role.KICKER, kicker, rules.KICKER_IN_HEADLINE, escape(kicker)),
                    whole._replace(text=headline, markdown=escape(headline)),
                )
        case Role.CAPTION:
            caption, credit = part_caption(block)
            if credit:
                parts = [whole._replace(text=caption, markdown=caption)] if caption else []
                return (*parts, _part(whole, Role.CREDIT, credit, rules.CREDIT_IN_CAPTION, credit))
        case Role.BODY if block.tag == "pre" and 0 < (end := mail_head_end(text)) < len(text):
            head, mail = text[:end], replace(block, text=text[end:].strip(), inlines=())
            return (
                _part(whole, Role.BYLINE, head, rules.MAIL_HEAD, escape(head)),
                whole._replace(text=mail.text, markdown=render_block(mail)),
            )
    return (whole,)


def _part(whole: LabelledBlock, role: Role, text: str, rule: Rule, markdown: str) -> LabelledBlock:
    """A piece that was cut off a block."""
    return whole._replace(role=role, text=text, reason=rule.name, confidence=rule.confidence, markdown=markdown)
