"""What a source's own site is sent besides: headers, logins, tokens; never elsewhere, and never kept."""

import pytest
from fakes import SETTINGS, FakeClock, FakeWeb, Page, moved, run

from scraper.fetch.client import Client
from scraper.fetch.credentials import Credentials
from scraper.fetch.lanes import Lanes, follow
from scraper.model import Failed, Fetched, FetchRequest, Purpose, Redirected, SecretUrl, Source

HOME = "https://tide.example.org/"
FEED = f"{HOME}rss"
ENVIRON = {"TIDE_PASSWORD": "sesame\n", "TIDE_TOKEN": "tok-4f2a", "EMPTY": " ", "ODD": "a\nb"}
ELSEWHERE = "https://harbour.example.com/rss"


def ask(source, pages, url=FEED, purpose=Purpose.FEED):
    """Everything that was asked for on the way from *url*, and the outcomes; in lanes."""
    web = FakeWeb(FakeClock(), pages)

    async def work():
        client = Client(SETTINGS, clock=web.clock, transport=web.transport, sources=(source,), environ=ENVIRON)
        async with client:
            lanes = Lanes(client, SETTINGS, web.clock)
            lanes.add(FetchRequest(url, purpose, source=source.name))
            outcomes = []
            async for outcome in lanes:
                if outcome.request.purpose is not Purpose.ROBOTS:
                    outcomes.append(outcome)
                    if isinstance(outcome, Redirected):
                        further = follow(outcome, SETTINGS)
                        if isinstance(further, Failed):
                            outcomes.append(further)
                        else:
                            lanes.add(further)
            return outcomes

    return web.asked, run(work())


def tide(**more) -> Source:
    return Source("tide", "The Tide", HOME, feeds=(FEED,), **more)


def secret(real: str, shown: str) -> Source:
    return Source("tide", "The Tide", HOME, feeds=(shown,), secret_urls=(SecretUrl(shown, real),))


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        (tide(auth_user="ann", auth_password_env="TIDE_PASSWORD"), "Basic YW5uOnNlc2FtZQ=="),
        (tide(token_env="TIDE_TOKEN"), "Bearer tok-4f2a"),
        (secret("https://ann:sesame@tide.example.org/rss", FEED), "Basic YW5uOnNlc2FtZQ=="),
        (tide(), None),
    ],
)
def test_a_login_goes_with_every_request_to_the_source_and_into_no_record(source, sent):
    asked, (outcome,) = ask(source, {FEED: "x"})
    assert [sent, sent] == [one.headers.get("authorization") for one in asked]  # robots.txt and the feed
    assert FEED == outcome.request.url
    assert "authorization" not in {name.lower() for name, _ in outcome.exchange.request_headers}


@pytest.mark.parametrize("target", [ELSEWHERE, "http://tide.example.org/rss", "http://www.tide.example.org/rss"])
@pytest.mark.parametrize(
    "source",
    [
        tide(auth_user="ann", auth_password_env="TIDE_PASSWORD"),
        tide(token_env="TIDE_TOKEN", headers=(("X-Api-Key", "k"),)),
        secret("https://ann:sesame@tide.example.org/rss", FEED),
    ],
)
def test_a_redirect_elsewhere_or_to_where_others_can_listen_goes_without(source, target):
    asked, _ = ask(source, {FEED: moved(target), target: "x"})
    there = [one for one in asked if one.url == target]
    assert {None} == {one.headers.get(name) for one in there for name in ("authorization", "x-api-key")}


def test_a_picture_is_asked_for_without_a_login():
    picture = HOME + "gate.png"
    asked, _ = ask(tide(token_env="TIDE_TOKEN"), {picture: "x"}, picture, Purpose.PICTURE)
    assert None is asked[-1].headers.get("authorization")


def test_a_login_before_a_host_stays_with_that_host():
    other = "https://news.tide.example.org/rss"
    asked, _ = ask(secret("https://ann:sesame@tide.example.org/rss", FEED), {FEED: moved(other), other: "x"})
    assert None is asked[-1].headers.get("authorization")


def test_a_loopback_server_counts_with_its_port():
    source = Source("tide", "T", "http://127.0.0.1:8600/", token_env="TIDE_TOKEN")
    first, second = "http://127.0.0.1:8600/a", "http://127.0.0.1:8700/a"
    sent = [
        Credentials([source], ENVIRON).headers(FetchRequest(url, Purpose.FEED, source="tide"))
        for url in (first, second)
    ]
    assert [{"Authorization": "Bearer tok-4f2a"}, {}] == sent


def test_another_source_on_the_way_gets_nothing():
    request = FetchRequest(FEED, Purpose.FEED, source="harbour")
    assert {} == Credentials([tide(token_env="TIDE_TOKEN")], ENVIRON).headers(request)


@pytest.mark.parametrize("name", ["NOWHERE", "EMPTY", "ODD"])
def test_a_variable_that_is_not_set_is_a_failure_that_was_never_asked(name):
    asked, (outcome,) = ask(tide(token_env=name), {FEED: "x"})
    assert [f"{HOME}robots.txt"] == [one.url for one in asked]
    assert isinstance(outcome, Failed)
    assert outcome.is_unasked
    assert f"the environment variable {name}" in outcome.reason


# ---------------------------------------------------------------- headers


def test_headers_go_to_the_sources_own_site_alone_and_only_telling_ones_are_kept():
    source = tide(headers=(("Accept-Language", "de"), ("X-Api-Key", "k9")))
    asked, outcomes = ask(source, {FEED: moved(f"{HOME}b"), f"{HOME}b": "x"})
    assert ("de", "k9") == (asked[-1].headers["accept-language"], asked[-1].headers["x-api-key"])
    assert ("Accept-Language", "de") in outcomes[-1].exchange.request_headers
    assert "k9" not in str(outcomes[-1].exchange.request_headers)
    asked, _ = ask(source, {ELSEWHERE: "x"}, ELSEWHERE)
    assert {None} == {one.headers.get("x-api-key") for one in asked}


def test_headers_stand_beside_ours_and_change_none_of_them():
    asked, _ = ask(tide(headers=(("Accept", "text/turtle"), ("DNT", "1"))), {FEED: "x"})
    assert ["text/turtle"] == asked[-1].headers.get_list("accept")
    assert SETTINGS.user_agent == asked[-1].headers["user-agent"]


# ---------------------------------------------------------------- secrets of addresses

SHOWN, REAL = f"{HOME}rss?token=hidden&page=1", f"{HOME}rss?token=4f2a9c81d07be635&page=1"


def test_an_address_is_asked_for_with_its_secret_and_stands_everywhere_without():
    asked, (outcome,) = ask(secret(REAL, SHOWN), {REAL: Page("x", headers={"X-Self": REAL})}, SHOWN)
    assert REAL == asked[-1].url
    assert "4f2a9c81d07be635" not in repr(outcome)


def test_what_a_site_says_back_of_a_secret_is_hidden_and_asked_for_all_the_same():
    other = REAL.replace("rss", "all")
    asked, outcomes = ask(secret(REAL, SHOWN), {REAL: moved(other), other: f"<a href='{other}'>ü</a>"}, SHOWN)
    assert [REAL, other] == [one.url for one in asked[1:]]
    assert f"<a href='{other}'>ü</a>".replace("4f2a9c81d07be635", "hidden").encode() == outcomes[-1].body
    assert "4f2a9c81d07be635" not in repr(outcomes)


@pytest.mark.parametrize("target", [ELSEWHERE, "http://tide.example.org/rss"])
def test_a_secret_is_put_back_for_its_own_site_alone(target):
    asked, _ = ask(secret(REAL, SHOWN), {REAL: moved(f"{target}?token=hidden"), f"{target}?token=hidden": "x"}, SHOWN)
    assert f"{target}?token=hidden" == asked[-1].url


def test_a_short_word_is_hidden_in_addresses_and_stays_in_texts():
    source = secret(f"{HOME}rss?key=harbour", f"{HOME}rss?key=hidden")
    _, (outcome,) = ask(source, {f"{HOME}rss?key=harbour": "the harbour, at /rss?key=harbour"}, f"{HOME}rss?key=hidden")
    assert b"the harbour, at /rss?key=hidden" == outcome.body


def test_a_redirect_that_names_a_login_is_followed_without():
    _, outcomes = ask(tide(), {FEED: moved("https://me:pass@tide.example.org/b"), f"{HOME}b": "x"})
    assert f"{HOME}b" == outcomes[0].target
    assert isinstance(outcomes[-1], Fetched)


# ---------------------------------------------------------------- cookies on the way


def test_a_cookie_that_comes_with_a_redirect_to_the_same_address_is_sent_there():
    for purpose in (Purpose.FEED, Purpose.SITEMAP, Purpose.INDEX_PAGE, Purpose.ARTICLE, Purpose.PROBE):
        asked, outcomes = ask(tide(), {FEED: wants_cookie}, purpose=purpose)
        assert [None, "seen=1"] == [one.headers.get("cookie") for one in asked[1:]], purpose
        assert isinstance(outcomes[-1], Fetched)


def wants_cookie(request):
    if request.headers.get("cookie") == "seen=1":
        return Page("there")
    return Page(status=302, headers={"location": str(request.url), "set-cookie": "seen=1; Path=/"})


def test_a_cookie_may_be_set_at_a_stop_on_the_way():
    stop = f"{HOME}welcome"
    pages = {
        FEED: lambda request: Page("there") if request.headers.get("cookie") else moved(stop, 302),
        stop: Page(status=302, headers={"location": FEED, "set-cookie": "seen=1; Path=/"}),
    }
    asked, outcomes = ask(tide(), pages)
    assert [FEED, stop, FEED] == [one.url for one in asked[1:]]
    assert isinstance(outcomes[-1], Fetched)


@pytest.mark.parametrize("cookie", ["seen=1", "nobody=1; Domain=other.example.com", "", "seen=1; Max-Age=0"])
def test_a_site_that_redirects_to_itself_all_the_same_goes_round_in_a_circle(cookie):
    asked, outcomes = ask(tide(), {FEED: Page(status=302, headers={"location": FEED, "set-cookie": cookie})})
    assert "the redirects go round in a circle" == outcomes[-1].reason
    assert len(asked) <= 3


def test_a_site_that_sets_another_cookie_each_time_is_left_after_the_usual_redirects():
    numbers = iter(range(100))

    def restless(_):
        return Page(status=302, headers={"location": FEED, "set-cookie": f"n={next(numbers)}"})

    asked, outcomes = ask(tide(), {FEED: restless})
    assert "more than 5 redirects" == outcomes[-1].reason
    assert 6 == len(asked) - 1


def test_a_passing_cookie_is_forgotten_with_the_answer():
    web = FakeWeb(FakeClock(), {FEED: wants_cookie})

    async def twice():
        async with web.client() as client:
            for _ in range(2):
                first = await client.fetch(FetchRequest(FEED, Purpose.FEED))
                await client.fetch(follow(first, SETTINGS))

    run(twice())
    assert [None, "seen=1"] * 2 == [one.headers.get("cookie") for one in web.asked]
