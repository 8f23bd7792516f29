"""
What the parts of our datasette share: its configuration, addresses in it, times and texts as it
takes them.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from datasette.utils.asgi import Response
from markupsafe import Markup

from archive.browse.serve import PLUGIN

# Datasette has no types; these names say which of its objects is meant.
Datasette: TypeAlias = Any
Request: TypeAlias = Any
Row: TypeAlias = Any

# Times as the archive keeps them; other texts in such columns are shown as they are.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Characters that XML 1.0 §2.2 does not allow, not even escaped.
NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The largest id that SQLite has.
LARGEST_ID = 2**63 - 1
# Nobody turns so many pages; a number without end would be an offset that SQLite does not take.
_LAST_PAGE = 10_000
# What a reader wants to see of the widest table; the cog menu of a column hides more or shows all.
ARTICLE_COLUMNS = (
    "published_at headline source section language access_status complete word_count first_seen_at".split()
)


def configuration_of(datasette: Datasette) -> dict[str, Any]:
    """What `browse_command` told the plugin."""
    return datasette.plugin_config(PLUGIN) or {}


def zone_of(datasette: Datasette) -> ZoneInfo:
    """The zone that the reader reads times in."""
    return ZoneInfo(configuration_of(datasette).get("timezone", "UTC"))


def query_url(datasette: Datasette, name: str, **parameters: str) -> str:
    """The address of a stored query."""
    url = str(datasette.urls.query(datasette.get_database().name, name))
    return f"{url}?{urlencode(parameters)}" if parameters else url


def feed_url(datasette: Datasette, source: str, q: str) -> str:
    """The address of the feed: of one source or of all, of what a query finds or of everything."""
    asked = {name: value for name, value in (("source", source), ("q", q)) if value}
    return f"{query_url(datasette, 'feed')}.atom" + (f"?{urlencode(asked)}" if asked else "")


def search_url(datasette: Datasette, q: str) -> str:
    """The address of the search page, with what a query finds."""
    return str(datasette.urls.path("/search")) + (f"?{urlencode({'q': q})}" if q else "")


def page_url(request: Request, number: int) -> str:
    """The address of another page of the list that is asked for."""
    asked = [(name, value) for name in request.args for value in request.args.getlist(name) if name != "page"]
    return f"{request.path}?{urlencode([*asked, ('page', number)])}"


def table_url(datasette: Datasette, name: str) -> str:
    """The address of a table; of `articles` with the columns that a reader wants first."""
    url = str(datasette.urls.table(datasette.get_database().name, name))
    return f"{url}?{urlencode([('_col', column) for column in ARTICLE_COLUMNS])}" if name == "articles" else url


def html_response(text: str, status: int = 200) -> Response:
    """A page of ours."""
    return Response(text, status, content_type="text/html; charset=utf-8")


def page_number(request: Request) -> int:
    """Which page of a list is asked for, from 1; what is no number is the first."""
    asked = request.args.get("page") or "1"
    return min(max(int(asked), 1), _LAST_PAGE) if asked.isdecimal() and len(asked) < 9 else 1


def lang_attribute(language: str | None) -> Markup:
    """
    The attribute that says in which language a text is; none for what is no language tag.

    Source: https://www.rfc-editor.org/rfc/rfc5646 §2.1, without its rarer forms.

    >>> lang_attribute("pt-BR"), lang_attribute("English (US)"), lang_attribute(None)
    (Markup(' lang="pt-BR"'), Markup(''), Markup(''))
    """
    return Markup(' lang="{}"').format(language) if language and _LANGUAGE.fullmatch(language) else Markup("")


def parse_time(value: object) -> datetime | None:
    """A time as the archive keeps it; None for anything else."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
