"""How the texts of a source end, and the walls that were learnt from that."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import Any

from archive.model import EndBlock, Sign, SourceBox, TextEnd
from archive.store.connection import Connection, as_bool_or_none, as_json
from scraper.model import Access, AccessStatus, Evidence, MeterNumbers

# Walls change with a redesign; what older pages showed teaches nothing of today's.
_NEWEST = 200


class TextEnds(Connection):
    """How the texts of a source end, and the walls that were learnt from that."""

    def save_end(self, article_id: int, source: str | None, end: TextEnd) -> None:
        """Keep how the current text of an article ends; without a source nothing is learnt."""
        if source is None or not end.words:
            self._run("DELETE FROM text_ends WHERE article_id = ?", (article_id,))
            return
        blocks = [(block.fingerprint, block.words, block.text, int(block.signs)) for block in end.blocks]
        self._run(
            "INSERT OR REPLACE INTO text_ends (article_id, source, words, blocks, alone) VALUES (?, ?, ?, ?, ?)",
            (article_id, source, end.words, as_json(blocks), as_json(asdict(end.alone))),
        )

    def ends_of(self, source: str) -> dict[int, TextEnd]:
        """How the newest texts of a source end, by article."""
        rows = self._rows(
            "SELECT article_id, words, blocks, alone FROM text_ends WHERE source = ? ORDER BY article_id DESC LIMIT ?",
            (source, _NEWEST),
        )
        return {row["article_id"]: _end(row) for row in rows}

    def sources_with_new_ends(self) -> tuple[str, ...]:
        """The sources of which texts came that nothing was learnt from yet."""
        return tuple(row["source"] for row in self._rows("SELECT DISTINCT source FROM text_ends WHERE is_new", ()))

    def save_boxes(self, source: str, boxes: tuple[SourceBox, ...]) -> None:
        """Put what was learnt of a source in the place of what was known; older ends are forgotten."""
        with self.transaction():
            self._run("DELETE FROM source_boxes WHERE source = ?", (source,))
            self._run_many(
                """
                INSERT INTO source_boxes (source, number, text, why, page_count, other_count, most_words, status,
                    cut_by, fingerprints)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [_box_columns(source, number, box) for number, box in enumerate(boxes)],
            )
            self._run(
                """
                DELETE FROM text_ends WHERE source = :source AND article_id NOT IN (
                    SELECT article_id FROM text_ends WHERE source = :source ORDER BY article_id DESC LIMIT :newest
                )
                """,
                {"source": source, "newest": _NEWEST},
            )
            self._run("UPDATE text_ends SET is_new = 0 WHERE source = ? AND is_new", (source,))

    def boxes_of(self, source: str | None) -> tuple[SourceBox, ...]:
        """What was learnt of a source."""
        return tuple(map(_box, self._rows("SELECT * FROM source_boxes WHERE source = ? ORDER BY number", (source,))))

    def said_of_access(self, source: str) -> dict[int, tuple[AccessStatus, bool | None, str | None]]:
        """What is kept of the access to the articles of a source whose ends are known."""
        rows = self._rows(
            """
            SELECT articles.id, access_status, complete, cut_by FROM text_ends
            JOIN articles ON articles.id = article_id WHERE text_ends.source = ?
            """,
            (source,),
        )
        return {
            row["id"]: (
                AccessStatus(row["access_status"]),
                as_bool_or_none(row["complete"]),
                row["cut_by"],
            )
            for row in rows
        }


def _end(row: sqlite3.Row) -> TextEnd:
    blocks = (EndBlock(mark, words, text, Sign(signs)) for mark, words, text, signs in json.loads(row["blocks"]))
    return TextEnd(row["words"], tuple(blocks), access_of(json.loads(row["alone"])))


def access_of(fields: dict[str, Any]) -> Access:
    """The verdict that `asdict` made JSON of."""
    numbers = fields["numbers"]
    return Access(
        **fields
        | {
            "status": AccessStatus(fields["status"]),
            "evidence": tuple(Evidence(**sign) for sign in fields["evidence"]),
            "numbers": MeterNumbers(**numbers | {name: tuple(numbers[name]) for name in ("prices", "periods")}),
        }
    )


def _box_columns(source: str, number: int, box: SourceBox) -> tuple[Any, ...]:
    return (
        source,
        number,
        box.text,
        box.why,
        box.page_count,
        box.other_count,
        box.most_words,
        box.status.value,
        box.cut_by,
        as_json(sorted(box.fingerprints)),
    )


def _box(row: sqlite3.Row) -> SourceBox:
    return SourceBox(
        fingerprints=frozenset(json.loads(row["fingerprints"])),
        text=row["text"],
        page_count=row["page_count"],
        other_count=row["other_count"],
        most_words=row["most_words"],
        why=row["why"],
        status=AccessStatus(row["status"]),
        cut_by=row["cut_by"],
    )
