"""
How well pages are read, beside other extractors, on the labelled corpora of ../shared.

    python benchmarks/quality.py [--shared ../shared] [--set NAME …] [--peers NAME …] [--worst N]
    [--json FILE]

presswatch reads out of fold: each page by a model that has not seen its site. trafilatura (default
and precision mode) reads the same pages in the same run; further peers are measured where they are
installed (readability-lxml), never installed. The scorer of ../shared/bench defines every measure
(`score.py --help`). Of security-dev the technical pages are scored alone, too, and the identifiers
(hashes, addresses, numbers of flaws) are counted that stand in the body.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path
from statistics import mean

import trafilatura
from predict import ROOT, gold_files

from scraper.encoding import decode


def read_page(gold: Path) -> tuple[dict, str]:
    """The facts that predictions may use, and the page's text."""
    page = json.loads(gold.read_text(encoding="utf-8"))
    body = gzip.decompress((gold.parents[1] / page["html"]).read_bytes())
    return page, decode(body, f"text/html; charset={page['charset']}" if page.get("charset") else None).text


def by_trafilatura(gold: Path, *, favor_precision: bool = False) -> dict:
    """What trafilatura makes of a page."""
    page, text = read_page(gold)
    found = trafilatura.bare_extraction(
        text, url=page["url"], with_metadata=True, include_comments=False, favor_precision=favor_precision
    )
    if found is None:
        return {"id": page["id"], "body": ""}
    return {
        "id": page["id"],
        "title": found.title,
        "dek": found.description,
        "authors": (found.author or "").split("; "),
        "published": found.date,
        "language": found.language,
        "body": found.text,
    }


def by_trafilatura_precision(gold: Path) -> dict:
    """The same, with `favor_precision`."""
    return by_trafilatura(gold, favor_precision=True)


def by_readability(gold: Path) -> dict:
    """What readability-lxml makes of a page."""
    from readability import Document  # noqa: PLC0415 - a peer that may not be there

    page, text = read_page(gold)
    document = Document(text)
    html = document.summary()
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415

    body = LexborHTMLParser(html).body
    return {"id": page["id"], "title": document.short_title(), "body": body.text(separator="\n") if body else ""}


# Where the curve of confidence is cut.
CONFIDENCES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 1.01)
# The set whose texts are not of sentences alone, and the kinds of its pages of which that holds.
TECHNICAL_SET, TECHNICAL_KINDS = "security-dev", ("weblog", "vendor-research", "advisory")
PEERS: dict[str, tuple[str, Callable[[Path], dict]]] = {
    "trafilatura": ("trafilatura", by_trafilatura),
    "trafilatura-precision": ("trafilatura", by_trafilatura_precision),
    "readability-lxml": ("readability", by_readability),
}


def predict_peer(name: str, files: list[Path], out: Path) -> None:
    """Write a peer's predictions."""
    with ProcessPoolExecutor(2) as pool, out.open("w", encoding="utf-8") as file:
        for done in pool.map(PEERS[name][1], files, chunksize=8):
            file.write(json.dumps(done, ensure_ascii=False) + "\n")


def print_curve(scores: Path, predictions: Path) -> None:
    """
    How our pages came out by the confidence that we had in them, and trafilatura's text of the same
    pages.
    """
    expected = {}
    for file in predictions.iterdir():
        with file.open(encoding="utf-8") as lines:
            expected |= {page["id"]: page.get("confidence") or 0.0 for page in map(json.loads, lines)}
    results: dict[str, dict[str, float]] = {"presswatch": {}, "trafilatura": {}}
    for part in json.loads(scores.read_text(encoding="utf-8")):
        known = results.get(part["pred"], {})
        known |= {page["id"]: page["wF1"] for page in part["pages"] if page.get("wF1") is not None}
    ours, theirs = results["presswatch"], results["trafilatura"]
    print("\nexpected word F1   pages   word F1   pages of .9 and more   trafilatura")
    for low, high in pairwise(CONFIDENCES):
        found = [page for page in ours if low <= expected[page] < high]
        if found:
            good = sum(ours[page] >= 0.9 for page in found) / len(found)
            peer = f"{mean(theirs[page] for page in found):.3f}" if theirs else "-"
            print(
                f"{low:7.3f} to {min(high, 1):5.3f} {len(found):7} {mean(map(ours.get, found)):9.3f} {good:10.0%}"
                f" {peer:>24}"
            )


def print_technical(shared: Path, outputs: list[Path], folder: Path) -> None:
    """
    Of security-dev: the scores of its technical pages alone, and how many of the identifiers of the
    gold texts stand in each body.
    """
    files = list(gold_files(shared / "corpus", [TECHNICAL_SET]))
    pages = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    ids = folder / "technical.txt"
    ids.write_text("".join(f"{page['id']}\n" for page in pages if page["kind"] in TECHNICAL_KINDS), encoding="utf-8")
    corpus = ["--corpus", shared / "corpus", "--set", TECHNICAL_SET]
    print(f"\n{TECHNICAL_SET}: {', '.join(TECHNICAL_KINDS)}", flush=True)
    predictions = [word for output in outputs for word in ("--pred", output)]
    subprocess.run(
        [sys.executable, shared / "bench/score.py", *corpus, *predictions, "--ids", ids, "--fast"], check=True
    )
    for output in outputs:
        file = output / f"{TECHNICAL_SET}.jsonl" if output.is_dir() else output
        print(f"\n{TECHNICAL_SET}, identifiers of the gold in the body: {output.stem}", flush=True)
        subprocess.run([sys.executable, shared / "bench/score_identifiers.py", *corpus, "--pred", file], check=True)


def main() -> None:
    """Predict, score, print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--set", action="append", default=[], metavar="NAME")
    parser.add_argument("--peers", nargs="*", default=["trafilatura", "trafilatura-precision"], choices=list(PEERS))
    parser.add_argument("--worst", type=int, default=0, metavar="N")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    corpora = [options.shared / "corpus", options.shared / "evaluation"]
    with tempfile.TemporaryDirectory() as folder:
        ours = Path(folder) / "presswatch"
        ours.mkdir()
        outputs = [ours]
        for corpus in corpora:
            names = list(gold_files(corpus, options.set))
            if not names:
                continue
            out = Path(folder) / f"{corpus.name}.jsonl"
            command = [
                sys.executable,
                ROOT / "benchmarks/predict.py",
                "--corpus",
                corpus,
                "--out",
                out,
                "--out-of-fold",
            ]
            subprocess.run([*command, *(word for name in options.set for word in ("--set", name))], check=True)
            # By lines of the file: texts hold other line separators.
            with out.open(encoding="utf-8") as lines:
                for line in lines:
                    with (ours / f"{json.loads(line)['id'].split('/')[0]}.jsonl").open("a", encoding="utf-8") as file:
                        file.write(line)
        for name in options.peers:
            if importlib.util.find_spec(PEERS[name][0]) is None:
                print(f"{name} is not installed, and left out", file=sys.stderr)
                continue
            outputs.append(Path(folder) / f"{name}.jsonl")
            predict_peer(name, [file for corpus in corpora for file in gold_files(corpus, options.set)], outputs[-1])
        score = [sys.executable, options.shared / "bench/score.py", "--by-language"]
        for corpus in corpora:
            score += ["--corpus", corpus]
        for output in outputs:
            score += ["--pred", output]
        score += [word for name in options.set for word in ("--set", name)]
        scores = options.json or Path(folder) / "scores.json"
        subprocess.run([*score, "--worst", str(options.worst), "--pages", "--json", scores], check=True)
        print_curve(scores, ours)
        if (ours / f"{TECHNICAL_SET}.jsonl").exists():
            print_technical(options.shared, outputs, Path(folder))


if __name__ == "__main__":
    main()
