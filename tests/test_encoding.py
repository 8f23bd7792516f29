"""The encoding of a page, by the order of the HTML Standard."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import webencodings
from hypothesis import given
from hypothesis import strategies as st
from reading import read_document

from scraper.encoding import decode, find_declared_encoding

_CASES = Path(__file__).parents[2] / "shared" / "conformance" / "encoding"
_shared = pytest.mark.skipif(not _CASES.exists(), reason="../shared/conformance/encoding is not there")


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"\xef\xbb\xbfcaf\xc3\xa9", "text/html; charset=latin1", ("café", "utf-8", "bom")),
        ("\ufeffcafé".encode("utf-16-le"), None, ("café", "utf-16le", "bom")),
        (b"caf\xe9", "text/html; charset=ISO-8859-1", ("café", "windows-1252", "http")),
        (b"caf\xe9", 'text/html; charset="latin1"', ("café", "windows-1252", "http")),
        (b"<meta charset=koi8-r>\xc4\xc1", None, ("<meta charset=koi8-r>да", "koi8-r", "meta")),
        (b"<meta charset=koi8-r>\xc4", "text/html; charset=nonsense", ("<meta charset=koi8-r>д", "koi8-r", "meta")),
        ("<meta charset=latin1>é".encode(), None, ("<meta charset=latin1>é", "utf-8", "utf-8")),
        ("é".encode(), None, ("é", "utf-8", "utf-8")),
        (b"plain", None, ("plain", "utf-8", "utf-8")),
    ],
)  # fmt: skip
def test_who_names_the_encoding(body, content_type, expected):
    found = decode(body, content_type)
    assert expected == (found.text, found.encoding, found.origin)


_WIDE = "<!doctype html><html><head><title>Der Rat</title></head><body><h1>Der Rat prüft die Brücke</h1>" + (
    "<p>Der Rat hat die neue Brücke über den Fluss nach langer Prüfung genehmigt, weil Bürger größere Züge wollten.</p>"
    * 6
)


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("content_type", [None, "text/html", "text/html; charset=utf-16", "text/html; charset=utf-8"])
def test_a_page_in_utf_16_is_read_as_a_page(coding, mark, content_type):
    article = read_document((mark + _WIDE).encode(coding), "https://blatt.example/a", content_type=content_type)
    assert "Der Rat prüft die Brücke" == article.headline
    assert article.body.startswith("Der Rat hat die neue Brücke über den Fluss")


def test_a_page_that_is_said_to_be_utf_16_and_is_none_is_read():
    article = read_document(_WIDE.encode(), "https://blatt.example/a", content_type="text/html; charset=utf-16")
    assert "Der Rat prüft die Brücke" == article.headline


def test_undeclared_cyrillic_is_guessed():
    text = "Порт Ловмера закрыл северные ворота во вторник ночью, после того как план погрузки не совпал. " * 4
    found = decode(text.encode("cp1251"))
    assert (text, "guess") == (found.text, found.origin)


def test_a_declaration_in_a_comment_does_not_count():
    assert find_declared_encoding(b"<!-- <meta charset=koi8-r> --><meta charset=utf-8>") == "utf-8"


@given(st.binary(max_size=400), st.none() | st.text(max_size=40))
def test_any_bytes_decode(body, content_type):
    assert isinstance(decode(body, content_type).text, str)


@pytest.mark.shared
@_shared
def test_the_prescan_follows_the_standard():
    """A page without a declaration has none to find; the tests name windows-1252 then."""
    cases = json.loads((_CASES / "html5lib.json").read_text(encoding="utf-8"))
    wrong = []
    for case in cases:
        body = base64.b64decode(case["data_b64"])
        decoded = decode(body)
        label = decoded.encoding if decoded.origin == "bom" else find_declared_encoding(body) or "windows-1252"
        found = webencodings.lookup(label)
        if found is None or found is not webencodings.lookup(case["encoding"]):
            wrong.append((case["id"], label, case["encoding"]))
    assert [] == wrong


@pytest.mark.shared
@_shared
def test_every_label_of_the_standard_is_known():
    for case in json.loads((_CASES / "labels.json").read_text(encoding="utf-8")):
        if case["name"] in {"replacement", "x-user-defined", "UTF-16BE", "UTF-16LE", "ISO-8859-8-I", "ISO-8859-8"}:
            continue
        found = decode(b"abc", f"text/html; charset={case['label']}")
        assert ("http", case["name"].lower()) == (found.origin, found.encoding)
