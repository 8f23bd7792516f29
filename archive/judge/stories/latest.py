"""What is new, in the order of what matters. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from archive.model import NewsItem


def by_story(items: Iterable[NewsItem]) -> tuple[tuple[NewsItem, ...], ...]:
    """
    The articles of each story together: the stories that most outlets tell first, then the newest;
    in a story what leads its report first, then what came first.
    """
    stories: dict[tuple[str, int], list[NewsItem]] = {}
    for item in items:
        stories.setdefault(item.event, []).append(item)
    ranked = sorted(
        stories.values(),
        key=lambda story: (-len({item.outlet for item in story}), -max(item.at for item in story).timestamp()),
    )
    return tuple(
        tuple(sorted(story, key=lambda item: (not item.is_lead, item.at, item.article_id))) for story in ranked
    )
