"""Raw responses read again with today's rules: stored captures, and WARC files of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from archive.judge.completion import Surroundings, complete_article
from archive.judge.diff import BlockChange, describe_changes, diff_blocks
from archive.judge.duplicates import decide
from archive.judge.traits import Traits, traits_of, traits_when_complete
from archive.judge.wishes import limits_of
from archive.model import NO_LIMITS, CaptureLocation, Known, StoredArticle, StoredRevision, TextEnd, Unchanged
from archive.run.keep import Provenance, build, keep, known_lengths, known_templates, weigh_walls
from archive.store import Archive
from archive.store.captures import CaptureWriter, payload_digest
from scraper.errors import PageError
from scraper.model import BODY_ROLES, Article, FetchSettings, RawExchange, Wish
from scraper.read.facts.wishes import find_header_wishes


@dataclass(frozen=True, slots=True)
class Reread:
    """
    What reading a capture again came to.

    Args:
        decision: As `keep` names it; None where nothing was read or nothing was to be kept.
        changes: What differs by role from the revision that the capture had led to.
        problem: Why it could not be read.
    """

    url: str
    decision: str | None = None
    changes: tuple[BlockChange, ...] = ()
    problem: str | None = None


def compare(stored: StoredArticle, article: Article) -> tuple[BlockChange, ...]:
    """What today's rules see differently in the page of the current revision."""
    return diff_blocks(stored.revisions[-1].blocks, article.blocks)


def complete_again(
    archive: Archive, stored: StoredArticle, article: Article, *, learn_templates: bool = True
) -> tuple[Article, TextEnd]:
    """
    What was read in the page of a stored article, with all that the archive knows besides, and how
    its text ends.

    The templates of its source are those of every article that is held, so that the first ones,
    which were read when nothing was known, are cleaned like the last.
    """
    provenance = Provenance(stored.found_url, stored.last_seen_at, stored.source, learn_templates=learn_templates)
    traits = traits_of(article)
    known = Surroundings(
        archive.entry(stored.found_url),
        templates=known_templates(archive, traits.marks, article, provenance),
        lengths=tuple(known_lengths(archive, stored.found_url)),
    )
    completed = complete_article(article, known)
    traits = traits_when_complete(traits, article, completed)
    return weigh_walls(archive, completed, traits, stored.source), traits.end


def wishes_again(stored: StoredArticle, exchange: RawExchange, article: Article) -> tuple[Wish, ...]:
    """
    What the publisher says of a stored article: what its capture shows, as it is read in *article*,
    and what it cannot.

    That is what the host's own files said, and what a later answer said that left no revision
    ("noarchive" may leave no capture either): to forget it would show again what is not to be
    shown.
    """
    is_old = exchange.at < stored.last_seen_at
    others = (wish for wish in stored.article.wishes if is_old or wish.where in {"robots.txt", "tdmrep.json"})
    return tuple(dict.fromkeys((*find_header_wishes(exchange.headers), *article.wishes, *others)))


def import_exchange(
    archive: Archive,
    captures: CaptureWriter | None,
    exchange: RawExchange,
    article: Article | PageError,
    source: str | None,
    *,
    traits: Traits | None = None,
    learn_templates: bool = True,
    settings: FetchSettings | None = None,
    private: bool = False,
    keeps_noarchive: bool = True,
    lies_at: CaptureLocation | None = None,
    digest: str | None = None,
) -> Reread:
    """
    Keep one response of a WARC file: its raw form, and the article in it.

    Pages without an article (no text, an error page) are passed over. A response that is there
    already is not kept again.

    Args:
        captures: Where the raw form is written; of what is the reader's alone, where
            `CaptureWriter.apart` says. None where there is none to keep.
        traits: Those of the article, where they were made already.
        settings: How far the wishes of publishers are obeyed; None obeys none.
        private: It lay in a file of what came to a reader's own cookies, or was of a publisher who
            wants no copy shown.
        keeps_noarchive: The raw form of the latter is kept ([archive] noarchive_captures).
        lies_at: Where the raw form lies already, in a file of somebody else; None copies it.
        digest: Of the body, where *exchange* has none.
    """
    if isinstance(article, PageError):
        return Reread(exchange.url, problem=article.problem)
    if not article.is_article or exchange.status != HTTPStatus.OK:
        return Reread(exchange.url, problem="no article on this page")
    said = (*find_header_wishes(exchange.headers), *article.wishes)
    provenance = Provenance(
        exchange.url,
        exchange.at,
        source,
        wishes=said,
        limits=limits_of(said, settings) if settings else NO_LIMITS,
        private=private,
        learn_templates=learn_templates,
    )
    traits, digest = traits or traits_of(article), digest or payload_digest(exchange.body)
    decision = _keep_earlier(archive, captures, exchange, article, traits, provenance, lies_at)
    if decision is None:
        has_raw = keeps_noarchive or not provenance.limits.noarchive
        kept_in = captures if has_raw else None
        decision = _keep_newest(archive, kept_in, exchange, digest, article, traits, provenance, lies_at)
    return Reread(exchange.url, decision)


def _keep_newest(
    archive: Archive,
    captures: CaptureWriter | None,
    exchange: RawExchange,
    digest: str,
    article: Article,
    traits: Traits,
    provenance: Provenance,
    lies_at: CaptureLocation | None,
) -> str:
    """
    Keep a page that nothing newer is held of; its raw form in *captures*, unless that lies there
    already.
    """
    is_apart = provenance.private or provenance.limits.noarchive
    capture_id, location = None, None
    if captures is not None:
        same = archive.capture_with(exchange, digest, private=is_apart)
        if same and (same.location.is_of_others or same.captured_at == exchange.at.replace(microsecond=0)):
            capture_id = same.capture_id
        else:
            location = lies_at or (captures.apart if is_apart else captures).write(exchange, same)
    with archive.transaction():
        if location:
            capture_id = archive.save_capture(location, exchange, provenance.source, private=is_apart)
        return keep(archive, build(archive, article, provenance, traits=traits), capture_id=capture_id)


def _keep_earlier(
    archive: Archive,
    captures: CaptureWriter | None,
    exchange: RawExchange,
    article: Article,
    traits: Traits,
    provenance: Provenance,
    lies_at: CaptureLocation | None,
) -> str | None:
    """
    Put a page that is older than what we hold of it where it belongs; the decision's name, None
    where it is not older.

    The order of time decides, not that of arrival: an old text is an earlier revision, never the
    current one.
    """
    held = archive.held(article, exchange.url)
    stored = archive.article(held.article_id) if held else None
    if stored is None or exchange.at >= stored.last_seen_at:
        return None
    templates = known_templates(archive, traits.marks, article, provenance)
    cleaned = complete_article(article, Surroundings(templates=templates))
    before, after = _neighbours(stored, exchange.at)
    is_same = isinstance(decide(cleaned, Known(held), templates.keys()), Unchanged)
    if after is None or is_same or _text_of(cleaned) in map(_text_of, filter(None, (before, after))):
        archive.note_seen_earlier(stored.article_id, exchange.at)
        return "unchanged"
    location = _keep_raw_of_earlier(captures, exchange, provenance, lies_at)
    with archive.transaction():
        archive.add_earlier_revision(
            stored.article_id,
            cleaned,
            exchange.at,
            capture_id=archive.save_capture(location, exchange, provenance.source) if location else None,
            next_changes=_describe_step(cleaned, after),
        )
    return "earlier"


def _keep_raw_of_earlier(
    captures: CaptureWriter | None, exchange: RawExchange, provenance: Provenance, lies_at: CaptureLocation | None
) -> CaptureLocation | None:
    if captures is None or _wants_no_copy(provenance.wishes):
        return None
    return lies_at or captures.write(exchange)


def _wants_no_copy(wishes: Iterable[Wish]) -> bool:
    """
    Whether a publisher wants no copy shown; of an earlier revision that is obeyed whatever the
    settings say.
    """
    return any("noarchive" in wish.value.lower() for wish in wishes)


def _neighbours(stored: StoredArticle, at: datetime) -> tuple[StoredRevision | None, StoredRevision | None]:
    """The revisions that were seen last before *at*, and first after it."""
    before = [revision for revision in stored.revisions if revision.seen_at <= at]
    after = [revision for revision in stored.revisions if revision.seen_at > at]
    return (before[-1] if before else None), (after[0] if after else None)


def _text_of(one: Article | StoredRevision) -> tuple[str, str]:
    return one.headline or "", "\n\n".join(block.text for block in one.blocks if block.role in BODY_ROLES)


def _describe_step(article: Article, later: StoredRevision) -> str:
    """What changed from an article to a later revision, for the reader."""
    (headline, body), (later_headline, later_body) = _text_of(article), _text_of(later)
    changes = [describe_changes(body, later_body)] if body != later_body else []
    if headline != later_headline:
        changes.append("new headline")
    return "; ".join(filter(None, changes))
