"""
How well articles are grouped into stories, on the development stories of ../shared.

The set spans years, which is harder than a night: so it is also scored in windows of some stories
each. The threshold was chosen on half 0 alone; the length of the opening and the weight of the
headline on another split that overlaps both halves, so half 1 is not wholly unseen.

    python benchmarks/stories.py --shared ../shared
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Any

from archive.edition.stories import group_stories

Record = dict[str, Any]
_WINDOW_STORIES = 40


def find_stories(records: list[Record]) -> dict[str, str]:
    """A story label, the id of its first article, for each record id."""
    ordered = sorted(records, key=lambda record: record.get("published") or "")
    groups = group_stories([(record["title"], record["text"]) for record in ordered])
    return {ordered[position]["id"]: ordered[group[0]]["id"] for group in groups for position in group}


def hash_of(record: Record) -> int:
    """A number from 0 to 65535, the same for all records of a story."""
    return int.from_bytes(blake2b(record["story"].encode(), digest_size=2).digest(), "big")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    with gzip.open(shared / "corpus" / "stories-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    window_count = max(1, len({record["story"] for record in records}) // 2 // _WINDOW_STORIES)
    for half in (0, 1):
        part = [record for record in records if hash_of(record) % 2 == half]
        windows = [[r for r in part if hash_of(r) // 2 % window_count == window] for window in range(window_count)]
        for name, groups in (("at once", [part]), (f"in {window_count} windows", windows)):
            print(f"== half {half}{' (threshold)' * (half == 0)}, {name}", flush=True)
            stories = {key: story for group in groups for key, story in find_stories(group).items()}
            with tempfile.TemporaryDirectory() as folder:
                gold, predicted = Path(folder, "gold.jsonl"), Path(folder, "predicted.jsonl")
                gold.write_text("".join(json.dumps(record) + "\n" for record in part), encoding="utf-8")
                rows = (json.dumps({"id": key, "story": story}) + "\n" for key, story in stories.items())
                predicted.write_text("".join(rows), encoding="utf-8")
                scorer = shared / "bench" / "score_dedup.py"
                command = [sys.executable, scorer, "--gold", gold, "--pred", predicted, "--field", "story"]
                subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
