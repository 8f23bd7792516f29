"""The digest of a week: its main stories, what alerts found, new CVEs, walls that changed."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from samples import DAY, HARBOUR, NOW, TIDE, article, keep
from test_alerts import FIRST, SECOND, alert, settings_of

from archive.browse.pages.digest_files import without_withheld
from archive.cli import cli
from archive.edition.layout import lay_out
from archive.edition.period import make_period
from archive.edition.render import render
from archive.judge.walls import WallFact, WallState
from archive.model import MarkKind
from archive.run.alerts.judging import judge_new
from archive.run.stories import place_articles
from archive.store import Archive
from archive.store.state import State, state_path
from scraper.urls import url_key

SETTINGS = settings_of(replace(alert(lead=True), title="Steel makers"))


@pytest.fixture
def week():
    """The edition of a week with a story that an alert put first, one of a CVE, and a dearer wall."""
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([TIDE, HARBOUR])
        keep(archive, article("https://tide.example/old", cves=("CVE-2026-1",)), NOW - 20 * DAY)
        storm = article("https://tide.example/gate", headline="Gate patched", cves=("CVE-2026-1", "CVE-2026-2"))
        _, number = keep(archive, storm, NOW)
        keep(archive, FIRST, NOW)
        keep(archive, SECOND, NOW, source="harbour")
        for days, price in ((-30, 10.0), (0, 12.0)):
            state = WallState(WallFact.PRICE, price, "EUR", "month")
            at = NOW + days * DAY
            archive.note_walls("tide.example", [state], at, source="tide", article_id=number, capture_id=None)
        judge_new(archive, SETTINGS, NOW)
        place_articles(archive)
        yield make_period(archive, SETTINGS, NOW - 3 * DAY, NOW + 4 * DAY, NOW + 4 * DAY)


def lines(edition, key):
    return [(line.name, line.detail) for annex in edition.annexes if annex.key == key for line in annex.lines]


def test_what_an_alert_put_first_is_first(week):
    first, *others = lay_out(week.stories)
    assert ["alerts", ("Steel makers",)] == [first.key, *(story.alerts for story in first.whole)]
    assert ["Gate patched"] == [story.lead.headline for part in others for story in part.whole]


def test_what_was_followed_is_counted(week):
    assert [("Steel makers", "2 found, in stories: 1")] == lines(week, "followed")


def test_a_story_that_is_followed_is_told_with_what_is_new_of_it(tmp_path):
    with Archive.open(tmp_path / "a.db", write=True) as archive:
        archive.save_sources([TIDE, HARBOUR])
        keep(archive, FIRST, NOW - DAY)
        keep(archive, SECOND, NOW, source="harbour")
        place_articles(archive)
        with State.open(state_path(tmp_path / "a.db")) as state:
            state.set(url_key(FIRST.url), MarkKind.FOLLOW, "", NOW, on=True)
        edition = make_period(archive, SETTINGS, NOW, NOW + 4 * DAY, NOW + 4 * DAY)
    (line,) = next(annex for annex in edition.annexes if annex.key == "followed").lines
    assert f"1 new, sources: 1; the latest: {SECOND.headline}" == line.detail
    assert (True, SECOND.url) == (line.name in {FIRST.headline, SECOND.headline}, line.url)
    assert line.name not in without_withheld(render(edition, "html").encode(), {}.get).decode().partition("<h2")[0]


def test_a_cve_is_new_where_nothing_named_it_before(week):
    assert [("CVE-2026-2", "Gate patched (sources: 1)")] == lines(week, "cves")


def test_a_price_that_changed_is_told_with_the_one_before(week):
    assert [("tide.example", "€12 a month, before: €10 a month")] == lines(week, "walls")


def test_who_browses_the_public_view_is_not_told_of_alerts(week):
    page = render(week, "html")
    assert "Steel makers" in page
    shown = without_withheld(page.encode(), {}.get).decode()
    assert "Steel makers" not in shown
    assert "CVE-2026-2" in shown


def test_a_week_is_written_to_files_and_not_mailed(tmp_path):
    config = tmp_path / "config"
    assert 0 == CliRunner().invoke(cli, ["init", str(config), "--contact", "desk@example.org"]).exit_code
    with Archive.open(tmp_path / "presswatch-data" / "presswatch.db", write=True):
        pass
    day = (NOW - DAY).date().isoformat()
    made = CliRunner().invoke(cli, ["--config", str(config), "digest", "--week", "--day", day])
    assert 0 == made.exit_code, made.output
    assert f"{day}-week.html" in made.output
    assert 2 == CliRunner().invoke(cli, ["--config", str(config), "digest", "--month", "--mail"]).exit_code
