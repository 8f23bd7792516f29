"""Where the configuration lies: its folder, its files, and the one that sources are added to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from archive.settings.records import Settings
from scraper.settings.reading import from_home


def config_folder(option: str | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """
    The folder to read, absolute: *option*, else $PRESSWATCH_CONFIG, else "config".

    A relative one lies below *cwd*.

    >>> str(config_folder(None, {"PRESSWATCH_CONFIG": "~/press", "HOME": "/home/reader"}, Path("/desk")))
    '/home/reader/press'
    >>> str(config_folder(None, {}, Path("/desk")))
    '/desk/config'
    """
    return cwd / from_home(option or environ.get("PRESSWATCH_CONFIG") or "config", environ)


def config_files(folder: Path, root: Path | None) -> tuple[Path, ...]:
    """The files that `read_settings` reads: of *folder*, and of the data folder *root*."""
    places = (*source_folders(folder, root), *alert_folders(folder, root))
    tables = [file for place in places for file in sorted(place.glob("*.toml"))]
    return (folder / "presswatch.toml", *tables, folder / "phrases.toml")


def added_sources_file(settings: Settings) -> Path:
    """
    The file that sources are added to: of the configuration, else of the data folder.

    In a container the configuration is often mounted to be read only.
    """
    return _added_file(source_folders(settings.folder, settings.archive.root))


def added_alerts_file(settings: Settings) -> Path:
    """The file that alerts are added to, likewise."""
    return _added_file(alert_folders(settings.folder, settings.archive.root))


def source_folders(folder: Path, root: Path | None) -> tuple[Path, ...]:
    """Where files of sources may lie."""
    return _folders("sources", folder, root)


def alert_folders(folder: Path, root: Path | None) -> tuple[Path, ...]:
    """Where files of alerts may lie."""
    return _folders("alerts", folder, root)


def _folders(name: str, folder: Path, root: Path | None) -> tuple[Path, ...]:
    places = [folder / name] if root is None else [folder / name, root / name]
    return tuple({place.resolve(): place for place in places}.values())


def _added_file(places: tuple[Path, ...]) -> Path:
    writable = (place for place in places if os.access(_nearest(place), os.W_OK | os.X_OK))
    return next(writable, places[0]) / "added.toml"


def _nearest(folder: Path) -> Path:
    """*folder*, or the one above it that is there."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())
