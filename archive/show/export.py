"""
Articles in the forms that other programs read: CSV, Markdown. Text in, text out; nothing is written
here.

A CSV cell whose text does not begin with a letter, a digit or an opening mark („ « 「 【 ¿) gets an
apostrophe in front, so that no spreadsheet takes it for a formula; `original_cell` takes it away
again. A cell that begins with an apostrophe therefore always has one of ours.
"""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO
from itertools import groupby
from types import MappingProxyType

from archive.model import StoredArticle
from archive.show.article_json import quoted, time_as_text
from scraper.model import BODY_ROLES, Article, Image, LabelledBlock, Role
from scraper.read.page.structure import find_rows
from scraper.text import count_words, squash
from scraper.urls import is_http_url

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")
# At the start of a line: a list, a heading's underline; a numbered list.
_MARKDOWN_START = re.compile(r"^(?:([-+=])|(\d+)(?=[.)]))")
_LIST_ITEM = re.compile(r" *(?:-|1\.) ")
# Opening marks that Unicode does not file under quotation marks (category Ps, Po), with their small
# and vertical forms.
_OPENING = frozenset("„‚⹂〝「『｢﹁﹃【〖〔〘〚《〈«‹︽︿︻︹¿¡")
# Room for a digest and a suffix in a name of 255 bytes, and short enough to read.
_SLUG_LENGTH = 80


# ---------------------------------------------------------------- CSV


def render_csv(articles: Iterable[StoredArticle]) -> Iterator[str]:
    r"""
    The lines of a CSV file, each with its "\r\n"; the first one names the columns, `CSV_COLUMNS`.

    Every cell is quoted, and safe to open in a spreadsheet: see `safe_cell`.

    Source: RFC 4180.
    """
    yield _csv_line(CSV_COLUMNS)
    for stored in articles:
        yield _csv_line(safe_cell(value_of(stored) or "") for value_of in _CELLS.values())


# The columns, and what stands in each; "" where nothing is known.
_COMPLETE = {True: "yes", False: "no", None: ""}
_CELLS: dict[str, Callable[[StoredArticle], str | None]] = {
    "id": lambda stored: str(stored.article_id),
    "headline": lambda stored: stored.article.headline,
    "dek": lambda stored: stored.article.dek,
    "byline": lambda stored: ", ".join(stored.article.authors),
    "published_at": lambda stored: time_as_text(stored.article.published_at),
    "section": lambda stored: stored.article.section,
    "source": lambda stored: stored.source,
    "publication": lambda stored: stored.article.publication,
    "language": lambda stored: stored.article.language,
    "access": lambda stored: stored.article.access.status,
    "complete": lambda stored: _COMPLETE[stored.article.access.complete],
    "words": lambda stored: str(count_words(stored.article.body)),
    "cves": lambda stored: " ".join(stored.article.cves),
    "tags": lambda stored: ", ".join(stored.article.tags),
    "url": lambda stored: stored.article.url,
    "canonical_url": lambda stored: stored.article.canonical_url,
    "first_seen_at": lambda stored: time_as_text(stored.first_seen_at),
    "last_seen_at": lambda stored: time_as_text(stored.last_seen_at),
    "revised_at": lambda stored: time_as_text(stored.revised_at),
    "starred": lambda stored: "yes" if stored.starred else "no",
    "body": lambda stored: stored.article.body,
}
CSV_COLUMNS = list(_CELLS)


def _csv_line(cells: Iterable[str]) -> str:
    line = StringIO(newline="")
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue()


def safe_cell(text: str) -> str:
    r"""
    The text with an apostrophe in front where a spreadsheet could take it for something else than
    text.

    That is: unless it begins with a letter, a digit or an opening mark: quotation marks of any
    language, the brackets of Chinese and Japanese, ¿ and ¡. Not "(", nor its full-width form: (1)
    is a number. So formulas are caught in every script, behind white space, marks and separators
    too.

    Source: https://owasp.org/www-community/attacks/CSV_Injection

    >>> safe_cell("=1+1"), safe_cell("\t@SUM(A1)"), safe_cell("Storm"), safe_cell("'tis"), safe_cell("„So“")
    ("'=1+1", "'\t@SUM(A1)", 'Storm', "''tis", '„So“')
    """
    if not text or text[0] in _OPENING or unicodedata.category(text[0])[0] in "LN":
        return text
    # "»" and "”" open quotations as well, in German and in Swedish.
    if unicodedata.category(text[0]) in {"Pi", "Pf"}:
        return text
    return f"'{text}"


def original_cell(cell: str) -> str:
    """
    The text that `safe_cell` was given.

    >>> original_cell("'=1+1"), original_cell("Storm"), original_cell("''tis")
    ('=1+1', 'Storm', "'tis")
    """
    return cell.removeprefix("'")


# ---------------------------------------------------------------- Markdown


def render_markdown(stored: StoredArticle) -> str:
    """
    One article of the archive as Markdown: `render_article`, and how we came by it in the front
    matter.
    """
    return render_article(
        stored.article,
        {"source": stored.source, "first_seen": time_as_text(stored.first_seen_at), "archive_id": stored.article_id},
    )


def render_article(article: Article, more: Mapping[str, object] = MappingProxyType({})) -> str:
    """
    One article as Markdown with YAML front matter: headline, dek, body, pictures with captions and
    credits.

    The facts stand in the front matter, *more* of them at its end, every text quoted; a fact that
    is not known is left out.
    """
    facts: dict[str, object] = {
        "title": article.headline,
        "dek": article.dek,
        "authors": article.authors,
        "published": time_as_text(article.published_at),
        "updated": time_as_text(article.updated_at),
        "publication": article.publication,
        "section": article.section,
        "language": article.language,
        "tags": article.tags,
        "cves": article.cves,
        "access": article.access.status,
        "complete": article.access.complete,
        "url": article.url,
        "canonical_url": article.canonical_url,
        **more,
    }
    front = [f"{name}: {quoted(value)}" for name, value in facts.items() if value not in (None, ())]
    lead = [image for image in article.images if image.is_lead]
    parts = [
        "\n".join(["---", *front, "---"]),
        f"# {_escaped(article.headline)}" if article.headline else "",
        f"*{_escaped(article.dek)}*" if article.dek else "",
        *map(_figure, lead),
        _render_body(article.blocks),
        *(_figure(image) for image in article.images if image not in lead),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _render_body(blocks: Iterable[LabelledBlock]) -> str:
    """
    The text, with what belongs together left together: the items of a list, the lines of a quote, a
    table.
    """
    parts: list[str] = []
    last = ""
    for table, run in groupby(blocks, key=lambda block: block.cell[0] if block.cell else None):
        pieces = list(run)
        body = [block for block in pieces if block.role in BODY_ROLES]
        if table is not None and 2 * len(body) >= len(pieces):
            parts += ["\n\n" if parts else "", render_table(pieces)]
            last = ""
            continue
        for block in body:
            piece = _paragraph(block)
            parts += [_between(last, piece) if parts else "", piece]
            last = piece
    return "".join(parts)


def _between(before: str, after: str) -> str:
    if _LIST_ITEM.match(before) and _LIST_ITEM.match(after):
        return "\n"
    if before.startswith("> ") and after.startswith("> "):
        return "\n>\n"
    return "\n" if after.lstrip().startswith(":   ") else "\n\n"


def render_table(blocks: Iterable[LabelledBlock]) -> str:
    """
    The blocks of a data table as a table in Markdown; its first row is the head where it has
    headings.

    Source: https://github.github.com/gfm/#tables-extension-
    """
    rows = find_rows(blocks)
    lines = [["<br>".join(map(_cell_text, cell)) for cell in row] for row in rows]
    if not any(block.tag == "th" for cell in rows[0] for block in cell):
        lines.insert(0, [""] * len(rows[0]))
    lines.insert(1, ["---"] * len(rows[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell_text(block: LabelledBlock) -> str:
    return re.sub(r" *\n", "<br>", _paragraph(block)).replace("|", r"\|")


def _paragraph(block: LabelledBlock) -> str:
    """
    A block with its links and emphasis, escaped when it was read; where it has none, its text by
    its role.
    """
    if block.markdown:
        return block.markdown
    text = "  \n".join(_escaped(line) for line in block.text.split("\n"))
    match block.role:
        case Role.SUBHEAD:
            return f"## {_escaped(block.text)}"
        case Role.QUOTE:
            return "> " + text.replace("\n", "\n> ")
        case Role.LIST:
            return "\n".join(f"- {_escaped(line)}" for line in block.text.split("\n") if line.strip())
        case _:
            return text


def _figure(image: Image) -> str:
    """A picture with what stands below it; the words alone where its address is not known."""
    picture = ""
    if image.url and is_http_url(image.url):
        address = re.sub(r"[\s<>]", lambda match: f"%{ord(match.group()):02X}", image.url)
        picture = f"![{_escaped(image.alt)}](<{address}>)"
    words = " ".join(
        filter(None, (_escaped(image.caption), f"*{_escaped(image.credit)}*" if squash(image.credit) else ""))
    )
    return "\n\n".join(filter(None, (picture, words)))


def _escaped(text: str | None) -> str:
    r"""
    A text on one line in which no character means anything to Markdown.

    >>> _escaped("1. <b>*not bold*"), _escaped("- no list")
    ('1\\. \\<b\\>\\*not bold\\*', '\\- no list')
    """
    line = _MARKDOWN_SPECIAL.sub(r"\\\1", squash(text))
    return _MARKDOWN_START.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\", line)


# ---------------------------------------------------------------- file names


def file_name(stored: StoredArticle, suffix: str = ".md") -> str:
    """
    The name of an article's own file: its day, words of its headline, and what tells it from any
    other article.
    """
    day = stored.article.published_at or stored.first_seen_at
    return f"{day.date().isoformat()}-{safe_name(stored.article.headline or '', key=stored.url_key)}{suffix}"


def safe_name(name: str, *, key: str | None = None) -> str:
    """
    A file name on every system that shows the words of *name*: a-z, 0-9 and "-", at most 93
    characters.

    It names no folder and no device, and two names (or keys, where given) never share one,
    not even on disks that ignore case or fold accents.

    >>> safe_name("../../Étude #1")
    'etude-1-557455f747c3'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG_LENGTH].strip("-") or "article"
    identity = (name if key is None else key).encode("utf-8", "surrogatepass")
    return f"{slug}-{hashlib.sha256(identity).hexdigest()[:12]}"
