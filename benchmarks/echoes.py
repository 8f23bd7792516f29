"""
Who copied whom: clusters of invented articles with known copying.

    python benchmarks/echoes.py [--seed N] [--draws N] [--show CLUSTER]

Printed is for how many clusters `archive.judge.echoes` tells the number of independent reports and
the first outlet, and for how many articles the verdict; with names of those that are wrong.

benchmarks/echoes has the forty clusters, as recipes with their answers (`clusters.toml` says what
the words mean), and the words that the texts are made of. A seed gives the same texts on any
machine. Reports of one event share its facts and some phrases, never a run of 25 words but where
the recipe says so.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from archive.judge.echoes import map_echoes
from archive.model import EchoMap, Told

FOLDER = Path(__file__).with_suffix("")
BEGIN = datetime(2026, 3, 2, 6, tzinfo=UTC)
# One word in eleven, or one character in thirty, is what an editor changes who changes much.
_EDITED = {True: 30, False: 11}
Text = list[str]
Words = dict[str, Any]


@dataclass(frozen=True)
class Recipe:
    """A line of a cluster, taken apart."""

    outlet: str
    at: datetime
    how: str
    language: str
    has_notice: bool
    of: tuple[str, ...]
    agency: str | None
    verdict: str


@dataclass(frozen=True)
class Made:
    """One article, as an archive would have it; *verdict* is what it is to those before it."""

    outlet: str
    at: datetime
    agency: str | None
    paragraphs: tuple[str, ...]
    verdict: str


@dataclass(frozen=True)
class Cluster:
    """The articles in the order of their time, and the truth about them."""

    name: str
    articles: tuple[Made, ...]
    independent: int
    first: str


def parse_recipe(line: str) -> Recipe:
    """
    A line of a recipe.

    >>> parse_recipe("post 5 trim:de+notice wire by dpa = copy").of
    ('wire',)
    """
    line, _, verdict = line.partition(" = ")
    line, _, agency = line.partition(" by ")
    outlet, minutes, how, *of = line.split()
    how, _, notice = how.partition("+")
    how, _, language = how.partition(":")
    at = BEGIN + timedelta(minutes=int(minutes))
    return Recipe(outlet, at, how, language, bool(notice), tuple(of), agency or None, verdict)


class Teller:
    """Tells an event in one language: the same facts, in words that each outlet chooses."""

    def __init__(self, words: Words, facts: Sequence[tuple[int, int, int, int]], language: str) -> None:
        self.words = words
        self.facts = facts
        self.is_unspaced = language in {"ja", "zh"}
        self.gap = "" if self.is_unspaced else " "

    def sentence(self, shape: str, fact: tuple[int, int, int, int], dice: Random, **more: str) -> str:
        """A fact in one of its shapes."""
        parts = {
            name: dice.choice(self.words[name][number % len(self.words[name])].split("|"))
            for name, number in zip(("who", "did", "what", "how"), fact, strict=True)
        }
        parts |= {name.capitalize(): value[0].upper() + value[1:] for name, value in parts.items()}
        return shape.format(number=dice.randint(3, 960), **parts, **more)

    def paragraphs(self, count: int, dice: Random, shapes: str = "shape") -> Text:
        """Paragraphs of two or three sentences each."""
        told = iter(dice.sample(list(self.facts), len(self.facts)))
        return [
            self.gap.join(
                self.sentence(dice.choice(self.words[shapes]), next(told), dice) for _ in range(dice.randint(2, 3))
            )
            for _ in range(count)
        ]

    def edited(self, paragraph: str, dice: Random) -> str:
        """A paragraph with a word here and there left out, put in or changed."""
        pieces = list(paragraph) if self.is_unspaced else paragraph.split()
        step = _EDITED[self.is_unspaced]
        place = dice.randint(2, step)
        while place < len(pieces) - 1:
            word = dice.choice(self.words["small"])
            match dice.choice(("out", "in", "other")):
                case "out":
                    pieces[place] = ""
                case "in":
                    pieces[place] += self.gap + word
                case _:
                    pieces[place] = word
            place += step + dice.randint(-2, 2)
        return self.gap.join(filter(None, pieces))


class Event:
    """One event, and the articles on it."""

    def __init__(self, seed: str, languages: dict[str, Words]) -> None:
        self.seed = seed
        dice = self.dice("facts")
        numbers = [dice.sample(range(24), 24) for _ in range(4)]
        facts = list(zip(*numbers, strict=True))
        self.tellers = {name: Teller(words, facts, name) for name, words in languages.items()}
        self.texts: dict[str, Text] = {}
        self.language_of: dict[str, str] = {}

    def dice(self, name: str) -> Random:
        """Chance that hangs on the seed and a name alone."""
        return Random(f"{self.seed}/{name}")  # noqa: S311 - invented texts

    def statement(self, teller: Teller) -> str:
        """What an official said, the same wherever it is quoted."""
        dice = self.dice("statement")
        return teller.gap.join(teller.sentence(teller.words["shape"][0], fact, dice) for fact in teller.facts[-3:])

    def release(self, teller: Teller) -> Text:
        """The press release."""
        return teller.paragraphs(5, self.dice("release"))

    def write(self, recipe: Recipe) -> Text:
        """The paragraphs of an article, made of those that were written before it."""
        # What is made of another text is in its language.
        language = recipe.language or next((self.language_of[outlet] for outlet in recipe.of), "en")
        self.language_of[recipe.outlet] = language
        teller = self.tellers[language]
        dice = self.dice(f"{recipe.outlet}/{recipe.at:%H%M}/{recipe.how}")
        notice = [teller.words["notice"]] if recipe.has_notice else []
        written = getattr(self, f"_{recipe.how}", None)
        if written is not None:
            return [*written(teller, dice, recipe), *notice]
        others = [self.texts[outlet] for outlet in recipe.of]
        return [*_COPIES[recipe.how](teller, others[0], dice), *notice]

    def _own(self, teller: Teller, dice: Random, _: Recipe) -> Text:
        return teller.paragraphs(dice.randint(4, 7), dice)

    def _flash(self, teller: Teller, dice: Random, _: Recipe) -> Text:
        return [teller.sentence(dice.choice(teller.words["shape"]), teller.facts[0], dice)]

    def _begun(self, teller: Teller, dice: Random, recipe: Recipe) -> Text:
        return [*self.texts[recipe.of[0]], *teller.paragraphs(5, dice)]

    def _statement(self, teller: Teller, dice: Random, _: Recipe) -> Text:
        shape = dice.choice(teller.words["speaker"])
        return _put_in(
            teller.paragraphs(4, dice),
            teller.sentence(shape, teller.facts[-1], dice, words=self.statement(teller)),
            dice,
        )

    def _said(self, teller: Teller, dice: Random, _: Recipe) -> Text:
        return _put_in(teller.paragraphs(4, dice), self.statement(teller), dice)

    def _release(self, teller: Teller, _dice: Random, _: Recipe) -> Text:
        return self.release(teller)

    def _opened(self, teller: Teller, dice: Random, _: Recipe) -> Text:
        return [*teller.paragraphs(1, dice), *self.release(teller)]

    def _used(self, teller: Teller, dice: Random, _: Recipe) -> Text:
        own = teller.paragraphs(6, dice)
        first, second, *_ = self.release(teller)
        return [*own[:2], first, *own[2:4], second, *own[4:]]

    def _passage(self, teller: Teller, dice: Random, recipe: Recipe) -> Text:
        text = teller.paragraphs(6, dice)
        for outlet in recipe.of:
            text = _put_in(text, dice.choice(self.texts[outlet]), dice)
        return text

    def _roundup(self, teller: Teller, dice: Random, recipe: Recipe) -> Text:
        text = []
        for outlet in recipe.of:
            text += [
                teller.sentence(teller.words["added"][0], dice.choice(teller.facts), dice)[:60],
                *self.texts[outlet],
            ]
        return text


def _put_in(text: Text, paragraph: str, dice: Random) -> Text:
    place = dice.randint(1, len(text))
    return [*text[:place], paragraph, *text[place:]]


def _anew(teller: Teller, text: Text, dice: Random) -> Text:
    place = dice.randrange(len(text))
    return [*text[:place], *teller.paragraphs(1, dice), *text[place + 1 :]]


def _added(count: int) -> Callable[[Teller, Text, Random], Text]:
    def write(teller: Teller, text: Text, dice: Random) -> Text:
        own = teller.paragraphs(count or len(text), dice, "added")
        place = dice.randint(1, len(text))
        return [*text[:place], *own, *text[place:]]

    return write


_COPIES: dict[str, Callable[[Teller, Text, Random], Text]] = {
    "copy": lambda _teller, text, _dice: list(text),
    "trim": lambda _teller, text, _dice: text[: (len(text) + 1) // 2],
    "edited": lambda teller, text, dice: [teller.edited(paragraph, dice) for paragraph in text],
    "anew": _anew,
    "shuffled": lambda _teller, text, dice: dice.sample(text, len(text)),
    "added": _added(2),
    "much": _added(0),
}


def make_cluster(recipe: dict[str, Any], seed: int, languages: dict[str, Words]) -> Cluster:
    """The articles of a recipe."""
    event = Event(f"{seed}/{recipe['name']}", languages)
    lines = list(map(parse_recipe, recipe["articles"]))
    made: dict[Recipe, Made] = {}
    waiting = list(lines)
    while waiting:
        # What is made of another text comes after it, whenever it was published.
        line = next(line for line in waiting if set(line.of) <= event.texts.keys())
        waiting.remove(line)
        text = event.write(line)
        event.texts[line.outlet] = text
        made[line] = Made(line.outlet, line.at, line.agency, tuple(text), line.verdict)
    articles = tuple(sorted(made.values(), key=lambda article: article.at))
    return Cluster(recipe["name"], articles, recipe["independent"], recipe.get("first", articles[0].outlet))


def make_clusters(seed: int) -> list[Cluster]:
    """All forty."""
    languages = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
    recipes = tomllib.loads((FOLDER / "clusters.toml").read_text(encoding="utf-8"))["cluster"]
    return [make_cluster(recipe, seed, languages) for recipe in recipes]


def show(cluster: Cluster, found: EchoMap) -> None:
    """Print a cluster with its answers, and what was found."""
    print(f"== {cluster.name}: {cluster.independent} independent, first at {cluster.first}")
    by_article = found.by_article
    for number, article in enumerate(cluster.articles):
        echo = by_article.get(number)
        told = f"{echo.kind}, {echo.own_share:.0%} own, of {echo.of}" if echo else "left out"
        print(f"\n-- {article.outlet} {article.at:%H:%M} by {article.agency or 'itself'}: {article.verdict} | {told}")
        print("\n\n".join(article.paragraphs))
    for passage in found.passages:
        print(f"\n.. {passage.word_count} words, {passage.first} then {passage.others}: {passage.text[:70]}…")


def judge(cluster: Cluster) -> tuple[EchoMap, bool, bool, int]:
    """What is found of a cluster: whether the count and the first are right, and how many verdicts."""
    found = map_echoes(
        Told(number, made.outlet, made.at, "\n\n".join(made.paragraphs), (made.agency,) if made.agency else ())
        for number, made in enumerate(cluster.articles)
    )
    kinds = {echo.article_id: echo.kind for echo in found.echoes}
    right = sum(kinds.get(number) == made.verdict for number, made in enumerate(cluster.articles))
    is_first_right = bool(found.echoes) and found.echoes[0].outlet == cluster.first
    return found, found.independent_count == cluster.independent, is_first_right, right


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draws", type=int, default=1, help="so many seeds, one after the other")
    parser.add_argument("--show", default="", metavar="CLUSTER", help="print those whose names have this in them")
    given = parser.parse_args()
    counts = firsts = verdicts = clusters = articles = 0
    for seed in range(given.seed, given.seed + given.draws):
        for cluster in make_clusters(seed):
            found, is_count_right, is_first_right, right = judge(cluster)
            clusters, articles = clusters + 1, articles + len(cluster.articles)
            counts, firsts, verdicts = counts + is_count_right, firsts + is_first_right, verdicts + right
            if given.show and given.show in cluster.name:
                show(cluster, found)
            if not (is_count_right and is_first_right and right == len(cluster.articles)):
                got = ", ".join(f"{echo.outlet} {echo.kind} {echo.own_share:.0%}" for echo in found.echoes)
                print(f"seed {seed}, {cluster.name}: {found.independent_count} for {cluster.independent} ({got})")
    print(f"independent reports right in {counts} of {clusters} clusters, first outlet in {firsts}")
    print(f"verdict right for {verdicts} of {articles} articles")


if __name__ == "__main__":
    main()
