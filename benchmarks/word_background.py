"""
Make `archive/judge/stories/background.zip`: how common the common words of many languages are.

    python benchmarks/word_background.py WORDFREQ

WORDFREQ is the folder `wordfreq/data` of the package wordfreq 3.1.1 (Robyn Speer, data under
CC BY-SA 4.0), which nothing here needs when it runs. Of each language the 2,000 most frequent words
are taken: with 20,000 the stories of the development set are found no better (pairs F1 .752 to .750
without an archive's own counts; with 300 words windows of ten articles lose .01).

A member of the archive is a language. Line k has the words that a text of 200 words holds with a
chance of about exp(-k / 2). Where words are not told apart the terms are pairs of characters: those
within words, and those that arise where one word follows another by chance.
"""

from __future__ import annotations

import argparse
import gzip
import math
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import msgpack  # of the environment of wordfreq; not a dependency

from archive.judge.stories.words import find_terms

_WORDS_OF_A_TEXT = 200
_MOST_WORDS = 2_000
_TARGET = Path(__file__).parents[1] / "archive" / "judge" / "stories" / "background.zip"
# As language tags have them.
_CODES = {"nb": "no", "fil": "tl"}


def read_frequencies(path: Path) -> dict[str, float]:
    """Shares of all words, by word: the file has a list of words for each hundredth of a power of ten."""
    with gzip.open(path) as file:
        _, *levels = msgpack.load(file, raw=False)
    return {word: 10 ** (-level / 100) for level, words in enumerate(levels) for word in words}


def share_terms(frequencies: dict[str, float]) -> Counter[str]:
    """How often each term comes, a word of running text."""
    shares: Counter[str] = Counter()
    first: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for word, share in frequencies.items():
        terms = [] if word.startswith("00") else find_terms(word)  # shapes of numbers
        for term in terms:
            shares[term] += share
        if terms and find_terms(word[0] * 3) != [word[0] * 3]:  # a script without spaces
            first[word[0]] += share
            last[word[-1]] += share
    for one, its_share in last.most_common(300):
        for other, other_share in first.most_common(300):
            shares[one + other] += its_share * other_share
    return shares


def chance(share: float) -> float:
    """That a text holds a term."""
    return 1 - math.exp(-share * _WORDS_OF_A_TEXT)


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    with zipfile.ZipFile(_TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for path in sorted(folder.glob("small_*.msgpack.gz")):
            language = path.name.removeprefix("small_").removesuffix(".msgpack.gz")
            lines: dict[int, list[str]] = {}
            for term, share in share_terms(read_frequencies(path)).most_common(_MOST_WORDS):
                lines.setdefault(round(-2 * math.log(chance(share))), []).append(term)
            text = "\n".join(" ".join(sorted(lines.get(k, ()))) for k in range(max(lines) + 1))
            member: Any = zipfile.ZipInfo(_CODES.get(language, language))
            target.writestr(member, text.encode(), zipfile.ZIP_DEFLATED, 9)
    print(f"{_TARGET}: {_TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
