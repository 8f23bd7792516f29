"""
Lines that stand around articles and belong to none: of rights, of comments, of related reports, of
figures, authors and lawyers, and what pages say that stand in for another one.

The words are those of [rights], [comments], [related], [notices] and [asides] in the files of the languages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

from scraper.languages import Languages
from scraper.read.words.lexicon import of_languages
from scraper.read.words.word_index import Expressions, WordIndex, needed_words
from scraper.text import any_of, fold, one_of, squash

# Phrases of statuses by which a server refuses or fails (RFC 9110). Without the number, one word alone says
# other things, too.
_PHRASES = [re.escape(status.phrase) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST]
_LONG_PHRASES = [phrase for phrase in _PHRASES if " " in phrase]
# The sign or the word, and the year right behind it.
_DATED = re.compile(r"\W{0,3}(?:©|\(c\)|copyright\b)[\W_]*(?:\(c\)\W*)?(?:19|20)\d{2}\b", re.IGNORECASE)
# "451", "Error 403: Forbidden": the number, and the words of the protocol; no title of a report.
_STATUS = re.compile(
    rf"\W*(?:http\W*)?(?:error\W*)?(?:[45]\d\d\W*|[45]\d\d\W+(?:{'|'.join(_PHRASES)})\W*|(?:{'|'.join(_LONG_PHRASES)})\W*)",
    re.IGNORECASE,
)
_BARS = re.compile(r"\s*[|｜·•»«–—]\s*|\s+-\s+")
# What loads is said with a word and dots.
_LOADING = re.compile(r"\W*loading\W*(?:please wait)?\W*|\W*please wait\W*", re.IGNORECASE)
_COUNT = r"[\s(\[]*\d[\d.,]*[)\]]*"
# A number, with that of the chapter or the letter of a part ("2.1", "3b").
_NUMBER = r"\d{1,3}(?:[.-]\d{1,3})*[a-z]?"
# What parts a label from its caption: a sign, or nothing where the caption begins as a sentence
# does ("Figure 3 The gate", and not "Figure 3 shows").
_PARTED = r"(?:\s*[:.–—|：．]|\s+(?-i:(?=[^\W\d_a-zß-öø-ÿа-яё])))(?!\d)"


@dataclass(frozen=True, slots=True)
class _Patterns:
    """
    What the words make, for the languages in use.

    Args:
        comments: A line above readers' comments ("Comments (12)"); *counted_comments*: one that is
            that as a heading alone ("12 comments"); *comments_closed*: one that says that there are
            none.
        to_comment: A text that asks its reader to comment.
        related: The beginning of a line above related reports; *related_headings*: such lines,
            folded.
    """

    reserved: re.Pattern[str]
    comments: re.Pattern[str]
    counted_comments: re.Pattern[str]
    comments_closed: re.Pattern[str]
    to_comment: re.Pattern[str]
    related: re.Pattern[str]
    related_headings: frozenset[str]
    error: re.Pattern[str]
    login: re.Pattern[str]
    shell: re.Pattern[str]
    challenge: re.Pattern[str]
    consent: re.Pattern[str]
    consent_index: WordIndex[str]


@of_languages
def _patterns(languages: Languages) -> _Patterns:
    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    def expressions(table: str, row: str) -> str:
        return one_of(languages.words(table, row))

    comments, counted = expressions("comments", "announced"), expressions("comments", "announced_counted")
    the, on, closed = (any_of(languages.words("comments", row)) for row in ("the", "on", "closed"))
    consent = languages.words("notices", "consent")
    return _Patterns(
        reserved=re.compile(any_of(languages.words("rights", "reserved"))),
        comments=compiled(rf"\W*(?:{comments}(?:{_COUNT}|\s+{on}\b.*)?|{counted}{_COUNT})\W*"),
        counted_comments=compiled(rf"\W*(?:{_COUNT}\s*{comments}\b.*|{expressions('comments', 'headed')})"),
        comments_closed=compiled(rf"\W*(?:{the} )?{comments}\s(?:[^\W\d]+\s){{0,2}}{closed}\b.*"),
        to_comment=compiled(expressions("comments", "write")),
        related=compiled(rf"^{expressions('related', 'label')}\b[^.!?]{{0,60}}:?"),
        related_headings=frozenset(map(fold, languages.words("related", "heading"))),
        error=re.compile(expressions("notices", "error")),
        login=re.compile(expressions("notices", "login")),
        shell=re.compile(expressions("notices", "shell")),
        challenge=re.compile(expressions("notices", "challenge")),
        consent=re.compile(one_of(consent)),
        consent_index=WordIndex((needed_words(pattern), pattern) for pattern in consent),
    )


def has_rights_notice(text: str) -> bool:
    """
    Whether somebody states rights in a text.

    >>> has_rights_notice("© 2024 Harbor News. All rights reserved."), has_rights_notice("The right to copy is old.")
    (True, False)
    """
    return _patterns().reserved.search(text.lower()) is not None or _DATED.match(text) is not None


def announces_comments(line: str, *, is_heading: bool) -> bool:
    """
    Whether readers' comments begin below a line.

    >>> announces_comments("Comments (12)", is_heading=False), announces_comments("12 comments", is_heading=False)
    (True, False)
    """
    patterns = _patterns()
    if patterns.comments.fullmatch(line) or (is_heading and patterns.counted_comments.fullmatch(line)):
        return True
    return says_comments_are_closed(line)


def says_comments_are_closed(line: str) -> bool:
    """
    Whether a line says that nobody can comment any more; it stands below the text, wherever that
    is.

    >>> says_comments_are_closed("Comments are now closed"), says_comments_are_closed("Comments")
    (True, False)
    """
    return _patterns().comments_closed.fullmatch(line) is not None


def asks_to_comment(text: str) -> bool:
    """
    Whether a text asks for comments; who logs in for that is kept from no reading.

    >>> asks_to_comment("Log in to comment"), asks_to_comment("Log in to read on")
    (True, False)
    """
    return _patterns().to_comment.search(text) is not None


def related_label(line: str) -> str:
    """
    The words with which a line stands above related reports; "" where it has none.

    >>> related_label("Read also: The harbor"), related_label("The harbor")
    ('Read also: The harbor', '')
    """
    found = _patterns().related.match(line)
    return found.group() if found else ""


def is_related_heading(folded: str) -> bool:
    """
    Whether a folded line says no more than that related reports follow.

    >>> is_related_heading("most read"), is_related_heading("most read of all ports")
    (True, False)
    """
    return folded in _patterns().related_headings


def says_nothing_is_there(title: str) -> str:
    """
    The words of a title in lower case by which a page says that there is nothing; "" where it has
    none.

    >>> says_nothing_is_there("sorry, page not found"), says_nothing_is_there("pages of an old log")
    ('page not found', '')
    """
    found = _patterns().error.search(title) or next(filter(None, map(_STATUS.fullmatch, _BARS.split(title))), None)
    return found.group().strip() if found else ""


def asks_for_account(title: str) -> str:
    """
    The words of a title in lower case by which a page is one to log in or register; "" where it has
    none.

    >>> asks_for_account("log in | the harbor"), asks_for_account("log in the harbor blocks ferries")
    ('log in', '')
    """
    return next((part for part in _BARS.split(title) if _patterns().login.fullmatch(part)), "")


def asks_for_scripts(text: str) -> str:
    """
    The words by which a page says that it shows its text by a script alone, or is still loading;
    "" where it has none.

    >>> asks_for_scripts("Please enable JavaScript."), asks_for_scripts("Loading …"), asks_for_scripts("A ship loading")
    ('enable javascript', 'Loading …', '')
    """
    found = _LOADING.fullmatch(text) or _patterns().shell.search(text.casefold())
    return found.group() if found else ""


def asks_for_proof(title: str) -> str:
    """
    The words of a title in lower case by which a page looks for robots; "" where it has none.

    >>> asks_for_proof("just a moment ..."), asks_for_proof("a moment of calm")
    ('just a moment', '')
    """
    found = _patterns().challenge.search(title)
    return found.group() if found else ""


def asks_for_consent(text: str) -> str:
    """
    The words of a text by which a page asks for consent before it shows anything; "" where it has
    none.

    >>> asks_for_consent("We value your privacy"), asks_for_consent("The vote on privacy")
    ('we value your privacy', '')
    """
    patterns = _patterns()
    if not patterns.consent_index.find(text):
        return ""
    found = patterns.consent.search(squash(text).casefold())
    return found.group() if found else ""


# ---------------------------------------------------------------- with the text, and none of it


@dataclass(frozen=True, slots=True)
class _Asides:
    """What the words of [asides] make, for the languages in use."""

    numbered: re.Pattern[str]
    shows: re.Pattern[str]
    author: re.Pattern[str]
    disclaimer: Expressions
    heads: frozenset[str]
    sound: Expressions


@of_languages
def _asides(languages: Languages) -> _Asides:
    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    def expressions(row: str) -> str:
        return one_of(languages.words("asides", row))

    return _Asides(
        numbered=compiled(rf"\W*{any_of(languages.words('asides', 'figure'))}\s*{_NUMBER}{_PARTED}"),
        shows=compiled(rf"\W*{expressions('shows')}"),
        author=compiled(rf"\W*{expressions('author')}"),
        disclaimer=Expressions(languages.words("asides", "disclaimer")),
        heads=frozenset(map(fold, languages.words("asides", "heads"))),
        sound=Expressions(rf"\b(?:{pattern})" for pattern in languages.words("asides", "sound")),
    )


def is_numbered(text: str) -> bool:
    """
    Whether a text begins with the number of a figure or a table.

    >>> is_numbered("Figure 2: The gate"), is_numbered("Fig. 2 The gate"), is_numbered("Figure 2 shows the gate")
    (True, True, False)
    """
    return _asides().numbered.match(text) is not None


def says_what_is_shown(text: str) -> bool:
    """
    Whether a text begins as the words of a picture do.

    >>> says_what_is_shown("Screenshot of the log"), says_what_is_shown("The log")
    (True, False)
    """
    return _asides().shows.match(text) is not None


def presents_author(text: str) -> bool:
    """
    Whether a text begins as a note on who wrote another one.

    >>> presents_author("The author is a diver."), presents_author("The diver is an author.")
    (True, False)
    """
    return _asides().author.match(text) is not None


def disclaims(text: str) -> bool:
    """
    Whether a publisher says in a text what another one is not meant for, or whose views it gives.

    >>> disclaims("The views expressed here are the author's own."), disclaims("The views from the pier are fine.")
    (True, False)
    """
    return _asides().disclaimer.fit(text)


def is_above_notes(folded: str) -> bool:
    """
    Whether a folded line says no more than that such notes follow.

    >>> is_above_notes("disclaimer"), is_above_notes("the disclaimer of the port")
    (True, False)
    """
    return folded in _asides().heads


def is_of_sound(text: str) -> bool:
    """
    Whether a line goes with the text read aloud.

    >>> is_of_sound("Listen to this article"), is_of_sound("Listen to the pilots")
    (True, False)
    """
    return _asides().sound.fit(text)
