"""
One arrow: what may import what. docs/design.md draws the rooms; here is the table that keeps their
doors.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_GROUND = "model errors text folding urls languages dates encoding decoding secrets"
GROUND = tuple(f"scraper.{name}" for name in _GROUND.split())
READ = "scraper.read"
# Each room, and what it may import beside itself and the ground. The longest name that fits a
# module is its room.
MAY_IMPORT = {
    **dict.fromkeys(GROUND, ()),
    "scraper.settings": (f"{READ}.words",),
    "scraper.discover": (),
    "scraper.fetch": (),
    f"{READ}.words": (),
    f"{READ}.page": (f"{READ}.words",),
    f"{READ}.facts": (f"{READ}.words", f"{READ}.page"),
    f"{READ}.learnt": (f"{READ}.words", f"{READ}.page"),
    f"{READ}.label": (f"{READ}.words", f"{READ}.page", f"{READ}.learnt"),
    f"{READ}.access": (f"{READ}.words", f"{READ}.page", f"{READ}.facts"),
    READ: (),
    "archive.model": (),
    "archive.settings": ("archive.edition.formats", "archive.model.query", "archive.judge.query", "scraper.settings"),
    "archive.judge": ("archive.model", "archive.settings", "scraper"),
    "archive.store": ("archive.model", "archive.settings", "archive.judge", READ),
    "archive.show": ("archive.model", "archive.judge", READ),
    "archive.edition.formats": (),
    "archive.edition": ("archive.model", "archive.settings", "archive.judge", "archive.store", "archive.show", READ),
    "archive.machines": ("archive.model", "archive.judge", "archive.store", "archive.show"),
    "archive.browse": ("archive.model", "archive.judge", "archive.store", "archive.show", "archive.machines"),
    "archive.run": (
        "archive.model",
        "archive.settings",
        "archive.judge",
        "archive.store",
        "archive.edition",
        "scraper",
    ),
    "archive.demo": ("archive", "scraper"),
    "archive.commands": ("archive", "scraper"),
    "archive.later": (),
    "archive.cli": ("archive", "scraper"),
    "archive": ("scraper",),
}
# What touches the world, and the rooms that may. Everything else is pure: same input, same output.
TOUCHES_THE_WORLD = set(
    "asyncio httpx httpcore socket sqlite3 sqlite_utils subprocess smtplib "
    "shutil tempfile urllib.request requests".split()
)
MAY_TOUCH = tuple(
    "scraper.fetch archive.store archive.run archive.browse archive.demo archive.commands archive.cli "
    "archive.edition.deliver archive.machines.server".split()
)
# A foreign library is met in one place, so that it can be exchanged there.
PLACES = {
    "httpx": ("scraper.fetch",),
    "httpcore": ("scraper.fetch",),
    "feedparser": ("scraper.discover.feeds",),
    "trafilatura": ("scraper.read.facts.second_opinion",),
    "htmldate": ("scraper.read.facts.second_opinion",),
    "numpy": ("scraper.read.learnt", "archive.judge.fingerprints", "archive.judge.verdicts"),
    "ada_url": ("scraper.urls",),
    "tld": ("scraper.urls",),
    "brotli": ("scraper.decoding",),
    "zstandard": ("scraper.decoding", "archive.store.captures"),
    "charset_normalizer": ("scraper.encoding",),
    "webencodings": ("scraper.encoding",),
    "warcio": ("archive.store.captures",),
    "sqlite_utils": ("archive.store",),
    "pebble": ("archive.run.readers",),
    "ray": ("archive.run.fleet.on_ray",),
    "fsspec": ("archive.run.imports.remote",),
    "apscheduler": ("archive.run.schedule", "archive.run.due"),
    "rich": ("archive.show.terminal", "archive.commands", "archive.cli", "archive.demo"),
    "jinja2": ("archive.edition.render", "archive.show.pieces_page", "archive.demo", "archive.browse"),
    "click": ("archive.cli", "archive.commands", "archive.later"),
    "datasette": ("archive.browse",),
    "mcp": ("archive.machines.server",),
    "mcp_types": ("archive.machines.server",),
    "uvicorn": ("archive.machines.server",),
}
# Of a folder; of a file.
MOST_MODULES, MOST_LINES = 14, 450
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("scraper", "archive")
    for path in sorted((ROOT / folder).rglob("*.py"))
}


@cache
def imports_of(module: str) -> set[str]:
    """The dotted names that a module imports, wherever in it: modules of ours by their full name."""
    found = set()
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in FILES else node.module for name in names}
    return found


def is_in(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def room_of(module: str) -> str:
    return max((room for room in MAY_IMPORT if is_in(module, room)), key=len)


@pytest.mark.parametrize("module", [name for name in FILES if name not in {"scraper", "archive"}])
def test_a_module_imports_what_its_room_may(module):
    room = room_of(module)
    allowed = (*GROUND, room, *MAY_IMPORT[room])
    ours = {name for name in imports_of(module) if name.split(".")[0] in {"scraper", "archive"}}
    assert set() == {name for name in ours if not any(is_in(name, door) for door in allowed)}


@pytest.mark.parametrize("module", [name for name in FILES if not any(is_in(name, room) for room in MAY_TOUCH)])
def test_pure_modules_import_nothing_that_touches_the_world(module):
    touched = {
        name for name in imports_of(module) if name in TOUCHES_THE_WORLD or name.split(".")[0] in TOUCHES_THE_WORLD
    }
    assert set() == touched


def test_modules_have_no_import_cycles():
    edges = {name: {target for target in imports_of(name) if target in FILES and target != name} for name in FILES}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " → ".join((*path, name))
        if name not in done:
            for target in edges[name]:
                visit(target, (*path, name))
            done.add(name)

    for name in edges:
        visit(name, ())


@pytest.mark.parametrize("library", PLACES)
def test_a_library_has_its_one_place(library):
    used_in = {name for name in FILES if any(found.split(".")[0] == library for found in imports_of(name))}
    assert used_in, f"{library} is used nowhere: take it out of the table"
    assert set() == {name for name in used_in if not any(is_in(name, place) for place in PLACES[library])}


def test_no_folder_is_a_heap():
    """Who looks for something reads a dozen names, not forty."""
    folders: dict[Path, int] = {}
    for path in FILES.values():
        if path.name != "__init__.py":
            folders[path.parent] = folders.get(path.parent, 0) + 1
    assert {} == {str(folder.relative_to(ROOT)): count for folder, count in folders.items() if count > MOST_MODULES}


def test_no_file_is_a_heap():
    long = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in FILES.items()}
    assert {} == {name: count for name, count in long.items() if count > MOST_LINES}
