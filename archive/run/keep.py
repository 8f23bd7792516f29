"""What is kept of an article: what its page, its feed and its source say together, and the decision carried out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from archive.judge.duplicates import decide, fingerprint
from archive.judge.templates import apply_templates
from archive.judge.walls import find_wall_states
from archive.model import NO_LIMITS, Add, Decision, Duplicate, KnownArticle, Limits, Revise, Unchanged
from archive.store import Archive
from scraper.model import Access, AccessStatus, Article, Entry, Evidence, Expected, LabelledBlock, Role, Source
from scraper.read.access.judge import weigh_against
from scraper.text import count_words
from scraper.urls import is_http_url, registrable_domain, url_key


def keep(
    archive: Archive,
    article: Article,
    *,
    source: str | None,
    found_url: str,
    capture_id: int | None,
    now: datetime,
    private: bool = False,
    limits: Limits = NO_LIMITS,
    learn_templates: bool = True,
) -> str:
    """
    Decide on an article and carry the decision out; gives the decision's name.

    What the publisher wishes, and what the page shows of its wall, is kept whatever the decision.

    Args:
        private: The page came to the reader's own cookies.
        limits: What of `article.wishes` is obeyed.
        learn_templates: What stands on many pages of the source is taken out of the body.
    """
    templates = archive.templates_for(article, source, found_url=found_url) if learn_templates else {}
    cleaned = apply_templates(article, templates)
    keys = fingerprint(cleaned)
    known = archive.known_for(cleaned, keys.shingles, keys.body_digest, found_url=found_url)
    # Lengths compare with what was served: a page is not cut because its templates are gone.
    weighed = weigh_against(article, known_lengths(archive, found_url, known.same_url))
    article = replace(cleaned, access=weighed.access)
    decision = decide(article, known, templates.keys())
    with archive.transaction():
        article_id = archive.apply(
            decision,
            source=source,
            found_url=found_url,
            shingles=keys.shingles,
            body_digest=keys.body_digest,
            now=now,
            capture_id=capture_id,
            private=private,
        )
        archive.save_limits(article_id, article.wishes, limits)
        if is_http_url(article.url):
            archive.note_walls(
                registrable_domain(article.url),
                find_wall_states(article.access),
                now,
                source=source,
                article_id=article_id,
                capture_id=capture_id,
            )
    return _decision_name(decision)


def known_lengths(archive: Archive, found_url: str, same_url: KnownArticle | None = None) -> Iterator[Expected]:
    """How long the article at a URL is elsewhere: in the feed, and in the text that was kept at an earlier visit."""
    if is_http_url(found_url) and (text := archive.feed_text(url_key(found_url))):
        yield Expected(count_words(text), "the feed")
    if same_url is not None and same_url.complete:
        yield Expected(count_words(same_url.body), "an earlier capture")


def article_of_feed(entry: Entry, text: str, access: Access) -> Article:
    """The article that a feed carried, where its page did not come; *text* has a line a block."""
    return Article(
        url=entry.url,
        headline=entry.title,
        blocks=tuple(LabelledBlock(Role.BODY, line, "feed") for line in text.split("\n")),
        access=access,
        origins={"headline": "entry", "body": "feed"} if entry.title else {"body": "feed"},
    )


def access_of_feed(
    why: str, status: AccessStatus = AccessStatus.UNKNOWN, evidence: tuple[Evidence, ...] = ()
) -> Access:
    """What is said of the access to an article whose text is the feed's; *why* its page did not come, as a clause."""
    return Access(status, complete=None, explanation=f"From the feed: {why}.", evidence=evidence)


def complete_article(article: Article, entry: Entry | None, source: Source | None) -> Article:
    """The article with what its page does not tell and its entry or source does; each value says so in `origins`."""
    known = entry or Entry(article.url)
    offered: dict[str, object] = {
        "headline": known.title,
        "authors": known.authors,
        "published_at": known.published_at,
        "tags": known.categories,
    }
    found = {name: value for name, value in offered.items() if value and not getattr(article, name)}
    if "published_at" in found:
        found["published_raw"] = known.published_raw
    origins = {**article.origins, **dict.fromkeys(found, "entry")}
    if source is not None and source.language and not article.language:
        found["language"] = source.language
        origins["language"] = "source"
    return replace(article, **found, origins=origins) if found else article  # type: ignore[arg-type]


def _decision_name(decision: Decision) -> str:
    match decision:
        case Add():
            return "add"
        case Duplicate():
            return "duplicate"
        case Revise():
            return "revise"
        case Unchanged():
            return "unchanged"
        case _:
            assert_never(decision)
