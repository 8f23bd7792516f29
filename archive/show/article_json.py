"""
An article as JSON: one form for `read`, `show --json` and `export`. docs/json.md and
`article.schema.json` describe it.

Of a page that was just read there is all that the page says; of one in the archive there is what
the archive knows of it beside that. Keys are added under the same version; where one goes or
changes its meaning, the version grows.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import datetime
from importlib.resources import files
from typing import Any

from archive.model import StoredArticle, StoredRevision
from archive.show.spans import find_links, find_spans
from scraper.model import Access, Article, LabelledBlock
from scraper.text import count_words

VERSION = 2  # of the form; higher when a key goes or means something else

# JSON may hold these as they are, but some readers end a line there, and YAML 1.2 §5.1 wants them
# escaped.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def render_page_json(article: Article, *, indent: int | None = None) -> str:
    """A page that was read as JSON; on one line without *indent*."""
    of_reading = {
        "is_article": article.is_article,
        "next_page_url": article.next_page_url,
        "signed_out": article.signed_out,
    }
    return quoted(_of_page(article) | of_reading, indent=indent)


def render_json(stored: StoredArticle) -> str:
    """
    One article of the archive as one line of JSON, without the line's end.

    Everything is there that the archive holds of the current revision; earlier ones with
    their number, time and changes. Times are ISO 8601 in UTC. No character in it ends a line.
    """
    return quoted(article_form(stored))


def article_form(stored: StoredArticle) -> dict[str, Any]:
    """The same, before it is written."""
    return _of_page(stored.article) | _of_archive(stored)


def article_schema() -> dict[str, Any]:
    """The JSON Schema of both."""
    schema: dict[str, Any] = json.loads((files("archive.show") / "article.schema.json").read_text(encoding="utf-8"))
    return schema


def _of_page(article: Article) -> dict[str, Any]:
    """What a page says."""
    return {
        "schema_version": VERSION,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "publication": article.publication,
        "headline": article.headline,
        "kicker": article.kicker,
        "dek": article.dek,
        "authors": article.authors,
        "published_at": time_as_text(article.published_at),
        "published_raw": article.published_raw,
        "updated_at": time_as_text(article.updated_at),
        "section": article.section,
        "language": article.language,
        "tags": article.tags,
        "cves": article.cves,
        "kind": article.kind,
        "kind_confidence": article.kind_confidence,
        "text_confidence": article.text_confidence,
        "variants": article.variants,
        "body": article.body,
        "word_count": count_words(article.body),
        "access": _access(article.access),
        "images": [asdict(image) for image in article.images],
        "blocks": [_block(block) for block in article.blocks],
        "origins": dict(article.origins),
        "wishes": [asdict(wish) for wish in article.wishes],
    }


def _access(access: Access) -> dict[str, Any]:
    return {
        "status": access.status,
        "complete": access.complete,
        "cut_by": access.cut_by,
        "explanation": access.explanation,
        "confidence": access.confidence,
        "conflict": access.conflict,
        "evidence": [asdict(sign) for sign in access.evidence],
        "numbers": asdict(access.numbers),
    }


def _block(block: LabelledBlock) -> dict[str, Any]:
    return {
        "role": block.role,
        "text": block.text,
        "rule": block.reason,
        "confidence": block.confidence,
        "markdown": block.markdown,
        "tag": block.tag,
        "links": [asdict(link) for link in find_links(find_spans(block))],
        "cell": block.cell,
    }


def _of_archive(stored: StoredArticle) -> dict[str, Any]:
    """What the archive knows of an article."""
    return {
        "id": stored.article_id,
        "found_url": stored.found_url,
        "url_key": stored.url_key,
        "source": stored.source,
        "duplicates": [asdict(one) | {"is_shorter": one.is_shorter} for one in stored.duplicates],
        "revisions": [_revision(revision) for revision in stored.revisions],
        "first_seen_at": time_as_text(stored.first_seen_at),
        "last_seen_at": time_as_text(stored.last_seen_at),
        "revised_at": time_as_text(stored.revised_at),
        "starred": stored.starred,
        "private": stored.private,
    }


def _revision(revision: StoredRevision) -> dict[str, Any]:
    return {
        "number": revision.number,
        "seen_at": time_as_text(revision.seen_at),
        "changes": revision.changes,
        "headline": revision.headline,
        "word_count": revision.word_count,
    }


def time_as_text(time: datetime | None) -> str | None:
    """A time in UTC as ISO 8601 with "Z"."""
    return None if time is None else time.isoformat().replace("+00:00", "Z")


def quoted(value: object, *, indent: int | None = None) -> str:
    r"""
    A value as JSON, which is YAML as well; what cannot be printed is escaped. Without *indent* it
    is one line.

    >>> quoted(["a: b", "two\nlines\u2028"])
    '["a: b", "two\\nlines\\u2028"]'
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
