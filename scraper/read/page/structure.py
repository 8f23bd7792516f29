"""
How the blocks of lists, definitions and data tables hang together: their marks, their depth, their
cells.

A block knows only itself; what it is among others is told here, after the roles are known. Tables
that only lay a page out have no cells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from selectolax.lexbor import LexborNode

from scraper.model import BODY_ROLES, LabelledBlock
from scraper.read.page.blocks import Element, Outline
from scraper.read.page.parse import Page, attribute
from scraper.text import count_words

_STRUCTURES = frozenset(("li", "dd", "td", "th"))
_CELLS = frozenset(("td", "th"))
_LIST_MARKS = ("- ", "1. ")
# What tells a data table without any heading from a layout: even rows of short texts.
_MOST_CELL_WORDS = 60
_MOST_MEAN_WORDS = 12
_EVEN_ROWS = 0.6
# A table with headings may say more in a cell; one that holds a story lays it out.
_MOST_HEADED_WORDS = 150
_WIDEST_SPAN = 100  # columns, whatever the page claims


def keep_structure(page: Page, outline: Outline, blocks: tuple[LabelledBlock, ...]) -> tuple[LabelledBlock, ...]:
    """
    The labelled blocks, those of lists with the indent of their depth, of definitions with their
    mark, of data tables with their cell.
    """
    elements = [outline.blocks[block.number].element for block in blocks]
    in_structures = [None if _STRUCTURES.isdisjoint(element.tags) else element for element in elements]
    found = list(zip(blocks, in_structures, strict=True))
    of_text = {element for block, element in found if element is not None and block.role in BODY_ROLES}
    if not of_text:
        return blocks
    cells = _find_cells(page, of_text)
    marks = _Marks()
    return tuple(_place(block, element, cells, marks) for block, element in found)


def _place(
    block: LabelledBlock, element: Element | None, cells: dict[int, tuple[int, int, int]], marks: _Marks
) -> LabelledBlock:
    if element is None:
        return block
    if (cell := _cell_of(element)) is not None and cell.node_id in cells:
        return block._replace(cell=cells[cell.node_id])
    if block.role in BODY_ROLES:
        return block._replace(markdown=marks.put(block.markdown, element))
    return block


def find_rows(blocks: Iterable[LabelledBlock]) -> tuple[tuple[tuple[LabelledBlock, ...], ...], ...]:
    """
    The blocks of one data table by row and column, as many columns in each row; a cell may hold
    none or several.

    >>> from scraper.model import Role
    >>> cells = [LabelledBlock(Role.BODY, text, "model", cell=(0, 3, column)) for text, column in (("a", 0), ("b", 2))]
    >>> [[block.text for block in cell] for cell in find_rows(cells)[0]]
    [['a'], [], ['b']]
    """
    cells: dict[tuple[int, int], list[LabelledBlock]] = defaultdict(list)
    for block in blocks:
        if block.cell is not None:
            cells[block.cell[1:]].append(block)
    columns = range(max((column for _, column in cells), default=-1) + 1)
    rows = sorted({row for row, _ in cells})
    return tuple(tuple(tuple(cells.get((row, column), ())) for column in columns) for row in rows)


# ---------------------------------------------------------------- lists and definitions


class _Marks:
    """
    Marks of list items and definitions. An item that was begun before has its further blocks
    indented below it.
    """

    def __init__(self) -> None:
        self.begun: dict[Element, int] = {}

    def put(self, markdown: str, element: Element) -> str:
        inner = _item_around(element)
        if inner is None:
            return markdown
        mark = next((mark for mark in _LIST_MARKS if markdown.startswith(mark)), "")
        if inner.tag == "li" and not mark:  # a heading or code in an item
            return markdown
        text = markdown.removeprefix(mark)
        outer = inner.parent.ancestors() if inner.parent else iter(())
        indent = sum(self.begun.get(around, 0) for around in outer)
        if inner in self.begun:
            return " " * (indent + self.begun[inner]) + text
        mark = mark or ":   "
        self.begun[inner] = len(mark)
        return " " * indent + mark + text


def _item_around(element: Element) -> Element | None:
    """The item of a list or the definition that an element stands in; None within a cell there."""
    inner = next((around for around in element.ancestors() if around.tag in {"li", "dd", *_CELLS}), None)
    return None if inner is None or inner.tag in _CELLS else inner


# ---------------------------------------------------------------- tables


def _cell_of(element: Element) -> Element | None:
    return next((around for around in element.ancestors() if around.tag in _CELLS), None)


def _find_cells(page: Page, elements: set[Element]) -> dict[int, tuple[int, int, int]]:
    """Table, row and column of each cell of the data tables around *elements*, by the cell's node."""
    cells: dict[int, tuple[int, int, int]] = {}
    number = 0
    for table in _tables_around(page, elements):
        rows = [[cell for cell in row.iter() if cell.tag in _CELLS] for row in _rows(table)]
        if _is_data(table, rows):
            cells |= {cell.mem_id: (number, row, column) for cell, row, column in _grid(rows)}
            number += 1
    return cells


def _tables_around(page: Page, elements: set[Element]) -> list[LexborNode]:
    """The innermost tables around *elements*, in document order."""
    wanted: set[int] = set()
    for element in elements:
        cell = _cell_of(element)
        around = cell.ancestors() if cell else iter(())
        wanted |= {outer.node_id for outer in islice((outer for outer in around if outer.tag == "table"), 1)}
    return [node for node in page.tree.css("table") if node.mem_id in wanted] if wanted else []


def _rows(table: LexborNode) -> Iterator[LexborNode]:
    """The rows of a table itself, not those of tables in it."""
    for part in table.iter():
        if part.tag == "tr":
            yield part
        elif part.tag in {"thead", "tbody", "tfoot"}:
            yield from (row for row in part.iter() if row.tag == "tr")


def _is_data(table: LexborNode, rows: list[list[LexborNode]]) -> bool:
    widths = [len(row) for row in rows if row]
    if len(widths) < 2 or max(widths) < 2 or attribute(table, "role") in {"presentation", "none"}:
        return False
    if table.css_first("table table, form") is not None:
        return False
    words = [count_words(cell.text(separator=" ")) for cell in chain.from_iterable(rows)]
    if table.css_first("th, thead, caption") is not None:
        return max(words) <= _MOST_HEADED_WORDS
    is_even = max(map(widths.count, widths)) >= _EVEN_ROWS * len(widths)
    return is_even and _are_short(words)


def _are_short(words: list[int]) -> bool:
    """Whether the cells of a table have as few words as those of data; *words*: how many each has."""
    return max(words) <= _MOST_CELL_WORDS and sum(words) <= _MOST_MEAN_WORDS * len(words)


def _grid(rows: list[list[LexborNode]]) -> Iterator[tuple[LexborNode, int, int]]:
    """
    Each cell with its row and column, spans counted.

    Source: HTML Standard §4.9.12, forming a table.
    """
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while (number, column) in taken:
                column += 1
            yield cell, number, column
            height, width = _span(cell, "rowspan"), _span(cell, "colspan")
            taken |= {(number + down, column + right) for down in range(height) for right in range(width)}
            column += width


def _span(cell: LexborNode, name: str) -> int:
    value = attribute(cell, name).strip()
    return min(int(value), _WIDEST_SPAN) if value.isascii() and value.isdigit() and int(value) else 1
