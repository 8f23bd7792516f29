"""
Answers as JSON: `answers.schema.json` and docs/machines.md describe them. Keys are added under the
same version; where one goes or changes its meaning, the version grows.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, assert_never

from archive.machines.answers import Answer, ArticlePage, Found, Hit, SourceRow, Sources, Story, Today
from archive.machines.questions import QUESTIONS, UNTRUSTED, Kind, Parameter, Question
from archive.model import ListedArticle, SourceHealth, StoryLife
from archive.show.article_json import article_form, article_schema, time_as_text
from scraper.model import WENT_WRONG

VERSION = 1  # of the forms; higher when a key goes or means something else


def as_form(answer: Answer) -> dict[str, Any]:
    """An answer as JSON has it."""
    form = {"schema_version": VERSION, "notice": UNTRUSTED, "page": answer.page, "has_more": answer.has_more}
    match answer:
        case Found():
            return form | {"query": answer.query, "articles": [_hit(hit) for hit in answer.hits]}
        case ArticlePage():
            return form | {
                "article": article_form(answer.stored) | {"word_count": answer.word_count},
                "outlet": answer.listed.outlet,
                "story_id": answer.listed.story_id,
                "limits": list(answer.limits),
            }
        case Story():
            articles = [_listed(one.article) | {"verdict": one.verdict} for one in answer.articles]
            return form | {"story": _life(answer.life), "summary": answer.summary, "articles": articles}
        case Today():
            return form | _today(answer)
        case Sources():
            return form | {"sources": [_source(row) for row in answer.rows], "source_count": answer.count}
        case _:
            assert_never(answer)


def answer_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of the answer to one question."""
    schema: dict[str, Any] = json.loads((files("archive.machines") / "answers.schema.json").read_text(encoding="utf-8"))
    parts = schema["$defs"]
    if name == "article":
        form = article_schema()
        parts |= form["$defs"] | {"article_form": {key: form[key] for key in ("description", "type", "properties")}}
    others = {key: part for key, part in parts.items() if key not in {one.name for one in QUESTIONS}}
    return {"$schema": schema["$schema"], **parts[name], "$defs": _reached(parts[name], others)}


def asked_schema(question: Question) -> dict[str, Any]:
    """The JSON Schema of what a question is asked with."""
    return {
        "type": "object",
        "properties": {one.name: _parameter(one) for one in question.parameters},
        "required": [one.name for one in question.parameters if one.is_needed],
        "additionalProperties": False,
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": parameter.kind.value, "description": parameter.means}
    if parameter.kind is Kind.NUMBER:
        schema |= {"minimum": parameter.least, "maximum": parameter.most}
    return schema if parameter.default is None else schema | {"default": parameter.default}


def _reached(part: object, parts: dict[str, Any]) -> dict[str, Any]:
    """The parts that one leads to, at any remove."""
    found: dict[str, Any] = {}
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name in parts and name not in found:
                found[name] = parts[name]
                waiting.append(parts[name])
    return found


def _listed(article: ListedArticle) -> dict[str, Any]:
    return {
        "id": article.article_id,
        "headline": article.headline,
        "outlet": article.outlet,
        "url": article.url,
        "told_at": time_as_text(article.told_at),
        "language": article.language,
        "line": article.line,
        "access": article.access.value,
        "complete": article.complete,
        "cves": list(article.cves),
        "story_id": article.story_id,
        "revised_at": time_as_text(article.revised_at),
    }


def _hit(hit: Hit) -> dict[str, Any]:
    others = [
        {"id": place.article_id, "outlet": place.source, "url": place.url, "at": time_as_text(place.at)}
        for place in hit.others
    ]
    return _listed(hit.article) | {
        "snippet": hit.snippet,
        "marks": [list(mark) for mark in hit.marks],
        "also_at": others,
    }


def _life(life: StoryLife) -> dict[str, Any]:
    return {
        "id": life.story_id,
        "headline": life.headline,
        "language": life.language,
        "terms": list(life.terms),
        "first_at": time_as_text(life.first_at),
        "last_at": time_as_text(life.last_at),
        "article_count": life.article_count,
        "report_count": life.report_count,
        "source_count": life.source_count,
    }


def _today(today: Today) -> dict[str, Any]:
    stories = [
        {
            "story": _life(one.life),
            "independent_count": one.independent,
            "articles": [_listed(article) for article in one.articles],
        }
        for one in today.stories
    ]
    return {
        "since": time_as_text(today.since),
        "until": time_as_text(today.until),
        "stories": stories,
        "articles": [_listed(article) for article in today.articles],
        "report_count": today.report_count,
        "sources": {"well_count": today.well_count, "wrong": [_trouble(one) for one in today.wrong]},
    }


def _trouble(health: SourceHealth) -> dict[str, Any]:
    return {
        "name": health.source,
        "title": health.title,
        "outcome": health.outcome and health.outcome.value,
        "detail": health.detail,
        "checked_at": time_as_text(health.checked_at),
    }


def _source(row: SourceRow) -> dict[str, Any]:
    return _trouble(row.health) | {
        "home_url": row.facts.home_url,
        "section": row.facts.section,
        "language": row.facts.language,
        "is_watched": row.health.enabled,
        "is_wrong": row.health.outcome in WENT_WRONG,
        "failed_count": row.health.failed_count,
        "article_count": row.came.count,
        "whole_count": row.came.whole,
        "cut_count": row.came.cut,
        "free_count": row.came.free,
    }
