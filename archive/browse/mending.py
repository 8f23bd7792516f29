"""
What datasette's own pages lack for readers who do not see them, put into what it rendered.

Its templates have no blocks around single controls, and a copy of them would age with each of its
releases. A text of the archive is escaped in them, so that no `<` of these rules is one of it.
"""

from __future__ import annotations

import re

from markupsafe import Markup

# Controls that stand without a label, by the begin of their element.
_LABELS = {
    r'<select name="_filter_column': "Column",
    r'<select name="_filter_op': "How it is compared",
    r'<input type="text" name="_filter_value': "Value",
    r'<select name="_sort"': "Sort by",
    r'<textarea id="sql-editor"': "SQL",
}
_LABEL = re.compile("|".join(map(re.escape, _LABELS)))
_COLUMNS = re.compile(r'(<dl class="column-descriptions">.*?</dl>)', re.DOTALL)


def mended(html: str) -> Markup:
    """
    A page of datasette with a name for each control, headings without a gap in their order, and
    what the columns mean folded away: there it scrolled, out of reach of the keyboard.

    >>> mended('<h3>2 rows</h3><h2>Tables</h2><h3>articles</h3>')
    Markup('<h2>2 rows</h2><h2>Tables</h2><h3>articles</h3>')
    """
    page = _LABEL.sub(_labelled, str(html))
    page = _COLUMNS.sub(r"<details><summary>What the columns mean</summary>\1</details>", page)
    head, second, rest = page.partition("<h2")
    head = head.replace("<h3", "<h2").replace("</h3>", "</h2>")
    return Markup(head + second + rest)  # noqa: S704 - rendered by datasette, which escapes


def _labelled(found: re.Match[str]) -> str:
    element, rest = found.group().split(" ", 1)
    return f'{element} aria-label="{_LABELS[found.group()]}" {rest}'
