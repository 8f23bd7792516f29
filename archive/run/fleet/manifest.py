"""
What a folder of shards holds: `manifest.jsonl`, a line of JSON for each file that has ended.

The first line says by which choices the shards were made. Of several lines of one file the last one
counts. A line is there when its shard is, never before. One process writes, to the end of the file
alone: a kill costs a line that was being written, and its shard is found again by its name.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from archive.run.fleet.outcomes import Failed, Made, Outcome, Plan
from archive.store.lock import lock_for_writing
from archive.store.schema.migrations import schema_name
from scraper.errors import ArchiveError

NAME = "manifest.jsonl"
# Where shards are made; what is in it belongs to nobody when no backfill runs.
MAKING = ".making"
_IN_SHARD = "shard.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was written: the choices, and the last outcome of each file."""

    choices: Mapping[str, Any]
    outcomes: Mapping[Path, Outcome]

    def shard_names(self) -> tuple[str, ...]:
        """The shards that count, each once."""
        return tuple(dict.fromkeys(one.shard for one in self.outcomes.values() if isinstance(one, Made)))

    def failed(self) -> tuple[Failed, ...]:
        """The files that have no shard."""
        return tuple(one for one in self.outcomes.values() if isinstance(one, Failed))


def read_manifest(folder: Path) -> Manifest:
    """
    The manifest of a folder of shards.

    Raises:
        ArchiveError: There is none, or it is damaged.
    """
    path = folder / NAME
    try:
        content = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ArchiveError(folder, f"this is no folder of shards: it has no {NAME}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveError(path, f"it cannot be read: {error}") from error
    first, *others = (content[: content.rfind("\n") + 1] or "{}\n").splitlines()
    try:
        outcomes = map(_outcome, map(json.loads, others))
        return Manifest(json.loads(first), {one.file: one for one in outcomes})
    except (ValueError, TypeError, KeyError) as error:
        raise ArchiveError(path, f"a line of it is damaged ({error})") from error


class ShardFolder:
    """A folder of shards that this process alone adds to; made by `open_folder`."""

    def __init__(self, folder: Path, file: IO[bytes], outcomes: dict[Path, Outcome]) -> None:
        self._folder = folder
        self._file = file
        self._outcomes = outcomes

    def has(self, file: Path) -> bool:
        """Whether there is a shard of a file as it is now, by its size and the time of its last change."""
        one, now = self._outcomes.get(file), file.stat()
        return (
            isinstance(one, Made)
            and (one.size, one.modified_ns) == (now.st_size, now.st_mtime_ns)
            and (self._folder / one.shard).is_dir()
        )

    def note(self, outcome: Outcome) -> None:
        """Keep what became of a file. The shard of what the file was before goes."""
        self._file.write((json.dumps(_as_json(outcome), ensure_ascii=False) + "\n").encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        former, self._outcomes[outcome.file] = self._outcomes.get(outcome.file), outcome
        if isinstance(former, Made) and former.shard not in self.manifest().shard_names():
            shutil.rmtree(self._folder / former.shard, ignore_errors=True)

    def manifest(self) -> Manifest:
        """What is written."""
        return Manifest({}, self._outcomes)


@contextmanager
def open_folder(plan: Plan) -> Iterator[ShardFolder]:
    """
    A folder of shards to add to, made where it is missing. What workers left unfinished goes, at
    the beginning and at the end.

    Raises:
        ArchiveLockedError: Another process adds to it.
        ArchiveError: Its shards were made by other choices, or it cannot be written.
    """
    folder, choices = plan.folder, choices_of(plan)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(folder, f"the folder cannot be made: {error.strerror}") from error
    path = folder / NAME
    with lock_for_writing(path), path.open("ab+") as file:
        file.seek(0)
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)  # a line that was being written
        if b"\n" in content:
            manifest = read_manifest(folder)
            _require_same(manifest.choices, choices, folder)
        else:
            manifest = Manifest(choices, {})
            file.write((json.dumps(choices) + "\n").encode())
            file.flush()
        shutil.rmtree(folder / MAKING, ignore_errors=True)
        try:
            yield ShardFolder(folder, file, dict(manifest.outcomes))
        finally:
            shutil.rmtree(folder / MAKING, ignore_errors=True)


def choices_of(plan: Plan) -> dict[str, Any]:
    """By what the shards of a folder have to be alike: else a part of them would lack what others have."""
    wanted = asdict(plan.wanted) | {"since": plan.wanted.since and plan.wanted.since.isoformat()}
    chosen = {"schema": schema_name(), "source": plan.source, "copy": plan.is_copied} | wanted
    made: dict[str, Any] = json.loads(json.dumps(chosen))
    return made


def _require_same(before: Mapping[str, Any], now: Mapping[str, Any], folder: Path) -> None:
    if differ := [name for name in now if before.get(name) != now[name]]:
        said = ", ".join(f"{name.replace('_', '-')} {json.dumps(before.get(name))}" for name in differ)
        raise ArchiveError(folder, f"its shards were made with {said}: choose the same, or another folder")


def write_made(shard: Path, made: Made) -> None:
    """Let a shard say itself what it is."""
    (shard / _IN_SHARD).write_text(json.dumps(_as_json(made), ensure_ascii=False), encoding="utf-8")


def read_made(shard: Path) -> Made:
    """
    What a shard says that it is.

    Raises:
        ArchiveError: It does not say.
    """
    try:
        made = _outcome(json.loads((shard / _IN_SHARD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArchiveError(shard, f"this is no whole shard ({error}); remove it, and it is made again") from error
    assert isinstance(made, Made)
    return made


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return asdict(outcome) | {"file": str(outcome.file)}


def _outcome(line: Mapping[str, Any]) -> Outcome:
    kind = Failed if "problem" in line else Made
    return kind(**{**line, "file": Path(line["file"])})
