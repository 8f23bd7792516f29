"""
The line that says who wrote something: the names in it, between "by" and a date, each on its own.

An organisation, a role, a date, an address or the site's own name is nobody's name. The words are
those of [bylines] in the files of the languages.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial

from scraper.languages import Languages
from scraper.read.words.dates import cut_date
from scraper.read.words.lexicon import of_languages
from scraper.read.words.names import given_first, known_names, leading_name
from scraper.read.words.site_names import is_site_name, squeeze
from scraper.text import any_of, squash


@dataclass(frozen=True, slots=True)
class _Patterns:
    """
    What the words of bylines make, for the languages in use.

    Args:
        by: The beginning of a byline that goes on; *bare_by*: one that does not; *label_end*: one
            at the end of a label; *by_within*: one in the middle of a line, behind a date or a mark
            that parts it.
        helped: The beginning of a line that names others, who reported with the authors.
        name_break: Between two names.
        nobody: A word that nobody's name holds; in the group "post" what somebody is, in "rank" how
            high.
        behind: What a line goes on with behind a name.
        house_behind: A house behind a name; *houses*: the same as whole names.
        place: Where somebody reports from; *agency_behind*: for whom, behind a stroke;
            *agency_with*: whose words a text has, too, and who did not write it.
        reporter: A name, and what somebody is set behind it; *reporter_at*: … before it, and a
            place behind a stroke; *post_before*: what somebody is, before a name, with the house;
            *filed*: a whole line that is such a name and place.
        tail: Who reported, and who edited, in brackets below a text.
        opening: What stands before the first sentence of a text: a place, and who writes from there.
    """

    by: re.Pattern[str]
    bare_by: re.Pattern[str]
    label_end: re.Pattern[str]
    by_within: re.Pattern[str]
    helped: re.Pattern[str]
    name_break: re.Pattern[str]
    nobody: re.Pattern[str]
    behind: re.Pattern[str]
    house_behind: re.Pattern[str]
    houses: frozenset[str]
    agencies: frozenset[str]
    reporter: re.Pattern[str]
    reporter_at: re.Pattern[str]
    place: re.Pattern[str]
    post_before: re.Pattern[str]
    agency_behind: re.Pattern[str]
    agency_with: re.Pattern[str]
    filed: re.Pattern[str]
    tail: re.Pattern[str]
    opening: re.Pattern[str]


@of_languages
def _patterns(languages: Languages) -> _Patterns:
    def any_in(*rows: str) -> str:
        return any_of(languages.words("bylines", *rows))

    compiled = partial(re.compile, flags=re.IGNORECASE)
    agencies = known_names().agencies
    short = (*agencies.short, *agencies.of_bylines)
    houses = [f"{the}{name}" for name in (*agencies.full, *agencies.full_of_bylines) for the in ("", "the ")]
    by = rf"(?:{any_in('by')}|{any_in('by_colon')}(?=\s*[:：]))"
    by_amid = rf"(?<=[\d|•·,/–—)])\s*(?:\w{{1,4}}\s+){{0,2}}{by}"
    label = rf"(?:{by}|{any_in('by_label')})\W*$"
    # Letters behind a name stay with it ("Ann Other, MD"); an agency is a name of its own.
    letters = rf"{any_of(known_names().letters)}\b|(?!{any_of(short)}\b)(?-i:[A-Z][A-Z.®]{{1,5}})(?=\s*(?:,|$))"
    post = rf"{any_in('post')}(?:{any_in('post_ending')})?"
    rank, others = any_in("rank"), any_in("house", "line")
    glued = rf"{_HUMP}(?:{any_in('behind')}|{post}|{rank}|{others}|in|on)(?-i:(?![^\W\d_A-Z]))"
    from_place = rf"[^\W\d_]{{2,6}}{any_in('filed')}"
    spaced = rf"{any_in('behind')}\b|{any_in('behind_colon')}\s?:|[^\s：]{{2,6}}：|{from_place}$"
    agency = rf"(?:l['’])?{any_of((*short, *houses))}"
    return _Patterns(
        by=compiled(rf"^\W*{by}{_BY_END}(?=\S)"),
        bare_by=compiled(rf"^\W*{label}"),
        label_end=compiled(rf"(?:^|\s){label}"),
        by_within=compiled(rf"(?:{by_amid}|(?<=\s){any_in('by_colon')}(?=\s*[:：])){_BY_END}(?=\S)"),
        helped=compiled(rf"\W*{any_in('helped')}\b"),
        name_break=compiled(
            rf"\s*(?:[;|•·●⋅/、＆]|(?<=[\u3040-\u9fff])&|\s[-–—]\s|,(?!\s*(?:{letters}))(?:\s*{any_in('and')}\s)?"
            rf"|\s{any_in('and', 'with')}\s)\s*"
        ),
        nobody=compiled(rf"\b(?:(?P<post>[\w-]*{post})|(?P<rank>{rank})|{others})\b"),
        behind=compiled(rf"(?:\s+(?:{spaced})|{glued}|【).*"),
        house_behind=compiled(rf"\s+{any_of(houses)}\b.*"),
        houses=frozenset(houses),
        agencies=frozenset(short),
        place=compiled(rf"\s+{any_in('place')}\s.+$"),
        post_before=compiled(rf"^\S*{any_in('post_before')}\s+"),
        agency_behind=compiled(rf"(?<=[^\W\d_]{{2}})\s*/\s*{any_of((*short, *houses))}\b.*"),
        agency_with=compiled(
            rf"(?<=[^\W\d_]{{2}})\s+{any_in('with')}\s+{agency}\b(?:\s*(?:[,/]|\b{any_in('and')}\b)\s*{agency}\b)*\W*$"
        ),
        filed=compiled(rf"\W*(?:[^\W\d_]{{2,6}}[／/╱])?{any_in('post_behind')}[^\W\d_]{{2,4}}[／/╱]{from_place}\W*"),
        tail=compiled(
            rf"\({any_in('reported')}\s+(?-i:(?:[a-zß-ÿ]+\s+)?(?=[^\W\d_a-zß-ÿ]))([^();]+?)\s*[;,]\s*{any_in('edited')}\s.*\)\.?"
        ),
        opening=re.compile(
            rf"【[^【】＝=]{{1,12}}[＝=]([\u3400-\u9fff、・]{{3,20}})】|[\[(][^\[\]()]{{2,30}}[\])]\s*([^=\n]{{2,30}}?)\s*{any_in('post_behind')}\s*="
        ),
        reporter=re.compile(rf"^(?:.*[\s=])?(\S+?)\s*{any_in('post_behind')}$"),
        reporter_at=re.compile(rf"{any_in('post_behind')}([^\W\d_]{{2,4}})[／/╱]"),
    )


# "By" can be set against the name by a style sheet alone ("ByAnn Other").
_BY_END = r"(?:\s*[:：／/・]\s*|\s+|(?-i:(?<=[Bb]y)(?=[A-Z]|by )))"
# What else a line says is at times set against the name by a style sheet alone ("Ann
# OtherPublished"); names have capitals within, too ("DeSiato").
_HUMP = r"(?-i:(?<=[^\W\d_A-Z])(?=[A-Z]))"
# A handle stands behind the name at times, without a space; what has a dot behind its "@" is an
# address.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S*@\S*\.\w\S*|@\S+", re.IGNORECASE)
_NO_NAME = re.compile(r"[@_#<>{}=…!?:：→»]|^\W*$|\d|\.(?:com|org|net|de|co|info|io)\b", re.IGNORECASE)
_TWICE = re.compile(r"(\S+ .+?)\s*\1|(\S{3,})\2")
# Longer ones are sentences, or what an account says of itself.
MOST_LETTERS = 60
# … with all their particles.
_MOST_WORDS = 6
# In words: a line that is one name and nothing else says so by no other sign.
_NAME_LENGTHS = range(2, 5)


def clean_names(raw: Iterable[str], site_names: Collection[str] = (), *, is_shown: bool = False) -> tuple[str, ...]:
    """
    Names of people alone: "By" off, joined names parted; roles, dates, places, addresses and
    organisations left out.

    Args:
        site_names: As `find_site_names` gives them; none of these is a person.
        is_shown: They come from lines of the page, where a role can follow the name without a sign
            between them.

    >>> clean_names(["By Ann Other, Jo Roe, and Ina Muster, Staff writer"])
    ('Ann Other', 'Jo Roe', 'Ina Muster')
    >>> clean_names(["Monday January 18, 10:44 am by ANN OTHER", "News Monitor | ann@news.example"], ("newsmonitor",))
    ('ANN OTHER',)
    >>> clean_names(["Ann Other Health reporter"]), clean_names(["Ann Other Health reporter"], is_shown=True)
    ((), ('Ann Other',))
    """
    names: list[str] = []
    for text in map(given_first, raw):
        line = _line_of_names(text)
        if is_shown and line.count("|") == 1:  # behind a stroke stands the place or the house
            line = line.split("|")[0]
        parts = _without_department(_patterns().name_break.split(line), line)
        is_of_site = any(is_site_name(part, site_names) for part in parts)
        found = filter(None, (_clean_name(part, site_names, is_shown=is_shown) for part in parts))
        names += (name for name in found if len(parts) == 1 or not _may_be_place(name, parts, is_of_site=is_of_site))
    return tuple(dict.fromkeys(names))


def _without_department(parts: list[str], line: str) -> list[str]:
    """
    The parts of a line without where somebody holds a post.

    >>> _without_department(["Ann Other", "Reporter", "Port Desk"], "Ann Other, Reporter, Port Desk")
    ['Ann Other', 'Reporter']
    >>> _without_department(["Ann Other", "Reporter", "Jo Roe"], "Ann Other, Reporter, and Jo Roe")
    ['Ann Other', 'Reporter', 'Jo Roe']
    """
    if len(parts) != _WITH_DEPARTMENT or not line.endswith(f", {parts[-1]}"):
        return parts
    found = _patterns().nobody.search(parts[1])
    return parts[:-1] if found and found.lastgroup else parts


# Scripts without capitals in which a name has several words, as those of Arabic and Hindi.
_OF_SEVERAL_WORDS = re.compile(r"[\u0590-\u0dff]")
_WITH_DEPARTMENT = 3  # a name, a post, and a department


def _may_be_place(name: str, parts: Iterable[str], *, is_of_site: bool) -> bool:
    """
    Whether a name is a single word beside a whole name, or behind that of the site ("Ann Other,
    Oslo").
    """
    if " " in name or not (name[0].isupper() or _OF_SEVERAL_WORDS.match(name)) or name.lower() in _patterns().agencies:
        return False
    return is_of_site or any(" " in squash(part) for part in parts)


def shown_names(line: str, site_names: Collection[str]) -> tuple[str, ...]:
    """
    The names in a line. What follows the first in lower case is cut off; others must be names as a
    whole.

    >>> shown_names("By Ann Other in Ports, Oslo", ()), shown_names("Von Ina Muster und dpa", ())
    (('Ann Other',), ('Ina Muster', 'dpa'))
    """
    names = clean_names((line,), site_names, is_shown=True)
    first = [short for name in names[:1] if (short := _written_as_name(name))]
    others = (_patterns().place.sub("", name) for name in names[1:])
    return (*first, *(name for name in others if _written_as_name(name) == name))


def _written_as_name(name: str) -> str:
    return name if name in _patterns().agencies else leading_name(name)


def names_alone(line: str, site_names: Collection[str]) -> tuple[str, ...]:
    """
    The names in a line that holds names of people and nothing else; "IN THIS ARTICLE" is written
    otherwise than those.

    >>> names_alone("Ann Other / Jo Roe", ()), names_alone("IN THIS ARTICLE", ())
    (('Ann Other', 'Jo Roe'), ())
    """
    names = clean_names((line,), site_names)
    are_names = all(
        leading_name(name) == name and len(name.split()) in _NAME_LENGTHS and not name.isupper() for name in names
    )
    return names if are_names and list(names) == _patterns().name_break.split(line) else ()


def has_post(text: str) -> bool:
    """
    Whether a text begins with somebody's name and says a post of hers soon after.

    >>> has_post("Ann Other is a reporter in Velm."), has_post("The reporter was in Velm.")
    (True, False)
    """
    start = text[:MOST_LETTERS]
    name = leading_name(start)
    found = _patterns().nobody.search(start, len(name)) if len(name.split()) > 1 else None
    return found is not None and found.lastgroup == "post"


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
    """
    Whether a line begins as bylines do, and goes on.

    >>> starts_with_by("By Ann Other"), starts_with_by("記者王小明／台北報導"), starts_with_by("Ann Other")
    (True, True, False)
    """
    return _patterns().by.match(line) is not None or _patterns().filed.fullmatch(line) is not None


def reported_in_tail(text: str) -> str:
    """
    Who reported, as a line in brackets below a text says it before it says who edited.

    >>> reported_in_tail("(Reporte de Ana Ejemplo en Velm; editado por Jo Roe)"), reported_in_tail("(Ana Ejemplo)")
    ('Ana Ejemplo en Velm', '')
    """
    found = _patterns().tail.fullmatch(text)
    return found[1] if found else ""


def opening_names(text: str) -> str:
    """
    Whom the words before the first sentence of a text name, behind a place.

    >>> opening_names("[세말=뉴스] 홍길동 기자 = 항구가"), opening_names("【ロンドン＝山田太郎】港は")
    ('홍길동', '山田太郎')
    """
    found = _patterns().opening.match(text)
    return found[1] or ", ".join(re.split(r"[\s,·]+", found[2])) if found else ""


_MAIL_HEAD = re.compile(r"(?:\W*[\w-]+\W*:.+\n){0,3}?\W*From\W*:.+\n(?:.*\n){0,6}?\W*Date\W*:.*(?:\n.+){0,20}")


def mail_head_end(text: str) -> int:
    r"""
    Where the head of a mail ends that a text begins with, as archives show it; 0 where it begins
    with none. An empty line stands below it.

    >>> mail_head_end("From: Ann Other <ann at harbor>\nDate: Thu, 5 Mar 2026\n\nThe gate"), mail_head_end("From: Ann")
    (53, 0)
    """
    found = _MAIL_HEAD.match(text)
    return found.end() if found else 0


def is_reporter(line: str) -> bool:
    """
    Whether a line is a name with the post that follows names in its language, and an address at most.

    >>> is_reporter("김하늘 기자 sky@tide.example"), is_reporter("김하늘"), is_reporter("Ann Other reporter")
    (True, False, False)
    """
    return _patterns().reporter.search(squash(_ADDRESS.sub(" ", line))) is not None


def is_signed(line: str) -> bool:
    """
    Whether a line begins as bylines do, or names whoever reported, with the authors or as one.

    >>> is_signed("By Ann Other"), is_signed("Additional reporting by Jo Roe"), is_signed("Ann Other")
    (True, True, False)
    """
    return starts_with_by(line) or _patterns().helped.match(line) is not None or bool(reported_in_tail(line))


def has_by(line: str) -> bool:
    """Whether a line begins as bylines do, or has such a beginning behind a date or a mark."""
    return starts_with_by(line) or _patterns().by_within.search(line) is not None


def is_bare_by(line: str) -> bool:
    """Whether a line is the beginning of a byline alone ("Written by")."""
    return _patterns().bare_by.match(line) is not None


def ends_with_by(label: str) -> bool:
    """
    Whether a label says that whoever wrote the text follows.

    >>> ends_with_by("Verfasst von"), ends_with_by("Reading time")
    (True, False)
    """
    return _patterns().label_end.search(label) is not None


def without_by(line: str) -> str:
    """A line without its beginning: "" where it has nothing else."""
    while (shorter := _patterns().by.sub("", line)) != line:
        line = shorter
    return "" if _patterns().bare_by.match(line) else line


def _line_of_names(text: str) -> str:
    """What a line says between "by" and a date."""
    if reporter := _patterns().reporter_at.search(text):
        return reporter[1]
    line = re.sub(r"\([^()]*\)?|（[^（）]*）?", " ", _ADDRESS.sub(" ", squash(html.unescape(text))))
    if not starts_with_by(line) and (within := _patterns().by_within.search(line)):
        line = line[within.end() :]
    line = _patterns().agency_behind.sub("", cut_date(without_by(line)))
    return _patterns().agency_with.sub("", line)


def _clean_name(part: str, site_names: Collection[str], *, is_shown: bool) -> str | None:
    name = _without_what_follows(without_by(squash(part)))
    if is_shown:
        name = _without_post(name)
    name = _without_site(name.strip(" .,-–—:/+\"'[]【】"), site_names)
    if (
        not name
        or len(name) > MOST_LETTERS
        or len(name.split()) > _MOST_WORDS
        or _NO_NAME.search(name)
        or _patterns().nobody.search(name)
        or is_site_name(name, site_names)
    ):
        return None
    return name


def _without_what_follows(name: str) -> str:
    """
    A name without what its line goes on with: words about the text, a label, what it is by trade,
    the name again.

    >>> _without_what_follows("Ann OtherPublished"), _without_what_follows("Ann Other Photos: Jo Roe")
    ('Ann Other', 'Ann Other')
    """
    name = _patterns().post_before.sub("", name)
    name = _patterns().behind.sub("", name)
    if (house := _patterns().house_behind.search(name)) and " " in name[: house.start()]:
        name = name[: house.start()]
    if twice := _TWICE.fullmatch(name):
        name = twice[1] or twice[2]
    return _patterns().reporter.sub(r"\1", name)


def _without_post(name: str) -> str:
    """
    A name without what somebody is, before it or behind it, where a word more says of what.

    Nobody is there where less than two words are left. Posts of several, and those of a house,
    stay.

    >>> _without_post("Ann Other Health reporter"), _without_post("Ann van der Berg Staff Writer")
    ('Ann Other', 'Ann van der Berg')
    >>> _without_post("Staff writer Ann Other"), _without_post("Sportreporter Jan Beispiel")
    ('Ann Other', 'Jan Beispiel')
    >>> _without_post("Tides reporter"), _without_post("The Tide editors"), _without_post("Tide Editorial Team")
    ('', 'The Tide editors', 'Tide Editorial Team')
    """
    found = list(_patterns().nobody.finditer(name))
    kinds = [each.lastgroup for each in found]
    if "post" not in kinds or kinds[0] is None or found[0][0].endswith("s"):
        return name
    before, behind = name[: found[0].start()].split(), name[found[-1].end() :].split()
    if kinds[0] == "post" and len(before) > 2 and before[-2] not in known_names().particles:
        del before[-1]
    return next((" ".join(words) for words in (before, behind) if _are_name(words)), "")


def _are_name(words: list[str]) -> bool:
    return len(words) > 1 and words[0][0].isupper() and " ".join(words).lower() not in _patterns().houses


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
