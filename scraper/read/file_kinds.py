"""What a file is, by its first bytes, in words: for the reader who took it for something else."""

from __future__ import annotations

import re

from scraper.errors import PageError

LOOKED_AT_BYTES = 4096  # what tells a kind of file stands at its head

_BEGINNINGS = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"RIFF", "a picture or a sound (RIFF)"),
    (b"OggS", "a sound (Ogg)"),
    (b"ID3", "a sound (MP3)"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"PK\x03\x04", "a ZIP file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"WARC/", "a WARC file"),
    (b"filedesc://", "an ARC file"),
)
PACKED = frozenset({"a WARC file", "an ARC file", "a ZIP file", "a gzip file", "a zstd file"})
"""What may hold raw responses."""

# What no text has (line ends, tabs, the shifts of Japanese encodings are none of it), and how many a
# broken text can have.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\f\r\x0b\x0e\x0f\x1b")
_MOST_CONTROLS = 0.04
_FEWEST_FILE_BYTES = 256  # of fewer, nobody can tell
_WIDE_ZEROS = 0.15  # of UTF-16: every second byte of Latin text, of Chinese those of its marks
_LIST_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE\s+(?:rss|opml)[^>]*>\s*)*"
    rb"(?:<(?:(?P<feed>rss|feed|rdf:RDF)|(?P<sitemap>urlset|sitemapindex)|(?P<opml>opml))\b"
    rb"|\{\s*\"version\"\s*:\s*\"https?:\\?/\\?/(?P<json>jsonfeed)\.org)",
    re.DOTALL | re.IGNORECASE,
)
_LISTS = {"feed": "a feed", "json": "a feed", "sitemap": "a sitemap", "opml": "a list of feeds (OPML)"}


# Pictures that every browser shows, by their first bytes. SVG is none of them: it is a document, with
# scripts and addresses of its own.
# Source: https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern; AVIF §6: brands "avif", "avis".
_PICTURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBPVP", re.DOTALL), "image/webp"),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), "image/avif"),
)


def picture_type(body: bytes) -> str | None:
    r"""
    The media type of a picture, by its bytes alone; None where it is none that a browser shows.

    >>> picture_type(b"GIF89a\x01\x00\x01\x00"), picture_type(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    ('image/gif', None)
    """
    return next((media_type for pattern, media_type in _PICTURES if pattern.match(body)), None)


def refuse_other_files(body: bytes, url: str) -> None:
    """
    Let text pass.

    Raises:
        PageError: The bytes are empty, or a PDF, a picture, an archive.
    """
    if not body.strip():
        raise PageError(url, "the page is empty")
    if other := name_other_file(body):
        raise PageError(url, f"this is {other}, not a web page")


def name_other_file(begin: bytes) -> str | None:
    """
    What a file is that is no text; None for text, and where nothing tells.

    >>> name_other_file(b"%PDF-1.7"), name_other_file(b"<p>A text.")
    ('a PDF', None)
    """
    named = next((name for beginning, name in _BEGINNINGS if begin.startswith(beginning)), None)
    return named or ("a file of another kind" if _is_binary(begin[:LOOKED_AT_BYTES]) else None)


def name_list(begin: bytes) -> str | None:
    """
    What a document is that names others, for programs; None where it is none.

    >>> name_list(b'<?xml version="1.0"?><!-- x --><rss version="2.0">'), name_list(b"<p>rss")
    ('a feed', None)
    """
    found = _LIST_ROOT.match(begin[:LOOKED_AT_BYTES])
    return _LISTS[found.lastgroup] if found and found.lastgroup else None


def is_markup(begin: bytes) -> bool:
    r"""
    Whether a file begins as a web page does.

    >>> is_markup(b"\n<!doctype html>"), is_markup(b"WARC/1.0")
    (True, False)
    """
    return re.match(rb"(?:\xef\xbb\xbf)?\s*<[a-z!]", begin, re.IGNORECASE) is not None


def _is_binary(begin: bytes) -> bool:
    """
    Whether bytes are no text: every tenth controls a machine, and they are not the zeros of wide
    characters.
    """
    if len(begin) < _FEWEST_FILE_BYTES:
        return False
    controls = len(begin) - len(begin.translate(None, _CONTROLS))
    zeros = begin.count(0)
    is_wide = zeros > _WIDE_ZEROS * len(begin) and controls - zeros <= _MOST_CONTROLS * len(begin)
    return controls > _MOST_CONTROLS * len(begin) and not is_wide
