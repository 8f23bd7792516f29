"""Article text that stands only in scripts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from reading import read_document

from scraper.errors import PageError
from scraper.read.learnt.model import LabelModel, shipped_model

_TEXTS = [
    f"Keeper number {n} wrote that the light had failed again, and that the boats waited outside until morning."
    for n in range(6)
]
_HTML = "".join(f"<p>{text}</p>" for text in _TEXTS)
_PAD = {"analytics": "x" * 200}


def read(scripts: str, body: str = "<h1>The light fails</h1>", **options):
    page = f"<head><meta charset=utf-8><title>The light fails</title></head><body>{body}{scripts}</body>"
    return read_document(page.encode(), "https://harbor.example/light", **options)


def script(content: str, attributes: str = "") -> str:
    return f"<script {attributes}>{content}</script>"


def flight(value: object) -> str:
    stream = "2:" + json.dumps(value)
    chunks = [stream[i : i + 200] for i in range(0, len(stream), 200)]
    return "".join(script(f"self.__next_f.push({json.dumps([1, chunk])})" + " " * 200) for chunk in chunks)


@pytest.mark.parametrize(
    ("where", "scripts"),
    [
        (
            "json-ld articleBody",
            script(
                json.dumps({"@type": "NewsArticle", "headline": "x", "articleBody": "\n\n".join(_TEXTS)}),
                'type="application/ld+json"',
            ),
        ),
        (
            "__NEXT_DATA__",
            script(json.dumps({"props": {"html": _HTML} | _PAD}), 'id="__NEXT_DATA__" type="application/json"'),
        ),
        ("script state", script("window.__PRELOADED_STATE__ = " + json.dumps({"a": {"text": _HTML}}) + ";")),
        (
            "script state",
            script(
                "Fusion.globalContent=" + json.dumps({"elements": [{"type": "text", "content": t} for t in _TEXTS]})
            ),
        ),
        ("next.js flight", flight({"story": {"html": _HTML}})),
    ],
)
def test_the_text_is_found(where, scripts):
    article = read(scripts)
    assert (_TEXTS, where) == (article.body.split("\n\n"), article.origins["body"])
    assert list(range(1 + len(_TEXTS))) == [block.number for block in article.blocks], "they follow those of the page"


class SeesNoBody(LabelModel):
    def body_chances(self, _, wanted):
        return np.zeros(len(wanted), np.float32)


def test_the_model_that_reads_the_page_reads_its_scripts():
    state = script(json.dumps({"props": {"html": _HTML} | _PAD}), 'id="__NEXT_DATA__" type="application/json"')
    shipped = shipped_model()
    blind = SeesNoBody(shipped.trees, shipped.network, shipped.dek)
    assert "__NEXT_DATA__" == read(state, model=shipped).origins["body"]
    assert "body" not in read(state, model=blind).origins


def test_a_page_with_its_text_in_view_is_read_there():
    scripts = script(json.dumps({"html": _HTML} | _PAD), 'type="application/json"')
    shown = "".join(f"<p>{text.replace('light', 'lamp')}</p>" for text in _TEXTS)
    article = read(scripts, f"<article><h1>The lamp fails</h1>{shown}</article>")
    assert "light" not in article.body
    assert "body" not in article.origins


@pytest.mark.parametrize(
    "content",
    [
        "window.__NUXT__ = {broken" + " " * 300,
        "self.__next_f.push([1, 'single quotes'])" + " " * 300,
        json.dumps({"css": "a{b:c}" * 80}),
        "[" * 5000,
        json.dumps({"licence": "word " * 100}),
    ],
)
def test_scripts_without_an_article_give_none(content):
    try:
        article = read(script(content, 'type="application/json"') + script(content))
    except PageError:
        return
    assert "" == article.body
