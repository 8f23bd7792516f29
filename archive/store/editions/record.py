"""
An edition as JSON and back, so that one which is sent days later is the one that was made.

Pure.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from archive.model import Annex, AnnexLine, Appearance, EchoCount, Edition, EditionItem, Story, Unseen, UnseenPage


def edition_to_json(edition: Edition) -> str:
    """An edition with all that it shows. `edition_of_json` gives it back."""
    return json.dumps(asdict(edition), ensure_ascii=False, default=datetime.isoformat)


def edition_of_json(text: str) -> Edition:
    """
    The edition that `edition_to_json` wrote.

    What a later version added to it has its default.
    """
    facts: dict[str, Any] = json.loads(text)
    times = {name: datetime.fromisoformat(facts[name]) for name in ("since", "until", "made_at")}
    stories = tuple(map(_story, facts["stories"]))
    unseen = tuple(map(_unseen, facts["unseen"]))
    annexes = tuple(map(_annex, facts.get("annexes", ())))
    return Edition(**facts | times | {"stories": stories, "unseen": unseen, "annexes": annexes})


def _unseen(facts: dict[str, Any]) -> Unseen:
    return Unseen(**facts | {"pages": tuple(UnseenPage(**page) for page in facts.get("pages", ()))})


def _annex(facts: dict[str, Any]) -> Annex:
    return Annex(**facts | {"lines": tuple(AnnexLine(**line) for line in facts["lines"])})


def _story(facts: dict[str, Any]) -> Story:
    echo, begun_at = facts.get("echo"), facts.get("begun_at")
    return Story(
        **facts
        | {
            "lead": _item(facts["lead"]),
            "others": tuple(map(_item, facts["others"])),
            "echo": EchoCount(**echo | {"article_ids": tuple(echo["article_ids"])}) if echo else None,
            "begun_at": begun_at and datetime.fromisoformat(begun_at),
            "new_words": tuple(facts.get("new_words", ())),
        }
    )


def _place(facts: dict[str, Any]) -> Appearance:
    return Appearance(**facts | {"at": datetime.fromisoformat(facts["at"])})


def _item(facts: dict[str, Any]) -> EditionItem:
    published_at = facts["published_at"]
    return EditionItem(
        **facts
        | {
            "published_at": published_at and datetime.fromisoformat(published_at),
            "first_seen_at": datetime.fromisoformat(facts["first_seen_at"]),
            "cves": tuple(facts["cves"]),
            "alerts": tuple(facts.get("alerts", ())),
            "places": tuple(map(_place, facts.get("places", ()))),
        }
    )
