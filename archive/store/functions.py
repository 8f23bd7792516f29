"""The functions that our SQL calls; every connection of ours has them."""

from __future__ import annotations

import json
import sqlite3

from archive.judge.query.holds import has_words
from archive.model.query import Words
from scraper.folding import fold_letters

HAS_WORDS = "has_words"
"""Whether a text has words, given as `wanted_words` writes them: for texts that the index cannot tell apart."""
FOLD = "fold"
"""A text in the letters that are looked for."""


def register_functions(connection: sqlite3.Connection) -> None:
    """The functions that the SQL of a query calls."""
    connection.create_function(FOLD, 1, _fold, deterministic=True)
    connection.create_function(HAS_WORDS, 2, _has_words, deterministic=True)


def _fold(text: object) -> str | None:
    return None if text is None else fold_letters(str(text))


def wanted_words(words: Words) -> str:
    """Words as a parameter of SQL."""
    return json.dumps([words.phrase, words.is_exact, words.is_prefix])


def _has_words(text: object, asked: str) -> bool:
    phrase, is_exact, is_prefix = json.loads(asked)
    return text is not None and has_words(str(text), Words(tuple(phrase), None, is_exact, is_prefix))
