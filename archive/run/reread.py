"""Raw responses read again with today's rules: stored captures, and WARC files of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from archive.judge.diff import BlockChange, describe_changes, diff_blocks
from archive.judge.duplicates import decide, fingerprint
from archive.judge.templates import apply_templates
from archive.judge.wishes import limits_of
from archive.model import NO_LIMITS, StoredArticle, StoredRevision, Unchanged
from archive.run.keep import complete_article, keep, known_lengths
from archive.store import Archive
from archive.store.captures import CaptureWriter, payload_digest
from scraper.errors import PageError
from scraper.model import BODY_ROLES, Article, FetchSettings, LabelledBlock, RawExchange, Wish
from scraper.read.access.judge import weigh_against
from scraper.read.facts.wishes import find_header_wishes


@dataclass(frozen=True, slots=True)
class Reread:
    """
    What reading a capture again came to.

    Args:
        decision: As `update.keep` names it; None where nothing was read or nothing was to be kept.
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
) -> Article:
    """
    What was read in the page of a stored article, with all that the archive knows besides.

    The templates of its source are those of every article that is held, so that the first ones, which were read
    when nothing was known, are cleaned like the last.
    """
    templates = archive.templates_for(article, stored.source, found_url=stored.found_url) if learn_templates else {}
    completed = complete_article(article, archive.entry(stored.found_url), None)
    weighed = weigh_against(completed, known_lengths(archive, stored.found_url))
    return apply_templates(weighed, templates)


def wishes_again(stored: StoredArticle, exchange: RawExchange, article: Article) -> tuple[Wish, ...]:
    """
    What the publisher says of a stored article: what its capture shows, as it is read in *article*, and what it cannot.

    That is what the host's own files said, and what a later answer said that left no revision ("noarchive" may leave no
    capture either): to forget it would show again what is not to be shown.
    """
    is_old = exchange.at < stored.last_seen_at
    others = (wish for wish in stored.article.wishes if is_old or wish.where in {"robots.txt", "tdmrep.json"})
    return tuple(dict.fromkeys((*find_header_wishes(exchange.headers), *article.wishes, *others)))


def import_exchange(
    archive: Archive,
    captures: CaptureWriter,
    exchange: RawExchange,
    article: Article | PageError,
    source: str | None,
    *,
    learn_templates: bool = True,
    settings: FetchSettings | None = None,
    private: bool = False,
    keeps_noarchive: bool = True,
) -> Reread:
    """
    Keep one response of a WARC file: its raw form, and the article in it.

    Pages without an article (no text, an error page) are passed over. A response that is there already is not
    kept again.

    Args:
        captures: Where the raw form is written; of what is the reader's alone, where `CaptureWriter.apart` says.
        settings: How far the wishes of publishers are obeyed; None obeys none.
        private: It lay in a file of what came to a reader's own cookies, or was of a publisher who wants no copy shown.
        keeps_noarchive: The raw form of the latter is kept ([archive] noarchive_captures).
    """
    if isinstance(article, PageError):
        return Reread(exchange.url, problem=article.problem)
    if not article.is_article or exchange.status != 200:
        return Reread(exchange.url, problem="no article on this page")
    if (
        decision := _keep_earlier(archive, captures, exchange, article, source, learn_templates=learn_templates)
    ) is not None:
        return Reread(exchange.url, decision)
    said = (*find_header_wishes(exchange.headers), *article.wishes)
    limits = limits_of(said, settings) if settings else NO_LIMITS
    is_apart = private or limits.noarchive
    same, is_here, location = None, False, None
    if keeps_noarchive or not limits.noarchive:
        same = archive.capture_with(exchange, payload_digest(exchange.body), private=is_apart)
        is_here = same is not None and same.captured_at == exchange.at.replace(microsecond=0)
        location = None if is_here else (captures.apart if is_apart else captures).write(exchange, same)
    with archive.transaction():
        capture_id = same.capture_id if same and is_here else None
        if location:
            capture_id = archive.save_capture(location, exchange, source, private=is_apart)
        decision = keep(
            archive,
            replace(article, wishes=said),
            source=source,
            found_url=exchange.url,
            capture_id=capture_id,
            now=exchange.at,
            private=private,
            limits=limits,
            learn_templates=learn_templates,
        )
    return Reread(exchange.url, decision)


def _keep_earlier(
    archive: Archive,
    captures: CaptureWriter,
    exchange: RawExchange,
    article: Article,
    source: str | None,
    *,
    learn_templates: bool,
) -> str | None:
    """
    Put a page that is older than what we hold of it where it belongs; the decision's name, None where it is not older.

    The order of time decides, not that of arrival: an old text is an earlier revision, never the current one.
    """
    templates = archive.templates_for(article, source, found_url=exchange.url) if learn_templates else {}
    cleaned = apply_templates(article, templates)
    keys = fingerprint(cleaned)
    known = archive.known_for(cleaned, keys.shingles, keys.body_digest, found_url=exchange.url)
    stored = archive.article(known.same_url.article_id) if known.same_url else None
    if stored is None or exchange.at >= stored.last_seen_at:
        return None
    before, after = _neighbours(stored, exchange.at)
    text = _text_of(cleaned.headline, cleaned.blocks)
    is_known = any(text == _text_of(one.headline, one.blocks) for one in (before, after) if one)
    with archive.transaction():
        if after is None or is_known or isinstance(decide(cleaned, known, templates.keys()), Unchanged):
            archive.note_seen_earlier(stored.article_id, exchange.at)
            return "unchanged"
        said = (*find_header_wishes(exchange.headers), *article.wishes)
        location = None if any("noarchive" in wish.value.lower() for wish in said) else captures.write(exchange)
        archive.add_earlier_revision(
            stored.article_id,
            cleaned,
            exchange.at,
            capture_id=archive.save_capture(location, exchange, source) if location else None,
            next_changes=_describe_step(text, _text_of(after.headline, after.blocks)),
        )
    return "earlier"


def _neighbours(stored: StoredArticle, at: datetime) -> tuple[StoredRevision | None, StoredRevision | None]:
    """The revisions that were seen last before *at*, and first after it."""
    before = [revision for revision in stored.revisions if revision.seen_at <= at]
    after = [revision for revision in stored.revisions if revision.seen_at > at]
    return (before[-1] if before else None), (after[0] if after else None)


def _text_of(headline: str | None, blocks: Iterable[LabelledBlock]) -> tuple[str, str]:
    return headline or "", "\n\n".join(block.text for block in blocks if block.role in BODY_ROLES)


def _describe_step(earlier: tuple[str, str], later: tuple[str, str]) -> str:
    """What changed from one text to the next, for the reader."""
    changes = [describe_changes(earlier[1], later[1])] if earlier[1] != later[1] else []
    if earlier[0] != later[0]:
        changes.append("new headline")
    return "; ".join(filter(None, changes))
