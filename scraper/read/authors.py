"""
Who wrote it: names of people, as the page states them and as it shows them.

An organisation, a role, a date, an address or the site's own name is nobody's name; where nobody signs, the
organisation that is stated as the author does. What is not there is ().
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.dates import cut_date
from scraper.read.names import Hint, hints_of
from scraper.read.page import Json, Page, attribute
from scraper.read.site_name import is_site_name, squeeze
from scraper.read.statements import types_of
from scraper.text import squash

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S*@\S+", re.IGNORECASE)
_NO_NAME = re.compile(r"[@_#<>{}=…!?:→»]|^\W*$|\d|\.(?:com|org|net|de|co|info|io)\b", re.IGNORECASE)
# "By" as bylines have it. It can be set against the name by a style sheet alone ("ByAnn Other").
_BY_WORDS = (
    r"(?:(?:articles?|recipe|written|reported|words|text|posted|published|story)\s+)?by"
    r"|(?:(?:ein(?:e|en)?\s+)?(?:artikel|(?:gast)?beitrag|bericht|text|kommentar|analyse)\s+)?von|vom|par|por|di"
    r"|de notre correspondant|door|av|af|oleh|przez|(?:tekst|texte?|texto|testo|текст|interview)(?=\s*[:：])"
    r"|autor(?:in|en|es)?|auteur|autore|authors?(?:\(s\))?|автор|yaza[rn]|skribent|από|του|文|記者|作者|著者|執筆者?"
    r"|작성자|글쓴이"
)
_BY_END = r"(?:\s*[:：／/]\s*|\s+|(?-i:(?<=[Bb]y)(?=[A-Z]|by )))"
_BY = re.compile(rf"^\W*(?:{_BY_WORDS}){_BY_END}(?=\S)", re.IGNORECASE)
_BARE_BY = re.compile(rf"^\W*(?:{_BY_WORDS})\W*$", re.IGNORECASE)
# What a label ends with that says whose name follows ("Verfasst von").
_LABEL_END = re.compile(rf"(?:^|\s)(?:{_BY_WORDS}|da)\W*$", re.IGNORECASE)
# … in the middle of a line, behind a date or a mark that parts it.
_BY_WITHIN = re.compile(rf"(?<=[\d|•·,/–—)])\s*(?:\w{{1,4}}\s+){{0,2}}(?:{_BY_WORDS}){_BY_END}(?=\S)", re.IGNORECASE)
# Letters behind a name stay with it ("Ann Other, MD"); an agency is a name of its own.
_AGENCIES = frozenset("afp ansa ap apa dpa efe epd kna lusa ntb reuters ritzau sda ats sid tass tt upi xinhua".split())
_LETTERS_BEHIND = (
    rf"(?:jr|sr|ii|iii|md|phd|ph\.d)\b|(?!(?:{'|'.join(_AGENCIES)})\b)(?-i:[A-Z][A-Z.®]{{1,5}})(?=\s*(?:,|$))"
)
_NAME_BREAK = re.compile(
    rf"\s*(?:[;|•·⋅/、]|\s[-–—]\s|,(?!\s*(?:{_LETTERS_BEHIND}))"
    r"|\s(?:and|und|et|y|e|en|og|och|i|ja|ve|dan|και|и|&|with|mit|avec|con)\s)\s*",
    re.IGNORECASE,
)
_ROLE_WORDS = re.compile(
    r"\b(?:editors?|editorial|correspondent|reporter|writer|staff|redaktion|redakteur(?:in)?|redaktör|redacteur"
    r"|korrespondent(?:in)?|journalist(?:in|e)?|rédaction|redacción|redazione|redakcja|редакция|newsroom|desk"
    r"|director|manager|founder|officer|contributor|analyst|columnist|bureau|chief|special|senior|agencies|agency"
    r"|team|inc|ltd|gmbh|llc|minutes?|mins?|read|updated?|published|posted|twitter|facebook|follow|share|more"
    r"|comments?|author|review(?:ed|er)|edited|expert|unknown|admin(?:istrator)?|super user)\b",
    re.IGNORECASE,
)
_REPORTER_SUFFIX = re.compile(r"\s*(?:기자|특파원|記者|记者)$")
# Between the parts of a name, in lower case.
_PARTICLES = frozenset(
    "abu af al av ben bin da dal de del della den der di dos du e el ibn la le st ten ter und van vom von y zu".split()
)
_MOST_NAME_LETTERS, _MOST_NAME_WORDS = 60, 6


class Authors(NamedTuple):
    """Names of people, and where they stood."""

    names: tuple[str, ...] = ()
    origin: str | None = None


# ---------------------------------------------------------------- names


def clean_names(raw: Iterable[str], site_names: Collection[str] = ()) -> tuple[str, ...]:
    """
    Names of people alone: "By" off, joined names parted; roles, dates, places, addresses and organisations left out.

    Args:
        site_names: As `find_site_names` gives them; none of these is a person.

    >>> clean_names(["By Ann Other and Jo Roe, Staff writer"])
    ('Ann Other', 'Jo Roe')
    >>> clean_names(["Monday January 18, 10:44 am by ANN OTHER", "News Monitor | ann@news.example"], ("newsmonitor",))
    ('ANN OTHER',)
    """
    names: list[str] = []
    for text in raw:
        parts = _NAME_BREAK.split(_line_of_names(text))
        is_of_site = any(is_site_name(part, site_names) for part in parts)
        for name in (name for part in parts if (name := _clean_name(part, site_names))):
            # A single word beside a whole name, or behind that of the site, is a place ("Ann Other, Oslo").
            is_place = " " not in name and (is_of_site or any(" " in squash(part) for part in parts))
            if not is_place or name.lower() in _AGENCIES or len(parts) == 1:
                names.append(name)
    return tuple(dict.fromkeys(names))


def _line_of_names(text: str) -> str:
    """What a line says between "by" and a date."""
    line = re.sub(r"\([^()]*\)?", " ", _ADDRESS.sub(" ", squash(html.unescape(text))))
    if within := _BY_WITHIN.search(line):
        line = line[within.end() :]
    return cut_date(_without_by(line))


def _without_by(line: str) -> str:
    while (shorter := _BY.sub("", line)) != line:
        line = shorter
    return "" if _BARE_BY.match(line) else line


def _clean_name(part: str, site_names: Collection[str]) -> str | None:
    name = _without_site(_REPORTER_SUFFIX.sub("", _without_by(squash(part)).strip(" .,-–—:/+\"'[]")), site_names)
    if (
        not name
        or len(name) > _MOST_NAME_LETTERS
        or len(name.split()) > _MOST_NAME_WORDS
        or _NO_NAME.search(name)
        or _ROLE_WORDS.search(name)
        or is_site_name(name, site_names)
    ):
        return None
    return name


def _without_site(name: str, site_names: Collection[str]) -> str:
    """
    A name without that of the site behind it.

    >>> _without_site("Ann Other, Harbor News", ("harbornews",)), _without_site("Harbor News", ("harbornews",))
    ('Ann Other', 'Harbor News')
    """
    words = name.split()
    for end in range(2, len(words)):
        if squeeze(" ".join(words[end:])) in site_names:
            return " ".join(words[:end]).rstrip(",")
    return name


def _leading_name(text: str) -> str:
    """
    The words at the start of a text that are written as names are, in scripts that have capitals.

    >>> _leading_name("Ann van der Berg in Sports"), _leading_name("mins read"), _leading_name("山田太郎")
    ('Ann van der Berg', '', '山田太郎')
    """
    words = text.split()
    end = next((i for i, word in enumerate(words) if word[0].islower() and word not in _PARTICLES), len(words))
    while end and words[end - 1] in _PARTICLES:
        end -= 1
    return " ".join(words[:end]) if end and not words[0][0].islower() else ""


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
    found += [Authors(clean_names((text,), site_names), _TWITTER) for text in _labelled_for_twitter(page)]
    return tuple(authors for authors in found if not all(map(_is_login, authors.names)))


def find_groups(
    page: Page, main: Json | None, blocks: Sequence[LabelledBlock], site_names: Collection[str]
) -> Iterator[Authors]:
    """
    Who is named as author and has a name that people rarely have ("The Harbor Team"), as it stands; place by place.

    What JSON-LD calls an organisation is left out, and the publication where only a meta element names it.
    """
    after_by = (_leading_name(_without_by(cut_date(line))) for line in _head_lines(blocks) if _BY.match(line))
    metas = (name for name in page.meta.get("author", ()) if squeeze(name) not in site_names and not _is_login(name))
    sources = (
        (_JSON_LD, _people(page, main, "author")),
        ("author", metas),
        (_BYLINE, after_by),
        (_ELEMENT, (_without_by(text) for nodes in _author_elements(page) for text in nodes)),
    )
    for origin, texts in sources:
        names = dict.fromkeys(squash(html.unescape(text)) for text in texts)
        if kept := tuple(filter(_may_be_group, names)):
            yield Authors(kept[:1] if origin in {_BYLINE, _ELEMENT} else kept, origin)


def find_houses(page: Page, main: Json | None) -> Iterator[Authors]:
    """The organisation that JSON-LD names as the author: whoever answers for a text that nobody signs."""
    names = dict.fromkeys(squash(html.unescape(name)) for name in _people(page, main, "author", kind="Organization"))
    if kept := tuple(name for name in names if 0 < len(name) <= _MOST_NAME_LETTERS):
        yield Authors(kept, _HOUSE)


def _may_be_group(name: str) -> bool:
    return (
        bool(name)
        and len(name) <= _MOST_NAME_LETTERS
        and len(name.split()) <= _MOST_NAME_WORDS
        and not _NO_NAME.search(_ADDRESS.sub("@", name))
    )


def _people(page: Page, main: Json | None, key: str, kind: str = "Person") -> Iterator[str]:
    """The names under a key of a JSON-LD object that are of one kind, or of none; references are followed."""
    if main is None or not main.get(key):
        return
    things = {str(thing["@id"]): thing for thing in page.json_ld if "@id" in thing and "name" in thing}
    yield from _names_in(main[key], things, kind)


def _names_in(value: object, things: Mapping[str, Json], kind: str) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from _names_in(part, things, kind)
        case dict():
            thing = value if "name" in value else things.get(str(value.get("@id")), {})
            kinds = types_of(thing)
            if not kinds or any(each.endswith(kind) for each in kinds):
                name = thing.get("name")
                yield from (part for part in (name if isinstance(name, list) else [name]) if isinstance(part, str))


def _labelled_for_twitter(page: Page) -> Iterator[str]:
    """What stands beside "Written by" in the labelled facts of a Twitter card."""
    for number in (1, 2):
        label, fact = (page.meta_content(f"twitter:{part}{number}") or "" for part in ("label", "data"))
        if _LABEL_END.search(label):
            yield fact


def _is_login(name: str) -> bool:
    """Whether a name is rather an account's: one word, or words and dots, all in lower case."""
    return " " not in name and name.islower()


# ---------------------------------------------------------------- shown


# Where templates put the author when structured data has none; hCard names first.
_AUTHOR_ELEMENTS = (
    ".author .fn, .post-author .fn, .entry-author .fn",
    "a[rel~='author'], [itemprop~='author'] [itemprop~='name']",
    "span.author",
    "[class*='author-name' i], [class*='authorname' i], [class*='author__name' i], [class*='author_name' i]",
    "[class*='author' i] > .name, p.author, div.author, ul.author",
    "a[href*='/author/'], a[href*='/authors/'], a[href*='/autor/'], a[href*='/auteur/'], a[href*='/contributors/']",
)
# Comments and teasers have authors, too.
_OF_OTHERS = Hint.COMMENT | Hint.RELATED
# What a line with "by" in it can have been taken for.
_LINE_ROLES = frozenset(Role) - BODY_ROLES - {Role.COMMENT, Role.CAPTION, Role.HEADLINE}
_MOST_LINE_WORDS = 30
# A line that signs a text is set apart, and a name in it has more than one word: one alone can be anything.
_EMPHASISED = re.compile(r"(\*{1,3})[^*]+\1")
_NAME_LENGTHS = range(2, 5)
# How many blocks before and behind the first of the text a byline is looked for.
_BEFORE, _BEHIND = 12, 6


def find_shown_authors(page: Page, blocks: Sequence[LabelledBlock], site_names: Collection[str]) -> Iterator[Authors]:
    """Whom the page shows as its author: after a "by" at the head of the text, in a byline, in an element named so."""
    for line in _head_lines(blocks):
        if (_BY.match(line) or _BY_WITHIN.search(line)) and (names := _shown_names(line, site_names)):
            yield Authors(names, _BYLINE)
    for line in (line for block in (*_head(blocks), *blocks) if block.role is Role.BYLINE for line in _lines(block)):
        names = _shown_names(line, site_names)
        # A single word with a capital can be a label; the scripts without capitals have none between names either.
        if any(" " in name or not name[0].isupper() for name in names):
            yield Authors(names, _BYLINE)
    for line in _signatures(blocks):
        if names := _names_alone(line, site_names):
            yield Authors(names, _SIGNATURE)
    for texts in _author_elements(page):
        if names := tuple(dict.fromkeys(name for text in texts for name in _shown_names(text, site_names))):
            yield Authors(names, _ELEMENT)


def _signatures(blocks: Sequence[LabelledBlock]) -> Iterator[str]:
    """The paragraphs in bold or italics right above the first of the text and right below the last."""
    text = [i for i, block in enumerate(blocks) if block.role in BODY_ROLES]
    for i in (text[0] - 1, text[-1] + 1) if text else ():
        block = blocks[i] if 0 <= i < len(blocks) else None
        if block and block.role is Role.OTHER and block.tag == "p" and _EMPHASISED.fullmatch(block.markdown):
            yield squash(block.text)


def _names_alone(line: str, site_names: Collection[str]) -> tuple[str, ...]:
    """
    The names in a line that holds names of people and nothing else; "IN THIS ARTICLE" is written otherwise than those.

    >>> _names_alone("Ann Other / Jo Roe", ()), _names_alone("IN THIS ARTICLE", ())
    (('Ann Other', 'Jo Roe'), ())
    """
    names = clean_names((line,), site_names)
    are_names = all(
        _leading_name(name) == name and len(name.split()) in _NAME_LENGTHS and not name.isupper() for name in names
    )
    return names if are_names and list(names) == _NAME_BREAK.split(line) else ()


def _author_elements(page: Page) -> Iterator[list[str]]:
    """The texts of elements that are marked as the author's, those that stand beside each other together."""
    for selector in _AUTHOR_ELEMENTS:
        texts: dict[int, list[str]] = {}
        for node in page.tree.css(selector):
            if any(hints_of(attribute(around, "class")) & _OF_OTHERS for around in _around(node)):
                continue
            texts.setdefault(node.parent.mem_id if node.parent else 0, []).append(squash(node.text()))
        yield from texts.values()


def _around(node: LexborNode | None) -> Iterator[LexborNode]:
    while node is not None:
        yield node
        node = node.parent


def _head(blocks: Sequence[LabelledBlock]) -> Sequence[LabelledBlock]:
    first = next((i for i, block in enumerate(blocks) if block.role in BODY_ROLES), len(blocks))
    return blocks[max(0, first - _BEFORE) : first + _BEHIND]


def _head_lines(blocks: Sequence[LabelledBlock]) -> list[str]:
    """The lines around the head of the text. A label ("Written by") on a line of its own goes with the name below."""
    lines = [line for block in _head(blocks) if block.role in _LINE_ROLES for line in _lines(block)]
    return [
        f"{above} {line}" if _BARE_BY.match(above) and _names_alone(line, ()) else line
        for above, line in pairwise(["", *lines])
    ]


def _lines(block: LabelledBlock) -> list[str]:
    return [squash(line) for line in block.text.splitlines() if len(line.split()) <= _MOST_LINE_WORDS]


def _shown_names(line: str, site_names: Collection[str]) -> tuple[str, ...]:
    """The names in a line. What follows the first in lower case is cut off; others must be names as a whole."""
    names = clean_names((line,), site_names)
    first = [short for name in names[:1] if (short := _leading_name(name))]
    return (*first, *(name for name in names[1:] if _leading_name(name) == name))


# ---------------------------------------------------------------- choosing


def choose_authors(
    stated: Sequence[Authors], shown: Iterable[Authors], groups: Iterable[Authors], houses: Iterable[Authors] = ()
) -> Authors:
    """
    The authors: JSON-LD's, else those of a byline that names more people than the meta element, else those of a meta
    element that the page shows as well, else any meta element's; else those of a byline or a signature, else a group,
    else those of an element with an author's mark, else the house.

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
    """The best first. What is not asked for is not looked for: the elements of a page are searched for last."""
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
        shown = list(shown)
        names = {name for authors in shown for name in authors.names}
        yield from (line for line in shown if line.origin == _BYLINE and set(line.names) > set(stated[0].names))
        yield from (authors for authors in stated if not names.isdisjoint(authors.names))
        yield from stated
