"""Raw responses read again with today's rules: stored captures, and WARC files of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice

from archive.captures import CaptureWriter, payload_digest
from archive.diff import BlockChange, diff_blocks
from archive.keep import complete_article, keep, known_lengths
from archive.model import NO_LIMITS, StoredArticle
from archive.readers import Readers, ReadJob
from archive.store import Archive
from archive.wishes import limits_of
from scraper.errors import PageError
from scraper.model import Article, FetchSettings, RawExchange, Selectors, Wish
from scraper.read.access import weigh_against
from scraper.read.templates import apply_templates
from scraper.read.wishes import find_header_wishes

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


def complete_again(
    archive: Archive, stored: StoredArticle, article: Article, *, learn_templates: bool = True
) -> Article:
    """
    What was read in the page of a stored article, with all that the archive knows besides.

    The templates of its source are those of every article that is held, so that the first ones, which were read
    when nothing was known, are cleaned like the last.
    """
    templates = archive.templates_for(article, stored.source, found_url=stored.found_url) if learn_templates else {}
    completed = complete_article(article, archive.entry(stored.found_url), None)
    weighed = weigh_against(completed, known_lengths(archive, stored.found_url))
    return apply_templates(weighed, templates)


def wishes_again(stored: StoredArticle, exchange: RawExchange, article: Article) -> tuple[Wish, ...]:
    """
    What the publisher says of a stored article: what its capture shows, as it is read in *article*, and what it cannot.

    That is what the host's own files said, and what a later answer said that left no revision ("noarchive" may leave no
    capture either): to forget it would show again what is not to be shown.
    """
    is_old = exchange.at < stored.last_seen_at
    others = (wish for wish in stored.article.wishes if is_old or wish.where in {"robots.txt", "tdmrep.json"})
    return tuple(dict.fromkeys((*find_header_wishes(exchange.headers), *article.wishes, *others)))


def import_exchange(
    archive: Archive,
    captures: CaptureWriter,
    exchange: RawExchange,
    article: Article | PageError,
    source: str | None,
    *,
    learn_templates: bool = True,
    settings: FetchSettings | None = None,
    private: bool = False,
    keeps_noarchive: bool = True,
) -> Reread:
    """
    Keep one response of a WARC file: its raw form, and the article in it.

    Pages without an article (no text, an error page) are passed over. A response that is there already is not
    kept again.

    Args:
        captures: Where the raw form is written; of what is the reader's alone, where `CaptureWriter.apart` says.
        settings: How far the wishes of publishers are obeyed; None obeys none.
        private: It lay in a file of what came to a reader's own cookies, or was of a publisher who wants no copy shown.
        keeps_noarchive: The raw form of the latter is kept ([archive] noarchive_captures).
    """
    if isinstance(article, PageError):
        return Reread(exchange.url, problem=article.problem)
    if not article.is_article or exchange.status != 200:
        return Reread(exchange.url, problem="no article on this page")
    said = (*find_header_wishes(exchange.headers), *article.wishes)
    limits = limits_of(said, settings) if settings else NO_LIMITS
    is_apart = private or limits.noarchive
    same, is_here, location = None, False, None
    if keeps_noarchive or not limits.noarchive:
        same = archive.capture_with(exchange, payload_digest(exchange.body), private=is_apart)
        is_here = same is not None and same.captured_at == exchange.at.replace(microsecond=0)
        location = None if is_here else (captures.apart if is_apart else captures).write(exchange, same)
    with archive.transaction():
        capture_id = same.capture_id if same and is_here else None
        if location:
            capture_id = archive.save_capture(location, exchange, source, private=is_apart)
        decision = keep(
            archive,
            replace(article, wishes=said),
            source=source,
            found_url=exchange.url,
            capture_id=capture_id,
            now=exchange.at,
            private=private,
            limits=limits,
            learn_templates=learn_templates,
        )
    return Reread(exchange.url, decision)
