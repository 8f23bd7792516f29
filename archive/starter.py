"""The starter configuration: written out by `presswatch init`, never over what is there."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from scraper.errors import ConfigError, Mistake


@dataclass(frozen=True, slots=True)
class StarterCopy:
    """What `copy_starter` did: the files it wrote, and those that were there and stayed as they were."""

    written: tuple[Path, ...]
    left_alone: tuple[Path, ...]


def copy_starter(folder: Path) -> StarterCopy:
    """
    What came of writing the starter configuration into *folder*, which is made where it is missing.

    Raises:
        ConfigError: *folder* cannot be written to.
    """
    written, left_alone = [], []
    try:
        for name, source in _starter().items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            # "x" looks and opens in one step, so a file that appears meanwhile is left alone, too.
            try:
                with target.open("xb") as copy:
                    copy.write(source.read_bytes())
                written.append(target)
            except FileExistsError:
                left_alone.append(target)
    except OSError as error:
        raise ConfigError((Mistake(folder, "", "", f"cannot be written to: {error.strerror}"),)) from error
    return StarterCopy(tuple(written), tuple(left_alone))


def _starter() -> dict[Path, Traversable]:
    """The files by their path below the folder: of the copy in an installed wheel, else of the checkout's `config/`."""
    packaged = files("archive") / "starter_config"
    found = _files_below(packaged if packaged.is_dir() else Path(__file__).parents[1] / "config", Path())
    return dict(sorted(found))


def _files_below(folder: Traversable, prefix: Path) -> list[tuple[Path, Traversable]]:
    found = []
    for member in folder.iterdir():
        path = prefix / member.name
        found += _files_below(member, path) if member.is_dir() else [(path, member)]
    return found
