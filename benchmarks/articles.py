#!/usr/bin/env python3
"""
Whether a change of the code changes what is read: every field of every article, before and after.

    python benchmarks/articles.py DIR … --out BEFORE.jsonl.gz       # with the old code
    python benchmarks/articles.py DIR … --against BEFORE.jsonl.gz   # with the new one; -v names the pages

Each `.html` and `.html.gz` below the folders is read as a pass would read it. Its address and
encoding are those of `gold/NAME.json` beside its folder, where there is one. A field that only one
side knows is named, and not compared. Exit code 1 when an article differs.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from scraper.errors import PageError
from scraper.read import Document, Reader


def pages_in(folders: list[Path]) -> Iterator[Path]:
    """The pages below some folders, in the order of their names."""
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*") if path.name.endswith((".html", ".html.gz")))


def read(path: Path) -> dict[str, object]:
    """What is read of a page, all of it, in values that JSON has."""
    name = path.name.removesuffix(".gz").removesuffix(".html")
    gold = path.parents[1] / "gold" / f"{name}.json"
    known = json.loads(gold.read_text(encoding="utf-8")) if gold.is_file() else {}
    body = path.read_bytes()
    try:
        document = Document(
            gzip.decompress(body) if path.suffix == ".gz" else body,
            known.get("url") or f"https://page.example/{name}",
            f"text/html; charset={known['charset']}" if known.get("charset") else None,
        )
        article = Reader().read(document)
    except PageError as error:
        return {"page": _short(path), "problem": error.problem}
    return {"page": _short(path), **{f.name: plain(getattr(article, f.name)) for f in dataclasses.fields(article)}}


def _short(path: Path) -> str:
    return "/".join(path.parts[-3:])


def plain(value: object) -> object:
    """A record as an object, a tuple as a list, everything else as text, down to the last."""
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        items = value if isinstance(value, tuple | list) else sorted(value, key=str)
        return [plain(item) for item in items]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def differences(before: object, after: object, place: str = "") -> Iterator[tuple[str, object, object]]:
    """Where two values differ: the path, without the numbers of list items, and both sides."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() & after.keys():
            yield from differences(before[name], after[name], f"{place}.{name}" if place else name)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            yield from differences(one, other, f"{place}[]")
    elif before != after:
        yield place, before, after


def unshared(before: object, after: object, place: str = "") -> Iterator[str]:
    """The fields that only one side knows."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from (f"{place}{name}" for name in before.keys() ^ after.keys())
        for name in before.keys() & after.keys():
            yield from unshared(before[name], after[name], f"{place}{name}.")
    elif isinstance(before, list) and isinstance(after, list):
        for one, other in zip(before, after, strict=False):
            yield from unshared(one, other, place)


def main() -> None:
    """Record, or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path)
    where.add_argument("--against", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-v", "--verbose", action="store_true", help="name each page that differs, and where")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        articles = pool.map(read, pages_in(options.folders), chunksize=8)
        if options.out:
            with gzip.open(options.out, "wt", encoding="utf-8") as file:
                for article in articles:
                    file.write(json.dumps(article, ensure_ascii=True) + "\n")
            return
        with gzip.open(options.against, "rt", encoding="utf-8") as file:
            before = {record["page"]: record for record in map(json.loads, file)}
        sys.exit(compare(before, articles, verbose=options.verbose))


def compare(before: dict[str, dict[str, object]], articles: Iterator[dict[str, object]], *, verbose: bool) -> int:
    """Print what differs, a line a field; gives the exit code."""
    fields: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    count = differing = 0
    for article in articles:
        page = str(article["page"])
        if page not in before:
            unknown["(a page that was not there before)"] += 1
            continue
        count += 1
        found = list(differences(before[page], article))
        unknown.update(set(unshared(before[page], article)))
        fields.update({place for place, _, _ in found})
        differing += bool(found)
        if verbose:
            for place, old, new in found:
                print(f"{page}  {place}\n    before  {_cut(old)}\n    after   {_cut(new)}")
    for place, pages in fields.most_common():
        print(f"{place:>40}  differs on {pages} pages")
    for name, pages in unknown.most_common():
        print(f"{name:>40}  not compared on {pages} pages: one side does not have it")
    print(f"{differing} of {count} articles differ")
    return int(differing > 0)


def _cut(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"


if __name__ == "__main__":
    main()
