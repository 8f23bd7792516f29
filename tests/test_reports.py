"""What is one report is shown once: in search, in lists, in feeds and in the digest."""

from datetime import timedelta

import pytest
from samples import HARBOUR, HOUR, NOW, TIDE, article, body_of, keep

from archive.store import Archive

STORM = "\n\n".join(body_of(f"storm{part}") for part in range(4))


@pytest.fixture
def archive():
    with Archive.open(":memory:", write=True) as opened:
        opened.save_sources((TIDE, HARBOUR))
        yield opened


def printed(archive: Archive, url: str, body: str = STORM, *, after: timedelta = HOUR, **facts) -> int:
    """The id of a report that an outlet printed so long after six."""
    source = "tide" if "tide" in url else "harbour" if "harbour" in url else None
    return keep(archive, article(url, body, published_at=NOW + after, **facts), now=NOW + after, source=source)[1]


def test_a_report_that_several_outlets_print_is_found_once(archive):
    first = printed(archive, "https://tide.example/storm")
    second = printed(archive, "https://harbour.example/sturm", after=2 * HOUR)
    (hit,) = archive.search("storm2five4", now=NOW)
    assert (first, [first, second]) == (hit.article_id, [place.article_id for place in hit.places])
    assert ["The Tide", "Harbour Post"] == [place.source for place in hit.places]
    assert {first, second} == {hit.article_id for hit in archive.search("storm2five4", each=True, now=NOW)}


def test_where_only_a_copy_has_the_words_the_copy_is_found(archive):
    printed(archive, "https://tide.example/storm")
    longer = printed(archive, "https://harbour.example/sturm", STORM + "\n\nAnd a lighthouse fell.", after=2 * HOUR)
    assert [longer] == [hit.article_id for hit in archive.search("lighthouse", now=NOW)]


def test_as_many_reports_are_found_as_are_asked_for(archive):
    for number in range(3):
        for outlet in ("tide", "harbour"):
            printed(archive, f"https://{outlet}.example/{number}", f"Gale. {body_of(f'gale{number}', length=80)}")
    assert 2 == len(archive.search("gale", limit=2, now=NOW))
    pages = [hit.article_id for offset in range(4) for hit in archive.search("gale", limit=1, offset=offset, now=NOW)]
    assert 3 == len(pages) == len(set(pages))
