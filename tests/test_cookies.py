"""The cookies that sites set: they go back as a browser sends them, and never elsewhere."""

import pytest
from fakes import SETTINGS, FakeClock, FakeWeb, Page, article, run

from scraper.fetch.client import Client
from scraper.model import Failed, Fetched, FetchRequest, Purpose

URL = "https://www.tide.example.org/a"


def visit(folder, pages, *requests):
    """
    The Cookie header of each request to a fake web, by a client that is made anew for each; and the
    last outcome.
    """
    web = FakeWeb(FakeClock(), pages)

    async def one(request):
        async with Client(SETTINGS, clock=web.clock, transport=web.transport, cookie_folder=folder) as client:
            return await client.fetch(request)

    outcomes = [run(one(request)) for request in requests]
    return [asked.headers.get("cookie") for asked in web.asked], outcomes[-1]


def sets(*cookies, **page):
    return Page("x", headers={"Set-Cookie": cookies[0]}, **page)


@pytest.mark.parametrize("cookie", ["views=1; Max-Age=86400", "views=1"])
def test_a_cookie_goes_back_in_later_passes_also_where_it_holds_for_a_session_only(tmp_path, cookie):
    sent, _ = visit(tmp_path, {URL: sets(cookie)}, article(URL), article(URL))
    assert [None, "views=1"] == sent


def test_the_site_may_change_or_take_back_its_cookie(tmp_path):
    pages = {URL: [sets("views=1; Max-Age=86400"), sets("views=2"), sets("views=; Max-Age=0"), Page("x")]}
    sent, _ = visit(tmp_path, pages, *[article(URL)] * 4)
    assert [None, "views=1", "views=2", None] == sent


@pytest.mark.parametrize("status", [302, 402, 403, 404])
def test_a_cookie_of_a_redirect_or_an_error_counts_as_well(tmp_path, status):
    sent, _ = visit(tmp_path, {URL: sets("views=1", status=status)}, article(URL), article(URL))
    assert [None, "views=1"] == sent


@pytest.mark.parametrize(
    ("cookie", "other", "expected"),
    [
        ("id=1; Domain=tide.example.org", "https://news.tide.example.org/b", "id=1"),
        ("id=1", "https://news.tide.example.org/b", None),
        ("id=1; Domain=example.org", "https://example.org/b", "id=1"),
        ("id=1; Domain=org", "https://other.org/b", None),
        ("id=1; Domain=other.org", "https://other.org/b", None),
        ("id=1; Secure", "http://www.tide.example.org/b", None),
        ("id=1; Path=/a", "https://www.tide.example.org/b", None),
    ],
)
def test_a_cookie_goes_to_the_site_that_set_it_alone(tmp_path, cookie, other, expected):
    sent, _ = visit(tmp_path, {URL: sets(cookie), other: Page("x")}, article(URL), article(other))
    assert [None, expected] == sent


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose is not Purpose.ARTICLE])
def test_only_article_pages_send_and_set_cookies(tmp_path, purpose):
    sent, _ = visit(tmp_path, {URL: sets("id=1")}, FetchRequest(URL, purpose), article(URL), FetchRequest(URL, purpose))
    assert [None, None, None] == sent


def test_the_file_of_a_site_is_for_its_owner_alone_and_odd_cookies_do_not_break_it(tmp_path):
    folder = tmp_path / "cookies"
    _, outcome = visit(folder, {URL: sets(";;=\x00 ï; Expires=never; Domain=..")}, article(URL))
    assert isinstance(outcome, Fetched)
    visit(folder, {URL: sets("id=1")}, article(URL))
    assert ["example.org.txt"] == [file.name for file in folder.iterdir()]
    assert (0o600, 0o700) == ((folder / "example.org.txt").stat().st_mode & 0o777, folder.stat().st_mode & 0o777)


def test_a_cookie_that_cannot_be_kept_is_a_failure_and_not_a_new_reader(tmp_path):
    folder = tmp_path / "cookies"
    folder.write_text("a file where the folder should be")
    _, outcome = visit(folder, {URL: sets("id=1")}, article(URL))
    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith(f"the site's cookies cannot be kept in {folder}: ")
