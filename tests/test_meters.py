"""What a site grants, and what is left of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import exchange

from archive.judge.meters import Meter, MeterOrigin, close, configure, learn, says_spent, views_left, window_start
from archive.judge.sessions import is_log_in
from archive.model import CaptureLocation
from archive.run.passes.budget import Budget
from archive.store import Archive
from scraper.model import Access, AccessStatus, MeterNumbers, MeterRule

SITE = "tide.example"
NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
MONTH = Meter(SITE, 5, "month")
ROLLING = Meter(SITE, 5, "7d")


def metered(status=AccessStatus.METERED, *, complete=True, **numbers):
    return Access(status, complete, None if complete else "paywall", numbers=MeterNumbers(**numbers))


# ---------------------------------------------------------------- learning


@pytest.mark.parametrize(
    ("numbers", "allowance", "window"),
    [
        ({"limit": 5, "periods": ("month",)}, 5, "month"),
        ({"limit": 3, "periods": ("week",)}, 3, "7d"),
        ({"limit": 3, "periods": ("3 months",)}, 3, "90d"),
        ({"limit": 3, "prices": (99.0,), "periods": ("year",)}, 3, None),
        ({"limit": 3}, 3, None),
        ({"remaining": 2}, None, None),
    ],
)
def test_the_allowance_is_what_the_page_states(numbers, allowance, window):
    assert Meter(SITE, allowance, window) == learn(None, SITE, metered(**numbers))


@pytest.mark.parametrize(
    "access",
    [
        Access(AccessStatus.FREE, complete=True),
        Access(AccessStatus.PREVIEW, complete=False, cut_by="paywall"),
        metered(status=AccessStatus.REGISTRATION, complete=False, limit=3),
        metered(status=AccessStatus.FREE, limit=3),
    ],
)
def test_a_page_without_a_meter_teaches_nothing(access):
    """Not even one that is cut; free articles for those who register are not free."""
    assert learn(None, SITE, access) is None
    assert MONTH is learn(MONTH, SITE, access)


def test_the_configuration_goes_before_the_page():
    rule = MeterRule(limit=3, window="30d", reserve=1)
    configured = configure(None, SITE, rule)
    assert Meter(SITE, 3, "30d", 1, MeterOrigin.CONFIGURATION) == configured
    assert configured == learn(configured, SITE, metered(limit=10, periods=("month",)), rule)


def test_a_reserve_alone_leaves_the_rest_to_the_page():
    rule = MeterRule(reserve=1)
    assert Meter(SITE, 5, "month", 1) == learn(configure(None, SITE, rule), SITE, metered(limit=5, periods=("month",)))


def test_a_limit_that_the_configuration_no_longer_names_is_forgotten():
    before = configure(None, SITE, MeterRule(limit=3))
    assert configure(before, SITE, MeterRule(reserve=1)).allowance is None


# ---------------------------------------------------------------- what is left


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 100))
def test_what_is_asked_for_what_was_read_and_the_reserve_never_exceed_the_allowance(allowance, reserve, spent):
    left = views_left(Meter(SITE, allowance, "month", reserve), spent, NOW)
    assert left >= 0
    assert left == 0 or left + spent + reserve <= allowance


@pytest.mark.parametrize(
    ("access", "is_spent"),
    [
        (metered(complete=False), True),
        (metered(complete=False, status=AccessStatus.PREVIEW, limit=5), True),
        (metered(complete=False, status=AccessStatus.PREVIEW, limit=5, remaining=0), True),
        (metered(complete=False, status=AccessStatus.PREVIEW, limit=5, remaining=2), False),
        (metered(complete=False, status=AccessStatus.PREVIEW), False),
        (metered(limit=5, used=5), False),
    ],
)
def test_a_cut_page_shows_that_nothing_is_left_unless_it_says_otherwise(access, is_spent):
    assert is_spent == says_spent(access)


def test_a_spent_meter_opens_when_its_window_turns():
    first = NOW - timedelta(days=5)
    assert datetime(2026, 4, 1, tzinfo=UTC) == close(MONTH, (), NOW).closed_until
    assert first + timedelta(days=7) == close(ROLLING, (first, NOW), NOW).closed_until
    assert NOW + timedelta(days=7) == close(ROLLING, (), NOW).closed_until


@given(st.sampled_from(["month", "1d", "7d", None]), st.timedeltas(timedelta(0), timedelta(days=9999)))
def test_a_window_begins_before_now_and_a_closed_site_opens_after(window, later):
    now = NOW + later
    meter = Meter(SITE, 5, window)
    start = window_start(meter, now)
    assert start <= now
    reopened = close(meter, (start + timedelta(seconds=1),), now).closed_until
    assert now < reopened <= now + timedelta(days=32)


# ---------------------------------------------------------------- in the archive


@pytest.fixture
def archive():
    with Archive.open(":memory:", write=True) as opened:
        yield opened


def test_only_the_views_of_the_window_count(archive):
    archive.save_meter(ROLLING, NOW)
    for days in (9, 6, 1):
        archive.count_views(ROLLING, ["https://tide.example/a"], NOW - timedelta(days=days))
    assert 2 == len(archive.views(ROLLING, NOW))
    assert ROLLING == archive.meter(SITE)


def test_what_the_configuration_no_longer_says_is_forgotten_what_pages_state_is_not(archive):
    archive.configure_meters({SITE: MeterRule(limit=3)}, NOW)
    archive.save_meter(Meter("other.example", 5), NOW)
    archive.configure_meters({}, NOW)
    assert ("other.example",) == tuple(meter.site for meter in archive.meters())


def test_a_new_meter_begins_with_the_whole_public_pages_that_were_captured_in_its_window(archive):
    def capture(url, days, *, private=False, status=200):
        page = exchange(url=url, at=NOW - timedelta(days=days), status=status)
        return archive.save_capture(CaptureLocation("a.warc.gz", 0, 9, "sha1:A"), page, None, private=private)

    capture("https://tide.example/a", 3)
    capture("https://tide.example/b", 9)
    capture("https://tide.example/c", 2, private=True)
    capture("https://tide.example/d", 2, status=404)
    capture("https://tide.example.org/e", 2)
    this = capture("https://tide.example/f", 0)
    archive.save_meter(ROLLING, NOW, before_capture=this)
    assert (NOW - timedelta(days=3),) == archive.views(ROLLING, NOW)


URL = "https://tide.example/a"
WALL = metered(AccessStatus.PREVIEW, complete=False)


@pytest.fixture
def budget(archive):
    """At a site of which three of five free articles are read, as a page said."""
    made = Budget(archive, (), NOW)
    made.note_page(URL, metered(limit=5, used=3, periods=("month",)), NOW, 1)
    return made


def test_the_sites_own_count_is_taken_where_it_is_higher(budget):
    assert 2 == budget.views_left(SITE, NOW)
    budget.note_page(URL, metered(limit=5, used=1), NOW, 2)
    assert 1 == budget.views_left(SITE, NOW)


def test_a_page_without_numbers_counts_as_well(budget):
    budget.note_page(URL, Access(AccessStatus.FREE, complete=True), NOW, 2)
    assert 1 == budget.views_left(SITE, NOW)


def test_one_wall_may_be_an_article_for_subscribers_two_in_a_row_close_the_site_for_a_day(budget):
    for access in (WALL, metered(limit=5, used=4), WALL):
        budget.note_page(URL, access, NOW, 2)
        assert 0 < budget.views_left(SITE, NOW)
    budget.note_page(URL, WALL, NOW, 3)
    assert 0 == budget.views_left(SITE, NOW)
    assert "its pages came cut; it is asked again after a day" == budget.describe(SITE, NOW)
    assert 1 == budget.views_left(SITE, NOW + timedelta(days=1))


def test_walls_that_say_that_views_remain_close_nothing(budget):
    for _ in range(3):
        budget.note_page(URL, metered(AccessStatus.PREVIEW, complete=False, limit=5, remaining=2), NOW, 2)
    assert 2 == budget.views_left(SITE, NOW)


def test_a_prompt_that_names_the_meter_shows_that_all_is_spent(budget):
    assert budget.note_page(URL, metered(AccessStatus.PREVIEW, complete=False, limit=5), NOW, 2)
    assert 0 == budget.views_left(SITE, NOW)
    assert "its 5 free articles of this month are read" == budget.describe(SITE, NOW)
    assert 5 == budget.views_left(SITE, datetime(2026, 4, 1, tzinfo=UTC))


def test_a_month_that_the_site_begins_later_costs_a_day_and_not_the_month(budget):
    """It begins at midnight there, and that may be hours after midnight UTC."""
    turn = datetime(2026, 4, 1, tzinfo=UTC)
    wall = metered(AccessStatus.PREVIEW, complete=False, limit=5, used=5)
    assert budget.note_page(URL, wall, turn + timedelta(hours=2), 2)
    assert 0 == budget.views_left(SITE, turn + timedelta(hours=3))
    assert 5 == budget.views_left(SITE, turn + timedelta(hours=26))
    assert budget.note_page(URL, wall, turn + timedelta(hours=26), 3)  # by then it has begun everywhere
    assert 0 == budget.views_left(SITE, turn + timedelta(days=20))


# ---------------------------------------------------------------- log-ins


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://tide.example/login", True),
        ("https://tide.example/account/Sign-In.html?next=/a", True),
        ("https://accounts.tide.example/", True),
        ("https://tide.example/anmelden/", True),
        ("https://tide.example/2026/auth-bypass-in-harbour-software", False),
        ("https://tide.example/login-data-stolen", False),
        ("https://catalogin.example/a", False),
    ],
)
def test_a_form_to_log_in_is_told_from_news_about_one(url, expected):
    assert expected == is_log_in(url)
