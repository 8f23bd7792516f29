"""Raw responses read from WARC files, our own and those of other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archive.store.captures.packed import BROKEN_ZIP, Inner, Part, files_in, part_at, parts_of
from archive.store.captures.parsing import (
    ARC_START,
    BROKEN,
    WARC_START,
    Record,
    TooLargeError,
    exchange_of,
    is_private_file,
    read_record,
)
from scraper.errors import ArchiveError
from scraper.model import RawExchange
from scraper.urls import is_http_url

# A record of an imported file that is larger, or whose body unpacks to more, is not a news page. It
# is in memory a few times at once, and read by a worker that builds a tree of it.
_LARGEST_IMPORTED = 20_000_000
# Problems that are told; who reads of more than these does not mend them one by one.
_MOST_NAMED = 20
# Characters of a problem that are told: it may quote what is in a file of somebody else.
_LONGEST_PROBLEM = 300
# Records of one file whose places are kept for revisits, at some hundred bytes each.
_MOST_ORIGINALS = 500_000
# Records that have a page; `resource` and `conversion` without the answer that brought it.
_PAGES = frozenset({"response", "revisit", "resource", "conversion"})
_MARKUP = ("text/html", "application/xhtml")

Find = Callable[[str, str], RawExchange | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies in a file: it can be read there by itself (`read_capture`)."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Located:
    """A response, and where it lies; None where it cannot be read there by itself."""

    exchange: RawExchange
    place: Place | None


class WarcReader:
    """
    The responses of a WARC file, to iterate over once; `located` tells where they lie, too.

    Args:
        path: A WARC or ARC file, plain, in gzip (its records compressed one by one or as a whole)
            or in zstd, or a WACZ with such files in it.
        find: The response that the archive holds at an address with a digest of its body
            ("sha1:…"): what a `revisit` record stands for where the file does not have it.

    *is_private* tells, before the first response, whether the file was written as one for its owner
    alone. Broken records, and such as are too large for a page, are passed over; a file that ends
    in the middle of a record ends there. Afterwards *broken_count* tells how many, *problems* which
    ones (the first twenty), *other_count* those that have no page: requests, metadata, DNS, and
    *lost_count* the revisits whose page lies nowhere. *done_bytes* tells how far the file is read.
    Memory, disk and time are bounded whatever is in the file.

    Raises:
        ArchiveError: While iterating: the file cannot be read.
    """

    def __init__(self, path: Path, find: Find = lambda *_: None) -> None:
        self.path = path
        self.broken_count = 0
        self.other_count = 0
        self.lost_count = 0
        self.problems: list[str] = []
        self.done_bytes = 0
        self.is_private = is_private_file(path.name)
        self.find = find

    def __iter__(self) -> Iterator[RawExchange]:
        return (one.exchange for one in self.located())

    def located(self) -> Iterator[Located]:
        """The responses, each with its place in the file."""
        try:
            with self.path.open("rb") as file:
                for inner in files_in(file, self.path.name, self.note):
                    self.is_private = self.is_private or is_private_file(inner.name)
                    try:
                        for one in _Inside(inner, self).responses():
                            self.done_bytes = file.tell()
                            yield one
                    except BROKEN_ZIP as error:  # one file of a WACZ costs only itself
                        self.note(inner.name, f"is damaged: {error}")
        except OSError as error:
            raise ArchiveError(self.path, f"the file cannot be read: {error.strerror}") from error

    def note(self, where: str, problem: object) -> None:
        """Count a broken record, and tell it."""
        self.broken_count += 1
        if len(self.problems) < _MOST_NAMED:
            text = f"{where}: {problem}"[:_LONGEST_PROBLEM]
            self.problems.append("".join(sign if sign.isprintable() else "·" for sign in text))


class _Inside:
    """The records of one WARC file, which may lie within another file; problems go to *reader*."""

    def __init__(self, inner: Inner, reader: WarcReader) -> None:
        self._inner = inner
        self._reader = reader
        # By address and digest: where in the inner file the part begins that has a response.
        self._originals: dict[int, int] = {}
        self._is_arc = False

    def responses(self) -> Iterator[Located]:
        for part in parts_of(self._inner.file, self._note):
            yield from self._of_part(part)

    def _of_part(self, part: Part) -> Iterator[Located]:
        """
        The responses in a run of plain records; after a broken one it goes on where the next
        begins.
        """
        stream, count = part.stream, 0
        while stream.skip_blank_lines():
            stream.mark()
            begin = stream.tell()
            where = f"byte {part.start if part.packed else begin}"
            record = self._record_at(part, where)
            count += 1
            exchange = record and self._response_in(record, where, part, begin)
            is_revisit = record is not None and record.kind == "revisit"
            del record  # it holds the bytes once more
            if exchange:
                place = self._place_in(part, begin, is_first=count == 1)
                yield Located(exchange, None if is_revisit else place)

    def _place_in(self, part: Part, begin: int, *, is_first: bool) -> Place | None:
        """Where the record lies that was just read; None where its part cannot be unpacked for it alone."""
        if not part.packed:
            return self._place(begin, part.stream.tell())
        # To look for a further record is to reach the end of the part.
        is_alone = is_first and not part.stream.skip_blank_lines()
        return self._place(part.start, part.packed.end) if is_alone and part.packed.end is not None else None

    def _place(self, start: int, end: int) -> Place | None:
        outer = self._inner.start
        return None if outer is None else Place(outer + start, end - start)

    def _record_at(self, part: Part, where: str) -> Record | None:
        """
        The record that begins here. None where it is broken or no page; then the next one may begin
        here.
        """
        stream = part.stream
        try:
            record = read_record(stream, _LARGEST_IMPORTED)
        except TooLargeError as error:
            self._note(where, error)
            if error.skip > 0 and stream.skip(error.skip):
                return None
        except BROKEN as error:
            self._note(where, error)
        else:
            self._is_arc = self._is_arc or record.url.startswith(ARC_START.decode())
            return record
        stream.rewind()
        stream.skip_to(b"\nhttp" if self._is_arc else b"\n" + WARC_START)
        return None

    def _response_in(self, record: Record, where: str, part: Part, begin: int) -> RawExchange | None:
        """The response of a web server that a record holds; None where it holds none."""
        if record.kind == "warcinfo" and is_private_file(record.fields.get("warc-filename", "")):
            self._reader.is_private = True  # whatever the file is called by now
        if not _has_page(record):
            self._reader.other_count += 1
            return None
        try:
            exchange = self._exchange_of(record)
        except BROKEN as error:
            self._note(f"{where} ({record.url})", error)
            return None
        digest = record.fields.get("warc-payload-digest")
        if record.kind != "revisit" and digest and len(self._originals) < _MOST_ORIGINALS:
            self._originals.setdefault(hash((record.url, digest)), part.start if part.packed else begin)
        return exchange

    def _exchange_of(self, record: Record) -> RawExchange | None:
        if "warc-segment-number" in record.fields:
            raise ValueError("a record in segments, which are not put together here")
        return self._revisited(record) if record.kind == "revisit" else exchange_of(record, _LARGEST_IMPORTED)

    def _revisited(self, record: Record) -> RawExchange | None:
        """What a revisit record stands for: its own headers and time, and the body that came before."""
        fields = record.fields
        url, digest = fields.get("warc-refers-to-target-uri") or record.url, fields.get("warc-payload-digest", "")
        original = self._original(url.strip("<>"), digest) or self._reader.find(url.strip("<>"), digest)
        if original is None:
            self._reader.lost_count += 1
            return None
        bare = record._replace(block=b"HTTP/1.1 200 OK\r\n\r\n" if not record.block.strip() else record.block)
        own = exchange_of(bare)
        status = original.status if own.status == _NOT_MODIFIED else own.status
        return replace(original, url=record.url, at=own.at, status=status, headers=own.headers or original.headers)

    def _original(self, url: str, digest: str) -> RawExchange | None:
        """The response with this address and digest that stands further above in the file."""
        start = self._originals.get(hash((url, digest)))
        if start is None:
            return None
        stream = part_at(self._inner.file, start)
        try:
            while stream.skip_blank_lines():
                stream.mark()
                record = read_record(stream, _LARGEST_IMPORTED)
                if (record.url, record.fields.get("warc-payload-digest")) == (url, digest):
                    return exchange_of(record, _LARGEST_IMPORTED)
        except BROKEN:
            pass
        return None

    def _note(self, where: str, problem: object) -> None:
        name = "" if self._inner.name == self._reader.path.name else f"{self._inner.name}, "
        self._reader.note(f"{name}{where}", problem)


_NOT_MODIFIED = 304  # RFC 9110 §15.4.5


def _has_page(record: Record) -> bool:
    """A `resource` or `conversion` may be anything: a screenshot, a plain text of a page that is there too."""
    if record.kind not in _PAGES or not is_http_url(record.url):
        return False
    return record.kind in {"response", "revisit"} or record.fields.get("content-type", "").startswith(_MARKUP)


def read_warc(path: Path, find: Find = lambda *_: None) -> WarcReader:
    """The responses of a WARC file, any program's; see `WarcReader` for what is passed over."""
    return WarcReader(path, find)


def read_capture(folder: Path, file: str, offset: int) -> RawExchange:
    """
    One response that was kept below *folder*, or that lies in a file of somebody else. What was
    sent to get it is not read again: *request_headers* is empty.

    Raises:
        ArchiveError: The file is gone, or there is no whole response at *offset*.
    """
    path = folder / file
    try:
        with path.open("rb") as packed:
            return exchange_of(read_record(part_at(packed, offset)))
    except OSError as error:
        raise ArchiveError(path, f"the raw response cannot be read: {error.strerror}") from error
    except BROKEN as error:
        raise ArchiveError(path, f"there is no whole response at byte {offset}") from error
