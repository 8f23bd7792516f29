#!/usr/bin/env python3
"""
Whether an article keeps what stands together on its page: the cells of its tables, the pictures
with their words.

    python benchmarks/structure.py DIR … [-v]        # e.g. ../shared/corpus/wcxb-dev ../shared/corpus/fundus-dev

Each `.html` and `.html.gz` below the folders is read. Its blocks are laid beside those of the page
in the page's own order: a block that was labelled is the one at its place, whatever other block has
the same words. Then

* a cell is wrong, when a block of the text says another row or column than the page's table has for
  it, or a cell although it stands in none, or none although others of its table do;
* a picture is lost, when words of the article stand with it, in a `figure` or right below it, and
  no image of the article has its file.

Exit code 1 when a cell is wrong or a picture is lost.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from scraper.errors import PageError
from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read import Document, Reader
from scraper.read.page.blocks import Block, Element, Outline
from scraper.read.page.parse import Page, parse_page
from scraper.read.page.walk import walk
from scraper.read.words.credits import clean_credit
from scraper.text import squash

Place = tuple[int, int]
# Words of a picture; of a block that was parted the pieces are shorter.
PICTURE_ROLES = {Role.CAPTION, Role.CREDIT}
CELLS = {"td", "th"}
FIGURES = {"figure", "table", "dl"}
# How many blocks may stand between a picture in none of these and its words.
REACH = 2
SIZE = re.compile(r"\d{2,4}x\d{2,4}")


@dataclass(frozen=True)
class Found:
    """What was found of one page."""

    page: str
    tables: int = 0
    wrong_cells: tuple[str, ...] = ()
    pictures: int = 0
    lost_pictures: tuple[str, ...] = ()


def pages_in(folders: list[Path]) -> Iterator[Path]:
    """The pages below some folders, in the order of their names."""
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*") if path.name.endswith((".html", ".html.gz")))


def look_at(path: Path) -> Found:
    """One page, read, and compared with itself."""
    short = "/".join(path.parts[-3:])
    name = path.name.removesuffix(".gz").removesuffix(".html")
    gold = path.parents[1] / "gold" / f"{name}.json"
    known = json.loads(gold.read_text(encoding="utf-8")) if gold.is_file() else {}
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    url = known.get("url") or f"https://page.example/{name}"
    content_type = f"text/html; charset={known['charset']}" if known.get("charset") else None
    try:
        article = Reader().read(Document(body, url, content_type))
        page = parse_page(body, url, content_type)
    except PageError:
        return Found(short)
    outline = walk(page)
    pairs = list(align(outline.blocks, article.blocks))
    tables, wrong = check_cells(page, pairs)
    urls = {file_of(image.url) for image in article.images if image.url}
    own = dict.fromkeys(file_of(url) for url in pictures_with_words(outline, pairs))
    return Found(short, tables, tuple(wrong), len(own), tuple(url for url in own if url not in urls))


def align(blocks: tuple[Block, ...], labelled: tuple[LabelledBlock, ...]) -> Iterator[tuple[Block, LabelledBlock]]:
    """Each labelled block with the block of the page that it is, or is a part of."""
    rest = list(reversed(labelled))
    for block in blocks:
        whole = spaceless(block.text)
        left = len(whole)
        # Texts are kept in Unicode's normal form: a character may be shorter than on the page.
        while rest and left > 0 and (part := spaceless(rest[-1].text)) and (part in whole or left == len(whole)):
            left = 0 if len(part) >= len(whole) - 1 else left - len(part)
            yield block, rest.pop()
            if rest and left > 0 and (len(spaceless(rest[-1].text)) > left or rest[-1].role not in PARTED):
                break


PARTED = PICTURE_ROLES | {Role.HEADLINE, Role.KICKER}


def spaceless(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


# ---------------------------------------------------------------- tables


def check_cells(page: Page, pairs: list[tuple[Block, LabelledBlock]]) -> tuple[int, list[str]]:
    """
    How many data tables the text has, and the blocks whose cell is another one than that of the
    page.
    """
    places = dict(cells_of(page))
    pairs = [(block, labelled) for block, labelled in pairs if labelled.role in BODY_ROLES]
    tables = {table_of(block.element) for block, labelled in pairs if labelled.cell}
    wrong = []
    for block, labelled in pairs:
        table, cell = table_of(block.element), around(block.element, CELLS)
        expected = places.get(cell.node_id) if cell and table in tables else None
        found = labelled.cell[1:] if labelled.cell else None
        if found != expected:
            wrong.append(f"{squash(labelled.text)[:40]!r} is in {found}, on the page in {expected}")
    return len(tables - {None}), wrong


def around(element: Element, tags: set[str]) -> Element | None:
    """The innermost of the elements of some kind that an element stands in."""
    return next((outer for outer in element.ancestors() if outer.tag in tags), None)


def table_of(element: Element) -> Element | None:
    """The table whose cell an element stands in."""
    cell = around(element, CELLS)
    return around(cell, {"table"}) if cell else None


def cells_of(page: Page) -> Iterator[tuple[int, Place]]:
    """The row and column of each cell of the page, by its node (HTML Standard §4.9.12)."""
    for table in page.tree.css("table"):
        parts = list(table.iter())
        groups = [list(part.iter()) if part.tag in {"thead", "tbody", "tfoot"} else [part] for part in parts]
        taken: set[Place] = set()
        for number, row in enumerate(row for group in groups for row in group if row.tag == "tr"):
            column = 0
            for cell in (cell for cell in row.iter() if cell.tag in CELLS):
                while (number, column) in taken:
                    column += 1
                yield cell.mem_id, (number, column)
                height, width = (span(cell.attributes.get(name)) for name in ("rowspan", "colspan"))
                taken |= {(number + down, column + right) for down in range(height) for right in range(width)}
                column += width


def span(value: str | None) -> int:
    """How many rows or columns a cell takes; no more than a hundred are believed."""
    text = (value or "").strip()
    return min(int(text), 100) if text.isascii() and text.isdigit() and int(text) else 1


# ---------------------------------------------------------------- pictures


def pictures_with_words(outline: Outline, pairs: list[tuple[Block, LabelledBlock]]) -> Iterator[str]:
    """The addresses of the pictures that words stand with which the article has as caption or credit."""
    first: dict[Element, str] = {}
    for picture in outline.pictures:
        figure = around(picture.element, FIGURES)
        if figure is not None and picture.url:
            first.setdefault(figure, picture.url)
    words = [(block, labelled) for block, labelled in pairs if labelled.role in PICTURE_ROLES]
    for number, (block, labelled) in enumerate(words):
        figure = around(block.element, FIGURES)
        near = range(block.order - REACH, block.order + 1)
        before = [picture.url for picture in outline.pictures if picture.before_block in near]
        # What a caption and its credit stand with is told by the caption.
        is_second = number > 0 and block.order - words[number - 1][0].order <= 1
        says = labelled.text if labelled.role is Role.CAPTION else clean_credit(labelled.text)
        url = first.get(figure) if figure in first else before[-1] if before and not is_second else None
        if says and url:
            yield url


def file_of(url: str) -> str:
    """An address without what asks for a size: a page shows one picture in several."""
    parts = urlsplit(url)
    return SIZE.sub("", f"{parts.netloc}{parts.path}")


# ---------------------------------------------------------------- all pages


def main() -> None:
    """Read all, and print what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-v", "--verbose", action="store_true", help="name each cell and picture")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        found = list(pool.map(partial(look_at), pages_in(options.folders), chunksize=8))
    for one in found if options.verbose else ():
        for what in one.wrong_cells:
            print(f"{one.page}  cell      {what}")
        for url in one.lost_pictures:
            print(f"{one.page}  picture   {url}")
    with_tables = [one for one in found if one.tables]
    with_wrong = [one for one in found if one.wrong_cells]
    lost = [one for one in found if one.lost_pictures]
    cells = sum(len(one.wrong_cells) for one in found)
    print(f"{len(found)} pages, {len(with_tables)} with data tables in the text")
    print(f"{cells:>6} wrong cells, on {len(with_wrong)} pages")
    pictures = sum(len(one.lost_pictures) for one in found)
    print(f"{pictures:>6} lost pictures of {sum(one.pictures for one in found)}, on {len(lost)} pages")
    sys.exit(bool(cells or pictures))


if __name__ == "__main__":
    main()
