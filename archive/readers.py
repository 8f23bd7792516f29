"""Reading pages in worker processes: a page that hangs or eats memory costs one worker, not the pass."""

from __future__ import annotations

import resource
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing import get_context
from typing import Protocol, Self

from pebble import ProcessExpired, ProcessPool

from scraper.errors import PageError
from scraper.model import Article, Phrase, Selectors
from scraper.read.article import read_document
from scraper.read.session import is_signed_out
from scraper.settings import PassSettings

# A worker that wants more is reading something that is no news page.
_WORKER_BYTES = 2_000_000_000
# Then a new process takes its place: memory that a large page took is not all given back.
_PAGES_A_WORKER = 500


@dataclass(frozen=True, slots=True)
class ReadJob:
    """A document to read."""

    body: bytes
    url: str
    content_type: str | None = None
    status_code: int = 200
    selectors: Selectors = Selectors()


def read(job: ReadJob, phrases: tuple[Phrase, ...] = ()) -> Article:
    """
    The article in a document, with *phrases* beside the shipped ones.

    Raises:
        PageError: Nothing can be read there.
    """
    article = read_document(
        job.body,
        job.url,
        content_type=job.content_type,
        status_code=job.status_code,
        selectors=job.selectors,
        phrases=phrases,
    )
    signed_out = job.selectors.signed_out
    if signed_out and is_signed_out(job.body, job.url, job.content_type, signed_out):
        return replace(article, signed_out=True)
    return article


class Readers(Protocol):
    """Whoever reads pages. The future ends with an Article or a PageError."""

    def submit(self, job: ReadJob) -> Future[Article]:
        """Begin to read."""
        ...


class InlineReaders:
    """Reads in this process, one page after the other: a pass is deterministic."""

    def __init__(self, phrases: tuple[Phrase, ...] = ()) -> None:
        self._phrases = phrases

    def submit(self, job: ReadJob) -> Future[Article]:
        """The page, read."""
        return _finished(lambda: read(job, self._phrases))


class ReaderPool:
    """
    Reads in *workers* processes. Use as a context manager.

    Args:
        timeout: A page that takes longer is given up, with the worker that reads it.
        phrases: By which prompts are known, beside the shipped ones.
    """

    def __init__(self, workers: int, timeout: timedelta, phrases: tuple[Phrase, ...] = ()) -> None:
        self._timeout = timeout.total_seconds()
        self._phrases = phrases
        # A fork would take the archive's connection and lock along.
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=_PAGES_A_WORKER,
            initializer=_limit_memory,
            context=get_context("spawn"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.stop()
        self._pool.join()

    def submit(self, job: ReadJob) -> Future[Article]:
        """Begin to read in a worker."""
        result: Future[Article] = Future()
        task = self._pool.schedule(read, args=[job, self._phrases], timeout=self._timeout)
        task.add_done_callback(lambda done: _pass_on(done, result, job.url))
        return result


def readers_of(settings: PassSettings, phrases: tuple[Phrase, ...] = ()) -> AbstractContextManager[Readers]:
    """The readers that the configuration asks for."""
    if settings.reading_workers == 0:
        return nullcontext(InlineReaders(phrases))
    return ReaderPool(settings.reading_workers, settings.reading_timeout, phrases)


def _pass_on(done: Future[Article], result: Future[Article], url: str) -> None:
    """What the worker came to, with the ways a worker can end made into PageErrors."""
    if done.cancelled() or not result.set_running_or_notify_cancel():
        result.cancel()
        return
    error = done.exception()
    match error:
        case None:
            result.set_result(done.result())
        case TimeoutError():
            result.set_exception(PageError(url, "reading the page took too long"))
        case MemoryError() | ProcessExpired():
            result.set_exception(PageError(url, "reading the page took too much memory, or ended its process"))
        case _:
            result.set_exception(error)


def _finished(work: Callable[[], Article]) -> Future[Article]:
    future: Future[Article] = Future()
    try:
        future.set_result(work())
    except PageError as error:
        future.set_exception(error)
    return future


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_WORKER_BYTES, _WORKER_BYTES))
