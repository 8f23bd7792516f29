"""
Access in fifteen languages: a cut page, a wall to register, a meter, a badge, and the free pages
that look like one.

No page names its boxes: words and places must do. The words are in `languages.toml`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from reading import read_document

from scraper.model import AccessStatus, Article, Role

_LANGUAGES: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "languages.toml").read_text(encoding="utf-8")
)
_TEASER, _WHOLE = range(2, 5), range(2, 22)


def cases(kind: str) -> list[Any]:
    return [
        pytest.param(language, prompt, id=f"{language}-{number}")
        for language, texts in _LANGUAGES.items()
        for number, prompt in enumerate(texts[kind])
    ]


def report(language: str, numbers: range) -> str:
    sentence = _LANGUAGES[language]["sentence"]
    return "".join(f"<p>{sentence.format(n=n)}</p>" for n in numbers)


def box(prompt: str) -> str:
    first, *lines = prompt.split(" / ")
    return f"<div class=c7><h3>{first}</h3>{''.join(f'<p>{line}</p>' for line in lines)}</div>"


def read(language: str, body: str, head: str = "") -> Article:
    """A page as many are: a menu, the article, teasers of others, a foot."""
    links = "".join(
        f"<li><a href=/{n}>{word}</a></li>" for n, word in enumerate(_LANGUAGES[language]["menu"].split(" | "))
    )
    sentence = _LANGUAGES[language]["sentence"]
    others = "".join(f"<li><a href=/o{n}>{sentence.format(n=n)[:60]}</a></li>" for n in range(40, 45))
    page = (
        f"<html lang={language}><head><meta charset=utf-8><title>Skarvik 1907</title></head><body>"
        f"<header><nav><ul>{links}</ul></nav></header>"
        f"<main><article>{head}<h1>Skarvik 1907</h1><div>{body}</div></article></main>"
        f"<section><ul>{others}</ul></section><footer><ul>{links}</ul><p>© 1907 Skarvik</p></footer></body></html>"
    )
    return read_document(page.encode(), "https://harbor.example/light")


def answers(article: Article) -> tuple[AccessStatus, bool | None, str | None]:
    return article.access.status, article.access.complete, article.access.cut_by


def assert_no_leak(article: Article, prompt: str) -> None:
    lines = article.body.splitlines()
    assert [] == [line for line in prompt.split(" / ") if line in lines]


@pytest.mark.parametrize(("language", "prompt"), cases("cut"))
def test_a_teaser_and_a_wall(language, prompt):
    article = read(language, report(language, _TEASER) + box(prompt))
    assert (AccessStatus.PREVIEW, False, "paywall") == answers(article)
    assert_no_leak(article, prompt)


@pytest.mark.parametrize(("language", "prompt"), cases("registration"))
def test_a_teaser_and_a_wall_to_register(language, prompt):
    article = read(language, report(language, _TEASER) + box(prompt))
    assert (AccessStatus.REGISTRATION, False, "registration") == answers(article)
    assert_no_leak(article, prompt)


@pytest.mark.parametrize(("language", "prompt"), cases("meter"))
def test_a_meter_below_a_whole_text(language, prompt):
    article = read(language, report(language, _WHOLE) + box(prompt["text"]))
    assert (AccessStatus.METERED, True, None) == answers(article)
    numbers = article.access.numbers
    assert (prompt.get("limit"), prompt.get("used"), prompt["remaining"]) == (
        numbers.limit,
        numbers.used,
        numbers.remaining,
    )
    assert_no_leak(article, prompt["text"])


@pytest.mark.parametrize(("language", "prompt"), cases("badge"))
def test_a_badge_at_the_head_of_a_whole_text(language, prompt):
    article = read(language, report(language, _WHOLE), head=f"<span>{prompt}</span>")
    assert (AccessStatus.FULL_SUBSCRIBER, True, None) == answers(article)


@pytest.mark.parametrize(("language", "prompt"), cases("newsletter"))
def test_a_newsletter_box_is_no_wall(language, prompt):
    article = read(language, report(language, _TEASER) + box(prompt))
    assert (AccessStatus.FREE, True, None) == answers(article)
    assert_no_leak(article, prompt)


@pytest.mark.parametrize("language", _LANGUAGES)
def test_what_is_asked_for_elsewhere_is_no_wall(language):
    for prompt in _LANGUAGES[language]["elsewhere"]:
        article = read(language, report(language, _TEASER) + box(prompt))
        assert (AccessStatus.FREE, True, None) == answers(article)


@pytest.mark.parametrize("language", _LANGUAGES)
def test_a_report_about_subscriptions_is_free_and_stays_whole(language):
    about = [text.format(n=n) for n, text in enumerate(_LANGUAGES[language]["about"] * 2, start=3)]
    paragraphs = [about[0], _LANGUAGES[language]["sentence"].format(n=9), *about[1:]]
    article = read(language, "".join(f"<p>{text}</p>" for text in paragraphs))
    assert (AccessStatus.FREE, True, None) == answers(article)
    assert paragraphs == [block.text for block in article.blocks if block.role is Role.BODY]


@pytest.mark.parametrize("language", _LANGUAGES)
def test_a_short_report_is_free(language):
    assert (AccessStatus.FREE, True, None) == answers(read(language, report(language, range(2, 4))))
