"""One reading of the configuration: its files, their mistakes, and the records of their tables."""

from __future__ import annotations

import inspect
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from scraper.errors import Mistake
from scraper.settings.values import Check, check_text, did_you_mean, expected, shown

_Record = TypeVar("_Record")


def from_home(path: str, environ: Mapping[str, str]) -> str:
    """*path* with a leading `~` replaced. Only the reader's own home is known here."""
    home = environ.get("HOME")
    return home + path[1:] if home and (path == "~" or path.startswith("~/")) else path


@dataclass(slots=True)
class Reading:
    """What is needed while the files are read: where paths start, and what was found so far."""

    base: Path
    environ: Mapping[str, str]
    instead: Mapping[Path, str] = field(default_factory=dict)
    root: Path | None = None
    mistakes: list[Mistake] = field(default_factory=list)
    # source name -> its file, also where the table is wrong
    named_in: dict[str, Path] = field(default_factory=dict)
    # cookie file -> where it is named
    cookies_of: dict[Path, tuple[Path, str]] = field(default_factory=dict)
    # address without its secrets -> as it stands in the file
    real_urls: dict[str, str] = field(default_factory=dict)

    def note(self, file: Path, table: str, key: str, expected: str) -> None:
        """Keep a mistake: all of them are told at the end."""
        self.mistakes.append(Mistake(file, table, key, expected))

    def toml(self, file: Path) -> dict[str, Any] | None:
        """The tables of one file; None where it cannot be read, which is noted."""
        try:
            text = self.instead.get(file)
            return tomllib.loads(file.read_bytes().decode("utf-8-sig") if text is None else text)
        except tomllib.TOMLDecodeError as error:  # its text ends in "(at line 3, column 7)"
            self.note(file, "", "", f"not valid TOML: {error}")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.note(file, "", "", f"expected UTF-8, found other bytes at line {line}")
        except OSError as error:
            self.note(file, "", "", f"cannot be read: {error.strerror}")
        return None

    def path(self, value: object, below: Path | None = None) -> Path:
        """An absolute path. A relative one lies below *below*, else beside the configuration."""
        path = from_home(check_text(value), self.environ)
        if path.startswith("~"):
            raise expected("a path; `~` stands for $HOME alone, and only where that is set", value)
        return (below or self.base) / path

    def file(self, value: object) -> Path:
        """The path of a file that is kept, there or not yet."""
        if (path := self.path(value, self.root)).is_dir():
            raise expected("the path of a file; this is a folder", value)
        return path

    def folder(self, value: object) -> Path:
        """The path of a folder that is kept, there or not yet."""
        if (path := self.path(value, self.root)).is_file():
            raise expected("the path of a folder; this is a file", value)
        return path

    def cookies_file(self, value: object) -> Path:
        """The path of a file of cookies, which is there and its owner's alone."""
        # Without the file every page would be asked for as a stranger, and nobody would notice.
        if not (path := self.path(value)).is_file():
            raise expected("the path of a cookie file that is there", value)
        if path.stat().st_mode & 0o077:
            raise expected(f"a cookie file that nobody else can read (chmod 600 {path})", value)
        return path

    def ca_bundle(self, value: object) -> Path:
        """The path of a file with certificates."""
        path = self.path(value)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
        except (OSError, ssl.SSLError):
            raise expected("the path of a file with certificates (PEM)", value) from None
        return path

    def table(self, file: Path, table: str, value: object) -> dict[str, Any]:
        """*value*, where it is a table."""
        if isinstance(value, dict):
            return value
        self.note(file, table, "", f"expected a table, found {shown(value)}")
        return {}

    def record(
        self,
        file: Path,
        table: str,
        given: Mapping[str, Any],
        checks: Mapping[str, Check],
        record: type[_Record],
        *,
        more: Mapping[str, object] = MappingProxyType({}),
    ) -> _Record | None:
        """The record of a table and *more*; None where the table has mistakes, which are noted."""
        before = len(self.mistakes)
        values: dict[str, Any] = dict(more)
        for key, value in given.items():
            if key not in checks:
                self.note(file, table, key, f"unknown key{did_you_mean(key, tuple(checks))}")
                continue
            try:
                values[key] = checks[key](value)
            except ValueError as problem:
                self.note(file, table, key, str(problem))
        parameters = inspect.signature(record).parameters
        for key in checks:
            if parameters[key].default is inspect.Parameter.empty and key not in given:
                self.note(file, table, key, "missing; it has no default")
        return record(**values) if len(self.mistakes) == before else None
