"""Who may read a page, and what was served: every signal, and what the two answers make of it."""

from __future__ import annotations

import json

import pytest

from scraper.model import Access, AccessStatus
from scraper.read.article import read_document

_PARAGRAPHS = [
    f"Number {n} of the keepers wrote that the light had failed at {n} o'clock, and that the boats waited outside."
    for n in range(2, 16)
]
_SHORT = "".join(f"<p>{text}</p>" for text in _PARAGRAPHS[:3])
_FULL = "".join(f"<p>{text}</p>" for text in _PARAGRAPHS)


def access(body: str, head: str = "", ld: dict | None = None, status_code: int = 200) -> Access:
    facts = json.dumps({"@type": "NewsArticle", "headline": "The light"} | (ld or {}))
    script = f'<script type="application/ld+json">{facts}</script>'
    page = f"<head><meta charset=utf-8>{head}{script}</head><body><article><h1>The light</h1>{body}</article>"
    return read_document(page.encode(), "https://harbor.example/light", status_code=status_code).access


_WALL = '<div class="gate"><p>Subscribe to continue reading</p></div>'
_REGISTER = "<div><p>Register for free to continue reading</p></div>"
_OPEN_END = "<p>And then the keeper of the northern light said …</p>"
_TIER = '<meta property="article:content_tier" content="{}">'
_METER = "<div><p>You've read 3 of 5 free articles.</p></div>"


@pytest.mark.parametrize(
    ("status", "complete", "cut_by", "parts"),
    [
        ("free", True, None, {"body": _FULL}),
        ("free", True, None, {"body": _FULL, "ld": {"isAccessibleForFree": True}}),
        ("full-subscriber", True, None, {"body": _FULL, "ld": {"isAccessibleForFree": "False"}}),
        ("full-subscriber", True, None, {"body": _FULL, "head": _TIER.format("locked")}),
        ("metered", True, None, {"body": _FULL, "head": _TIER.format("metered")}),
        ("metered", True, None, {"body": _FULL + _METER}),
        ("preview", False, "paywall", {"body": _SHORT + _WALL}),
        ("preview", False, "paywall", {"body": _FULL + _OPEN_END + _WALL}),
        ("preview", False, "paywall", {"body": _SHORT, "ld": {"isAccessibleForFree": False, "wordCount": 900}}),
        ("registration", False, "registration", {"body": _SHORT + _REGISTER}),
        pytest.param("free", True, None, {"body": _FULL + _WALL}, id="a prompt below a whole text is an offer"),
        ("preview", False, "paywall", {"body": _SHORT, "status_code": 402}),
        ("registration", False, "registration", {"body": _SHORT, "status_code": 401}),
        ("unknown", True, None, {"body": _SHORT, "status_code": 403}),
        ("free", False, "pagination", {"body": _FULL, "head": '<link rel="next" href="/light?page=2">'}),
        ("unknown", None, None, {"body": '<p><a href="/login">Log in</a></p>'}),
    ],
)
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
