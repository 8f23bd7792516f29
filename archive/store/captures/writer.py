"""Raw responses written as WARC files."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from archive.model import CaptureLocation, StoredCapture
from archive.store.captures.parsing import BROKEN, is_private_file, read_fields
from archive.store.captures.records import Original, payload_digest, records_of, warcinfo
from archive.store.captures.streams import Member, Stream
from scraper.errors import ArchiveError
from scraper.model import RawExchange


class CaptureWriter:
    """
    Writes the raw responses of one pass below *folder*, in gzip files that no other pass adds to.

    A file is made at the first capture, closed at *max_bytes* and followed by the next one. Each
    record is compressed on its own and on disk before its location is given out: a crash costs at
    most the record that was being written, never an earlier one.

    What only its owner may read is written by the writer *apart*, into files of their own, whose
    names have "-private-" in them and which nobody else can read.

    Args:
        folder: Made where it is missing, for its owner alone.
        pass_name: Starts the names of the files: letters, digits, "-", "_" and ".".
        max_bytes: A file may end up larger by one response.
        software: Named in the first record of each file.
    """

    def __init__(self, folder: Path, pass_name: str, max_bytes: int, software: str = "presswatch") -> None:
        if not re.fullmatch(r"\w[\w.-]*", pass_name, re.ASCII):
            raise ValueError(f"not a file name: {pass_name!r}")
        self._folder = folder
        self._pass_name = pass_name
        self._max_bytes = max_bytes
        self._software = software
        self._number = 0
        self._file: IO[bytes] | None = None
        self._apart: CaptureWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the current file; a further capture opens the next one."""
        if self._apart:
            self._apart.close()
        file, self._file = self._file, None
        if file:
            # Every record was on disk when it was written; what is left is the torn one of a full
            # disk.
            with suppress(OSError):
                file.close()

    @property
    def apart(self) -> CaptureWriter:
        """The writer for what only its owner may read."""
        if self._apart is None:
            self._apart = CaptureWriter(self._folder, f"{self._pass_name}-private", self._max_bytes, self._software)
        return self._apart

    def write(self, exchange: RawExchange, same_as: StoredCapture | None = None) -> CaptureLocation:
        """
        Where the response now lies. It is on disk when this returns, so that a row may point to it.

        Args:
            same_as: A capture of this page that may hold the same bytes. If it does, a revisit
                record is written in place of a second copy, and the location names that capture
                (`CaptureLocation.of`).

        Raises:
            ArchiveError: The disk is full, or the folder cannot be written to.
        """
        original = self._original(same_as, payload_digest(exchange.body)) if same_as else None
        response, request, digest = records_of(exchange, original)
        try:
            file = self._current_file()
            offset = file.tell()
            file.write(response + request)
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            # A torn record would hide those after it from a reader that goes by order: leave this
            # file alone.
            self.close()
            raise ArchiveError(self._folder, f"the raw response cannot be kept: {error.strerror}") from error
        if file.tell() >= self._max_bytes:
            self.close()
        of = same_as.capture_id if same_as and original else None
        return CaptureLocation(Path(file.name).name, offset, len(response), digest, of)

    def _original(self, capture: StoredCapture, digest: str) -> Original | None:
        """
        The record of a capture, if it is there and its body has this digest; else the body is to be
        kept again.
        """
        try:
            with (self._folder / capture.location.file).open("rb") as file:
                member = Member(file, capture.location.offset)
                stream = Stream(member.pieces())
                stream.readline()
                fields = read_fields(stream)
                stream.drain()
        except (OSError, *BROKEN):
            return None
        if member.end is None:
            return None  # damaged: the bytes are no longer there
        if fields.get("warc-type") != "response" or fields.get("warc-payload-digest") != digest:
            return None
        record_id, url, date = map(fields.get, ("warc-record-id", "warc-target-uri", "warc-date"))
        return Original(record_id, url, date, digest) if record_id and url and date else None

    def _current_file(self) -> IO[bytes]:
        if self._file is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = self._next_file()
            self._file.write(warcinfo(Path(self._file.name).name, self._software))
            # The name of a new file is on disk only when its folder is.
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return self._file

    def _next_file(self) -> IO[bytes]:
        """A file that was not there before: after a crash the old one stays as it is."""
        while True:
            path = self._folder / f"{self._pass_name}-{self._number:05}.warc.gz"
            self._number += 1
            try:
                return open(path, "xb", opener=_for_owner if is_private_file(path.name) else None)
            except FileExistsError:
                continue


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
