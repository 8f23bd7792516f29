"""
Names that belong to no language, each once: agencies, services, currencies, particles
(`names.toml`); and how those of people are written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Agencies:
    """
    Agencies, in small letters.

    Args:
        short: Letters that stand for one.
        of_bylines: … known in bylines alone.
        full: Houses in full; *full_of_bylines*: those known in bylines alone.
        pictures: Words known in credits alone.
        anywhere: … wherever they stand, within other words, too.
    """

    short: tuple[str, ...]
    of_bylines: tuple[str, ...]
    full: tuple[str, ...]
    full_of_bylines: tuple[str, ...]
    pictures: tuple[str, ...]
    anywhere: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What `names.toml` has, table by table."""

    agencies: Agencies
    particles: frozenset[str]
    letters: tuple[str, ...]
    channels: tuple[str, ...]
    currencies: Mapping[str, str]  # by what stands beside an amount
    shared_signs: Mapping[str, frozenset[str]]  # which currencies a sign can mean
    places: Mapping[str, str]  # currencies by the two letters of a place
    languages: Mapping[str, str]  # … and of a language
    filler: frozenset[str]  # words of "Lorem ipsum" and its like


@cache
def known_names() -> Names:
    """The names as their file has them."""
    tables = tomllib.loads((files("scraper.read.words") / "names.toml").read_text(encoding="utf-8"))
    return Names(
        Agencies(**{row: _words(words) for row, words in tables["agencies"].items()}),
        frozenset(_words(tables["people"]["particles"])),
        _words(tables["people"]["letters"]),
        _words(tables["services"]["channels"]),
        {unit: code for code, units in tables["currencies"].items() for unit in units.split()},
        {sign: frozenset(codes.upper().split()) for sign, codes in tables["shared_signs"].items()},
        {place: code.upper() for place, code in tables["places"].items()},
        {language: code.upper() for language, code in tables["languages"].items()},
        frozenset(_words(tables["filler"]["words"])),
    )


def _words(value: str | list[str]) -> tuple[str, ...]:
    return tuple(value.split() if isinstance(value, str) else value)


def leading_name(text: str) -> str:
    """
    The words at the start of a text that are written as names are, in scripts that have capitals.

    >>> leading_name("Ann van der Berg in Sports"), leading_name("mins read"), leading_name("山田太郎")
    ('Ann van der Berg', '', '山田太郎')
    """
    words, particles = text.split(), known_names().particles
    end = next((i for i, word in enumerate(words) if word[0].islower() and word not in particles), len(words))
    while end and words[end - 1] in particles:
        end -= 1
    return " ".join(words[:end]) if end and not words[0][0].islower() else ""


_FAMILY_FIRST = re.compile(r"\s*([A-Z][^\W\d_]+),\s+([A-Z][^\W\d_]+(?: [A-Z]\.?)?)\s*")


def given_first(text: str) -> str:
    """
    Names that are each written "Family, Given", the other way round; anything else as it is.

    >>> given_first("Other, Ann; Roe, Jo"), given_first("Ann Other, Jo Roe")
    ('Ann Other; Jo Roe', 'Ann Other, Jo Roe')
    """
    found = [_FAMILY_FIRST.fullmatch(part) for part in text.split(";")]
    agencies = {*known_names().agencies.short, *known_names().agencies.of_bylines}
    if not all(each and agencies.isdisjoint((each[1].lower(), each[2].lower())) for each in found):
        return text
    return "; ".join(f"{each[2]} {each[1]}" for each in found if each)
