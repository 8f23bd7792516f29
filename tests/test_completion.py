"""An article is built once: of its page, and of all that is known besides."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import Page
from samples import article
from worlds import FEED, HOME, PARAGRAPHS, SOURCE, page

from archive.judge.completion import Surroundings, complete_article
from archive.judge.templates import find_fingerprints
from scraper.model import Access, AccessStatus, Entry, Evidence, Expected, MeterRule, Wish

URL = "https://tide.example/lock"
PROMPT = Evidence("prompt-subscription", "Subscribe", "after body", "preview")


def test_what_the_page_does_not_tell_comes_from_its_entry_and_its_source_and_says_so():
    bare = replace(article(URL), headline=None, language=None)
    known = Surroundings(Entry(URL, "A storm", authors=("Ann Other",), published_raw="Monday"), "en")
    found = complete_article(bare, known)
    assert ("A storm", ("Ann Other",), "en") == (found.headline, found.authors, found.language)
    assert {"headline": "entry", "authors": "entry", "language": "source"}.items() <= found.origins.items()


def test_what_the_page_tells_itself_stays():
    told = replace(article(URL, headline="Told"), language="de", wishes=(Wish("robots", "noarchive", "meta"),))
    assert told == complete_article(told, Surroundings(Entry(URL, "Another"), "en"))


@pytest.mark.parametrize(("words", "complete"), [(1000, False), (30, True)])
def test_a_text_much_shorter_than_the_one_that_is_held_was_cut_where_a_wall_stands_behind_it(words, complete):
    access = Access(AccessStatus.FREE, complete=True, evidence=(PROMPT,), confidence=0.7)
    found = complete_article(
        article(URL, access=access), Surroundings(lengths=(Expected(words, "an earlier capture"),))
    )
    assert complete is found.access.complete


def test_a_page_is_not_cut_because_its_templates_are_gone():
    new = article(URL, "\n\n".join([*PARAGRAPHS, PARAGRAPHS[0] + " Write to us."]))
    marks = list(find_fingerprints(new.blocks))
    length = Expected(len(new.body.split()), "the feed")
    found = complete_article(new, Surroundings(templates={marks[-1]: 9}, lengths=(length,)))
    assert len(found.body) < len(new.body)
    assert new.access.complete is found.access.complete


def test_a_page_that_shows_that_the_session_has_ended_says_nothing_else_of_its_access():
    found = complete_article(article(URL), Surroundings(), session_ended=True)
    assert (AccessStatus.REGISTRATION, False) == (found.access.status, found.access.complete)


def test_what_is_kept_as_cut_is_cut_for_the_meter_too(world):
    """The wall is no proof by itself; that the page had more text before is one."""

    def listed(updated: str) -> Page:
        entry = f"<id>1</id><title>Locks</title><link href='{HOME}/lock'/><updated>{updated}</updated>"
        body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry>{entry}</entry></feed>"
        return Page(body, media_type="application/atom+xml")

    whole = [f"{paragraph} On day {day}." for day in range(9) for paragraph in PARAGRAPHS]
    cut = page("Locks", whole[:3]).replace("</article>", "<div class=paywall><p>Subscribe</p></div></article>")
    source = replace(SOURCE, meter=MeterRule(limit=20, window="month"))
    tide = world({FEED: listed("2026-03-02T05:00:00Z"), f"{HOME}/lock": page("Locks", whole)}, source)
    tide.make_pass()
    tide.clock.advance(timedelta(hours=5))
    tide.web.pages |= {FEED: listed("2026-03-02T09:00:00Z"), f"{HOME}/lock": cut}
    assert {"unchanged": 1} == dict(tide.make_pass().decisions)
    (meter,) = tide.archive.meters()
    assert 1 == len(tide.archive.views(meter, tide.clock.now()))
    assert 27 == len(tide.articles()[0].article.body_blocks)
