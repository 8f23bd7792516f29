"""
Golden pages: `pages/<case>/source.html` read, and compared with `expected.json`.

`about.toml` says why a case exists. PRESSWATCH_ACCEPT=1 rewrites the expected files: read the diff.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from reading import read_document

from scraper.model import Article, Role

_CASES = sorted(path.parent for path in (Path(__file__).parent / "pages").glob("*/about.toml"))
_LEFT_OUT = {Role.NAV, Role.OTHER}


def about(case: Path) -> dict[str, Any]:
    return tomllib.loads((case / "about.toml").read_text(encoding="utf-8"))


def summary(article: Article) -> dict[str, Any]:
    """What a golden file keeps of an article."""
    access, numbers = article.access, article.access.numbers
    return {
        "headline": article.headline,
        "kicker": article.kicker,
        "dek": article.dek,
        "authors": list(article.authors),
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "language": article.language,
        "is_article": article.is_article,
        "access": {
            "status": str(access.status),
            "complete": access.complete,
            "cut_by": access.cut_by,
            "evidence": sorted({signal.signal for signal in access.evidence}),
            "limit": numbers.limit,
            "used": numbers.used,
            "remaining": numbers.remaining,
            "prices": list(numbers.prices),
            "currency": numbers.currency,
            "periods": list(numbers.periods),
        },
        "images": [
            {"caption": image.caption, "credit": image.credit}
            for image in article.images
            if image.caption or image.credit
        ],
        "blocks": [[str(block.role), block.text] for block in article.blocks if block.role not in _LEFT_OUT],
    }


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_page(case):
    """Each page gives what its expected file says."""
    facts = about(case)
    source = (case / "source.html").read_bytes()
    url = facts.get("url", "https://harbor.example/2024/03/story.html")
    found = summary(read_document(source, url, content_type=facts.get("content_type")))
    expected_file = case / "expected.json"
    if os.environ.get("PRESSWATCH_ACCEPT"):
        expected_file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert json.loads(expected_file.read_text(encoding="utf-8")) == found


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_every_case_says_why_it_exists(case):
    assert about(case)["why"].endswith(".")
    assert about(case)["rules"]
