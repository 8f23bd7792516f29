"""
Who wrote it: names of people, as the page states them and as it shows them.

Where nobody signs, the organisation that is stated as the author does. What is not there is ().
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.page.hints import is_of_others
from scraper.read.page.parse import Json, Page
from scraper.read.page.statements import PARSELY, parsely_facts, types_of
from scraper.read.words.bylines import (
    MOST_LETTERS,
    clean_names,
    ends_with_by,
    group_in,
    has_by,
    is_bare_by,
    may_be_group,
    names_alone,
    opening_names,
    reported_in_tail,
    shown_names,
    starts_with_by,
    without_by,
)
from scraper.read.words.site_names import squeeze
from scraper.text import squash


class Authors(NamedTuple):
    """Names of people, and where they stood."""

    names: tuple[str, ...] = ()
    origin: str | None = None


# ---------------------------------------------------------------- stated


_AUTHOR_META = re.compile(r"(?:^|.*[:._-]|article|dcsext\.)(?:authors?|creator|byl|byline)$")
_NOT_OF_THE_ARTICLE = re.compile(r"twitter|image|photo|citation")
_JSON_LD, _BYLINE, _SIGNATURE, _ELEMENT = "json-ld", "byline", "signature", "author element"
_HOUSE, _TWITTER = "json-ld organization", "twitter:data"


def find_stated_authors(page: Page, main: Json | None, site_names: Collection[str]) -> tuple[Authors, ...]:
    """Who JSON-LD and meta elements name, each place on its own: JSON-LD first."""
    found = [Authors(clean_names(_people(page, main, key), site_names), _JSON_LD) for key in ("author", "creator")]
    for name, contents in page.meta.items():
        if _AUTHOR_META.match(name) and not _NOT_OF_THE_ARTICLE.search(name):
            found.append(Authors(clean_names(contents, site_names), name))
    stated = parsely_facts(page)
    people = [name for key in ("authors", "author") for name in _names_in(stated.get(key), {}, "Person")]
    found.append(Authors(clean_names(people, site_names), PARSELY))
    found += [Authors(clean_names((text,), site_names), _TWITTER) for text in _labelled_for_twitter(page)]
    return tuple(authors for authors in found if not all(map(_is_login, authors.names)))


def find_groups(
    page: Page, main: Json | None, blocks: Sequence[LabelledBlock], site_names: Collection[str]
) -> Iterator[Authors]:
    """
    Who is named as author and has a name that people rarely have ("The Harbor Team"), as it stands;
    place by place.

    What JSON-LD calls an organisation is left out, and the publication where only a meta element
    names it.
    """
    after_by = (group_in(line.text) for line in _head_lines(blocks))
    sources = (
        (_JSON_LD, _people(page, main, "author")),
        ("author", _in_meta_element(page, site_names)),
        (_BYLINE, after_by),
        (_ELEMENT, (without_by(text) for nodes in _author_elements(page) for text in nodes)),
    )
    for origin, texts in sources:
        names = dict.fromkeys(squash(html.unescape(text)) for text in texts)
        if kept := tuple(filter(may_be_group, names)):
            yield Authors(kept[:1] if origin in {_BYLINE, _ELEMENT} else kept, origin)


def _in_meta_element(page: Page, site_names: Collection[str]) -> Iterator[str]:
    """The names in the meta element of authors, but for those of the publication and of accounts."""
    names = page.meta.get("author", ())
    return (name for name in names if squeeze(name) not in site_names and not _is_login(name))


def find_houses(page: Page, main: Json | None) -> Iterator[Authors]:
    """The organisation that JSON-LD names as the author: whoever answers for a text that nobody signs."""
    names = dict.fromkeys(squash(html.unescape(name)) for name in _people(page, main, "author", kind="Organization"))
    if kept := tuple(name for name in names if 0 < len(name) <= MOST_LETTERS):
        yield Authors(kept, _HOUSE)


def _people(page: Page, main: Json | None, key: str, kind: str = "Person") -> Iterator[str]:
    """
    The names under a key of a JSON-LD object that are of one kind, or of none; references are
    followed.
    """
    if main is None or not main.get(key):
        return
    things = {str(thing["@id"]): thing for thing in page.json_ld if "@id" in thing and _has_name(thing)}
    yield from _names_in(main[key], things, kind)


def _names_in(value: object, things: Mapping[str, Json], kind: str) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from _names_in(part, things, kind)
        case dict():
            thing = value if _has_name(value) else things.get(str(value.get("@id")), {})
            kinds = types_of(thing)
            if not kinds or any(each.endswith(kind) for each in kinds):
                yield from _own_names(thing)


def _has_name(thing: Json) -> bool:
    return bool(thing.get("name") or thing.get("familyName"))


def _own_names(thing: Json) -> Iterator[str]:
    name = thing.get("name") or " ".join(
        part for key in ("givenName", "additionalName", "familyName") if isinstance(part := thing.get(key), str)
    )
    return (part for part in (name if isinstance(name, list) else [name]) if isinstance(part, str))


def _labelled_for_twitter(page: Page) -> Iterator[str]:
    """What stands beside "Written by" in the labelled facts of a Twitter card."""
    for number in (1, 2):
        label, fact = (page.meta_content(f"twitter:{part}{number}") or "" for part in ("label", "data"))
        if ends_with_by(label):
            yield fact


def _is_login(name: str) -> bool:
    """Whether a name is rather an account's: one word, or words and dots, all in lower case."""
    return " " not in name and name.islower()


# ---------------------------------------------------------------- shown


# Where templates put the author when structured data has none; hCard names first.
_AUTHOR_ELEMENTS = (
    ".author .fn, .post-author .fn, .entry-author .fn",
    "a[rel~='author'], [itemprop~='author'] [itemprop~='name']",
    "span.author, span#author, div#author, p#author",
    "[class*='author-name' i], [class*='authorname' i], [class*='author__name' i], [class*='author_name' i]",
    "[class*='author' i] > .name, p.author, div.author, ul.author",
    "a[href*='/author/'], a[href*='/authors/'], a[href*='/autor/'], a[href*='/auteur/'], a[href*='/contributors/']",
)
# What a line with "by" in it can have been taken for.
_LINE_ROLES = frozenset(Role) - BODY_ROLES - {Role.COMMENT, Role.CAPTION, Role.HEADLINE}
# … beside the article.
_BESIDE = frozenset((Role.NAV, Role.RELATED))
_MOST_LINE_WORDS = 30  # several names with what they are; a sentence of the text is longer
# Letters between the lines of two names.
_MOST_BETWEEN = 3
# A line that signs a text is set apart, and a name in it has more than one word: one alone can be
# anything.
_EMPHASISED = re.compile(r"(\*{1,3})[^*]+\1")
# How many blocks before and behind the first of the text a byline is looked for.
_BEFORE, _BEHIND = 12, 6


class _Line(NamedTuple):
    """A line of a block, and what the block is."""

    role: Role
    text: str


def find_shown_authors(page: Page, blocks: Sequence[LabelledBlock], site_names: Collection[str]) -> Iterator[Authors]:
    """
    Whom the page shows as its author: after a "by" at the head of the text, in a byline, in an
    element named so.
    """
    yield from _in_mail(blocks)
    head = _head_lines(blocks)
    signed = [i for i, line in enumerate(head) if has_by(line.text)]
    yield from _signed(head, (i for i in signed if not _may_end_teaser(head[i])), site_names)
    yield from _in_bylines(head, site_names)
    yield from _in_bylines(list(_lines(blocks)), site_names)
    yield from _signed(head, (i for i in signed if _may_end_teaser(head[i])), site_names)
    yield from _at_the_head(blocks, site_names)
    yield from _in_tails(blocks, site_names)
    yield from _in_signatures(blocks, site_names)
    yield from _in_elements(page, site_names)


def _may_end_teaser(line: _Line) -> bool:
    """Whether a "by" within what stands beside the article may be of another one; only if there is another byline."""
    return line.role in _BESIDE and not starts_with_by(line.text)


def _signed(head: Sequence[_Line], places: Iterable[int], site_names: Collection[str]) -> Iterator[Authors]:
    for i in places:
        yield from _named_from(head[i:], site_names, is_signed=True)


# The head of a mail, as archives of lists show it.
_FROM = re.compile(r"^\W*From\W*:\s*(?P<name>[^<(\n@]{3,60}?)\s*(?:[<(]|\n|$)", re.MULTILINE)
_MAIL_DATE = re.compile(r"^\W*Date\W*:\s*(?P<date>\S.{5,60})$", re.MULTILINE)


class MailHead(NamedTuple):
    """Who sent a mail, and when, as it stands there."""

    sender: str
    date: str


def find_mail_head(blocks: Sequence[LabelledBlock]) -> MailHead | None:
    """The head of a mail that a page shows: its sender, and its date close to that."""
    for place, block in enumerate(blocks):
        sent = _FROM.search(block.text) if "From" in block.text else None
        if sent:
            # A head has four or five lines (From, To, Date, Subject), in any order.
            lines = "\n".join(each.text for each in blocks[max(0, place - 2) : place + 3])
            dated = _MAIL_DATE.search(lines)
            return MailHead(sent["name"].strip("\"' "), dated["date"]) if dated else None
    return None


def _in_mail(blocks: Sequence[LabelledBlock]) -> Iterator[Authors]:
    mail = find_mail_head(blocks)
    if mail and (names := clean_names([mail.sender])):
        yield Authors(names, _BYLINE)


def _in_bylines(lines: Sequence[_Line], site_names: Collection[str]) -> Iterator[Authors]:
    for i, line in enumerate(lines):
        if line.role is Role.BYLINE and not ends_with_by(line.text):
            yield from _named_from(lines[i:], site_names, is_signed=False)


# The byline that a first paragraph begins with is set in bold or italics, and may name the place of
# its agency ("By Ann Other, Port Oslo (ABC)").
_BEGINNING = re.compile(r"(\*{1,3})([^*]{5,90}?)\1")
_PLACE_OF_AGENCY = re.compile(r",\s*[^,()]+\([A-Z]{2,6}\)")
# So many names in a line of their own below the headline are its authors, without a word that says so.
_FEWEST_BARE_NAMES = 3
_HEAD_OF_TEXT, _MOST_LIST_WORDS = 3, 40  # blocks, words


def _at_the_head(blocks: Sequence[LabelledBlock], site_names: Collection[str]) -> Iterator[Authors]:
    """Who is named by the first words of the text, or by a bare list of names above it."""
    first = next((i for i, block in enumerate(blocks) if block.role in BODY_ROLES), len(blocks))
    for block in blocks[max(0, first - _HEAD_OF_TEXT) : first + _HEAD_OF_TEXT]:
        if names := _names_at_the_head(block, site_names):
            yield Authors(names, _BYLINE)


def _names_at_the_head(block: LabelledBlock, site_names: Collection[str]) -> tuple[str, ...]:
    begins = _BEGINNING.match(block.markdown)
    if begins and starts_with_by(begins[2]):
        return shown_names(_PLACE_OF_AGENCY.sub("", begins[2]), site_names)
    if block.role in BODY_ROLES and (opening := opening_names(block.text)):
        return clean_names((opening,), site_names)
    if block.role is Role.CAPTION and starts_with_by(block.text):
        return shown_names(block.text, site_names)
    if block.tag not in {"p", "div"} or len(block.text.split()) > _MOST_LIST_WORDS:
        return ()
    names = names_alone(squash(block.text), site_names)
    return names if len(names) >= _FEWEST_BARE_NAMES else ()


def _in_tails(blocks: Sequence[LabelledBlock], site_names: Collection[str]) -> Iterator[Authors]:
    """Who reported, as agencies say in brackets below a text; who edited it stands behind that."""
    for block in _last_of_text(blocks):
        text = squash(block.text)
        is_signed = text.startswith("(") and text.endswith(")") and starts_with_by(text)
        reported = text.strip("()").split(";")[0] if is_signed else reported_in_tail(text)
        if reported and (names := shown_names(reported, site_names)):
            yield Authors(names, _BYLINE)


def _last_of_text(blocks: Sequence[LabelledBlock]) -> Sequence[LabelledBlock]:
    """The last blocks of the text, and those right behind them."""
    last = max((i for i, block in enumerate(blocks) if block.role in BODY_ROLES), default=-1)
    return blocks[max(0, last - 1) : last + 3]


def _in_signatures(blocks: Sequence[LabelledBlock], site_names: Collection[str]) -> Iterator[Authors]:
    for text in _signatures(blocks):
        if names := names_alone(text, site_names):
            yield Authors(names, _SIGNATURE)


def _in_elements(page: Page, site_names: Collection[str]) -> Iterator[Authors]:
    for texts in _author_elements(page):
        if names := tuple(dict.fromkeys(name for text in texts for name in shown_names(text, site_names))):
            yield Authors(names, _ELEMENT)


def _named_from(lines: Sequence[_Line], site_names: Collection[str], *, is_signed: bool) -> Iterator[Authors]:
    """
    Whom the first line names, if anybody, and the bylines that follow it, where each name stands
    alone on its line.

    Initials or an "and" may stand between.

    Args:
        is_signed: The line has a "by", at the head of the text.
    """
    first, *below = lines
    names = shown_names(first.text, site_names)
    # A single word with a capital can be a label; the scripts without capitals have none between
    # names either.
    if not names or not (is_signed or any(" " in name or not name[0].isupper() for name in names)):
        return
    goes_on = is_signed or names_alone(first.text, site_names)
    more = _names_below(below, site_names) if goes_on else ()
    yield Authors(tuple(dict.fromkeys((*names, *more))), _BYLINE)


def _names_below(lines: Iterable[_Line], site_names: Collection[str]) -> Iterator[str]:
    """The names in the bylines at the head of some lines, up to the first line that is something else."""
    for line in lines:
        if len(line.text) <= _MOST_BETWEEN:
            continue
        names = names_alone(line.text, site_names) if line.role is Role.BYLINE else ()
        if not names:
            return
        yield from names


def _signatures(blocks: Sequence[LabelledBlock]) -> Iterator[str]:
    """The paragraphs in bold or italics right above the first of the text and right below the last."""
    text = [i for i, block in enumerate(blocks) if block.role in BODY_ROLES]
    for i in (text[0] - 1, text[-1] + 1) if text else ():
        block = blocks[i] if 0 <= i < len(blocks) else None
        if block and block.role is Role.OTHER and block.tag == "p" and _EMPHASISED.fullmatch(block.markdown):
            yield squash(block.text)


def _author_elements(page: Page) -> Iterator[list[str]]:
    """
    The texts of elements that are marked as the author's, those that stand beside each other
    together.
    """
    for selector in _AUTHOR_ELEMENTS:
        texts: dict[int, list[str]] = {}
        for node in page.tree.css(selector):
            if is_of_others(node):
                continue
            texts.setdefault(node.parent.mem_id if node.parent else 0, []).append(squash(node.text()))
        yield from texts.values()


def _head(blocks: Sequence[LabelledBlock]) -> Sequence[LabelledBlock]:
    first = next((i for i, block in enumerate(blocks) if block.role in BODY_ROLES), len(blocks))
    return blocks[max(0, first - _BEFORE) : first + _BEHIND]


def _head_lines(blocks: Sequence[LabelledBlock]) -> list[_Line]:
    """
    The lines around the head of the text. A label ("Written by") on a line of its own goes with the
    name below.
    """
    lines = [line for line in _lines(_head(blocks)) if line.role in _LINE_ROLES]
    return [
        line._replace(text=f"{above.text} {line.text}")
        if is_bare_by(above.text) and names_alone(line.text, ())
        else line
        for above, line in pairwise([_Line(Role.OTHER, ""), *lines])
    ]


def _lines(blocks: Sequence[LabelledBlock]) -> Iterator[_Line]:
    for block in blocks:
        for line in block.text.splitlines():
            if len(line.split()) <= _MOST_LINE_WORDS:
                yield _Line(block.role, squash(line))


# ---------------------------------------------------------------- choosing


def choose_authors(
    stated: Sequence[Authors], shown: Iterable[Authors], groups: Iterable[Authors], houses: Iterable[Authors] = ()
) -> Authors:
    """
    The authors: JSON-LD's, else those of a byline that names more people than the meta element,
    else those of a meta element that the page shows as well, else any meta element's; else those of
    a byline or a signature, else a group, else those of an element with an author's mark, else the
    house.

    Args:
        shown: Bylines first, then signatures.

    >>> metas = Authors(("House Co",), "author"), Authors(("Jo Roe",), "byl")
    >>> choose_authors(metas, [Authors(("Jo Roe",), _BYLINE)], ())
    Authors(names=('Jo Roe',), origin='byl')
    """
    return next(_choices(stated, shown, groups, houses), Authors())


def _choices(
    stated: Sequence[Authors], shown: Iterable[Authors], groups: Iterable[Authors], houses: Iterable[Authors]
) -> Iterator[Authors]:
    """
    The best first. What is not asked for is not looked for: the elements of a page are searched for
    last.
    """
    if not stated:
        best = next(iter(shown), Authors())
        if best.origin in {_BYLINE, _SIGNATURE}:
            yield best
        yield from groups
        if best.names:
            yield best
        yield from houses
    elif stated[0].origin == _JSON_LD:
        yield stated[0]
    else:
        yield from _choices_of_metas(stated, list(shown))


def _choices_of_metas(stated: Sequence[Authors], shown: Sequence[Authors]) -> Iterator[Authors]:
    """The best first, where meta elements name authors and JSON-LD does not."""
    names = {name for authors in shown for name in authors.names}
    yield from (line for line in shown if line.origin == _BYLINE and set(line.names) > set(stated[0].names))
    yield from (authors for authors in stated if not names.isdisjoint(authors.names))
    yield from stated
