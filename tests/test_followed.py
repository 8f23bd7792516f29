"""Stories that are followed, in the digest of each day, through the weeks: told once, apart, and to their owner."""

from dataclasses import replace

import pytest
from samples import DAY, HARBOUR, HOUR, TIDE, article, body_of, keep
from selectolax.lexbor import LexborHTMLParser
from test_alerts import alert
from test_deliver import MailServer
from test_publish import ADA, MONDAY, MORNING, Desk, settings_with

from archive.browse.pages.digest_files import without_withheld
from archive.edition.layout import lay_out
from archive.edition.render import render
from archive.model import MarkKind, Withheld
from archive.run.alerts.judging import judge_new
from archive.run.stories import settle_stories
from archive.store import Archive
from archive.store.state import State, state_path
from scraper.urls import url_key

# What every report on an event says.
EVENTS = {
    "Gimo": "The maker of drills shut its plant in Gimo after a break-in, and police came to the furnace hall.",
    "Visby": "Waves broke over the mole of Visby; ferries wait, and sailors sleep on cots.",
    "Oslo": "Auditors in Oslo found forged invoices at a bank, whose chairman resigned.",
}


class Weeks(Desk):
    """Nights of an archive whose owner follows stories: what comes is grouped before each digest, as by the command."""

    def comes(self, name, number, *, event="Gimo", source="tide", hours=1, **facts):
        """An article on an event, seen on Monday or so many days later."""
        headline = f"{name.title()}: {EVENTS[event]}"
        text = f"{EVENTS[event]} {body_of(name, length=25)}"
        new = article(f"https://{source}.example/{name}", text, headline=headline, language="en", **facts)
        return keep(self.archive, new, MONDAY + number * DAY + hours * HOUR, source=source)[1]

    def follows(self, article_id, *, on=True):
        key = self.archive.article(article_id).url_key
        with State.open(state_path(self.archive.path)) as state:
            state.set_all({key, *self.archive.followed_by([key])}, MarkKind.FOLLOW, [""], MONDAY, on=on)

    def night(self, number=0, **more):
        settle_stories(self.archive, MONDAY + (number + 1) * DAY)
        return super().night(number, **more)


def parts(edition):
    """What each part of a digest tells: the names of all articles of its stories."""
    return {
        part.key: [
            item.url.rpartition("/")[2]
            for story in (*part.whole, *(story for _, stories in part.brief for story in stories))
            for item in story.items
        ]
        for part in lay_out(edition.stories)
    }


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "press.db", write=True) as opened:
        opened.save_sources([TIDE, HARBOUR])
        yield opened


@pytest.fixture
def weeks(archive, tmp_path):
    return Weeks(archive, settings_with(None, tmp_path))


def test_what_is_new_of_a_followed_story_stands_apart_and_is_told_once(weeks):
    first = weeks.comes("one", 0)
    weeks.comes("storm", 0, event="Visby")
    assert {"part1": ["one", "storm"]} == {key: sorted(names) for key, names in parts(weeks.night().edition).items()}
    weeks.follows(first)
    weeks.comes("two", 1, source="harbour")
    weeks.comes("gale", 1, event="Oslo")
    made = weeks.night(1)
    assert {"follows": ["two"], "part1": ["gale"]} == parts(made.edition)
    (written,) = (path.read_text(encoding="utf-8") for path in made.files if path.suffix == ".md")
    assert "## Followed" in written
    assert "Goes on since 2 March: 1 earlier report" in written
    weeks.comes("three", 2)
    weeks.comes("four", 2, source="harbour")
    assert {"follows": ["four", "three"]} == {k: sorted(v) for k, v in parts(weeks.night(2).edition).items()}
    assert {} == parts(weeks.night(3).edition)


def test_a_story_goes_on_for_weeks_as_long_as_no_week_is_quiet(weeks):
    weeks.follows(weeks.comes("n0", 0))
    told = []
    for number in range(0, 18, 2):
        if number:
            weeks.comes(f"n{number}", number, source=("tide", "harbour")[number % 4 // 2])
        told.append(parts(weeks.night(number).edition))
    assert [{"follows": [f"n{number}"]} for number in range(0, 18, 2)] == told
    weeks.comes("anew", 60)
    assert {"part1": ["anew"]} == parts(weeks.night(60).edition), "another story after a month of silence"


def test_an_alert_goes_before_and_the_story_says_that_it_is_followed(weeks):
    first = weeks.comes("one", 0)
    weeks.night()
    weeks.follows(first)
    weeks.comes("two", 1)
    weeks.settings = replace(weeks.settings, alerts=(alert("makers", "maker", lead=True),))
    judge_new(weeks.archive, weeks.settings, MORNING + DAY)
    edition = weeks.night(1).edition
    assert {"alerts": ["two"]} == {key: names for key, names in parts(edition).items() if "two" in names}
    assert ["Makers", "followed"] == [chip.text() for chip in LexborHTMLParser(render(edition, "html")).css(".alert")]
    assert "[Makers, followed]" in render(edition, "text")


def test_two_stories_that_become_one_are_one_and_one_that_parts_is_where_its_article_is(weeks):
    one, other = weeks.comes("one", 0), weeks.comes("storm", 0, event="Visby")
    weeks.night()
    for article_id in (one, other):
        weeks.follows(article_id)
    joined = list(weeks.archive.story_window(MONDAY - DAY, MONDAY + DAY))
    stories = weeks.archive.stories_of([weeks.archive.article(one).url_key])
    weeks.archive.put_into_story(*stories.values(), joined, is_provisional=False)
    assert frozenset(stories.values()) == weeks.archive.followed_stories()
    two = weeks.comes("two", 1)
    assert ["two"] == parts(weeks.night(1).edition)["follows"]
    weeks.archive.put_into_story(
        None,
        [stored for stored in weeks.archive.story_window(MONDAY, MONDAY + 2 * DAY) if stored.article_id == two],
        is_provisional=False,
    )
    assert frozenset() == weeks.archive.followed_among([two])
    weeks.follows(one, on=False)
    assert frozenset() == weeks.archive.followed_among([one])


def test_an_article_that_comes_late_is_told_when_it_comes(weeks):
    weeks.follows(weeks.comes("one", 0))
    weeks.night()
    weeks.comes("late", 5, source="harbour", published_at=MONDAY + 2 * HOUR)
    assert {"follows": ["late"]} == parts(weeks.night(5).edition)


@pytest.fixture
def mailing(archive, tmp_path):
    with MailServer(refuses={ADA: "550 no such user"}) as server:
        desk = Weeks(archive, settings_with(server.settings(readers=(ADA,)), tmp_path))
        desk.server = server
        yield desk


def followed_in(text):
    """What a mail tells of stories that are followed."""
    _, _, rest = text.partition("\nFOLLOWED\n")
    return rest.partition("\n\n\n")[0]


def test_what_stood_in_an_edition_that_was_given_up_is_told_among_the_followed_of_the_next(mailing):
    mailing.follows(mailing.comes("one", 0))
    mailing.night(mail=True)
    for number in (1, 2, 3, 4):
        mailing.comes(f"more{number}", number, event="Oslo", source="harbour")
        if number == 4:
            mailing.server.refuses = {}
        mailing.night(number, mail=True)
    mailing.night(5, mail=True)
    told = [text for text in mailing.server.texts() if "One: The maker" in text]
    assert 1 == len(told)
    assert "One: The maker" in followed_in(told[0])


def test_a_story_that_is_taken_back_before_the_mail_leaves_stands_among_the_others(mailing):
    one = mailing.comes("one", 0)
    mailing.follows(one)
    assert ["one"] == parts(mailing.night(mail=True).edition)["follows"]
    mailing.follows(one, on=False)
    mailing.server.refuses = {}
    mailing.later(MORNING + HOUR, is_asked=True)
    (text,) = mailing.server.texts()
    assert "One: The maker" in text
    assert "FOLLOWED" not in text


# ---------------------------------------------------------------- nobody else is told


def shown(page, judge=None):
    return LexborHTMLParser(without_withheld(page.encode(), (judge or {}).get))


def test_others_are_not_told_what_is_followed_nor_what_alerts_put_first(weeks):
    first = weeks.comes("one", 0)
    weeks.night()
    weeks.follows(first)
    weeks.comes("two", 1)
    weeks.comes("storm", 1, event="Visby")
    page = render(weeks.night(1).edition, "html")
    assert ["followed", "other"] == [heading.text() for heading in LexborHTMLParser(page).css("h2")]
    tree = shown(page)
    assert ["other"] == [heading.text() for heading in tree.css("h2")]
    assert 2 == len(tree.css("main > section.first article.story"))
    assert [("#part1", "other 2")] == [(nav.css_first("a").attributes["href"], nav.text()) for nav in tree.css("nav")]
    for told in ("follow", "alert"):
        assert told not in tree.body.html


def test_others_see_stories_that_are_all_followed_under_no_such_name(weeks):
    weeks.follows(weeks.comes("one", 0))
    tree = shown(render(weeks.night().edition, "html"))
    assert (["other"], 1) == ([heading.text() for heading in tree.css("h2")], len(tree.css("article.story")))


def test_the_archive_keeps_the_stories_of_an_edition_in_an_order_that_tells_nobody(weeks):
    """Its public view has the places of articles in editions."""
    weeks.comes("one", 0)
    weeks.comes("three", 0, source="harbour")
    weeks.follows(weeks.comes("storm", 0, event="Visby"))
    edition = weeks.night().edition
    assert ["storm"] == parts(edition)["follows"]
    assert "storm" == edition.items[-1].url.rpartition("/")[2]


def test_a_page_that_is_withheld_leaves_no_gap_in_its_list():
    line = "<li>article, The Tide: refused: {}{}</li>"
    page = f"<main><section><h2 id=unseen>U</h2><ul class='lines unseen'>{line}</ul></section></main>"
    links = [f'<a href="https://tide.example/{n}">{n}</a>' for n in (1, 2, 3)]

    def told(gone, more=""):
        judge = {url_key(f"https://tide.example/{n}"): Withheld.ALL for n in gone}
        return shown(page.format(", ".join(links), more), judge).css_first("li").text()

    assert "article, The Tide: refused: 2, 3 and 4 more" == told([1], " and 4 more")
    assert "article, The Tide: refused: 1, 3" == told([2])
    assert "article, The Tide: refused: 1, 2 and 4 more" == told([3], " and 4 more")
    assert "article, The Tide: refused: 2" == told([1, 3])
    assert "article, The Tide: refused" == told([1, 2, 3], " and 4 more")
