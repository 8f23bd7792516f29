#!/usr/bin/env python3
"""
Walls in unseen words: what many pages of a source teach that one page cannot show.

    python benchmarks/walls.py [--sites DIR] [--seed N] [--passes N] [--json]

DIR has a TOML file a site (benchmarks/walls by default), which says how many of its pages are whole,
cut or brief, in which words, and what stands below their texts. The pages are made from that, with
one seed, and read in passes of a fake web and clock, some on each day. Printed are the counts of cut
pages found and of false alarms, by single pages and with what was learnt of their source.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes import Page  # noqa: E402 - found by the lines above
from worlds import World  # noqa: E402

from scraper.model import Source  # noqa: E402
from scraper.read import Document, Reader  # noqa: E402

SITES = Path(__file__).with_suffix("")
START = datetime(2026, 3, 2, 6, tzinfo=UTC)
_WORDS_OF_A_SENTENCE = (9, 20)
_SENTENCES_OF_A_PARAGRAPH = (2, 4)
_TEASERS = 8


@dataclass(frozen=True)
class Made:
    """One invented page; *is_cut*: only the beginning is on it."""

    url: str
    html: str
    day: int
    is_cut: bool


def make_pages(name: str, site: dict[str, Any], dice: Random) -> Iterator[Made]:
    """The pages of a site, in the order of their days."""
    kinds = ["cut"] * site["cut"] + ["brief"] * site["briefs"]
    kinds += ["long"] * (site["pages"] - len(kinds))
    dice.shuffle(kinds)
    words = site["words"].split()
    headlines = [" ".join(dice.choices(words, k=dice.randint(5, 8))).capitalize() for _ in kinds]
    for number, (kind, headline) in enumerate(zip(kinds, headlines, strict=True)):
        day = number * site["days"] // len(kinds)
        low, high = site[{"cut": "preview", "brief": "brief", "long": "long"}[kind] + "_paragraphs"]
        paragraphs = [_paragraph(words, dice) for _ in range(dice.randint(low, high))]
        if kind == "cut" and site["preview_ends"] == "open":
            paragraphs[-1] = paragraphs[-1].rstrip(".").rsplit(" ", 3)[0]
        below = {"cut": site["wall"], "brief": site["brief_box"], "long": ""}[kind] + site["always"]
        teasers = "".join(f'<li><a href="/{dice.randint(100, 999)}">{one}</a></li>' for one in _some(headlines, dice))
        html = site["page"]
        for key, value in {
            "language": site["language"],
            "site": name.capitalize(),
            "headline": headline,
            "date": f"{START + timedelta(days=day):%Y-%m-%d}",
            "text": "".join(f"<p>{one}</p>\n" for one in paragraphs),
            "below": below,
            "teasers": teasers,
        }.items():
            html = html.replace(f"{{{key}}}", value)
        yield Made(f"https://{name}.example/story/{number}", html, day, kind == "cut")


def _some(headlines: list[str], dice: Random) -> list[str]:
    return dice.sample(headlines, min(_TEASERS, len(headlines)))


def _paragraph(words: list[str], dice: Random) -> str:
    sentences = (dice.choices(words, k=dice.randint(*_WORDS_OF_A_SENTENCE)) for _ in range(_sentences(dice)))
    return " ".join(f"{' '.join(one).capitalize()}." for one in sentences)


def _sentences(dice: Random) -> int:
    return dice.randint(*_SENTENCES_OF_A_PARAGRAPH)


def read_alone(pages: list[Made]) -> dict[str, bool | None]:
    """Whether each page is complete, by itself."""
    reader = Reader()
    return {
        page.url: reader.read(Document(page.html.encode(), page.url, "text/html; charset=utf-8")).access.complete
        for page in pages
    }


def read_together(name: str, pages: list[Made], passes: int) -> dict[str, bool | None]:
    """Whether each page is complete, as the archive says after the last of *passes*."""
    home = f"https://{name}.example/"
    source = Source(name, name, home, feeds=(f"{home}feed",))
    web: dict[str, Any] = {page.url: page.html for page in pages}
    days = max(page.day for page in pages) + 1
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), web, source)
        for number in range(1, passes + 1):
            shown = [page.url for page in pages if page.day < days * number // passes]
            items = "".join(f"<item><link>{url}</link><title>{url}</title></item>" for url in shown)
            listing = f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>"
            world.web.pages[source.feeds[0]] = Page(listing, media_type="application/rss+xml")
            world.make_pass()
            world.clock.advance(timedelta(days=days / passes))
        return {one.article.url: one.article.access.complete for one in world.articles()}


def count(pages: list[Made], complete: dict[str, bool | None]) -> Counter[str]:
    """What came of the pages."""
    counts: Counter[str] = Counter()
    for page in pages:
        answer = complete.get(page.url, "missing")
        counts[f"{'cut' if page.is_cut else 'whole'}: {answer}"] += 1
    return counts


def show(name: str, alone: Counter[str], learnt: Counter[str]) -> None:
    """A line of a site, or of all."""

    def found(counts: Counter[str]) -> str:
        cut = sum(counts[key] for key in counts if key.startswith("cut"))
        whole = sum(counts[key] for key in counts if key.startswith("whole"))
        return (
            f"{counts['cut: False']:3} of {cut:3} found, {counts['cut: None']:3} not known,"
            f" {counts['whole: False']:3} of {whole:3} false, {counts['whole: None']:3} not known"
        )

    print(f"{name:14} alone {found(alone)} | learnt {found(learnt)}")


def main() -> int:
    """Run the sites."""
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("--sites", type=Path, default=SITES)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--passes", type=int, default=4)
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    alone_all: Counter[str] = Counter()
    learnt_all: Counter[str] = Counter()
    for file in sorted(given.sites.glob("*.toml")):
        site = tomllib.loads(file.read_text(encoding="utf-8"))
        pages = list(make_pages(file.stem, site, Random(f"{given.seed} {file.stem}")))  # noqa: S311 - invented pages
        alone = count(pages, read_alone(pages))
        learnt = count(pages, read_together(file.stem, pages, given.passes))
        alone_all += alone
        learnt_all += learnt
        if not given.json:
            show(file.stem, alone, learnt)
    if given.json:
        print(json.dumps({"alone": alone_all, "learnt": learnt_all}))
    else:
        show("all", alone_all, learnt_all)
    return 0


if __name__ == "__main__":
    sys.exit(main())
