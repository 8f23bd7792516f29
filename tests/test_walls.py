"""The history of an outlet's wall: what pages show of it, how long it was seen, and the charts of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from samples import article, keep

from archive.judge.walls import SAME_STRETCH, WallFact, WallState, WallStretch, find_wall_states
from archive.settings import RetentionRule
from archive.show.wall_chart import find_current, render_charts
from archive.store import Archive
from scraper.model import Access, AccessStatus, MeterNumbers, Source

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAY = timedelta(days=1)
SITE = "tide.example"
FIVE = WallState(WallFact.ALLOWANCE, 5, period="month")
THREE = replace(FIVE, amount=3)
ELEVEN = WallState(WallFact.PRICE, 11, "USD", "month")
ONE = replace(ELEVEN, amount=1)


def access(status=AccessStatus.METERED, *, cut_by=None, **numbers) -> Access:
    return Access(status, complete=cut_by is None, cut_by=cut_by, numbers=MeterNumbers(**numbers))


# ---------------------------------------------------------------- what a page shows


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (access(limit=5, periods=("month",)), [FIVE]),
        (access(limit=5), [replace(FIVE, period=None)]),
        (access(AccessStatus.PREVIEW, cut_by="paywall", limit=5, periods=("month",)), [FIVE]),
        (access(prices=(11.0, 1.0, 11.0), currency="USD", periods=("month",)), [ONE, ELEVEN]),
        (access(AccessStatus.FREE, prices=(11.0,), currency="USD", periods=("month",)), [ELEVEN]),
        (access(prices=(11.0,), currency="USD", periods=("month", "year")), [replace(ELEVEN, period="month, year")]),
        # A number on an open page is of no meter; a price without currency or period is of no
        # subscription.
        (access(AccessStatus.FREE, limit=5), []),
        (access(AccessStatus.REGISTRATION, cut_by="registration", limit=5), []),
        (access(prices=(11.0,), periods=("month",)), []),
        (access(prices=(11.0,), currency="USD"), []),
        (access(prices=tuple(map(float, range(1, 20))), currency="USD", periods=("month",)), []),
    ],
)
def test_a_page_shows_the_allowance_of_a_meter_and_prices(shown, expected):
    assert expected == list(find_wall_states(shown))


# ---------------------------------------------------------------- how long it was seen


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "press.db", write=True) as opened:
        opened.save_sources([Source("tide", "The Tide", "https://tide.example/")])
        keep(opened, article())
        keep(opened, article("https://tide.example/other", "Another matter entirely."))
        yield opened


def see(archive, at, *states, article_id=1, site=SITE):
    archive.note_walls(site, states, at, source="tide", article_id=article_id, capture_id=None)


def history(archive, site=SITE):
    return [
        (one.state, (one.first_seen_at - NOW).days, (one.last_seen_at - NOW).days, one.article_id)
        for one in archive.walls(site)
    ]


def test_what_is_seen_again_is_one_stretch_shown_by_its_first_article(archive):
    see(archive, NOW, FIVE, ELEVEN)
    see(archive, NOW + 3 * DAY, FIVE, ELEVEN, article_id=2)
    assert [(FIVE, 0, 3, 1), (ELEVEN, 0, 3, 1)] == history(archive)


def test_a_change_begins_a_row_of_its_own(archive):
    see(archive, NOW, FIVE)
    see(archive, NOW + 5 * DAY, THREE, article_id=2)
    assert [(FIVE, 0, 0, 1), (THREE, 5, 5, 2)] == history(archive)


def test_two_offers_at_a_time_do_not_change_into_each_other(archive):
    for day in range(4):
        see(archive, NOW + day * DAY, ELEVEN if day % 2 else ONE)
    assert [(ONE, 0, 2, 1), (ELEVEN, 1, 3, 1)] == history(archive)


def test_what_was_replaced_for_long_and_comes_back_is_a_new_stretch(archive):
    see(archive, NOW, FIVE)
    see(archive, NOW + 3 * DAY, THREE)
    see(archive, NOW + SAME_STRETCH + DAY, FIVE)
    assert [(FIVE, 0, 0, 1), (THREE, 3, 3, 1), (FIVE, 15, 15, 1)] == history(archive)


@pytest.mark.parametrize("days", [400, -400])
def test_silence_is_no_change(archive, days):
    """An outlet that is seldom seen, or whose old pages are imported later."""
    see(archive, NOW, FIVE, ELEVEN)
    see(archive, NOW + days * DAY, FIVE)
    assert (FIVE, min(0, days), max(0, days), 1) in history(archive)
    assert 2 == len(history(archive))


def test_pages_that_are_imported_later_make_a_stretch_longer_at_its_beginning(archive):
    see(archive, NOW, FIVE)
    see(archive, NOW - 3 * DAY, FIVE, article_id=2)
    assert [(FIVE, -3, 0, 2)] == history(archive)


def test_each_site_has_a_wall_of_its_own(archive):
    see(archive, NOW, FIVE)
    see(archive, NOW, THREE, site="ebb.example")
    assert [(FIVE, 0, 0, 1)] == history(archive)
    assert ["ebb.example", SITE] == [one.site for one in archive.walls()]


def test_the_history_outlives_the_article_that_showed_it(archive):
    see(archive, NOW, FIVE)
    archive.prune([RetentionRule(None, timedelta(0))], NOW + timedelta(days=1))
    assert [(FIVE, 0, 0, None)] == history(archive)


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from([FIVE, THREE, ELEVEN]))))
def test_every_sighting_lies_in_a_stretch_of_its_state(sightings):
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([Source("tide", "The Tide", "https://tide.example/")])
        keep(archive, article())
        for day, state in sightings:
            see(archive, NOW + day * DAY, state)
        for day, state in sightings:
            at = NOW + day * DAY
            assert any(
                one.state == state and one.first_seen_at <= at <= one.last_seen_at for one in archive.walls(SITE)
            )


# ---------------------------------------------------------------- charts


def stretch(state, first, last):
    return WallStretch(SITE, state, NOW + first * DAY, NOW + last * DAY)


STRETCHES = [stretch(FIVE, 0, 40), stretch(THREE, 50, 90), stretch(ELEVEN, 0, 90), stretch(ONE, 30, 50)]


def test_free_articles_and_each_kind_of_price_have_a_chart():
    euro = stretch(replace(ELEVEN, currency="EUR", period="year"), 0, 5)
    titles = [chart.title for chart in render_charts([euro, *STRETCHES])]
    assert ["Free articles", "Price in EUR, each year", "Price in USD, each month"] == titles


def test_a_chart_says_in_words_what_it_draws():
    """Well-formed, without scripts or styles, and each line with the words of its row."""
    for chart in render_charts(STRETCHES):
        svg = etree.fromstring(str(chart.svg))
        assert {"svg", "title", "line", "text", "g", "circle"} >= {element.tag for element in svg.iter()}
        assert "img" == svg.get("role")
        assert all("style" not in element.attrib for element in svg.iter())
    assert "3 free articles a month, 2026-04-21 to 2026-05-31" in str(render_charts(STRETCHES)[0].svg)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 4000), st.integers(0, 4000)), min_size=1, max_size=8))
def test_every_line_lies_within_its_chart(rows):
    stretches = [stretch(replace(ELEVEN, amount=amount), min(a, b), max(a, b)) for amount, a, b in rows]
    for chart in render_charts(stretches):
        svg = etree.fromstring(str(chart.svg))
        width, height = map(float, svg.get("viewBox").split()[2:])
        for element in svg.iter("line", "circle"):
            for name, most in (("x1", width), ("x2", width), ("cx", width), ("y1", height), ("y2", height)):
                assert 0 <= float(element.get(name, "0")) <= most


def test_text_from_pages_is_escaped():
    (chart,) = render_charts([stretch(replace(ELEVEN, currency="<x>", period='"><script>'), 0, 5)])
    assert "<script" not in str(chart.svg)
    etree.fromstring(str(chart.svg))


def test_current_is_what_was_seen_lately():
    assert [stretch(THREE, 50, 90), stretch(ELEVEN, 0, 90)] == list(find_current(STRETCHES))
    assert () == find_current([])
    assert () == render_charts([])
