"""
What pages show of their authors and their day, against what they state for machines; no gold is
needed.

    python benchmarks/shown.py --corpus DIR [--set NAME …] [--jobs N] [--differing]

Each page is read twice: as it is, and without JSON-LD and without the meta elements that name
things. The authors that JSON-LD states are compared with those of the second reading where the page
shows all their names, the day that is stated with the day of the second reading. `--differing`
lists the pages where they are not the same. A page need not be wrong there: some show the day of a
change, or name whoever else worked on the text.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path

from predict import gold_files
from speed import load

from scraper.errors import PageError
from scraper.model import Article
from scraper.read import Document, Reader
from scraper.text import fold

_STATED = re.compile(
    rb"<script[^>]*ld\+json[^>]*>.*?</script>|<meta\b(?![^>]*(?:charset|http-equiv))[^>]*>", re.IGNORECASE | re.DOTALL
)
_STATED_DAYS = frozenset(("json-ld", "article:published_time", "datepublished", "date"))


def compare(gold: Path) -> list[tuple[str, str, str]]:
    """
    What was compared on a page ("authors", "day"), how it came out, and the two values where they
    differ.
    """
    page = load(gold)
    try:
        whole, shown = (
            Reader().read(Document(body, page.url, page.content_type))
            for body in (page.body, _STATED.sub(b"", page.body))
        )
    except PageError:
        return []
    return [*_compare_authors(whole, shown), *_compare_days(whole, shown)]


def _compare_authors(whole: Article, shown: Article) -> Iterator[tuple[str, str, str]]:
    text = fold(" ".join(block.text for block in whole.blocks))
    stated, found = ({fold(name) for name in article.authors} for article in (whole, shown))
    if whole.origins.get("authors") == "json-ld" and all(name in text for name in stated):
        result = "same" if stated == found else "part" if stated & found else "other" if found else "none"
        yield "authors", result, f"{', '.join(whole.authors)} | {', '.join(shown.authors)}"


def _compare_days(whole: Article, shown: Article) -> Iterator[tuple[str, str, str]]:
    if whole.published_at is None or whole.origins.get("published_at") not in _STATED_DAYS:
        return
    found = shown.published_at

    if found is None:
        yield "day", "none", f"{whole.published_at:%Y-%m-%d}"
        return
    changed_at = whole.updated_at
    is_same, is_of_change = _is_near(found, whole.published_at), changed_at is not None and _is_near(found, changed_at)
    result = "same" if is_same else "that of a change" if is_of_change else "other"
    yield "day", result, f"{whole.published_at:%Y-%m-%d} | {found:%Y-%m-%d}"


def _is_near(a: datetime, b: datetime) -> bool:
    # An instant that is stated has a zone, a day that is shown has none.
    return abs((a.date() - b.date()).days) <= 1


def main() -> None:
    """Compare, and print how many pages came out how."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--set", dest="sets", nargs="+", default=[])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--differing", action="store_true")
    options = parser.parse_args()
    paths = list(gold_files(options.corpus, options.sets))
    counts: Counter[tuple[str, str]] = Counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        for path, results in zip(paths, pool.map(compare, paths, chunksize=16), strict=True):
            for what, result, values in results:
                counts[what, result] += 1
                if options.differing and result != "same":
                    print(f"{path.parents[1].name}/{path.stem}  {what}: {result}  {values}")
    for what in ("authors", "day"):
        pages = sum(count for (name, _), count in counts.items() if name == what)
        shares = "  ".join(f"{result} {count}" for (name, result), count in counts.most_common() if name == what)
        print(f"{what:8} {pages:5} pages  {shares}")


if __name__ == "__main__":
    main()
