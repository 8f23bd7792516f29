"""Article text that stands only in scripts."""

from __future__ import annotations

import html
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


def next_data(record: object) -> str:
    state = {
        "props": {"pageProps": {"related": [{"title": "Ferry stops", "slug": "f", "body": _OTHER}], "post": record}}
    }
    return script(json.dumps(state), 'id="__NEXT_DATA__" type="application/json"')


def field(value: object) -> str:
    return next_data({"title": "The light fails", "slug": "light", "date": "2026-03-05", "body": value})


def parts(text: str) -> tuple[str, str, str]:
    return text[:20], text[20:40], text[40:]


def attribute(value: object, tag: str = "div data-props") -> str:
    return f'<{tag}="{html.escape(json.dumps(value))}"></{tag.split(maxsplit=1)[0]}>'


_OTHER = "".join(
    f"<p>The ferry stops for the {n}th time this year, said its owner, and nobody knows why.</p>" for n in range(20)
)
_RECORD = {"title": "The light fails", "html": _HTML}
_STREAM = [{"_1": 2}, "post", {"_3": 4, "_5": 6}, "title", "The light fails", "html", _HTML]
_FLAT = [["Reactive", 1], {"post": 2}, {"title": 3, "html": 4}, "The light fails", _HTML]
_STORE = {
    **{f"Para:{n}": {"__typename": "Para", "text": text} for n, text in reversed(list(enumerate(_TEXTS)))},
    "Post:1": {"title": "The light fails", "slug": "x", "body": [{"__ref": f"Para:{n}"} for n in range(len(_TEXTS))]},
}


@pytest.mark.parametrize(
    "scripts",
    [
        pytest.param(
            field([{"_type": "block", "children": [{"text": p} for p in parts(t)]} for t in _TEXTS]), id="Sanity"
        ),
        pytest.param(
            field(
                {
                    "nodeType": "document",
                    "content": [
                        {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": p} for p in parts(t)]}
                        for t in _TEXTS
                    ],
                }
            ),
            id="Contentful",
        ),
        pytest.param(
            field(
                {
                    "root": {
                        "children": [{"type": "paragraph", "children": [{"type": "text", "text": t}]} for t in _TEXTS]
                    }
                }
            ),
            id="Lexical",
        ),
        pytest.param(
            field({"blocks": [{"type": "unstyled", "text": t} for t in _TEXTS], "entityMap": {}}), id="Draft.js"
        ),
        pytest.param(
            field(json.dumps({"blocks": [{"type": "paragraph", "data": {"text": t}} for t in _TEXTS]})), id="Editor.js"
        ),
        pytest.param(field([{"children": [{"text": p} for p in parts(t)]} for t in _TEXTS]), id="Slate"),
        pytest.param(
            field([{"name": "core/paragraph", "attributesJSON": json.dumps({"content": t})} for t in _TEXTS]),
            id="WordPress",
        ),
        pytest.param(field({"ops": [{"insert": p} for t in _TEXTS for p in (*parts(t), "\n")]}), id="Quill"),
        pytest.param(
            field(
                [{"type": "text", "model": {"blocks": [{"type": "paragraph", "model": {"text": t}}]}} for t in _TEXTS]
            ),
            id="a tree of models",
        ),
        pytest.param(field("\n\n".join(_TEXTS)), id="Markdown"),
        pytest.param(script("window.__APOLLO_STATE__ = " + json.dumps(_STORE)), id="Apollo"),
        pytest.param(script(f"window.x = JSON.parse({json.dumps(json.dumps(_RECORD))})"), id="JSON.parse"),
        pytest.param(
            script(
                f"window.__NUXT__=(function(a,b){{return {{data:[{{title:a,body:b,ok:!0,no:void 0}}]}}}}"
                f'("The light fails",{json.dumps(_HTML)}));'
            ),
            id="Nuxt 2",
        ),
        pytest.param(script(json.dumps(_FLAT), 'type="application/json" id="__NUXT_DATA__"'), id="Nuxt 3"),
        pytest.param(script(f"context.streamController.enqueue({json.dumps(json.dumps(_STREAM))});"), id="Remix"),
        pytest.param(
            script("kit.start(app, element, {data: [null,{type:'data',data:{post:" + json.dumps(_RECORD) + "}}]});"),
            id="SvelteKit",
        ),
        pytest.param(
            attribute({"post": [0, {"title": [0, "The light fails"], "html": [0, _HTML]}]}, "astro-island props"),
            id="Astro",
        ),
        pytest.param(attribute({"props": _RECORD}), id="an attribute"),
        pytest.param(
            flight(["$", "main", None, {"children": [["$", "p", None, {"children": t}] for t in _TEXTS]}]),
            id="elements",
        ),
    ],
)
def test_each_way_to_write_a_text_is_read(scripts):
    assert _TEXTS == read(scripts).body.split("\n\n")


def test_a_text_of_a_flight_can_begin_in_one_push_and_be_named_in_another():
    stream = f'1:["$","$L2",null,{{"text":"$3"}}]\n3:T{len(_HTML.encode()):x},{_HTML}'
    pushes = (json.dumps([1, stream[i : i + 97]]) for i in range(0, len(stream), 97))
    assert _TEXTS == read("".join(script(f"self.__next_f.push({push})") for push in pushes)).body.split("\n\n")


def test_a_shell_with_more_words_than_a_notice_gives_way_to_its_own_article_alone():
    shell = "<article><h1>The light fails</h1>" + "".join(
        f"<p>The paper of house {n} has told of its harbor since 1911, for readers and owners.</p>" for n in range(4)
    )
    assert _TEXTS == read(next_data({"title": "The light fails", "html": _HTML}), shell).body.split("\n\n")
    assert "keeper" not in read(next_data({"title": "Another thing", "html": _HTML}), shell).body.lower()


def test_script_data_behind_a_visible_wall_is_evidence_and_never_body():
    shown = (
        f"<article><h1>The light fails</h1><p>{_TEXTS[0]}</p><div class=gate><p>Subscribe to continue reading</p></div>"
    )
    article = read(field(_HTML), shown)
    assert (_TEXTS[0], False, "paywall") == (article.body, article.access.complete, article.access.cut_by)
    assert ("behind-wall", True) in [(sign.signal, sign.decided) for sign in article.access.evidence]


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
