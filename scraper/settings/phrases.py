"""Phrases by which prompts are known, as `phrases.toml` has them."""

from __future__ import annotations

from pathlib import Path

from scraper.model import Phrase
from scraper.read.words.phrases import ROLE_OF_KIND, STRENGTHS, check_pattern
from scraper.settings.reading import Reading
from scraper.settings.values import check_list, check_text, did_you_mean


def phrases_in(file: Path, reading: Reading) -> tuple[Phrase, ...]:
    """The phrases of the tables [kind], as they stand; those with mistakes are left out."""
    phrases = []
    check = check_list(check_phrase)
    for kind, rows in ((reading.toml(file) if file.exists() else None) or {}).items():
        if kind not in ROLE_OF_KIND:
            what, table, key = ("table", kind, "") if isinstance(rows, dict) else ("key", "", kind)
            reading.note(file, table, key, f"unknown {what}{did_you_mean(kind, ROLE_OF_KIND)}")
            continue
        for strength, patterns in reading.table(file, kind, rows).items():
            if strength not in STRENGTHS:
                reading.note(file, kind, strength, f"unknown key{did_you_mean(strength, STRENGTHS)}")
                continue
            try:
                phrases += [Phrase(kind, strength, pattern) for pattern in check(patterns)]
            except ValueError as problem:
                reading.note(file, kind, strength, str(problem))
    return tuple(phrases)


def check_phrase(value: object) -> str:
    """As in `Phrase.pattern`."""
    pattern = check_text(value)
    try:
        check_pattern(pattern)
    except ValueError as problem:
        message = f"'{pattern}': {problem}"
        raise ValueError(message) from None
    return pattern
