"""What is one report is shown once: in search, in lists, in feeds and in the digest."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from samples import DAY, HARBOUR, HOUR, NOW, TIDE, article, body_of, keep
from test_publish import Desk, settings_with

from archive.edition.build import without_articles
from archive.edition.formats import FORMATS
from archive.edition.render import render
from archive.store import Archive
from archive.store.editions.record import edition_of_json, edition_to_json
from scraper.model import Access, AccessStatus

CUT = Access(AccessStatus.METERED, complete=False)
STORM = "\n\n".join(body_of(f"storm{part}") for part in range(4))


@pytest.fixture
def archive():
    with Archive.open(":memory:", write=True) as opened:
        opened.save_sources((TIDE, HARBOUR))
        yield opened


def printed(
    archive: Archive, url: str, body: str = STORM, *, after: timedelta = HOUR, private: bool = False, **facts
) -> int:
    """The id of a report that an outlet printed so long after six."""
    source = "tide" if "tide" in url else "harbour" if "harbour" in url else None
    return keep(
        archive, article(url, body, published_at=NOW + after, **facts), now=NOW + after, source=source, private=private
    )[1]


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


def test_a_preferred_outlet_leads_where_its_text_is_as_full(archive):
    first = printed(archive, "https://tide.example/storm")
    second = printed(archive, "https://harbour.example/sturm", after=2 * HOUR)
    cut = printed(archive, "https://tide.example/gale", body_of("gale", length=80), access=CUT)
    whole = printed(archive, "https://harbour.example/boe", body_of("gale", length=80), after=2 * HOUR)

    def leads():
        return [archive.search(word, now=NOW)[0].article_id for word in ("storm2five4", "galefive4")]

    assert [first, whole] == leads()
    archive.save_sources((TIDE, replace(HARBOUR, preferred=True)))
    assert [second, whole] == leads()
    third = printed(archive, "https://harbour.example/again", after=3 * HOUR)
    assert third != leads()[0], "the older one of two of the same outlet"
    archive.save_sources((replace(TIDE, preferred=True), HARBOUR))
    assert [first, whole] == leads()
    assert cut not in leads()


def test_beside_an_article_lie_its_report_and_its_story(archive):
    first = printed(archive, "https://tide.example/storm")
    other = printed(archive, "https://tide.example/gale", body_of("gale", length=80))
    copy = printed(archive, "https://harbour.example/sturm", after=2 * HOUR)
    far = printed(archive, "https://tide.example/gate", body_of("gate", length=80))
    archive.put_into_story(None, archive.story_articles([first, other, copy]), is_provisional=False)
    assert (copy, other) == archive.near(first, 10)
    assert (copy,) == archive.near(first, 1)
    assert () == archive.near(far, 10)


# ---------------------------------------------------------------- the digest


@pytest.fixture
def desk(archive, tmp_path):
    return Desk(archive, replace(settings_with(None, tmp_path), sources=(TIDE, HARBOUR)))


def test_the_digest_shows_a_report_once_and_says_who_was_first_and_who_has_it(desk):
    first = printed(desk.archive, "https://harbour.example/sturm", access=CUT)
    lead = printed(desk.archive, "https://tide.example/storm", after=2 * HOUR)
    (story,) = desk.night().edition.stories
    assert (lead, [first]) == (story.lead.article_id, [other.article_id for other in story.others])
    assert ["Harbour Post", "The Tide"] == [place.source for place in story.lead.places]
    assert (2, 1, "Harbour Post") == (story.echo.articles, story.echo.independent, story.echo.first)
    text = render(desk.night().edition, "text")
    assert "2 articles, 1 independent report; first at Harbour Post" in text
    assert "Also at Harbour Post" in text


def test_a_report_that_was_told_does_not_come_back_under_another_address(desk):
    printed(desk.archive, "https://tide.example/storm")
    desk.night()
    printed(desk.archive, "https://harbour.example/sturm", after=DAY)
    edition = desk.night(1).edition
    assert () == edition.stories
    assert [("Harbour Post", 1)] == [(one.where, one.count) for one in edition.unseen if one.is_left]


@pytest.mark.parametrize(
    ("more", "facts", "news"),
    [
        ("\n\n" + body_of("gale"), {}, "adds 1 paragraph"),
        (" " + body_of("gale", length=30), {}, "adds 30 words"),
        ("", {"cves": ("CVE-2026-0001",)}, "names CVE-2026-0001"),
    ],
)
def test_a_report_that_was_told_comes_back_with_what_it_adds(desk, more, facts, news):
    told = printed(desk.archive, "https://tide.example/storm")
    desk.night()
    again = printed(desk.archive, "https://harbour.example/sturm", STORM + more, after=DAY, **facts)
    edition = desk.night(1).edition
    (story,) = edition.stories
    assert (again, news) == (story.lead.article_id, story.lead.news)
    assert {told, again} == {place.article_id for place in story.lead.places}
    assert f"update: {news}" in render(edition, "text")


def test_the_whole_text_of_a_report_that_was_told_by_a_cut_one_is_news(desk):
    printed(desk.archive, "https://tide.example/storm", access=CUT)
    desk.night()
    printed(desk.archive, "https://harbour.example/sturm", after=DAY)
    assert ["the whole text"] == [story.lead.news for story in desk.night(1).edition.stories]


def test_a_story_is_led_by_a_preferred_outlet_where_its_text_is_as_full(desk):
    sources = (TIDE, replace(HARBOUR, preferred=True))
    desk.settings = replace(desk.settings, sources=sources)
    desk.archive.save_sources(sources)
    printed(desk.archive, "https://tide.example/storm")
    second = printed(desk.archive, "https://harbour.example/sturm", after=2 * HOUR)
    assert [second] == [story.lead.article_id for story in desk.night().edition.stories]


def test_a_day_that_is_asked_for_by_name_does_not_tell_what_was_seen_before_it(desk):
    """As the first digest of all, of a day long ago."""
    printed(desk.archive, "https://tide.example/storm")
    printed(desk.archive, "https://harbour.example/sturm", after=DAY)
    assert () == desk.night(1, now=NOW + 30 * DAY).edition.stories


def test_nobody_is_told_with_what_the_readers_own_text_agrees(desk):
    printed(desk.archive, "https://tide.example/storm")
    own = printed(desk.archive, "https://harbour.example/sturm", after=2 * HOUR, private=True)
    edition = desk.night().edition
    (story,) = edition.stories
    assert (own,) == tuple(item.article_id for item in story.others), "it is told with the report, and unnamed"
    assert ((), None) == (story.lead.places, story.echo)
    for name in FORMATS:
        assert "Harbour Post" not in render(edition, name)


def test_what_is_withdrawn_meanwhile_is_named_no_more(desk):
    printed(desk.archive, "https://tide.example/storm")
    gone = printed(desk.archive, "https://harbour.example/sturm", after=2 * HOUR)
    edition = without_articles(desk.night().edition, {gone})
    (story,) = edition.stories
    assert ((), None) == (story.others, story.echo)
    assert "Harbour Post" not in render(edition, "html")


def test_an_edition_is_kept_with_where_its_reports_appeared(desk):
    printed(desk.archive, "https://tide.example/storm")
    printed(desk.archive, "https://harbour.example/sturm", after=2 * HOUR)
    made = desk.night().edition
    assert made == edition_of_json(edition_to_json(made))


def test_the_entry_of_a_report_in_a_feed_stays_the_same_when_another_outlet_leads_it(desk):
    printed(desk.archive, "https://tide.example/storm")
    first = desk.night().edition
    printed(desk.archive, "https://harbour.example/sturm", STORM + "\n\n" + body_of("gale"), after=DAY)
    entries = [re.findall("article/[0-9a-f]{24}", render(one, "atom")) for one in (first, desk.night(1).edition)]
    assert entries[0] == entries[1] != []
