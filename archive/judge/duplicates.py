"""
Whether an article is new, new text at a known address, or something we hold in other clothes.

The store finds candidates by the indexed runs of a `Fingerprint`; a verdict compares whole texts,
so that a shared sample alone never links two articles. Nothing here reads or writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from archive.judge.diff import describe_changes
from archive.judge.fingerprints import Fingerprint, Text, fingerprint, numbers_of
from archive.judge.templates import strip_templates
from archive.judge.verdicts import CUT, Compared, Verdict, is_whole, judge
from archive.model import (
    ONE_REPORT,
    PARTS,
    Add,
    Decision,
    Duplicate,
    DuplicateKind,
    Known,
    KnownArticle,
    KnownText,
    Match,
    Revise,
    Unchanged,
)
from scraper.model import Article
from scraper.text import fold

# A text wholly in what we hold, and shorter than two thirds of it, is a preview of it: corrections
# take away less.
_PREVIEW_SHARE = 0.67
# So many reports in one text make it a roundup.
_SEVERAL = 2
ROUNDUP = "one of several reports in it"
# A text of which a preview is a half or less is more than that preview.
_TWICE = 2


def decide(
    article: Article, known: Known, templates: Collection[int] = (), *, keys: Fingerprint | None = None
) -> Decision:
    """
    What the archive should do with an article, given what it holds.

    At a known URL key: `Revise` when headline, dek or body say something else, else `Unchanged`; a
    preview never takes the place of a text that we hold in full, nor the feed's text that of a page.
    At a new one: the same where its entry has the GUID of an article that says the same; `Duplicate`
    when others do, else `Add`. Deciding again once the decision was carried out gives `Unchanged`.

    Args:
        templates: Fingerprints of the source's templates. They and those that the held text was
            cleaned of are no change when they come or go: that a template became known is nothing
            that happened out there.
        keys: Of the article, where they were made before.
    """
    keys = keys or fingerprint(article.headline, article.body)
    held = known.same_url or _find_moved(article, keys, known.same_guid)
    if held is not None:
        change = _change(article, held, held.templates.union(templates))
        if isinstance(change, Unchanged):
            return change
        return Revise(held.article_id, article, change, find_matches(article.headline, keys, known))
    matches = find_matches(article.headline, keys, known)
    return Duplicate(article, matches) if matches else Add(article)


def _change(article: Article, held: KnownArticle, ignored: Collection[int]) -> str | Unchanged:
    """What is new in the text of an article that we hold, as a phrase, or why it stays as it is."""
    is_of_feed = article.origins.get("body") == "feed"
    if is_of_feed and not held.is_of_feed:
        return Unchanged(held.article_id, "we hold the text of its page")
    body, held = strip_templates(article.body, ignored), replace(held, body=strip_templates(held.body, ignored))
    changes = _list_changes(article, body, held)
    if held.is_of_feed and not is_of_feed:
        changes.append("read from its page, no more from the feed")
    if not changes:
        return Unchanged(held.article_id, "same text")
    if _is_preview_of(article, body, held):
        return Unchanged(held.article_id, "a preview of what we hold")
    return "; ".join(changes)


def _find_moved(article: Article, keys: Fingerprint, former: KnownArticle | None) -> KnownArticle | None:
    """The article whose entry had the same GUID, where it says the same: it is renamed."""
    if former is None:
        return None
    texts = [(fold(one.body), "" if one.body else fold(one.headline)) for one in (article, former)]
    if texts[0] == texts[1]:
        return former
    theirs = fingerprint(former.headline, former.body)
    held = KnownText(former.article_id, former.article_id, theirs.text.kept(), theirs.digest, former.headline)
    matches = find_matches(article.headline, keys, Known(candidates=(held,)))
    return former if any(match.kind in ONE_REPORT for match in matches) else None


def _list_changes(article: Article, body: str, held: KnownArticle) -> list[str]:
    """
    What is different in the text, each as a phrase. Prompts, related links and navigation are not
    looked at.
    """
    changes = []
    if fold(body) != fold(held.body):
        was_cut = held.complete is False and article.access.complete is True
        changes.append(("full text: " if was_cut else "") + describe_changes(held.body, body))
    for name, old, new in (("headline", held.headline, article.headline), ("dek", held.dek, article.dek)):
        if fold(old) != fold(new):
            changes.append(f"new {name}" if new else f"{name} removed")
    return changes


def _is_preview_of(article: Article, body: str, held: KnownArticle) -> bool:
    """Whether the page showed less than we hold: no body, a cut one, or the opening of ours."""
    new, old = fold(body), fold(held.body)
    if not new:
        return bool(old)
    match article.access.complete, held.complete:
        case True, _:
            return False
        case False, True:
            return True
        case False, None if len(new) < len(old):
            return True
    # Paragraph by paragraph, since a box in between does not count; the last word may be cut in the
    # middle.
    *paragraphs, last = filter(None, map(fold, body.split("\n\n")))
    paragraphs.append(last.rpartition(" ")[0] or last)
    is_part = all(f" {paragraph} " in f" {old} " for paragraph in paragraphs)
    return is_part and len(new) < _PREVIEW_SHARE * len(old)


def find_matches(headline: str | None, keys: Fingerprint, known: Known) -> tuple[Match, ...]:
    """
    What an article is to the candidates, best first.

    Of each cluster one article is enough to say that it is the same report; those that were linked
    before are asked again, each for itself.
    """
    new = Compared(keys.text, keys.digest, headline)
    boilerplate = numbers_of(known.boilerplate)
    verdicts: dict[int, tuple[KnownText, Verdict]] = {}
    refused: dict[int, list[int]] = {}
    settled: set[int] = set()
    for candidate in known.candidates:
        if candidate.cluster_id in settled and not candidate.is_linked:
            continue
        held = _compared(candidate)
        verdict = judge(new, held, boilerplate)
        if verdict is None or verdict.kind not in ONE_REPORT:
            refused.setdefault(candidate.cluster_id, []).append(len(held.text))
        elif not _is_weak(verdict):
            settled.add(candidate.cluster_id)
        if verdict is not None:
            verdicts[candidate.article_id] = candidate, verdict
    kept = _as_roundup(tuple(_without_doubtful(verdicts, refused)), len(keys.text))
    order = list(DuplicateKind)
    return tuple(
        Match(candidate.article_id, verdict.kind, verdict.score, is_subject=verdict.is_of_first, rule=verdict.rule)
        for candidate, verdict in sorted(
            kept, key=lambda found: (order.index(found[1].kind), -found[1].score, found[0].article_id)
        )
    )


def _as_roundup(found: tuple[tuple[KnownText, Verdict], ...], length: int) -> tuple[tuple[KnownText, Verdict], ...]:
    """
    A text that has several reports wholly in it quotes them all, the one that it opens with, too;
    but what stands in it under its own headline is its preview, and what is half of it its copy.
    """
    contained = {
        candidate.cluster_id
        for candidate, verdict in found
        if is_whole(verdict.score)
        and _TWICE * len(Text.of(candidate.marks)) <= length
        and verdict.is_of_first == (verdict.kind is DuplicateKind.QUOTES)
    }
    if len(contained) < _SEVERAL:
        return found
    return tuple(
        (
            candidate,
            replace(verdict, kind=DuplicateKind.QUOTES, rule=ROUNDUP, is_of_first=True)
            if verdict.kind in PARTS and not verdict.is_of_first and not verdict.is_under_one_headline
            else verdict,
        )
        for candidate, verdict in found
    )


def shows_roundup(match: Match) -> bool:
    """Whether a match says that a held article quotes all of the new one: others in it may be quoted, too."""
    return match.kind is DuplicateKind.QUOTES and not match.is_subject and is_whole(match.similarity)


def _is_weak(verdict: Verdict) -> bool:
    """Whether a verdict says of the held text that it is a preview: others of its cluster may say otherwise."""
    return verdict.kind is DuplicateKind.PREVIEW and not verdict.is_of_first


def _without_doubtful(
    verdicts: dict[int, tuple[KnownText, Verdict]], refused: dict[int, list[int]]
) -> Iterator[tuple[KnownText, Verdict]]:
    """
    The verdicts that can stand beside each other.

    An opening that texts of several clusters have is one of a series, and makes none of them the
    rest of a cut text. And whose preview is in a cluster with a whole text that says something else
    is no part of that cluster.
    """
    cut_of = {candidate.cluster_id for candidate, verdict in verdicts.values() if verdict.rule == CUT}
    for candidate, verdict in verdicts.values():
        if verdict.rule == CUT and verdict.is_of_first and len(cut_of) > 1:
            continue
        whole = _TWICE * len(Text.of(candidate.marks))
        if _is_weak(verdict) and any(other >= whole for other in refused.get(candidate.cluster_id, ())):
            continue
        yield candidate, verdict


def _compared(held: KnownText) -> Compared:
    return Compared(Text.of(held.marks), held.digest, held.headline)
