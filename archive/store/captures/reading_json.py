"""
What was read in a response, as JSON in zstd and back, so that it can be decided on where the page
is not at hand.

Pure. No code comes out of it, whoever wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

from archive.judge.fingerprints import VERSION, Text, fingerprint, fingerprint_of
from archive.judge.traits import Traits
from archive.model import EndBlock, Sign, TextEnd
from archive.store.ends import access_of
from scraper.model import Article, Image, LabelledBlock, PageKind, Role, Wish

_TIMES = ("published_at", "updated_at")
_TEXTS = ("authors", "tags", "cves", "variants")
_PLAIN = tuple(
    field.name for field in fields(Article) if field.name not in {*_TIMES, "blocks", "access", "images", "wishes"}
)


def pack(article: Article, traits: Traits, headers: Iterable[tuple[str, str]]) -> bytes:
    """All of it but the marks of the text, which are kept as they are."""
    said = {name: getattr(article, name) for name in _PLAIN}
    said |= {name: (at := getattr(article, name)) and at.isoformat() for name in _TIMES}
    said |= {
        "blocks": article.blocks,
        "access": asdict(article.access),
        "images": [asdict(image) for image in article.images],
        "wishes": [asdict(wish) for wish in article.wishes],
    }
    judged_by = {
        "version": VERSION,
        "digest": traits.keys.digest,
        "headline_key": traits.keys.headline_key,
        "marks": list(traits.marks.items()),
        "end": [
            traits.end.words,
            [(one.fingerprint, one.words, one.text, int(one.signs)) for one in traits.end.blocks],
        ],
        "word_count": traits.word_count,
    }
    text = json.dumps({"article": said, "traits": judged_by, "headers": list(headers)}, ensure_ascii=False)
    return ZstdCompressor(level=3).compress(text.encode("utf-8", "surrogatepass"))


def unpack(content: bytes, marks: bytes) -> tuple[Article, Traits, tuple[tuple[str, str], ...]]:
    """
    What `pack` was given.

    Raises:
        ValueError: It is something else.
    """
    try:
        known = json.loads(ZstdDecompressor().decompress(content).decode("utf-8", "surrogatepass"))
        article = _article(known["article"])
        return article, _traits(known["traits"], marks, article), tuple((n, v) for n, v in known["headers"])
    except (ZstdError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"no reading: {error}") from error


def _article(said: dict[str, Any]) -> Article:
    return Article(
        **said
        | {name: said[name] and datetime.fromisoformat(said[name]) for name in _TIMES}
        | {name: tuple(said[name]) for name in _TEXTS}
        | {
            "blocks": tuple(map(_block, said["blocks"])),
            "access": access_of(said["access"]),
            "images": tuple(Image(**image) for image in said["images"]),
            "wishes": tuple(Wish(**wish) for wish in said["wishes"]),
            "kind": PageKind(said["kind"]),
        }
    )


def _block(values: list[Any]) -> LabelledBlock:
    role, text, reason, confidence, markdown, tag, cell, number = values
    return LabelledBlock(Role(role), text, reason, confidence, markdown, tag, cell and tuple(cell), number)


def _traits(known: dict[str, Any], marks: bytes, article: Article) -> Traits:
    words, blocks = known["end"]
    end = TextEnd(words, tuple(EndBlock(mark, n, text, Sign(signs)) for mark, n, text, signs in blocks), article.access)
    is_current = known["version"] == VERSION
    return Traits(
        keys=fingerprint_of(Text.of(marks), known["digest"], known["headline_key"])
        if is_current
        else fingerprint(article.headline, article.body),
        marks=dict(known["marks"]),
        end=end,
        word_count=known["word_count"],
    )
