"""
Whether an article is new, new text at a known address, or something we hold in other clothes.

The store finds candidates by the sampled shingles of a `Fingerprint`; `decide` compares
whole texts, so that a shared sample alone never links two articles. Nothing here reads or writes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import blake2b

from archive.judge.diff import describe_changes
from archive.judge.templates import strip_templates
from archive.model import Add, Decision, Duplicate, DuplicateKind, Known, KnownArticle, Match, Revise, Unchanged
from scraper.model import Article
from scraper.text import fold
from scraper.urls import is_http_url, url_key

# Words in a shingle: fewer are shared by chance, more are broken by every changed word. Where a
# word is one character (Chinese, Japanese, Thai), nine characters say as much.
_RUN = 5
_CHARACTER_RUN = 9
# One shingle in four is kept for looking up: hash mod 4 picks the same ones in every text (Broder
# 1997, "mod m").
_SAMPLE = 4
# Chosen on one half of the development clusters: benchmarks/dedup.py reports both halves.
_NEAR = 0.5
_CONTAINED = 0.65
# A text that is nearly all in another one (editors change a word here and there), and a fifth
# shorter or more, is a part of that one rather than like it.
_PART = 0.9
_MUCH_SHORTER = 0.8
# Below this resemblance the headlines must agree too: cut pages that share a prompt or a template
# share no subject.
_CLOSE = 0.8
_HEADLINES_AGREE = 0.4
# A text of fewer shingles, about two sentences, is a quotation or a prompt, not an article that
# another could be a copy of.
_FEWEST_SHINGLES = 20
# A text wholly in what we hold, and shorter than two thirds of it, is a preview of it: corrections
# take away less.
_PREVIEW_SHARE = 0.67


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """
    All keys that identify one article.

    Args:
        url_keys: Of the URL as fetched, then of the canonical one where it differs.
        body_digest: Of the folded body, 32 hex digits; "" where there is no body.
        shingles: A consistent sample of one in four, as signed 64-bit numbers (SQLite INTEGER).
    """

    url_keys: tuple[str, ...]
    body_digest: str
    shingles: frozenset[int]


def fingerprint(article: Article) -> Fingerprint:
    """
    The keys under which the archive looks for the same article; equal in every process.

    Source: Broder, "On the resemblance and containment of documents", 1997.
    """
    urls = [url for url in (article.url, article.canonical_url) if url and is_http_url(url)]
    folded = fold(article.body)
    # 8 bytes are an INTEGER of SQLite. 16 bytes: no two bodies share a digest by chance.
    digests = (blake2b(shingle.encode(), digest_size=8).digest() for shingle in (_shingles(folded) if folded else ()))
    sample = (digest for digest in digests if digest[-1] % _SAMPLE == 0)  # 256 is a multiple: the last byte tells
    return Fingerprint(
        url_keys=tuple(dict.fromkeys(map(url_key, urls))),
        body_digest=blake2b(folded.encode(), digest_size=16).hexdigest() if folded else "",
        shingles=frozenset(int.from_bytes(digest, "big", signed=True) for digest in sample),
    )


def decide(article: Article, known: Known, templates: Collection[int] = ()) -> Decision:
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
    """
    held = known.same_url or _find_moved(article, known.same_guid)
    if held is None:
        matches = _find_matches(article, known.candidates)
        return Duplicate(article, matches) if matches else Add(article)
    is_of_feed = article.origins.get("body") == "feed"
    if is_of_feed and not held.is_of_feed:
        return Unchanged(held.article_id, "we hold the text of its page")
    ignored = held.templates.union(templates)
    body, held = strip_templates(article.body, ignored), replace(held, body=strip_templates(held.body, ignored))
    changes = _list_changes(article, body, held)
    if held.is_of_feed and not is_of_feed:
        changes.append("read from its page, no more from the feed")
    if not changes:
        return Unchanged(held.article_id, "same text")
    if _is_preview_of(article, body, held):
        return Unchanged(held.article_id, "a preview of what we hold")
    others = tuple(candidate for candidate in known.candidates if candidate.article_id != held.article_id)
    return Revise(held.article_id, article, "; ".join(changes), _find_matches(article, others))


def _find_moved(article: Article, former: KnownArticle | None) -> KnownArticle | None:
    """The article whose entry had the same GUID, where it says the same: it is renamed."""
    if former is None:
        return None
    texts = [(fold(one.body), "" if one.body else fold(one.headline)) for one in (article, former)]
    is_same = texts[0] == texts[1] or _match(_prepare(article.headline, article.body), former)
    return former if is_same else None


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


@dataclass(frozen=True, slots=True)
class _Text:
    """A text made ready for comparing."""

    folded: str
    shingles: frozenset[str]
    headline: frozenset[str]
    words: frozenset[str]


def _prepare(headline: str | None, body: str) -> _Text:
    folded, folded_headline = fold(body), fold(headline).split()
    words = frozenset(folded.split()).union(folded_headline)
    return _Text(folded, _shingles(folded), frozenset(folded_headline), words)


def _find_matches(article: Article, candidates: tuple[KnownArticle, ...]) -> tuple[Match, ...]:
    """The candidates that say the same as *article*, best first."""
    text = _prepare(article.headline, article.body)
    matches = (_match(text, candidate) for candidate in candidates)
    order = list(DuplicateKind)
    return tuple(
        sorted(
            (match for match in matches if match),
            key=lambda match: (order.index(match.kind), -match.similarity, match.article_id),
        )
    )


def _match(text: _Text, candidate: KnownArticle) -> Match | None:
    """How *candidate* says the same, or None."""
    other = _prepare(candidate.headline, candidate.body)
    sizes = len(text.shingles), len(other.shingles)
    if min(sizes) < _FEWEST_SHINGLES:
        return None
    if text.folded == other.folded:
        return Match(candidate.article_id, DuplicateKind.EXACT, 1.0)
    shared = len(text.shingles & other.shingles)
    resemblance = shared / (sum(sizes) - shared)
    containment = shared / min(sizes)
    if resemblance < _NEAR and containment < _CONTAINED:
        return None
    if resemblance < _CLOSE and _headline_agreement(text, other) < _HEADLINES_AGREE:
        return None
    is_part = containment >= _PART and min(sizes) < _MUCH_SHORTER * max(sizes)
    if resemblance >= _NEAR and not is_part:
        return Match(candidate.article_id, DuplicateKind.NEAR, resemblance)
    return Match(candidate.article_id, DuplicateKind.TRIMMED, containment, is_subject=sizes[0] < sizes[1])


def _headline_agreement(one: _Text, other: _Text) -> float:
    """How much of each headline the other article says, 0 to 1; 1 where neither has one."""
    shares = [
        len(this.headline & that.words) / len(this.headline)
        for this, that in ((one, other), (other, one))
        if this.headline
    ]
    return sum(shares) / len(shares) if shares else 1.0


def _shingles(folded: str) -> frozenset[str]:
    """
    The runs of words of a folded text; a text shorter than a run is one.

    >>> sorted(_shingles("a storm shut two coast roads"))
    ['a storm shut two coast', 'storm shut two coast roads']
    """
    words = folded.split()
    length = _CHARACTER_RUN if 2 * sum(len(word) == 1 for word in words) > len(words) else _RUN
    if len(words) < length:
        return frozenset({" ".join(words)})
    return frozenset(map(" ".join, zip(*(words[start:] for start in range(length)), strict=False)))
