"""
Reading pages in worker processes: a page that hangs or eats memory costs one worker, not the pass.

What reads listings and what runs workers is imported where it is used: one page is read at once
without them.
"""

from __future__ import annotations

import gc
import resource
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from multiprocessing import get_context
from typing import Protocol, Self, TypeVar, assert_never

from archive.judge.traits import Traits, traits_of
from archive.settings import PassSettings
from scraper.errors import PageError, ParseError
from scraper.languages import shipped_languages
from scraper.model import Article, Listing, ListingKind, Phrase, RawExchange, Selectors
from scraper.read.document import Document
from scraper.read.learnt.model import LabelModel, shipped_model
from scraper.read.reader import Reader
from scraper.read.words.lexicon import Lexicon

T = TypeVar("T")
K = TypeVar("K")
_NO_SELECTORS = Selectors()

# A worker that wants more is reading something that is no news page.
_WORKER_BYTES = 2_000_000_000
# Then a new process takes its place: memory that a large page took is not all given back.
_PAGES_A_WORKER = 2_000
# The collector of a worker looks at young objects when there are so many. Those of a page have few
# circles, and go by themselves; with Python's 700 it looked a hundred times a page, a tenth of the time.
YOUNG_OBJECTS = 10_000
# Pages that wait to be read, or to be asked for when they are: more than the workers that a machine
# has.
AHEAD = 16


@dataclass(frozen=True, slots=True)
class ListingJob:
    """A feed, sitemap or index page to read."""

    body: bytes
    url: str
    kind: ListingKind
    content_type: str | None = None


def read_listing(job: ListingJob) -> Listing:
    """
    What a listing says.

    Raises:
        ParseError: It is none, or broken.
    """
    from scraper.discover.feeds import parse_feed  # noqa: PLC0415 - see above
    from scraper.discover.index_pages import parse_index_page  # noqa: PLC0415
    from scraper.discover.sitemaps import parse_sitemap  # noqa: PLC0415

    match job.kind:
        case ListingKind.FEED:
            return parse_feed(job.body, job.url, job.content_type)
        case ListingKind.SITEMAP:
            return parse_sitemap(job.body, job.url)
        case ListingKind.INDEX_PAGE:
            return parse_index_page(job.body, job.url, job.content_type)
        case _:
            assert_never(job.kind)


def reader_of(phrases: tuple[Phrase, ...] = (), model: LabelModel | None = None) -> Reader:
    """
    A reader that knows *phrases* beside the shipped ones, and reads with *model* in place of the
    shipped one.
    """
    return Reader(Lexicon(shipped_languages(), phrases), model or shipped_model())


class Readers(Protocol):
    """Whoever reads pages and listings. The future ends with what was read, or with a ParseError."""

    def submit(self, job: Document) -> Future[Article]:
        """Begin to read a page."""
        ...

    def submit_with_traits(self, job: Document) -> Future[tuple[Article, Traits]]:
        """Begin to read a page, and to make what it is judged by."""
        ...

    def submit_listing(self, job: ListingJob) -> Future[Listing]:
        """Begin to read a listing."""
        ...


class InlineReaders:
    """Reads in this process, one page after the other: a pass is deterministic."""

    def __init__(self, phrases: tuple[Phrase, ...] = (), model: LabelModel | None = None) -> None:
        self._reader = reader_of(phrases, model)

    def submit(self, job: Document) -> Future[Article]:
        """The page, read."""
        return _finished(lambda: self._reader.read(job))

    def submit_with_traits(self, job: Document) -> Future[tuple[Article, Traits]]:
        """The page, read, with its traits."""
        return _finished(lambda: _with_traits(self._reader.read(job)))

    def submit_listing(self, job: ListingJob) -> Future[Listing]:
        """The listing, read."""
        return _finished(lambda: read_listing(job))


class ReaderPool:
    """
    Reads in *workers* processes. Use as a context manager.

    Args:
        timeout: A page that takes longer is given up, with the worker that reads it.
        phrases: By which prompts are known, beside the shipped ones.
        model: In place of the shipped one.
    """

    def __init__(
        self, workers: int, timeout: timedelta, phrases: tuple[Phrase, ...] = (), model: LabelModel | None = None
    ) -> None:
        from pebble import ProcessPool  # noqa: PLC0415 - see above

        self._timeout = timeout.total_seconds()
        # A fork would take the archive's connection and lock along.
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=_PAGES_A_WORKER,
            initializer=_begin_worker,
            initargs=(phrases, model),
            context=get_context("spawn"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.stop()
        self._pool.join()

    def submit(self, job: Document) -> Future[Article]:
        """Begin to read a page in a worker."""
        return self._schedule(_read_in_worker, job.url, "page", job)

    def submit_with_traits(self, job: Document) -> Future[tuple[Article, Traits]]:
        """Begin to read a page in a worker, which makes its traits, too."""
        return self._schedule(_read_with_traits, job.url, "page", job)

    def submit_listing(self, job: ListingJob) -> Future[Listing]:
        """Begin to read a listing in a worker."""
        return self._schedule(read_listing, job.url, job.kind.value, job)

    def _schedule(self, work: Callable[..., T], url: str, what: str, *arguments: object) -> Future[T]:
        result: Future[T] = Future()
        task = self._pool.schedule(work, args=arguments, timeout=self._timeout)
        task.add_done_callback(lambda done: _pass_on(done, result, url, what))
        return result


def readers_of(
    settings: PassSettings, phrases: tuple[Phrase, ...] = (), model: LabelModel | None = None
) -> AbstractContextManager[Readers]:
    """The readers that the configuration asks for."""
    if settings.reading_workers == 0:
        return nullcontext(InlineReaders(phrases, model))
    return ReaderPool(settings.reading_workers, settings.reading_timeout, phrases, model)


def document_of(exchange: RawExchange, selectors: Selectors = _NO_SELECTORS) -> Document:
    """A response as what is read."""
    content_type = next((value for name, value in exchange.headers if name.lower() == "content-type"), None)
    return Document(exchange.body, exchange.url, content_type, exchange.status, selectors, exchange.at)


def read_all(
    jobs: Iterable[tuple[K, Document]], submit: Callable[[Document], Future[T]], ahead: int = AHEAD
) -> Iterator[tuple[K, T | PageError]]:
    """
    What comes with each document, with what is read in that; in order, a few are read ahead.

    Args:
        submit: A method of `Readers`.
        ahead: Documents that are read, or wait for a reader, at a time: back-pressure.
    """
    waiting: list[tuple[K, Future[T]]] = []
    source = iter(jobs)
    while True:
        for key, document in islice(source, ahead - len(waiting)):
            waiting.append((key, submit(document)))
        if not waiting:
            return
        key, future = waiting.pop(0)
        error = future.exception()
        if isinstance(error, PageError):
            yield key, error
        else:
            yield key, future.result()


def _with_traits(article: Article) -> tuple[Article, Traits]:
    return article, traits_of(article)


def _pass_on(done: Future[T], result: Future[T], url: str, what: str) -> None:
    """What the worker came to, with the ways a worker can end made into ParseErrors."""
    if done.cancelled() or not result.set_running_or_notify_cancel():
        result.cancel()
        return
    from pebble import ProcessExpired  # noqa: PLC0415 - see above

    error = done.exception()
    match error:
        case None:
            result.set_result(done.result())
        case TimeoutError():
            result.set_exception(_error_of(what)(url, f"reading the {what} took too long"))
        case MemoryError() | ProcessExpired():
            result.set_exception(_error_of(what)(url, f"reading the {what} took too much memory, or ended its process"))
        case _:
            result.set_exception(error)


def _error_of(what: str) -> type[ParseError]:
    return PageError if what == "page" else ParseError


def _finished(work: Callable[[], T]) -> Future[T]:
    future: Future[T] = Future()
    try:
        future.set_result(work())
    except ParseError as error:
        future.set_exception(error)
    return future


# ---------------------------------------------------------------- in a worker

# A worker makes its reader once, when it starts.
_worker_reader: Reader | None = None


def _begin_worker(phrases: tuple[Phrase, ...], model: LabelModel | None) -> None:
    global _worker_reader  # noqa: PLW0603 - a process of its own, begun here, that nothing else runs in
    gc.set_threshold(YOUNG_OBJECTS)
    resource.setrlimit(resource.RLIMIT_AS, (_WORKER_BYTES, _WORKER_BYTES))
    _worker_reader = reader_of(phrases, model)


def _read_in_worker(document: Document) -> Article:
    reader = _worker_reader or reader_of()
    return reader.read(document)


def _read_with_traits(document: Document) -> tuple[Article, Traits]:
    return _with_traits(_read_in_worker(document))
