"""
What is kept of an article: built once of what page, feed and source say together, decided on,
carried out.

    page ─► build (templates, lengths, entry, wishes) ─► Candidate ─► keep (fingerprint, decide, apply) ─► archive
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from archive.judge.completion import Surroundings, complete_article
from archive.judge.duplicates import decide
from archive.judge.learnt_walls import weigh
from archive.judge.traits import Traits, traits_of, traits_when_complete
from archive.judge.walls import find_wall_states
from archive.model import (
    NO_LIMITS,
    ONE_REPORT,
    Add,
    Decision,
    Duplicate,
    KnownArticle,
    Limits,
    Revise,
    Unchanged,
)
from archive.run.reindex import judge_roundups
from archive.store import Archive
from scraper.model import Access, AccessStatus, Article, Entry, Evidence, Expected, LabelledBlock, Role, Wish
from scraper.text import count_words
from scraper.urls import is_http_url, registrable_domain, url_key


@dataclass(frozen=True, slots=True)
class Provenance:
    """
    Where an article comes from.

    Args:
        found_url: The address that a listing named, or that was asked for first.
        at: When it was served.
        source: The name of its source; None where it has none.
        language: That of its source, by the configuration.
        entry: What a listing says of it.
        wishes: What headers, page and files of its publisher say together.
        limits: What of these wishes is obeyed.
        private: The page came to the reader's own cookies.
        learn_templates: What stands on many pages of the source is taken out of the body.
    """

    found_url: str
    at: datetime
    source: str | None = None
    language: str | None = None
    entry: Entry | None = None
    wishes: tuple[Wish, ...] = ()
    limits: Limits = NO_LIMITS
    private: bool = False
    learn_templates: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    An article that may be kept, complete.

    Args:
        templates: Fingerprints of the templates of its source that stand in it, or in the text that
            is held of it.
    """

    article: Article
    templates: frozenset[int]
    traits: Traits
    provenance: Provenance


def build(
    archive: Archive,
    page: Article,
    provenance: Provenance,
    *,
    traits: Traits | None = None,
    session_ended: bool = False,
) -> Candidate:
    """
    What was read in a page, with all that the archive and the configuration know besides.

    Args:
        traits: Those of *page*, where they were made already.
    """
    found_url, traits = provenance.found_url, traits or traits_of(page)
    templates = known_templates(archive, traits.marks, page, provenance)
    known = Surroundings(
        provenance.entry,
        provenance.language,
        provenance.wishes,
        templates,
        tuple(known_lengths(archive, found_url, archive.held(page, found_url))),
    )
    article = complete_article(page, known, session_ended=session_ended)
    traits = traits_when_complete(traits, page, article)
    return Candidate(weigh_walls(archive, article, traits, provenance.source), frozenset(templates), traits, provenance)


def weigh_walls(archive: Archive, article: Article, traits: Traits, source: str | None) -> Article:
    """An article with what was learnt of the walls of its source."""
    return replace(article, access=weigh(traits.end, archive.boxes_of(source)))


def keep(
    archive: Archive,
    candidate: Candidate,
    *,
    capture_id: int | None = None,
    most_pictures: int = 0,
) -> str:
    """
    Decide on an article and carry the decision out; gives the decision's name.

    *most_pictures*: so many of its pictures are kept.

    What the publisher wishes, what the page shows of its wall, and which of its pictures are wanted
    is kept whatever the decision.
    """
    article, provenance = candidate.article, candidate.provenance
    keys = candidate.traits.keys
    known = archive.known_for(article, keys, found_url=provenance.found_url)
    decision = decide(article, known, candidate.templates, keys=keys)
    with archive.transaction():
        article_id = archive.apply(
            decision,
            source=provenance.source,
            found_url=provenance.found_url,
            keys=keys,
            traits=candidate.traits,
            now=provenance.at,
            capture_id=capture_id,
            private=provenance.private,
            worn=known.worn,
        )
        if isinstance(decision, Duplicate | Revise):
            judge_roundups(archive, decision.matches)
        if not isinstance(decision, Unchanged):
            # What came to the reader's own cookies teaches nothing: what is learnt is shown to all.
            archive.save_end(article_id, None if provenance.private else provenance.source, candidate.traits.end)
        archive.save_limits(article_id, article.wishes, provenance.limits)
        archive.want_pictures(article_id, wanted_pictures(article, provenance, most_pictures), provenance.at)
        if is_http_url(article.url):
            archive.note_walls(
                registrable_domain(article.url),
                find_wall_states(article.access),
                provenance.at,
                source=provenance.source,
                article_id=article_id,
                capture_id=capture_id,
            )
    return _decision_name(decision)


def wanted_pictures(article: Article, provenance: Provenance, most: int) -> tuple[str, ...]:
    """The addresses of an article's pictures that are kept, at *most*: none of what is its reader's alone."""
    if provenance.private or provenance.limits.noarchive:
        return ()
    urls = dict.fromkeys(image.url for image in article.images if image.url and is_http_url(image.url))
    return tuple(urls)[:most]


def known_templates(archive: Archive, marks: Collection[int], page: Article, provenance: Provenance) -> dict[int, int]:
    """
    The templates of the source on a page, which has *marks*, and in the text that is held of it,
    with the articles that show each.
    """
    if not provenance.learn_templates:
        return {}
    return archive.templates_for(marks, page, provenance.source, found_url=provenance.found_url)


def known_lengths(archive: Archive, found_url: str, held: KnownArticle | None = None) -> Iterator[Expected]:
    """How long the article at a URL is elsewhere: in the feed, and in the text that is *held* of it."""
    if is_http_url(found_url) and (text := archive.feed_text(url_key(found_url))):
        yield Expected(count_words(text), "the feed")
    if held is not None and held.complete:
        yield Expected(count_words(held.body), "an earlier capture")


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
    """
    What is said of the access to an article whose text is the feed's; *why* its page did not come,
    as a clause.
    """
    return Access(status, complete=None, explanation=f"From the feed: {why}.", evidence=evidence)


def _decision_name(decision: Decision) -> str:
    match decision:
        case Add():
            return "add"
        case Duplicate(matches=matches):
            return "duplicate" if any(match.kind in ONE_REPORT for match in matches) else "add"
        case Revise():
            return "revise"
        case Unchanged():
            return "unchanged"
        case _:
            assert_never(decision)
