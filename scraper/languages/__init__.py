"""
The languages that news is published in: all words of one by which its sites are known stand in one
file beside this.

A language is added by its file alone. `en.toml` says what each row is for. What is made of the
words (patterns, indexes) is made where it is used, once for each set of languages
(`Languages.derive`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar, cast

Made = TypeVar("Made")

_PROMPTS = "cut mark wall sure likely"
_ASKING = (
    "stems this rest whole only subscriber subscribe register read on unlock need ends "
    "free piece text left been spent want kept_for go_on"
)
_COUNTS = "numbers month year week day piece free read remains still left left_counted percent_left of your each every"
_BYLINES = (
    "by by_colon by_label helped and with behind behind_colon post post_ending post_before post_behind rank house line "
    "place filed reported edited"
)
_DATES = (
    "months solar_months bikram_months weekdays before_day ordinal of year_word at clock morning afternoon published "
    "changed"
)
_PAGES = "ticker opinion interview gallery video podcast"
# As `hints.toml` has them.
_ELEMENTS = (
    "article headline kicker dek byline date caption credit nav footer aside related comment share tags paywall "
    "newsletter promo ad consent author-box"
)
# The tables of a file, and the rows of each.
_ROWS = {
    table: frozenset(rows.split())
    for table, rows in {
        "dates": _DATES,
        "sentences": "abbreviations",
        "reader": "addressed ourselves",
        "guess": "frequent",
        **dict.fromkeys("meter subscription registration newsletter donation".split(), _PROMPTS),
        "promo": f"ad {_PROMPTS}",
        "elsewhere": "channel",
        "offer": "per period",
        "asking": _ASKING,
        "counts": _COUNTS,
        "bylines": _BYLINES,
        "credits": "label by by_at_end given joining instead",
        "comments": "announced announced_counted on the closed write headed",
        "asides": "figure shows author disclaimer heads sound",
        "rights": "reserved",
        "related": "label heading",
        "notices": "error challenge consent login shell",
        "kinds": "first_person",
        "address": f"{_PAGES} lists index services print page",
        "slug": _PAGES,
        "section": _PAGES,
        "elements": _ELEMENTS,
    }.items()
}


@dataclass(frozen=True, slots=True)
class Language:
    """
    All words of one language.

    Args:
        code: ISO 639-1, the name of its file.
        has_spaces: Whether words are set apart.
        most_asking_characters: How long a prompt can be that is known by the words of [asking];
            None: as in others.
    """

    code: str
    tables: Mapping[str, Mapping[str, tuple[str, ...]]]
    has_spaces: bool = True
    most_asking_characters: int | None = None

    def words(self, table: str, row: str) -> tuple[str, ...]:
        """The words of a row; none where the file does not have it."""
        return self.tables.get(table, {}).get(row, ())


@dataclass(frozen=True, slots=True, eq=False)
class Languages:
    """Several languages, by their codes, and what was made of their words so far."""

    languages: Mapping[str, Language]
    _made: dict[Callable[[Languages], object], object] = field(default_factory=dict, repr=False)

    def words(self, table: str, *rows: str) -> tuple[str, ...]:
        """The words of some rows in all languages, each once."""
        languages = self.languages.values()
        return tuple(dict.fromkeys(word for row in rows for each in languages for word in each.words(table, row)))

    def derive(self, make: Callable[[Languages], Made]) -> Made:
        """What *make* makes of the languages: made once, whoever asks."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("Made", self._made[make])


def read_language(code: str, text: str) -> Language:
    r"""
    A language as its file has it.

    Raises:
        ValueError: Names the table and the row that nobody would look up, or the value that is no
            word.

    >>> read_language("eo", '[bylines]\nby = ["de", "verkita de"]').words("bylines", "by")
    ('de', 'verkita de')
    >>> read_language("eo", '[bylines]\nfrom = ["de"]')
    Traceback (most recent call last):
    ValueError: eo.toml: there is no row "from" in [bylines]
    """
    tables: dict[str, dict[str, tuple[str, ...]]] = {}
    traits: dict[str, Any] = {}
    for name, value in tomllib.loads(text).items():
        if name in {"has_spaces", "most_asking_characters"}:
            traits[name] = value
        elif name not in _ROWS or not isinstance(value, dict):
            raise ValueError(f"{code}.toml: there is no table [{name}]")
        else:
            tables[name] = {row: _words(code, name, row, words) for row, words in value.items()}
    return Language(code, tables, **traits)


def _words(code: str, table: str, row: str, value: object) -> tuple[str, ...]:
    if row not in _ROWS[table]:
        raise ValueError(f'{code}.toml: there is no row "{row}" in [{table}]')
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
        raise ValueError(f'{code}.toml: "{row}" in [{table}] is no string of words and no list of phrases')
    return tuple(words)


def read_languages(folder: Traversable) -> Languages:
    """
    The languages of the files in a folder, in the order of their codes.

    Raises:
        ValueError: One of the files is not as `read_language` wants it.
    """
    found = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    return of_languages(
        read_language(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8"))
        for file in sorted(found, key=lambda file: file.name)
    )


def of_languages(languages: Iterable[Language]) -> Languages:
    """Some languages as one."""
    return Languages({language.code: language for language in languages})


@cache
def shipped_languages() -> Languages:
    """The languages that presswatch brings along."""
    return read_languages(files("scraper.languages"))
