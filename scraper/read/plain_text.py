"""
A saved text without markup, taken apart with the roles that pages have.

Blocks are parted by empty lines; a line of its own inside one is told apart where it is a
credit, a caption or a prompt. What is first is the headline; what stands between it and the
first paragraph is dek, credit, caption, series note, byline or dateline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scraper.encoding import decode
from scraper.errors import PageError
from scraper.model import BODY_ROLES, Article, Image, LabelledBlock, Role
from scraper.read.access.judge import judge_access
from scraper.read.composed import composed_blocks, composed_images, composed_text, composed_texts
from scraper.read.facts.cves import find_cves
from scraper.read.facts.metadata import Metadata
from scraper.read.page.markdown import escape
from scraper.read.words.bylines import is_signed, shown_names
from scraper.read.words.credits import clean_credit, is_credit, split_caption_text
from scraper.read.words.dates import find_written_date, parse_when
from scraper.read.words.language import find_language
from scraper.read.words.phrases import ROLE_OF_KIND
from scraper.read.words.prompts import find_prompt, speaks_to_reader
from scraper.read.words.sentences import ends_sentence
from scraper.text import count_words, squash

_BULLET = re.compile(r"^[•●▪◦·*►▶-]\s+")
_DATE_LINE = re.compile(r"^\W*(?:[^\W\d]+,?\s+){0,3}\d{1,4}[\s,./年-].{0,24}\d{2,4}[\W日]*$")
_MOST_HEADLINE_WORDS = 30  # a long sentence
_MOST_DEK_WORDS = 60  # two of them
_MOST_PLAIN_HEADLINE_WORDS = 19  # however it ends
_FEWEST_PARAGRAPH_WORDS = 25  # more than a line of print holds: running text
# How many lines behind the first paragraph furniture is looked for, and how many of them a dek
# before it can have.
_FURNITURE_LINES, _LINES_OF_HEAD = 6, 4
# What a prompt has, and what goes on from one; a line of furniture.
_MOST_PROMPT_WORDS, _MOST_GOING_ON_WORDS, _MOST_FURNITURE_WORDS = 40, 20, 25
# A sentence of so many words is a paragraph.
_FEWEST_SENTENCE_WORDS = 12
# In characters: lines broken at a column are so long, and end so near to each other.
_COLUMNS, _LONGEST_LAST_WORD = range(50, 101), 18
# Two names, a post and a place, as on web pages.
_MOST_BYLINE_WORDS = 12
# The number of a line's paragraph, and its words; a role, and the rule that gave it.
_Line = tuple[int, str]
_Given = tuple[Role, str]


def read_plain_text(body: bytes, url: str, content_type: str | None = None) -> Article:
    """
    The article in a plain text.

    Raises:
        PageError: There is no text in it.
    """
    paragraphs = _split(decode(body, content_type).text)
    if not paragraphs:
        raise PageError(url, "the text is empty")
    blocks = tuple(_label(paragraphs))
    text = "\n\n".join(block.text for block in blocks if block.role in BODY_ROLES)
    headline = next(_texts_of(blocks, Role.HEADLINE), None)
    dek = next(_texts_of(blocks, Role.DEK), None)
    published = find_written_date("\n".join(_texts_of(blocks, Role.BYLINE, Role.DATELINE)))
    signed = (name for line in _texts_of(blocks, Role.BYLINE) for name in shown_names(line, ()))
    return Article(
        url=url,
        headline=composed_text(headline),
        dek=composed_text(dek),
        blocks=composed_blocks(blocks),
        access=judge_access(None, Metadata(), blocks),
        authors=composed_texts(dict.fromkeys(signed)),
        published_at=parse_when(published) if published else None,
        published_raw=published,
        language=find_language(None, text),
        images=composed_images(_images(blocks)),
        cves=find_cves(text, headline, dek),
        is_article=bool(text),
        origins={"headline": "first line"} if headline else {},
    )


def _texts_of(blocks: Iterable[LabelledBlock], *roles: Role) -> Iterator[str]:
    return (block.text for block in blocks if block.role in roles)


def _split(text: str) -> list[list[str]]:
    """Paragraphs as lists of lines; hard-wrapped lines are joined."""
    paragraphs = []
    for part in re.split(r"\n[ \t\f\v]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [squash(line) for line in part.split("\n") if line.strip()]
        if lines:
            paragraphs.append(lines if not _is_wrapped(lines) else [" ".join(lines)])
    return paragraphs


def _is_wrapped(lines: list[str]) -> bool:
    """
    Whether the lines of a paragraph were broken at a column: all but the last end near the same
    length.
    """
    if len(lines) < 2:
        return False
    lengths = [len(line) for line in lines[:-1]]
    longest = max(map(len, lines))
    return (
        longest in _COLUMNS
        and all(length >= longest - _LONGEST_LAST_WORD for length in lengths)
        and not is_credit(lines[0])
        and not find_prompt(lines[0])
    )


def _label(paragraphs: list[list[str]]) -> list[LabelledBlock]:
    """Roles in three sweeps: the prompts at the end, the head, the rest."""
    lines = [(number, line) for number, paragraph in enumerate(paragraphs) for line in paragraph]
    roles: list[_Given | None] = [_certain(line) for _, line in lines]
    _take_tail(lines, roles)
    _take_head(lines, roles)
    return [
        block
        for (_, line), given in zip(lines, roles, strict=True)
        for block in _blocks_of(line, given or _of_text(line))
    ]


def _of_text(line: str) -> _Given:
    return (Role.LIST, "rule:bullet") if _BULLET.match(line) else (Role.BODY, "rule:paragraph")


def _blocks_of(line: str, given: _Given) -> Iterator[LabelledBlock]:
    """The block of a line; two where it is a caption with a credit in it."""
    role, reason = given
    text = _BULLET.sub("", line) if role in {Role.SERIES_NOTE, Role.LIST} else line
    caption, credit = split_caption_text(text) if role is Role.CAPTION else ("", None)
    if caption and credit:
        yield LabelledBlock(Role.CAPTION, caption, reason, 0.8, escape(caption))
        yield LabelledBlock(Role.CREDIT, credit, "rule:credit-in-caption", 0.8, escape(credit))
    else:
        yield LabelledBlock(role, text, reason, 0.8, escape(text))


def _certain(line: str) -> _Given | None:
    if is_credit(line):
        return Role.CREDIT, "rule:credit"
    prompt = find_prompt(line)
    if (
        prompt is not None
        and prompt.is_sure
        and count_words(line) <= _MOST_PROMPT_WORDS
        and speaks_to_reader(line, prompt)
    ):
        return ROLE_OF_KIND[prompt.kind], f"rule:prompt-{prompt.kind}"
    return None


def _take_tail(lines: list[_Line], roles: list[_Given | None]) -> None:
    """Behind the last paragraph, a prompt takes the short lines around it along."""
    behind = range(_last_paragraph(lines, roles) + 1, len(lines))
    prompt = next((i for i in behind if _has_role(roles[i], Role.PAYWALL)), None)
    if prompt is None:
        return
    for i in behind:
        if roles[i] is None and _goes_on(lines[i][1], is_behind=i > prompt):
            roles[i] = Role.PAYWALL, "rule:prompt-goes-on"


def _last_paragraph(lines: list[_Line], roles: list[_Given | None]) -> int:
    """The number of the last line that is long and has no role; -1 where there is none."""
    long = (i for i, (_, line) in enumerate(lines) if count_words(line) >= _FEWEST_PARAGRAPH_WORDS)
    return max((i for i in long if roles[i] is None), default=-1)


def _goes_on(line: str, *, is_behind: bool) -> bool:
    """Whether a line goes with a prompt: a short one behind it, or one that asks by itself."""
    return count_words(line) <= _MOST_GOING_ON_WORDS and (is_behind or find_prompt(line) is not None)


def _take_head(lines: list[_Line], roles: list[_Given | None]) -> None:
    """Headline, dek, and what else stands before the first paragraph."""
    if roles[0] is not None or len(lines) < 2 or not _is_headline(lines[0][1]):
        return
    roles[0] = Role.HEADLINE, "rule:first-line"
    begin, has_furniture = _find_text(lines, roles)
    credits_at = {i for i in range(1, begin) if _has_role(roles[i], Role.CREDIT)}
    for i in range(1, begin):
        if roles[i] is None:
            has_dek = any(_has_role(role, Role.DEK) for role in roles[:i])
            roles[i] = _of_head(lines, i, credits_at, may_be_dek=not has_dek, has_furniture=has_furniture)


def _find_text(lines: list[_Line], roles: list[_Given | None]) -> tuple[int, bool]:
    """The number of the line that the text begins with, and whether furniture stands before it."""
    first = next((i for i in range(1, len(lines)) if roles[i] is None and _is_paragraph(lines[i][1])), len(lines))
    furniture = _find_furniture(lines, roles, first)
    in_head = [i for i in furniture if i <= first + _LINES_OF_HEAD]
    begin = max(in_head) + 1 if in_head else min(first, _least_head(lines))
    if begin < len(lines) and _has_role(roles[begin - 1], Role.CREDIT) and lines[begin][0] == lines[begin - 1][0]:
        begin += 1  # the caption below its credit
    return begin, bool(furniture)


def _find_furniture(lines: list[_Line], roles: list[_Given | None], first: int) -> list[int]:
    """
    The numbers of the lines of furniture before a paragraph and soon behind it.

    Furniture after the second block shows that the text has not begun there; a long second block
    can be a dek then.
    """
    near = range(1, min(first + _FURNITURE_LINES, len(lines)))
    return [i for i in near if roles[i] is not None or (_is_furniture(lines[i][1]) and not _is_list_line(lines, i))]


def _least_head(lines: list[_Line]) -> int:
    """
    How many lines the head has without furniture: the headline, and a second line that is no
    paragraph.
    """
    return 2 if len(lines) > 2 and not _is_paragraph(lines[1][1]) else 1


def _of_head(
    lines: list[_Line], i: int, credits_at: set[int], *, may_be_dek: bool, has_furniture: bool
) -> _Given | None:
    """What a line of the head is; None where nothing tells."""
    line = lines[i][1]
    beside = credits_at & {i - 1, i + 1}
    if _BULLET.match(line):
        return Role.SERIES_NOTE, "rule:series-note"
    if _holds_credit(line) or _share_paragraph(lines, i, beside):
        return Role.CAPTION, "rule:beside-credit"
    if _is_byline(line):
        return Role.BYLINE, "rule:byline"
    if _DATE_LINE.match(line):
        return Role.DATELINE, "rule:dateline"
    if may_be_dek and _reads_as_dek(line, has_furniture=has_furniture):
        return Role.DEK, "rule:below-headline"
    return (Role.CAPTION, "rule:beside-credit") if beside else None


def _share_paragraph(lines: list[_Line], i: int, others: Iterable[int]) -> bool:
    return any(lines[j][0] == lines[i][0] for j in others)


def _reads_as_dek(line: str, *, has_furniture: bool) -> bool:
    """Whether a line is as long as a dek; before furniture a paragraph can be one, too."""
    return count_words(line) <= _MOST_DEK_WORDS and (has_furniture or not _is_paragraph(line))


def _holds_credit(line: str) -> bool:
    return split_caption_text(line)[1] is not None and count_words(line) <= _MOST_DEK_WORDS


def _is_headline(line: str) -> bool:
    words = count_words(line)
    return words <= _MOST_PLAIN_HEADLINE_WORDS or (words <= _MOST_HEADLINE_WORDS and not ends_sentence(line))


def _is_byline(line: str) -> bool:
    return count_words(line) <= _MOST_BYLINE_WORDS and is_signed(line) and not ends_sentence(line)


def _is_list_line(lines: list[_Line], i: int) -> bool:
    """Whether a line behind a bullet stands beside another one."""
    return any(0 <= j < len(lines) and _BULLET.match(lines[j][1]) for j in (i - 1, i + 1)) and bool(
        _BULLET.match(lines[i][1])
    )


def _has_role(given: _Given | None, role: Role) -> bool:
    return given is not None and given[0] is role


def _is_paragraph(line: str) -> bool:
    return count_words(line) >= _FEWEST_PARAGRAPH_WORDS or (
        count_words(line) >= _FEWEST_SENTENCE_WORDS and ends_sentence(line)
    )


def _is_furniture(line: str) -> bool:
    return count_words(line) <= _MOST_FURNITURE_WORDS and bool(
        _BULLET.match(line) or _is_byline(line) or _DATE_LINE.match(line) or split_caption_text(line)[1]
    )


def _images(blocks: tuple[LabelledBlock, ...]) -> tuple[Image, ...]:
    """Captions with the credit beside them, as pictures whose address is not known."""
    images: list[Image] = []
    pending: str | None = None
    for i, block in enumerate(blocks):
        following = blocks[i + 1].role if i + 1 < len(blocks) else None
        if block.role is Role.CREDIT:
            credit = clean_credit(block.text)
            if following is Role.CAPTION:
                pending = credit
            elif images and images[-1].credit is None and blocks[i - 1].role is Role.CAPTION:
                images[-1] = Image(None, images[-1].caption, credit, is_lead=images[-1].is_lead)
            elif credit:
                images.append(Image(None, None, credit, is_lead=not images))
        elif block.role is Role.CAPTION:
            images.append(Image(None, block.text, pending, is_lead=not images))
            pending = None
    return tuple(images)
