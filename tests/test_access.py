"""Who may read a page, and what was served: every signal, and what the two answers make of it."""

from __future__ import annotations

import json

import pytest

from scraper.model import Access, AccessStatus
from scraper.read.article import read_document

_PARAGRAPHS = [
    f"Number {n} of the keepers wrote that the light had failed again at {n} o'clock, and that the boats waited outside."
    for n in range(2, 16)
]
_SHORT = "".join(f"<p>{text}</p>" for text in _PARAGRAPHS[:3])
_FULL = "".join(f"<p>{text}</p>" for text in _PARAGRAPHS)


def access(body: str, head: str = "", ld: dict | None = None, status_code: int = 200) -> Access:
    script = f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "headline": "The light"} | (ld or {}))}</script>'
    page = f"<head><meta charset=utf-8>{head}{script}</head><body><article><h1>The light</h1>{body}</article>"
    return read_document(page.encode(), "https://harbor.example/light", status_code=status_code).access


_WALL = '<div class="gate"><p>Subscribe to continue reading</p></div>'
_REGISTER = "<div><p>Register for free to continue reading</p></div>"
_METER = "<div><p>You've read 3 of 5 free articles.</p></div>"


@pytest.mark.parametrize(
    ("status", "complete", "cut_by", "parts"),
    [
        pytest.param("free", True, None, {"body": _FULL}, id="no sign of a wall"),
        pytest.param("free", True, None, {"body": _FULL, "ld": {"isAccessibleForFree": True}}, id="declared free"),
        pytest.param(
            "full-subscriber", True, None, {"body": _FULL, "ld": {"isAccessibleForFree": "False"}}, id="declared not free, served whole"
        ),
        pytest.param("preview", False, "paywall", {"body": _SHORT + _WALL}, id="a short text and a prompt behind it"),
        pytest.param("registration", False, "registration", {"body": _SHORT + _REGISTER}, id="a short text and a registration wall"),
        pytest.param("metered", True, None, {"body": _FULL + _METER}, id="a meter below a whole text"),
        pytest.param(
            "metered", True, None, {"body": _FULL, "head": '<meta name="article:content_tier" content="metered">'}, id="content tier metered"
        ),
        pytest.param(
            "full-subscriber", True, None, {"body": _FULL, "head": '<meta property="article:content_tier" content="locked">'}, id="content tier locked"
        ),
        pytest.param(
            "preview", False, "paywall", {"body": _FULL + "<p>And then the keeper of the northern light said …</p>" + _WALL}, id="a text that breaks off"
        ),
        pytest.param(
            "preview", False, "paywall", {"body": _SHORT, "ld": {"isAccessibleForFree": False, "wordCount": 900}}, id="a third of the words it says it has"
        ),
        pytest.param("free", True, None, {"body": _FULL + _WALL}, id="a prompt below a whole text is an offer"),
        pytest.param("preview", False, "paywall", {"body": _SHORT, "status_code": 402}, id="payment required"),
        pytest.param("registration", False, "registration", {"body": _SHORT, "status_code": 401}, id="unauthorized"),
        pytest.param("unknown", True, None, {"body": _SHORT, "status_code": 403}, id="forbidden, for whatever reason"),
        pytest.param(
            "free", False, "pagination", {"body": _FULL, "head": '<link rel="next" href="/light?page=2">'}, id="goes on on another page"
        ),
        pytest.param("unknown", None, None, {"body": "<p>Hm.</p>"}, id="no text"),
    ],
)  # fmt: skip
def test_verdicts(status, complete, cut_by, parts):
    found = access(**parts)
    assert (AccessStatus(status), complete, cut_by) == (found.status, found.complete, found.cut_by)
    assert found.explanation


def test_every_signal_is_quoted_with_its_place():
    found = access(_SHORT + _WALL, ld={"isAccessibleForFree": "False"})
    assert [
        ("declaration", "isAccessibleForFree: False", "json-ld", "full-subscriber"),
        ("prompt-subscription", "Subscribe to continue reading", "after body", "preview"),
    ] == [(signal.signal, signal.value, signal.where, signal.points_to) for signal in found.evidence]


def test_microdata_declares_too():
    found = access(_FULL + '<meta itemprop="isAccessibleForFree" content="false">')
    assert [("declaration", "microdata")] == [(signal.signal, signal.where) for signal in found.evidence]


def test_an_article_about_subscriptions_is_free():
    about = (
        "<p>Readers subscribe because they trust a paper, the editor said, and the paywall is not what keeps them.</p>"
    )
    found = access(_FULL + about)
    assert (AccessStatus.FREE, ()) == (found.status, found.evidence)


def test_numbers_come_from_prompts_alone():
    found = access(
        _FULL + "<p>The lamp costs $900 a month, and the council has read 3 of 5 letters about it.</p>" + _METER
    )
    assert (5, 3, ()) == (found.numbers.limit, found.numbers.used, found.numbers.prices)
