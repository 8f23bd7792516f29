"""
The line that says who wrote something: the names in it, between "by" and a date, each on its own.

An organisation, a role, a date, an address or the site's own name is nobody's name. Words are in `bylines.toml`.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Collection, Iterable
from importlib.resources import files

from scraper.read.words.dates import cut_date
from scraper.read.words.site_names import is_site_name, squeeze
from scraper.read.words.word_index import any_of
from scraper.text import squash

_WORDS = tomllib.loads((files("scraper.read.words") / "bylines.toml").read_text(encoding="utf-8"))


def _any_in(table: str, *rows: str) -> str:
    """A pattern for the words in rows of a table of `bylines.toml`, by default in all that are named by language."""
    named = rows or [row for row in _WORDS[table] if row not in {"colon", "label"}]
    return any_of(word for row in named for word in _WORDS[table][row])


def _nobody(*rows: str) -> str:
    return any_of(" ".join(_WORDS["nobody"][row] for row in rows).split())


_BY_WORDS = rf"(?:{_any_in('by')}|{_any_in('by', 'colon')}(?=\s*[:：]))"
# "By" can be set against the name by a style sheet alone ("ByAnn Other").
_BY_END = r"(?:\s*[:：／/]\s*|\s+|(?-i:(?<=[Bb]y)(?=[A-Z]|by )))"
_BY = re.compile(rf"^\W*{_BY_WORDS}{_BY_END}(?=\S)", re.IGNORECASE)
_BY_LABEL = rf"(?:{_BY_WORDS}|{_any_in('by', 'label')})\W*$"
_BARE_BY = re.compile(rf"^\W*{_BY_LABEL}", re.IGNORECASE)
_LABEL_END = re.compile(rf"(?:^|\s){_BY_LABEL}", re.IGNORECASE)
# … in the middle of a line, behind a date or a mark that parts it.
_BY_WITHIN = re.compile(rf"(?<=[\d|•·,/–—)])\s*(?:\w{{1,4}}\s+){{0,2}}{_BY_WORDS}{_BY_END}(?=\S)", re.IGNORECASE)

# A handle stands behind the name at times, without a space; what has a dot behind its "@" is an address.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S*@\S*\.\w\S*|@\S+", re.IGNORECASE)
_NO_NAME = re.compile(r"[@_#<>{}=…!?:：→»]|^\W*$|\d|\.(?:com|org|net|de|co|info|io)\b", re.IGNORECASE)
# Letters behind a name stay with it ("Ann Other, MD"); an agency is a name of its own.
_AGENCIES = frozenset(_WORDS["agencies"]["short"])
_LETTERS_BEHIND = (
    rf"(?:jr|sr|ii|iii|md|phd|ph\.d)\b|(?!{_any_in('agencies', 'short')}\b)(?-i:[A-Z][A-Z.®]{{1,5}})(?=\s*(?:,|$))"
)
_NAME_BREAK = re.compile(
    rf"\s*(?:[;|•·●⋅/、]|\s[-–—]\s|,(?!\s*(?:{_LETTERS_BEHIND}))(?:\s*{_any_in('and', 'and')}\s)?"
    rf"|\s{_any_in('and')}\s)\s*",
    re.IGNORECASE,
)
# Nobody's name holds one: what somebody is, how high, where, and words of other lines.
_POST = rf"{_nobody('post')}(?:s|e|es|en|in|innen|a|as|ka)?"
_RANK, _OTHERS = _nobody("rank"), _nobody("house", "line")
_NOBODY = re.compile(rf"\b(?:(?P<post>[\w-]*{_POST})|(?P<rank>{_RANK})|{_OTHERS})\b", re.IGNORECASE)
# What else a line says is at times set against the name by a style sheet alone ("Ann OtherPublished"); names have
# capitals within, too ("DeSiato").
_GLUED = (
    r"(?-i:(?<=[^\W\d_A-Z])(?=[A-Z]))"
    rf"(?:{_any_in('behind')}|{_POST}|{_RANK}|{_OTHERS}|in|on)(?-i:(?![^\W\d_A-Z]))"
)
_SPACED = rf"{_any_in('behind')}\b|{_any_in('behind', 'colon')}\s?:|[^\s：]{{2,6}}："
_BEHIND = re.compile(rf"(?:\s+(?:{_SPACED})|{_GLUED}|【).*", re.IGNORECASE)
_HOUSES = frozenset(_WORDS["agencies"]["names"])
_HOUSE_BEHIND = re.compile(rf"\s+{_any_in('agencies', 'names')}\b.*", re.IGNORECASE)
_TWICE = re.compile(r"(\S+ .+?)\s*\1|(\S{3,})\2")
# In Korean and Chinese what somebody is stands behind the name; a place can stand before it.
_REPORTER = re.compile(r"^(?:.*[\s=])?(\S+?)\s*(?:기자|특파원|記者|记者)$")
# … or before it, and the place behind a stroke ("記者王小明／台北報導").
_REPORTER_AT = re.compile(r"記者([^\W\d_]{2,4})[／/╱]")
# Between the parts of a name, in lower case.
_PARTICLES = frozenset(
    "abu af al av ben bin da dal de del della den der di dos du e el ibn la le st ten ter und van vom von y zu".split()
)
MOST_LETTERS = 60
_MOST_WORDS = 6
_NAME_LENGTHS = range(2, 5)


def clean_names(raw: Iterable[str], site_names: Collection[str] = (), *, is_shown: bool = False) -> tuple[str, ...]:
    """
    Names of people alone: "By" off, joined names parted; roles, dates, places, addresses and organisations left out.

    Args:
        site_names: As `find_site_names` gives them; none of these is a person.
        is_shown: They come from lines of the page, where a role can follow the name without a sign between them.

    >>> clean_names(["By Ann Other, Jo Roe, and Ina Muster, Staff writer"])
    ('Ann Other', 'Jo Roe', 'Ina Muster')
    >>> clean_names(["Monday January 18, 10:44 am by ANN OTHER", "News Monitor | ann@news.example"], ("newsmonitor",))
    ('ANN OTHER',)
    >>> clean_names(["Ann Other Health reporter"]), clean_names(["Ann Other Health reporter"], is_shown=True)
    ((), ('Ann Other',))
    """
    names: list[str] = []
    for text in raw:
        parts = _NAME_BREAK.split(_line_of_names(text))
        is_of_site = any(is_site_name(part, site_names) for part in parts)
        for name in (name for part in parts if (name := _clean_name(part, site_names, is_shown=is_shown))):
            # A single word beside a whole name, or behind that of the site, is a place ("Ann Other, Oslo").
            is_place = " " not in name and name[0].isupper() and (is_of_site or any(" " in squash(p) for p in parts))
            if not is_place or name.lower() in _AGENCIES or len(parts) == 1:
                names.append(name)
    return tuple(dict.fromkeys(names))


def shown_names(line: str, site_names: Collection[str]) -> tuple[str, ...]:
    """
    The names in a line. What follows the first in lower case is cut off; others must be names as a whole.

    >>> shown_names("By Ann Other in Ports, Oslo", ()), shown_names("Von Ina Muster und dpa", ())
    (('Ann Other',), ('Ina Muster', 'dpa'))
    """
    names = clean_names((line,), site_names, is_shown=True)
    first = [short for name in names[:1] if (short := _written_as_name(name))]
    return (*first, *(name for name in names[1:] if _written_as_name(name) == name))


def _written_as_name(name: str) -> str:
    return name if name in _AGENCIES else leading_name(name)


def names_alone(line: str, site_names: Collection[str]) -> tuple[str, ...]:
    """
    The names in a line that holds names of people and nothing else; "IN THIS ARTICLE" is written otherwise than those.

    >>> names_alone("Ann Other / Jo Roe", ()), names_alone("IN THIS ARTICLE", ())
    (('Ann Other', 'Jo Roe'), ())
    """
    names = clean_names((line,), site_names)
    are_names = all(
        leading_name(name) == name and len(name.split()) in _NAME_LENGTHS and not name.isupper() for name in names
    )
    return names if are_names and list(names) == _NAME_BREAK.split(line) else ()


def leading_name(text: str) -> str:
    """
    The words at the start of a text that are written as names are, in scripts that have capitals.

    >>> leading_name("Ann van der Berg in Sports"), leading_name("mins read"), leading_name("山田太郎")
    ('Ann van der Berg', '', '山田太郎')
    """
    words = text.split()
    end = next((i for i, word in enumerate(words) if word[0].islower() and word not in _PARTICLES), len(words))
    while end and words[end - 1] in _PARTICLES:
        end -= 1
    return " ".join(words[:end]) if end and not words[0][0].islower() else ""


def may_be_group(name: str) -> bool:
    """Whether a name could be that of several people, or of an account: short, and no address."""
    return (
        bool(name)
        and len(name) <= MOST_LETTERS
        and len(name.split()) <= _MOST_WORDS
        and not _NO_NAME.search(_ADDRESS.sub("@", name))
    )


def group_in(line: str) -> str:
    """
    Whoever a line names that begins with "by", as written there.

    >>> group_in("By Harbor Staff, 3 May 2024"), group_in("Harbor Staff")
    ('Harbor Staff', '')
    """
    return leading_name(without_by(cut_date(line))) if starts_with_by(line) else ""


def starts_with_by(line: str) -> bool:
    """Whether a line begins as bylines do, and goes on."""
    return _BY.match(line) is not None


def has_by(line: str) -> bool:
    """Whether a line begins as bylines do, or has such a beginning behind a date or a mark."""
    return starts_with_by(line) or _BY_WITHIN.search(line) is not None


def is_bare_by(line: str) -> bool:
    """Whether a line is the beginning of a byline alone ("Written by")."""
    return _BARE_BY.match(line) is not None


def ends_with_by(label: str) -> bool:
    """
    Whether a label says that whoever wrote the text follows.

    >>> ends_with_by("Verfasst von"), ends_with_by("Reading time")
    (True, False)
    """
    return _LABEL_END.search(label) is not None


def without_by(line: str) -> str:
    """A line without its beginning: "" where it has nothing else."""
    while (shorter := _BY.sub("", line)) != line:
        line = shorter
    return "" if _BARE_BY.match(line) else line


def _line_of_names(text: str) -> str:
    """What a line says between "by" and a date."""
    if reporter := _REPORTER_AT.search(text):
        return reporter[1]
    line = re.sub(r"\([^()]*\)?", " ", _ADDRESS.sub(" ", squash(html.unescape(text))))
    if not starts_with_by(line) and (within := _BY_WITHIN.search(line)):
        line = line[within.end() :]
    return cut_date(without_by(line))


def _clean_name(part: str, site_names: Collection[str], *, is_shown: bool) -> str | None:
    name = _without_what_follows(without_by(squash(part)))
    if is_shown:
        name = _without_post(name)
    name = _without_site(name.strip(" .,-–—:/+\"'[]"), site_names)
    if (
        not name
        or len(name) > MOST_LETTERS
        or len(name.split()) > _MOST_WORDS
        or _NO_NAME.search(name)
        or _NOBODY.search(name)
        or is_site_name(name, site_names)
    ):
        return None
    return name


def _without_what_follows(name: str) -> str:
    """
    A name without what its line goes on with: words about the text, a label, what it is by trade, the name again.

    >>> _without_what_follows("Ann OtherPublished"), _without_what_follows("Ann Other Photos: Jo Roe")
    ('Ann Other', 'Ann Other')
    """
    name = _BEHIND.sub("", name)
    if (house := _HOUSE_BEHIND.search(name)) and " " in name[: house.start()]:
        name = name[: house.start()]
    if twice := _TWICE.fullmatch(name):
        name = twice[1] or twice[2]
    return _REPORTER.sub(r"\1", name)


def _without_post(name: str) -> str:
    """
    A name without what somebody is, before it or behind it, where a word more says of what.

    Nobody is there where less than two words are left. Posts of several, and those of a house, stay.

    >>> _without_post("Ann Other Health reporter"), _without_post("Ann van der Berg Staff Writer")
    ('Ann Other', 'Ann van der Berg')
    >>> _without_post("Staff writer Ann Other"), _without_post("Sportreporter Jan Beispiel")
    ('Ann Other', 'Jan Beispiel')
    >>> _without_post("Tides reporter"), _without_post("The Tide editors"), _without_post("Tide Editorial Team")
    ('', 'The Tide editors', 'Tide Editorial Team')
    """
    found = list(_NOBODY.finditer(name))
    if not any(each.lastgroup == "post" for each in found) or found[0].lastgroup is None or found[0][0].endswith("s"):
        return name
    before, behind = name[: found[0].start()].split(), name[found[-1].end() :].split()
    if found[0].lastgroup == "post" and len(before) > 2 and before[-2] not in _PARTICLES:
        del before[-1]
    both = (" ".join(words) for words in (before, behind) if len(words) > 1 and words[0][0].isupper())
    return next((each for each in both if each.lower() not in _HOUSES), "")


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
