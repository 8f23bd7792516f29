"""`presswatch init`: the starter configuration, written out, never over what is there."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from archive.commands.options import Options, pass_options
from scraper.errors import ConfigError, Mistake
from scraper.settings.network import check_user_agent
from scraper.settings.rendering import render_value

_MAIN = Path("presswatch.toml")
_EXAMPLE_CONTACT = "you@presswatch.example"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Where all that is kept is to lie.")
@click.option("--contact", metavar="ADDRESS", help="Your e-mail address or page, which sites see in the user agent.")
@pass_options
def init(options: Options, folder: Path | None, data: Path | None, contact: str | None) -> None:
    """
    Write a starter configuration to FOLDER (else $PRESSWATCH_CONFIG, else ./config), never over
    what is there.
    """
    if contact is not None:
        _check_contact(contact)
    target = folder or options.config_folder()
    done = copy_starter(target, data=data and data.absolute(), contact=contact)
    _show(done, has_wishes=bool(data or contact))
    click.echo(f"Next: {_next_step(target)}", err=True)


def _next_step(folder: Path) -> str:
    """What is left to do before the first pass."""
    file = folder / _MAIN
    has_contact = _EXAMPLE_CONTACT not in file.read_text(encoding="utf-8", errors="replace")
    return "presswatch run" if has_contact else f"name a contact in {file} (user_agent), then: presswatch run"


def _show(done: StarterCopy, *, has_wishes: bool) -> None:
    for path in done.written:
        click.echo(path)
    for path in done.left_alone:
        in_vain = " (--data and --contact changed nothing in it)" if has_wishes and path.name == _MAIN.name else ""
        click.echo(f"left alone: {path}{in_vain}", err=True)


def _check_contact(contact: str) -> None:
    try:
        check_user_agent(f"presswatch ({contact})")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--contact") from error


@dataclass(frozen=True, slots=True)
class StarterCopy:
    """What `copy_starter` did: the files that it wrote, and those that were there before."""

    written: tuple[Path, ...]
    left_alone: tuple[Path, ...]


def copy_starter(folder: Path, *, data: Path | None = None, contact: str | None = None) -> StarterCopy:
    """
    What came of writing the starter configuration into *folder*, which is made where it is missing.

    Args:
        data: The data folder to name in it, in place of the starter's own.
        contact: The e-mail address or URL that the user agent names, in place of the example.

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
                    written.append(target)
                    text = source.read_bytes()
                    copy.write(_adapted(text, data, contact) if name == _MAIN else text)
            except FileExistsError:
                left_alone.append(target)
            except OSError:
                # A part of a file would be left alone the next time, as if it were the reader's.
                target.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ConfigError((Mistake(folder, "", "", f"cannot be written to: {error.strerror}"),)) from error
    return StarterCopy(tuple(written), tuple(left_alone))


def _adapted(text: bytes, data: Path | None, contact: str | None) -> bytes:
    """The main file with the reader's own values in their lines."""
    lines = text.decode().split("\n")
    if data is not None:
        lines = [f"root = {render_value(str(data))}" if line.startswith("root = ") else line for line in lines]
    if contact is not None:
        agent = f"user_agent = {render_value(f'presswatch/0.1 (contact: {contact})')}"
        lines = [agent if line.startswith("user_agent = ") else line for line in lines if "EDIT THIS" not in line]
    return "\n".join(lines).encode()


def _starter() -> dict[Path, Traversable]:
    """The files by their path below the folder: of an installed wheel, else of the checkout."""
    packaged = files("archive") / "starter_config"
    found = _files_below(packaged if packaged.is_dir() else Path(__file__).parents[2] / "config", Path())
    return dict(sorted(found))


def _files_below(folder: Traversable, prefix: Path) -> list[tuple[Path, Traversable]]:
    found = []
    for member in folder.iterdir():
        path = prefix / member.name
        found += _files_below(member, path) if member.is_dir() else [(path, member)]
    return found
