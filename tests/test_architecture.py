"""One arrow: what may import what (STYLE.md, "The shape")."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Everything outside MAY_TOUCH is pure: same input, same output.
TOUCHES_THE_WORLD = set(
    "asyncio httpx httpcore socket sqlite3 sqlite_utils subprocess smtplib "
    "shutil tempfile urllib.request requests".split()
)
MAY_TOUCH = (
    "scraper/fetch/",
    *(f"archive/{name}.py" for name in "schema lock captures update schedule readers health cli starter".split()),
    *(f"archive/{name}/" for name in "store browse demo commands passes".split()),
    "archive/edition/deliver.py",
)
MODULES = sorted(
    str(path.relative_to(ROOT)) for folder in ("scraper", "archive") for path in (ROOT / folder).rglob("*.py")
)


def imports_of(module: str) -> set[str]:
    """The dotted names that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_scraper_never_imports_archive():
    guilty = {
        module: names
        for module in MODULES
        if module.startswith("scraper/") and (names := {n for n in imports_of(module) if n.split(".")[0] == "archive"})
    }
    assert {} == guilty


@pytest.mark.parametrize("module", [m for m in MODULES if not m.startswith(MAY_TOUCH)])
def test_pure_modules_import_nothing_that_touches_the_world(module):
    touched = {
        name for name in imports_of(module) if name in TOUCHES_THE_WORLD or name.split(".")[0] in TOUCHES_THE_WORLD
    }
    assert set() == touched


def test_the_bottom_imports_nothing_of_ours():
    """`errors` and `text` stand alone; `model` and `urls` know only each other's floor."""
    for module in ("scraper/errors.py", "scraper/text.py", "scraper/urls.py", "scraper/model.py"):
        assert set() == {name for name in imports_of(module) if name.split(".")[0] in {"scraper", "archive"}}


def test_modules_have_no_import_cycles():
    ours = {m.removesuffix(".py").removesuffix("/__init__").replace("/", "."): imports_of(m) for m in MODULES}
    edges = {name: {target for target in names if target in ours and target != name} for name, names in ours.items()}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " → ".join((*path, name))
        if name not in done:
            for target in edges[name]:
                visit(target, (*path, name))
            done.add(name)

    for name in edges:
        visit(name, ())


def test_each_library_has_its_one_place():
    """A foreign library is met where DESIGN.md says, so that it can be exchanged there."""
    places = {
        "httpx": ("scraper/fetch/",),
        "feedparser": ("scraper/discover/feeds.py",),
        "trafilatura": ("scraper/read/",),
        "ada_url": ("scraper/urls.py",),
        "brotli": ("scraper/fetch/decoding.py",),
        "zstandard": ("scraper/fetch/decoding.py",),
        "warcio": ("archive/captures.py",),
        "sqlite_utils": ("archive/schema.py", "archive/store/"),
        "apscheduler": ("archive/schedule.py",),
        "jinja2": ("archive/edition/render.py", "archive/pieces_page.py", "archive/demo/", "archive/browse/"),
        "click": ("archive/cli.py", "archive/commands/"),
        "datasette": ("archive/browse/",),
    }
    strays = {
        (module, library)
        for module in MODULES
        for library, allowed in places.items()
        if not module.startswith(allowed) and any(name.split(".")[0] == library for name in imports_of(module))
    }
    assert set() == strays
