"""
How well duplicates are found, and what that costs, by the archive's own path on disk.

Texts of a file (JSON lines: id, title, text, cluster, ord) are put into an archive in feed order,
each committed by itself. Without `--out` the tables are printed: pairs on both halves of the
clusters (numbers were chosen on half 0 alone) and on all, with titles and without; kinds and hard
negatives; cost against rensa in the same process; rows and bytes of the index; five orders of
arrival; imports that are killed; and how cost grows. rensa and scikit-learn are asked where they
are installed.

    python benchmarks/dedup.py --gold FILE.jsonl.gz --out PRED.jsonl [--no-titles] [--shuffle SEED]
    python benchmarks/dedup.py [--shared ../shared] [--only quality cost orders kills growth peers]
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import Any

from archive.judge.duplicates import decide
from archive.judge.fingerprints import Fingerprint, fingerprint
from archive.judge.traits import traits_of
from archive.model import KnownText, Match
from archive.run.keep import Candidate, Provenance, keep
from archive.store import Archive
from scraper.model import Access, AccessStatus, Article, LabelledBlock, Role
from scraper.urls import url_key

Record = dict[str, Any]
_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
_SIZES = (1_000, 100_000)
_PROBES = 300


def read_records(path: Path) -> list[Record]:
    """The records of a file, in feed order."""
    content = path.read_bytes()
    lines = (gzip.decompress(content) if path.suffix == ".gz" else content).decode().split("\n")
    return sorted(map(json.loads, filter(str.strip, lines)), key=lambda record: float(record.get("ord") or 0))


def article_of(record: Record, *, titles: bool = True) -> Article:
    """The record as an article without a page around it, at an address of its own."""
    blocks = tuple(LabelledBlock(Role.BODY, text, "benchmark") for text in record["text"].split("\n\n"))
    return Article(_url(record), record["title"] if titles else None, blocks, Access(AccessStatus.UNKNOWN, None))


def _url(record: Record) -> str:
    return f"https://{blake2b(record['id'].encode(), digest_size=8).hexdigest()}.example/{record['id']}"


def put(archive: Archive, records: Iterable[Record], *, titles: bool = True) -> None:
    """Put the records into an archive as a pass would; those that are there already are passed over."""
    for number, record in enumerate(records):
        article = article_of(record, titles=titles)
        if archive.held(article, article.url) is None:
            provenance = Provenance(article.url, _BEGIN + timedelta(seconds=number))
            keep(archive, Candidate(article, frozenset(), traits_of(article), provenance))


def clusters_of(archive: Archive, records: Sequence[Record]) -> dict[str, int]:
    """The cluster of each record, by its id."""
    found = {stored.url_key: stored.cluster_id or 0 for stored in archive.articles()}
    return {record["id"]: found[url_key(_url(record))] for record in records}


@contextmanager
def on_disk(kind: type[Archive] = Archive) -> Iterator[Archive]:
    """An archive in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, kind.open(Path(folder, "press.db"), write=True) as archive:
        yield archive


def find_clusters(records: Sequence[Record], *, titles: bool = True) -> dict[str, int]:
    """A cluster for each record id, found in a new archive."""
    with on_disk() as archive:
        put(archive, records, titles=titles)
        return clusters_of(archive, records)


def half_of(record: Record) -> int:
    """0 or 1, the same for all records of a cluster."""
    return blake2b(record["cluster"].encode(), digest_size=1).digest()[0] % 2


def score(scorer: ModuleType, records: Sequence[Record], clusters: dict[str, int]) -> dict[str, Any]:
    """What `score_dedup.py` says of the clusters."""
    predicted = [{"id": key, "cluster": cluster} for key, cluster in clusters.items()]
    found: dict[str, Any] = scorer.score(records, predicted, "cluster")
    return found


def show_quality(scorer: ModuleType, records: Sequence[Record]) -> None:
    """Pairs on both halves and on all, with titles and without; then everything for all."""
    halves = [[record for record in records if half_of(record) == half] for half in (0, 1)]
    for titles in (True, False):
        for name, part in (("half 0 (numbers)", halves[0]), ("half 1", halves[1]), ("all", records)):
            found = score(scorer, part, find_clusters(part, titles=titles))
            print(f"{name:<18}{'titles' if titles else 'no titles':<11}" + _pairs(found), flush=True)
        scorer.show(found, "cluster")


def _pairs(found: dict[str, Any]) -> str:
    return f"P {found['pair_p']:.4f}  R {found['pair_r']:.4f}  F1 {found['pair_f1']:.4f}  B³ {found['b3_f1']:.3f}"


class Clocked(Archive):
    """An archive that counts the CPU seconds of what is there for duplicates alone."""

    seconds = 0.0

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Count what is done within."""
        started = time.process_time()
        yield
        self.seconds += time.process_time() - started

    def _alike(
        self, keys: Fingerprint, beside: int | None
    ) -> tuple[tuple[KnownText, ...], frozenset[int], frozenset[int]]:
        with self.clock():
            return super()._alike(keys, beside)

    def _index(self, article_id: int, keys: Fingerprint, worn: Collection[int] = ()) -> None:
        with self.clock():
            super()._index(article_id, keys, worn)

    def _link(self, article_id: int, matches: Iterable[Match]) -> None:
        with self.clock():
            super()._link(article_id, matches)


def put_clocked(archive: Clocked, record: Record, now: datetime = _BEGIN) -> None:
    """Keep one article; fingerprint, look-up, verdict and rows are counted."""
    article = article_of(record)
    body = article.body
    with archive.clock():
        keys = fingerprint(article.headline, body)
    known = archive.known_for(article, keys, found_url=article.url)
    with archive.clock():
        decision = decide(article, known, keys=keys)
    archive.apply(decision, source=None, found_url=article.url, keys=keys, now=now, worn=known.worn)


def show_cost(records: Sequence[Record]) -> None:
    """CPU of the duplicate part against a MinHash of the same texts, by turns in one process."""
    minhash = _minhash()
    theirs = 0.0
    with on_disk(Clocked) as archive:
        assert isinstance(archive, Clocked)
        for record in records:
            put_clocked(archive, record)
            started = time.process_time()
            if minhash:
                minhash(record["text"])
            theirs += time.process_time() - started
        ours = 1000 * archive.seconds / len(records)
        print(f"duplicate part {ours:.3f} ms a text", end="")
        if minhash:
            print(f"; rensa MinHash {1000 * theirs / len(records):.3f} ms: {archive.seconds / theirs:.2f} times")
        else:
            print("; rensa is not installed")
        for name, (rows, size) in sizes_of(archive).items():
            print(f"  {name}: {rows / len(records):.1f} rows, {size / len(records):.0f} bytes an article")


def sizes_of(archive: Archive) -> dict[str, tuple[int, int]]:
    """Rows and bytes of the tables by which texts are compared, their indexes included."""
    found = {}
    for table in ("fingerprint_index", "fingerprints"):
        rows = archive._value(f"SELECT COUNT(*) FROM {table}")  # noqa: S608, SLF001 - our own names, our own program
        size = archive._value(  # noqa: SLF001
            "SELECT SUM(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = ?)", (table,)
        )
        found[table] = rows, size or 0
    return found


def _minhash() -> Callable[[str], None] | None:
    """What makes rensa's MinHash of a text: 128 permutations, runs of five words; None where it is missing."""
    try:
        from rensa import RMinHash  # noqa: PLC0415 - a peer, where it is installed
    except ImportError:
        return None

    def make(text: str) -> None:
        RMinHash(num_perm=128, seed=42).update(runs_of(text))

    return make


def runs_of(text: str) -> list[str]:
    """The runs of five words of a text."""
    words = text.lower().split()
    return [" ".join(words[start : start + 5]) for start in range(max(1, len(words) - 4))]


def show_growth(records: Sequence[Record]) -> None:
    """What a text costs when a thousand others are there, and when a hundred thousand are."""
    dice = random.Random(7)  # noqa: S311 - no secret
    words = sorted({word for record in records[:400] for word in record["text"].split()})
    probes = [record for record in records if record["text"]][:_PROBES]
    first = 0.0
    with on_disk(Clocked) as archive:
        assert isinstance(archive, Clocked)
        for count in _SIZES:
            _fill(archive, count, words, dice)
            costs = []
            for turn in range(3):
                archive.seconds = 0.0
                for record in probes:
                    other = {"id": f"{record['id']}-{count}-{turn}", "text": _other(record, dice, words)}
                    put_clocked(archive, record | other)
                costs.append(archive.seconds / len(probes))
            cost = min(costs)
            first = first or cost
            print(f"{count:>7} texts there: {1000 * cost:.3f} ms a text, {cost / first:.2f} times", flush=True)


def _other(record: Record, dice: random.Random, words: Sequence[str]) -> str:
    """A text of the same length that is no copy: every third word is another one."""
    return " ".join(dice.choice(words) if n % 3 == 0 else word for n, word in enumerate(record["text"].split()))


def _fill(archive: Clocked, count: int, words: Sequence[str], dice: random.Random) -> None:
    """Put invented articles there, until there are so many."""
    there = archive.statistics().article_count
    while there < count:
        with archive.transaction():
            for number in range(there, min(count, there + 500)):
                put_clocked(
                    archive, {"id": f"filler-{number}", "title": None, "text": " ".join(dice.choices(words, k=800))}
                )
        there = archive.statistics().article_count


def show_orders(scorer: ModuleType, records: Sequence[Record]) -> None:
    """Five orders of arrival."""
    for seed in range(5):
        shuffled = shuffle(records, seed)
        print(f"shuffle {seed}: {_pairs(score(scorer, records, find_clusters(shuffled)))}", flush=True)


def shuffle(records: Sequence[Record], seed: int) -> list[Record]:
    """The records in another order, the same for the same seed."""
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)  # noqa: S311
    return shuffled


def show_kills(gold: Path, kills: int = 10) -> None:
    """An import that is killed again and again comes to the same clusters."""
    records = read_records(gold)
    wanted = find_clusters(records)
    dice = random.Random(11)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        database, done = Path(folder, "press.db"), 0
        command = [sys.executable, __file__, "--gold", str(gold), "--into", str(database)]
        while True:
            with subprocess.Popen(command, env=os.environ) as process:
                try:
                    limit = dice.uniform(2, 15) if done < kills else None
                    process.wait(limit)
                    break
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    done += 1
        with Archive.open(database, write=False) as archive:
            same = clusters_of(archive, records) == wanted
    print(f"killed {done} times: {'the same clusters' if same else 'OTHER CLUSTERS'}")


def show_peers(scorer: ModuleType, records: Sequence[Record]) -> None:
    """What others find in the same texts."""
    for name, find in (("rensa, LSH at .5", _by_rensa), ("TF-IDF, average link", _by_tfidf)):
        try:
            started = time.process_time()
            clusters = find(records)
            cost = 1000 * (time.process_time() - started) / len(records)
            print(f"{name:<24}{_pairs(score(scorer, records, clusters))}  {cost:.2f} ms a text", flush=True)
        except ImportError as error:
            print(f"{name:<24}{error.name} is not installed")


def _by_rensa(records: Sequence[Record]) -> dict[str, int]:
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415

    index = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
    prints = []
    clusters = list(range(len(records)))
    for number, record in enumerate(records):
        made = RMinHash(num_perm=128, seed=42)
        made.update(runs_of(record["text"]))
        near = [other for other in index.query(made) if prints[other].jaccard(made) >= 0.5]
        if near:
            clusters[number] = clusters[min(near)]
        index.insert(number, made)
        prints.append(made)
    return {record["id"]: cluster for record, cluster in zip(records, clusters, strict=True)}


def _by_tfidf(records: Sequence[Record]) -> dict[str, int]:
    from sklearn.cluster import AgglomerativeClustering  # noqa: PLC0415
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    vectors = TfidfVectorizer(sublinear_tf=True).fit_transform([f"{one['title']} {one['text']}" for one in records])
    distances = 1.0 - (vectors @ vectors.T).toarray()
    linked = AgglomerativeClustering(None, metric="precomputed", linkage="average", distance_threshold=0.4)
    labels = linked.fit_predict(distances)
    return {record["id"]: int(label) for record, label in zip(records, labels, strict=True)}


def _scorer(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_dedup", shared / "bench" / "score_dedup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Write the clusters of a file, or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--gold", type=Path, help="the development clusters of --shared when left out")
    parser.add_argument("--out", type=Path, help="where {id, cluster} is written, a JSON object a line")
    parser.add_argument("--no-titles", action="store_true")
    parser.add_argument("--shuffle", type=int, metavar="SEED")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)  # an archive to go on with, for `kills`
    parser.add_argument("--only", nargs="+", default=["quality", "peers", "cost", "orders", "kills"])
    options = parser.parse_args()
    gold = options.gold or options.shared / "corpus" / "dedup-dev.jsonl.gz"
    records = read_records(gold)
    if options.shuffle is not None:
        records = shuffle(records, options.shuffle)
    if options.into:
        with Archive.open(options.into, write=True) as archive:
            put(archive, records)
    elif options.out:
        clusters = find_clusters(records, titles=not options.no_titles)
        lines = (json.dumps({"id": key, "cluster": str(cluster)}) + "\n" for key, cluster in clusters.items())
        options.out.write_text("".join(lines), encoding="utf-8")
    else:
        _print_tables(options.only, _scorer(options.shared), gold, records)


def _print_tables(wanted: Sequence[str], scorer: ModuleType, gold: Path, records: list[Record]) -> None:
    tables: dict[str, Callable[[], None]] = {
        "quality": lambda: show_quality(scorer, records),
        "peers": lambda: show_peers(scorer, records),
        "cost": lambda: show_cost(records),
        "orders": lambda: show_orders(scorer, records),
        "kills": lambda: show_kills(gold),
        "growth": lambda: show_growth(records),
    }
    for name in wanted:
        print(f"== {name}", flush=True)
        tables[name]()


if __name__ == "__main__":
    main()
