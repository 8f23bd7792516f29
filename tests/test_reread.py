"""WARC files of others taken in: the order of time decides, not that of arrival."""

from dataclasses import replace

import pytest
from samples import DAY, HOUR, NOW, TIDE, article, exchange

from archive.run.reread import import_exchange
from archive.store import Archive
from archive.store.captures import CaptureWriter

URL = "https://tide.example/storm"
_SAID = "The storm shut {} roads on the coast, and nobody could say for how long."
OLD, NEWER, NEWEST = (_SAID.format(word) for word in ("two", "six", "ten"))


def take(archive: Archive, folder, body: str, at, headline: str = "Storm shuts roads") -> str | None:
    """What a page with this text, seen at that time, comes to."""
    captured = replace(exchange(), url=URL, at=at)
    with CaptureWriter(folder, f"import-{at:%Y%m%dT%H%M%S}", 1_000_000) as captures:
        return import_exchange(archive, captures, captured, article(URL, body, headline=headline), "tide").decision


@pytest.fixture
def archive():
    with Archive.open(":memory:", write=True) as opened:
        opened.save_sources([TIDE])
        yield opened


def revisions(archive: Archive) -> list[tuple[int, str, str | None]]:
    (stored,) = archive.articles()
    return [(one.number, one.blocks[0].text, one.changes) for one in stored.revisions]


def test_an_older_capture_is_an_earlier_revision(archive, tmp_path):
    take(archive, tmp_path, NEWER, NOW, "Corrected")
    assert take(archive, tmp_path, OLD, NOW - 2 * DAY) == "earlier"
    (stored,) = archive.articles()
    assert ("Corrected", NEWER) == (stored.article.headline, stored.article.body)
    assert (NOW - 2 * DAY, NOW) == (stored.first_seen_at, stored.last_seen_at)
    assert [(1, OLD, None), (2, NEWER, "1 paragraph changed; new headline")] == revisions(archive)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (1, 0, 2), (0, 2, 1)])
def test_any_order_of_arrival_gives_one_history(archive, tmp_path, order):
    texts = (OLD, NEWER, NEWEST)
    for number in order:
        take(archive, tmp_path, texts[number], NOW + number * DAY)
    (stored,) = archive.articles()
    assert NEWEST == stored.article.body
    assert [(1, OLD), (2, NEWER), (3, NEWEST)] == [(number, text) for number, text, _ in revisions(archive)]
    assert NOW == stored.first_seen_at


def test_an_older_capture_of_the_same_text_moves_its_first_day_alone(archive, tmp_path):
    take(archive, tmp_path, OLD, NOW)
    assert take(archive, tmp_path, OLD, NOW - DAY) == "unchanged"
    (stored,) = archive.articles()
    assert (NOW - DAY, 1) == (stored.first_seen_at, len(stored.revisions))


def test_what_comes_twice_is_kept_once(archive, tmp_path):
    take(archive, tmp_path, NEWER, NOW)
    take(archive, tmp_path, OLD, NOW - DAY)
    assert take(archive, tmp_path, OLD, NOW - DAY) == "unchanged"
    assert take(archive, tmp_path, OLD, NOW - DAY + HOUR) == "unchanged"
    assert 2 == len(revisions(archive))
