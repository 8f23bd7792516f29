"""
WARC files of others, taken in: which responses are read, where their raw form lies, and how far a
file is.

    file ─► known? (digest) ─► responses, each with its place ─► wanted? ─► read (workers) ─► kept, in batches

What a file holds stays where it lies: a capture names the file and the place in it. Nothing of ours
writes to such a file or removes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import file_digest
from http import HTTPStatus
from itertools import islice
from pathlib import Path

from archive.judge.traits import Traits
from archive.model import CaptureLocation, ImportedFile
from archive.run.imports.homes import Homes, host_of
from archive.run.imports.stopwatch import Part, Stopwatch
from archive.run.readers import AHEAD, Readers, document_of, read_all
from archive.run.reread import import_exchange
from archive.settings import Settings
from archive.store import Archive
from archive.store.captures import CaptureWriter, Located, WarcReader, payload_digest, read_capture, read_warc
from archive.store.captures.readings import Reading
from scraper.discover.index_pages import is_other_address
from scraper.errors import ArchiveError, PageError
from scraper.model import Article, RawExchange, Selectors, Source
from scraper.read.document import Document

# Responses that are committed together: a kill costs the reading of so many, and a commit is a
# tenth of what a page costs. They are read while the transaction is open: were they waited for
# before it, nobody would read while they are written.
_BATCH = 50
# A response with its number in the file, from 1.
_Numbered = tuple[int, Located]
# Crawlers' clocks are wrong by minutes, and their zones by hours.
_WRONG_CLOCK = timedelta(days=1)
_WEB_PAGES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    Which responses of a file are read.

    Args:
        hosts: Those of these hosts and what is below them; empty for all.
        languages: Those in these languages ("de"); a page that states none is left out.
        since: Those that were served then or later.
        only_articles: Those at addresses of front pages, lists and files are left out, unread.
    """

    hosts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    only_articles: bool = False


@dataclass(slots=True)
class Report:
    """
    What taking a file in came to.

    Args:
        decisions: How many responses were added, revised, unchanged, …
        left_out: How many were not kept, by reason.
        known: The import of this very file that had ended before; then nothing was done.
        broken_count: Records that could not be read; *problems* says which, the first twenty.
        lost_count: Revisits of pages that are neither in the file nor in the archive.
        done_bytes: How much of the file was read.
    """

    decisions: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    known: ImportedFile | None = None
    broken_count: int = 0
    lost_count: int = 0
    problems: tuple[str, ...] = ()
    done_bytes: int = 0

    @property
    def count(self) -> int:
        """The responses that were looked at."""
        return self.decisions.total() + self.left_out.total()


class Importer:
    """
    Takes WARC files in. The archive is open for writing.

    Args:
        source: The name of the source of all pages; None finds each page's among those configured.
        is_copied: Raw responses are copied to the archive's own files.
        is_again: A file that was taken in before is read again.
        is_shard: What was read is kept, so that the archive can be joined with others (`merge_shards`).
        ahead: Pages that wait for a reader, or to be asked for: some for each reader.
        on_progress: Told after each response.
        watch: Is told where the time goes.
    """

    def __init__(
        self,
        archive: Archive,
        settings: Settings,
        readers: Readers,
        *,
        source: str | None = None,
        wanted: Wanted = Wanted(),
        is_copied: bool = False,
        is_again: bool = False,
        is_shard: bool = False,
        ahead: int = AHEAD,
        now: Callable[[], datetime],
        on_progress: Callable[[Report], None] = lambda _: None,
        watch: Stopwatch | None = None,
    ) -> None:
        self._archive = archive
        self._settings = settings
        self._readers = readers
        self._source = source
        self._homes = Homes(settings.sources)
        self._wanted = wanted
        self._is_copied = is_copied
        self._is_again = is_again
        self._is_shard = is_shard
        self._now = now
        self._ahead = ahead
        self._on_progress = on_progress
        self._watch = watch or Stopwatch()

    def take_in(self, path: Path) -> Report:
        """
        Keep the articles of one file, from where an earlier import of it was stopped.

        Raises:
            ArchiveError: The file cannot be read, or the archive not be written.
        """
        path, archive = path.absolute(), self._archive
        digest, size = _digest_and_size(path)
        file = archive.begin_import(path, size, digest, self._now())
        if file.ended_at and not self._is_again:
            return Report(known=file)
        report = Report()
        warc = read_warc(path, self._held)
        done = 0 if file.ended_at else file.done_count
        responses = self._wanted_of(warc, report, done)
        stamp = f"import-{self._now():%Y%m%dT%H%M%SZ}"
        settings = self._settings.archive
        with CaptureWriter(settings.warc_folder, stamp, settings.warc_bytes) as captures:
            each = self._watch.each
            submit = self._readers.submit_with_traits
            came = read_all(each(Part.OPENING, responses), submit, self._ahead)
            read = each(Part.WAITING, came)
            is_more = True
            while is_more:
                with self._transaction():
                    before = done
                    for (number, one), found in islice(read, _BATCH):
                        self._keep(one, found, captures, path, digest, report, is_private=warc.is_private)
                        report.done_bytes = warc.done_bytes
                        self._on_progress(report)
                        done = number  # they come in order: what is read ahead is not done
                    is_more = done > before
                    archive.note_imported(digest, done)
        archive.note_imported(digest, done, self._now())
        report.broken_count, report.lost_count = warc.broken_count, warc.lost_count
        report.problems = tuple(warc.problems)
        return report

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._watch.on(Part.DECIDING), ExitStack() as open_ones:
            open_ones.enter_context(self._archive.transaction())
            yield
            with self._watch.on(Part.COMMITTING):
                open_ones.close()

    def _held(self, url: str, digest: str) -> RawExchange | None:
        """What the archive holds of an address, where it has this digest: a file may tell of it without it."""
        capture = self._archive.capture_of(url, digest)
        if capture is None:
            return None
        try:
            return read_capture(self._settings.archive.warc_folder, capture.location.file, capture.location.offset)
        except ArchiveError:
            return None

    def _wanted_of(self, warc: WarcReader, report: Report, done: int) -> Iterator[tuple[_Numbered, Document]]:
        """The responses behind the first *done* that are worth reading; the others are counted."""
        for number, one in enumerate(warc.located(), 1):
            if number <= done:
                continue
            reason = why_not(one.exchange, self._wanted, self._now())
            if reason is None:
                source = self._source_of(one.exchange.url)
                yield (number, one), document_of(one.exchange, source.selectors if source else Selectors())
            else:
                report.left_out[reason] += 1

    def _source_of(self, url: str) -> Source | None:
        return self._homes.find(url) if self._source is None else self._homes.named(self._source)

    def _keep(
        self,
        one: Located,
        found: tuple[Article, Traits] | PageError,
        captures: CaptureWriter,
        path: Path,
        file_digest: str,
        report: Report,
        *,
        is_private: bool,
    ) -> None:
        if isinstance(found, PageError):
            report.left_out[found.problem] += 1
            return
        exchange, place = one.exchange, None if self._is_copied else one.place
        article, traits = found
        languages = self._wanted.languages
        if languages and (article.language or "").partition("-")[0] not in languages:
            report.left_out["in other languages"] += 1
            return
        source = self._source_of(exchange.url)
        digest = payload_digest(exchange.body)
        lies_at = CaptureLocation(str(path), place.offset, place.length, digest) if place else None
        reading = Reading(
            exchange, digest, article, traits, source.name if source else self._source, is_private, lies_at
        )
        decision = decide_on(self._archive, captures, reading, source, self._settings)
        if decision:
            report.decisions[decision] += 1
            if self._is_shard:
                self._archive.save_reading(file_digest, reading)
        else:
            report.left_out["no article"] += 1


def decide_on(
    archive: Archive, captures: CaptureWriter | None, reading: Reading, source: Source | None, settings: Settings
) -> str | None:
    """
    Decide on what was read in a response, and carry that out; the decision's name, None where it is
    no article.

    Args:
        captures: Where the raw form is copied to; None where there is none to copy.
        source: The one that the reading names, as it is configured.
    """
    return import_exchange(
        archive,
        captures,
        reading.exchange,
        reading.article,
        reading.source,
        traits=reading.traits,
        learn_templates=source.learn_templates if source else True,
        settings=settings.fetch,
        private=reading.is_private,
        keeps_noarchive=settings.archive.noarchive_captures,
        lies_at=reading.lies_at,
        digest=reading.digest,
    ).decision


def why_not(exchange: RawExchange, wanted: Wanted, now: datetime) -> str | None:
    """Why a response is not read, as far as it shows before it is; None where it is read."""
    if exchange.at > now + _WRONG_CLOCK:  # nothing that comes would ever be newer
        return "dated in the future"
    if exchange.status != HTTPStatus.OK:
        return "answered with an error or a redirect"
    if not _may_be_page(exchange):
        return "no web page"
    if wanted.since and exchange.at < wanted.since:
        return "older"
    if wanted.hosts and not _is_within(host_of(exchange.url), wanted.hosts):
        return "of other hosts"
    if wanted.only_articles and is_other_address(exchange.url):
        return "at the address of a list or a file"
    return None


def _may_be_page(exchange: RawExchange) -> bool:
    """Whether a response is said to be a web page, or not said to be anything."""
    media_type = next((value for name, value in exchange.headers if name.lower() == "content-type"), "")
    return not media_type.strip() or media_type.strip().lower().startswith(_WEB_PAGES)


def _is_within(host: str, domains: Iterable[str]) -> bool:
    return any(f".{host}".endswith(f".{domain}") for domain in domains)


def _digest_and_size(path: Path) -> tuple[str, int]:
    """The sha256 of a file, in hexadecimal digits, and how many bytes it has."""
    try:
        with path.open("rb") as opened:
            return file_digest(opened, "sha256").hexdigest(), opened.tell()
    except OSError as error:
        raise ArchiveError(path, f"the file cannot be read: {error.strerror}") from error


def find_moved(archive: Archive, folder: Path) -> tuple[tuple[ImportedFile, Path | None], ...]:
    """
    The imported files that are no longer where they lay, each with where it lies below *folder*: a
    file of the same size with the same bytes, whatever it is called. None where it is not there.
    """
    needed = archive.files_that_captures_need()
    lost = [file for file in archive.imported_files() if str(file.path) in needed and not file.path.exists()]
    if not lost:
        return ()
    by_size: dict[int, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            by_size.setdefault(path.stat().st_size, []).append(path.absolute())
    return tuple((file, _same_file(file, by_size.get(file.size, []))) for file in lost)


def _same_file(file: ImportedFile, candidates: list[Path]) -> Path | None:
    # The name is the best hint: whole files are read to tell.
    for path in sorted(candidates, key=lambda path: path.name != file.path.name):
        with path.open("rb") as opened:
            if file_digest(opened, "sha256").hexdigest() == file.digest:
                return path
    return None
