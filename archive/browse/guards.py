"""
What keeps browse from being asked by the wrong side, and from being asked too much.

A page on any site may send requests to this machine, and with a name that its owner lets point here
(DNS rebinding) read the answers, as its own. Such a request carries that name as its host: so only
names are answered that are known.

SQL of visitors is bounded in time by datasette; here it is bounded in memory: SQLite's own for the
whole process, the longest value, and all rows of one answer together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import ip_address
from typing import Any
from weakref import WeakKeyDictionary

from datasette.utils.asgi import Response

_Application = Callable[..., Awaitable[None]]

# Bytes. SQLite's page caches and sorters need some 20 MB; a stored query on a large archive no more
# than that.
_MOST_HEAP = 256_000_000
# No text of an archive is nearly so long as one value may be, nor the rows of a page together.
_LONGEST_VALUE = 32_000_000
_MOST_OF_ROWS = 64_000_000


def host_name(header: str) -> str:
    """
    The name or address in a Host header, without port, as it is compared.

    >>> host_name("Localhost.:8001"), host_name("[::1]:8001"), host_name("evil.example")
    ('localhost', '::1', 'evil.example')
    """
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip(".")


def is_allowed_host(name: str, allowed: Iterable[str]) -> bool:
    """
    Whether requests to a host of this name are answered: those to this machine, and those that are
    allowed.

    >>> [is_allowed_host(name, ("news.example",)) for name in ("127.0.0.1", "::1", "press.localhost", "news.example")]
    [True, True, True, True]
    >>> [is_allowed_host(name, ()) for name in ("evil.example", "localhost.evil.example", "10.0.0.1", "")]
    [False, False, False, False]
    """
    if name == "localhost" or name.endswith(".localhost") or name in allowed:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def with_allowed_hosts(application: _Application, allowed: Iterable[str]) -> _Application:
    """
    The application for requests to hosts that are allowed;
    others get 400, with the setting named.
    """
    known = frozenset(map(host_name, allowed))

    async def guarded(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] == "http":
            asked = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"host"]
            if len(asked) != 1 or not is_allowed_host(host_name(asked[0]), known):
                named = f"“{asked[0]}” is no host" if asked else "A request without a host is none"
                said = (
                    f"{named} that presswatch browse answers for. It answers for localhost, 127.0.0.1 and [::1]; "
                    "other names, such as the one of a proxy before it, stand in presswatch.toml as [browse] hosts.\n"
                )
                await Response.text(said, status=400).asgi_send(send)
                return
        await application(scope, receive, send)

    return guarded


def bound_process(connection: sqlite3.Connection) -> None:
    """
    Bound what SQLite takes in this process. A statement that needs more fails; the limit cannot be
    raised again.
    """
    connection.execute(f"PRAGMA hard_heap_limit = {_MOST_HEAP}")


def bound_connection(connection: sqlite3.Connection) -> None:
    """Bound what one statement on this connection may bring: a value, and all of its rows."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.row_factory = _bounded_rows()


def _bounded_rows() -> Callable[[sqlite3.Cursor, tuple[Any, ...]], sqlite3.Row]:
    """A row factory that counts the bytes of each cursor's rows."""
    taken: WeakKeyDictionary[sqlite3.Cursor, int] = WeakKeyDictionary()

    def bounded_row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        size = sum(len(value) for value in values if isinstance(value, str | bytes))
        if size > 10_000:  # short ones are bounded by their number
            taken[cursor] = taken.get(cursor, 0) + size
            if taken[cursor] > _MOST_OF_ROWS:
                raise sqlite3.OperationalError("the rows of the answer are too large")
        return sqlite3.Row(cursor, values)

    return bounded_row
