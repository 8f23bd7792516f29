"""Raw responses read again with today's rules: stored captures, and WARC files of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice

from archive.captures import CaptureWriter
from archive.diff import BlockChange, diff_blocks
from archive.model import StoredArticle
from archive.readers import Readers, ReadJob
from archive.store import Archive
from archive.update import keep
from scraper.errors import PageError
from scraper.model import Article, RawExchange, Selectors

_AHEAD = 16


@dataclass(frozen=True, slots=True)
class Reread:
    """
    What reading a capture again came to.

    Args:
        decision: As `update.keep` names it; None where nothing was read or nothing was to be kept.
        changes: What differs by role from the revision that the capture had led to.
        problem: Why it could not be read.
    """

    url: str
    decision: str | None = None
    changes: tuple[BlockChange, ...] = ()
    problem: str | None = None


def read_all(
    exchanges: Iterable[tuple[RawExchange, Selectors]], readers: Readers
) -> Iterator[tuple[RawExchange, Article | PageError]]:
    """Each exchange with what is read in it, in order; a few are read ahead."""
    waiting: list[tuple[RawExchange, Future[Article]]] = []
    source = iter(exchanges)
    while True:
        for exchange, selectors in islice(source, _AHEAD - len(waiting)):
            headers = {name.lower(): value for name, value in exchange.headers}
            job = ReadJob(exchange.body, exchange.url, headers.get("content-type"), exchange.status, selectors)
            waiting.append((exchange, readers.submit(job)))
        if not waiting:
            return
        exchange, future = waiting.pop(0)
        error = future.exception()
        if isinstance(error, PageError):
            yield exchange, error
        else:
            yield exchange, future.result()


def compare(stored: StoredArticle, article: Article) -> tuple[BlockChange, ...]:
    """What today's rules see differently in the page of the current revision."""
    return diff_blocks(stored.revisions[-1].blocks, article.blocks)


def import_exchange(
    archive: Archive, captures: CaptureWriter, exchange: RawExchange, article: Article | PageError, source: str | None
) -> Reread:
    """
    Keep one response of a WARC file: its raw form, and the article in it.

    Pages without an article (no text, an error page) are passed over.
    """
    if isinstance(article, PageError):
        return Reread(exchange.url, problem=article.problem)
    if not article.is_article or exchange.status != 200:
        return Reread(exchange.url, problem="no article on this page")
    location = captures.write(exchange)
    with archive.transaction():
        capture_id = archive.save_capture(location, exchange, source)
        decision = keep(archive, article, source=source, found_url=exchange.url, capture_id=capture_id, now=exchange.at)
    return Reread(exchange.url, decision)
