"""The order and the pace of every host."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, pairwise
from random import Random

import httpx
import pytest
from fakes import SETTINGS, START, FakeClock, FakeWeb, Page, article, fetch_all, moved, run, text
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.client import Client
from scraper.fetch.clock import SystemClock
from scraper.fetch.lanes import Lanes, follow
from scraper.fetch.robots import RobotsState
from scraper.model import (
    Disallowed,
    Failed,
    Fetched,
    FetchRequest,
    FetchSettings,
    Outcome,
    Purpose,
    Redirected,
    Validators,
)

STEADY = replace(SETTINGS, jitter=0.0)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def web_of(pages: dict, **robots: str) -> FakeWeb:
    """A fake web; `news="…"` is the robots.txt of https://news.example."""
    files = {f"https://{name}.example/robots.txt": text(body) for name, body in robots.items()}
    return FakeWeb(FakeClock(), {**files, **pages})


def starts(web: FakeWeb) -> list[float]:
    """When each request began, in seconds after the start."""
    return [(asked.started_at - START).total_seconds() for asked in web.asked]


def reasons(outcomes: list[Outcome]) -> list[str]:
    return [outcome.reason for outcome in outcomes if isinstance(outcome, Disallowed | Failed)]


A, B, C = (f"https://news.example/{name}" for name in "abc")


# ---------------------------------------------------------------- the clock of these tests


def test_fake_sleepers_wake_in_the_order_of_their_hours():
    async def work() -> list[tuple[int, float]]:
        clock = FakeClock()
        woken = []

        async def sleeper(count: int) -> None:
            await clock.sleep(seconds(count))
            await asyncio.sleep(0)  # others run; time stands still meanwhile
            woken.append((count, (clock.now() - START).total_seconds()))

        await asyncio.gather(*map(sleeper, (3, 1, 200, 2, 1, 0)))
        return woken

    assert run(work()) == [(0, 0), (1, 1), (1, 1), (2, 2), (3, 3), (200, 200)]


# ---------------------------------------------------------------- order and pace


def test_robots_comes_first_then_the_requests_in_order():
    web = web_of({A: "a", B: "b", C: "c"}, news="User-agent: *\nDisallow:")
    outcomes = fetch_all(web, map(article, (A, B, C)), STEADY, robots=True)
    expected = ["https://news.example/robots.txt", A, B, C]
    assert expected == web.urls(robots=True)
    assert expected == [outcome.request.url for outcome in outcomes]
    assert [Purpose.ROBOTS, *[Purpose.ARTICLE] * 3] == [outcome.request.purpose for outcome in outcomes]


def test_the_pace_runs_from_the_end_of_a_request_to_the_start_of_the_next():
    web = web_of({A: Page("a", takes=seconds(5)), B: "b", "https://news.example/robots.txt": text("")})
    fetch_all(web, map(article, (A, B)), STEADY)
    assert starts(web) == [0, 2.2, 9.2]


@pytest.mark.parametrize(
    ("pace", "robots", "delay"),
    [
        (None, "", 2),
        (seconds(7), "", 7),
        (None, "Crawl-delay: 5", 5),
        (seconds(7), "Crawl-delay: 5", 7),
        (None, "Request-rate: 1/20", 20),
        (seconds(0), "", 0),
    ],
)
def test_the_longest_wish_is_the_pace(pace, robots, delay):
    web = web_of({A: "a", B: "b"}, news=f"User-agent: *\n{robots}")
    fetch_all(web, [article(A, pace=pace), article(B, pace=pace)], STEADY)
    assert web.asked[2].started_at - web.asked[1].ended_at == seconds(delay)


def test_jitter_only_adds():
    web = web_of({f"https://news.example/{i}": "x" for i in range(40)})
    fetch_all(web, map(article, web.pages), replace(SETTINGS, jitter=0.5))
    gaps = [after.started_at - before.ended_at for before, after in pairwise(web.asked)]
    assert seconds(2) <= min(gaps) < max(gaps) <= seconds(3)


def test_hosts_do_not_wait_for_each_other():
    web = web_of({f"https://{i}.news.example/a": Page("x", takes=seconds(10)) for i in range(20)})
    fetch_all(web, map(article, web.pages), replace(STEADY, open_hosts=20))
    assert web.clock.now() - START < seconds(30)


def test_no_more_hosts_are_asked_at_once_than_wanted():
    web = web_of({f"https://{i}.news.example/{j}": "x" for i in range(9) for j in range(2)})
    fetch_all(web, map(article, web.pages), replace(STEADY, open_hosts=3))
    at_once = [
        sum(one.started_at <= at < one.ended_at for one in web.asked) for at in (a.started_at for a in web.asked)
    ]
    assert max(at_once) == 3
    assert len({asked.host for asked in web.asked}) == 9


def test_a_host_that_waits_for_its_pace_takes_no_other_hosts_place():
    web = web_of({f"https://{i}.news.example/{j}": "x" for i in range(20) for j in range(4)})
    fetch_all(web, map(article, web.pages), replace(STEADY, open_hosts=2, pace=seconds(30)))
    assert web.clock.now() - START < seconds(30 * 4 + 30)


def test_several_requests_may_be_in_flight_where_that_is_wanted():
    web = web_of({f"https://news.example/{i}": Page("x", takes=seconds(9)) for i in range(6)})
    fetch_all(web, map(article, web.pages), replace(STEADY, per_host=3))
    assert max(asked.in_flight for asked in web.asked) == 3
    assert min(after - before for before, after in pairwise(sorted(starts(web)))) >= 2


HOSTS = ["https://a.example", "https://b.example", "http://b.example", "https://c.example:8443"]
ANSWERS = st.one_of(
    st.sampled_from(
        [
            "x",
            Page("", 503),
            Page("", 429, headers={"retry-after": "7"}),
            Page("", 404),
            httpx.ReadTimeout(""),
            moved("https://a.example/robots.txt"),
            moved("http://b.example/1"),
        ]
    ),
    st.timedeltas(timedelta(), timedelta(seconds=20)).map(lambda takes: Page("x", takes=takes)),
)


@given(
    pages=st.dictionaries(
        st.tuples(st.sampled_from(HOSTS), st.sampled_from(["1", "2", "3", "robots.txt"])).map("/".join),
        ANSWERS,
        min_size=1,
    ),
    asked_for=st.lists(st.tuples(st.sampled_from(HOSTS), st.sampled_from("123")).map("/".join), max_size=12),
    per_host=st.integers(1, 3),
    open_hosts=st.integers(1, 4),
    seed=st.integers(),
)
def test_a_host_is_never_asked_too_often(pages, asked_for, per_host, open_hosts, seed):
    """
    Whatever the queue: robots.txt first, never closer than the pace, never more than *per_host* in
    flight.
    """
    settings = replace(SETTINGS, per_host=per_host, open_hosts=open_hosts)
    web = FakeWeb(FakeClock(), pages)

    async def work() -> list[Outcome]:
        async with web.client(settings) as client:
            lanes = Lanes(client, settings, web.clock, Random(seed))
            for url in asked_for:
                lanes.add(article(url))
            outcomes = []
            async for outcome in lanes:
                outcomes.append(outcome)
                if isinstance(outcome, Redirected) and outcome.request.purpose is Purpose.ARTICLE:
                    further = follow(outcome, settings)
                    if isinstance(further, FetchRequest):
                        lanes.add(further)
            return outcomes

    outcomes = run(work())
    answered = [outcome.request.url for outcome in outcomes if not outcome.request.hops]
    assert sorted(asked_for) == sorted(url for url in answered if not url.endswith("/robots.txt"))
    lanes = defaultdict(list)
    for asked in sorted(web.asked, key=lambda asked: asked.started_at):
        lanes[asked.host].append(asked)
    for lane in lanes.values():
        assert lane[0].path == "/robots.txt" or lane[0].url == "http://b.example/1"  # a robots.txt led there
        assert max(asked.in_flight for asked in lane) <= per_host
        for before, after in combinations(lane, 2):
            assert after.started_at - before.started_at >= settings.pace
            assert after.started_at < before.ended_at or after.started_at - before.ended_at >= settings.pace


# ---------------------------------------------------------------- the queue


def test_requests_may_be_added_while_outcomes_are_read():
    web = web_of({A: "a", B: "b", "https://other.example/c": "c"})

    async def work() -> list[str]:
        async with web.client(STEADY) as client:
            lanes = Lanes(client, STEADY, web.clock)
            lanes.add(article(A))
            seen = []
            async for outcome in lanes:
                if outcome.request.purpose is Purpose.ROBOTS:
                    continue
                seen.append(outcome.request.url)
                if outcome.request.url == A:
                    lanes.add(article(B))
                elif outcome.request.url == B:
                    lanes.add(article("https://other.example/c"))
            return seen

    assert run(work()) == [A, B, "https://other.example/c"]
    assert web.asked[2].started_at - web.asked[1].ended_at == seconds(2)  # the pace is kept after a pause


def test_a_finished_queue_can_be_filled_again_and_robots_is_not_asked_again():
    web = web_of({A: "a", B: "b"})

    async def work() -> tuple[int, int]:
        async with web.client(STEADY) as client:
            lanes = Lanes(client, STEADY, web.clock)
            lanes.add(article(A))
            first = [outcome async for outcome in lanes]
            lanes.add(article(B))
            return len(first), len([outcome async for outcome in lanes])

    assert run(work()) == (2, 1)


def test_nothing_added_is_nothing_to_read():
    assert fetch_all(FakeWeb(FakeClock()), []) == []


def test_unread_outcomes_hold_the_lanes():
    """A reader that does not read: memory stays flat."""
    web = web_of({f"https://{i}.example/{j}": "x" for i in range(10) for j in range(30)})

    async def work() -> int:
        async with web.client(STEADY) as client:
            lanes = Lanes(client, STEADY, web.clock)
            for url in web.pages:
                lanes.add(article(url))
            await web.clock.sleep(timedelta(hours=1))
            held = len(web.asked)
            assert len([outcome async for outcome in lanes]) == 310
            return held

    assert run(work()) < 50


def test_leaving_the_client_ends_every_lane_at_once():
    """
    As SIGTERM does: some wait for their pace, one for an answer, one for a name server that is
    silent.
    """

    async def work() -> set[asyncio.Task]:
        before, asked = asyncio.all_tasks(), asyncio.Event()

        async def silent(_host: str, _port: int) -> tuple[str, ...]:
            asked.set()
            await asyncio.Event().wait()
            return ()

        async with Client(STEADY, clock=SystemClock(), resolver=silent) as client:
            lanes = Lanes(client, STEADY, SystemClock())
            for i in range(100):
                lanes.add(article(f"https://{i}.example/a"))
            await asked.wait()
        return asyncio.all_tasks() - before

    assert set() == run(work())


def test_leaving_the_loop_early_leaves_no_task():
    web = web_of({A: "a", B: "b"})

    async def work() -> bool:
        before = asyncio.all_tasks()
        async with web.client() as client:
            lanes = Lanes(client, SETTINGS, web.clock)
            lanes.add(article(A))
            lanes.add(article(B))
            async for _ in lanes:
                break
        return asyncio.all_tasks() == before

    assert run(work())


def test_a_bug_is_raised_where_the_outcomes_are_read():
    def broken(_: httpx.Request) -> Page:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as raised:
        fetch_all(web_of({A: broken}), [article(A)])
    assert raised.group_contains(ZeroDivisionError)


# ---------------------------------------------------------------- robots.txt


def test_what_robots_forbids_is_not_asked_for():
    web = web_of({A: "a", B: "b"}, news="User-agent: *\nDisallow: /a")
    outcomes = fetch_all(web, map(article, (A, B)))
    assert reasons(outcomes) == ["robots.txt disallows it"]
    assert web.urls() == [B]


def test_a_host_that_wants_long_waits_is_left_alone():
    web = web_of({A: "a", B: "b"}, news="User-agent: *\nCrawl-delay: 600")
    outcomes = fetch_all(web, map(article, (A, B)))
    assert reasons(outcomes) == ["robots.txt asks for 600 s between requests, more than the 60 s we wait"] * 2
    assert all(isinstance(outcome, Disallowed) for outcome in outcomes)
    assert web.urls() == []


@pytest.mark.parametrize("answer", [Page("", 503), httpx.ConnectTimeout(""), Page("No.", 403)])
def test_a_host_without_a_robots_answer_is_left_alone(answer):
    web = web_of({A: "a", "https://news.example/robots.txt": answer})
    (outcome,) = fetch_all(web, [article(A)])
    assert isinstance(outcome, Disallowed)
    assert "robots.txt" in outcome.reason
    assert web.urls() == []


def test_robots_is_asked_again_when_it_may_pass():
    web = web_of({A: "a", "https://news.example/robots.txt": [Page("", 503), text("User-agent: *\nDisallow: /")]})
    assert reasons(fetch_all(web, [article(A)])) == ["robots.txt disallows it"]


def test_redirects_of_robots_are_followed_and_its_rules_are_those_of_the_first_host():
    rules = text("User-agent: *\nDisallow: /a")
    web = web_of(
        {
            A: "a",
            B: "b",
            "https://news.example/robots.txt": moved("https://www.news.example/robots.txt"),
            "https://www.news.example/robots.txt": rules,
        }
    )
    outcomes = fetch_all(web, map(article, (A, B)), robots=True)
    assert [Redirected, Fetched, Disallowed, Fetched] == list(map(type, outcomes))
    assert web.urls() == [B]


@pytest.mark.parametrize(("hops", "asked"), [(5, []), (6, [A])])
def test_five_redirects_of_robots_are_followed_and_more_count_as_no_file(hops, asked):
    steps = ["https://news.example/robots.txt", *(f"https://news.example/r{i}" for i in range(hops))]
    web = web_of({A: "a", **{here: moved(there) for here, there in pairwise(steps)}})
    web.pages[steps[-1]] = text("User-agent: *\nDisallow: /")
    fetch_all(web, [article(A)])
    assert asked == [url for url in web.urls() if url == A]


def test_robots_that_lead_round_in_a_circle_count_as_no_file():
    web = web_of({A: "a", "https://news.example/robots.txt": moved("https://news.example/robots.txt")})
    assert isinstance(fetch_all(web, [article(A)])[0], Fetched)


def test_robots_that_lead_to_a_private_address_are_not_followed():
    web = web_of({A: "a", "https://news.example/robots.txt": moved("http://10.0.0.1/robots.txt")})
    (outcome,) = fetch_all(web, [article(A)])
    assert reasons([outcome]) == [
        "robots.txt leads astray: 10.0.0.1 is not a public address ([fetch] allowed_addresses opens it)"
    ]
    assert [url for url in web.urls() if "10.0.0.1" in url] == []


def test_the_lanes_can_say_what_robots_said():
    web = web_of({A: "a", "https://news.example/robots.txt": Page("<html>Home")})

    async def work():
        async with web.client() as client:
            lanes = Lanes(client, SETTINGS, web.clock)
            lanes.add(article(A))
            [outcome async for outcome in lanes]
            return lanes.robots(B), lanes.robots("https://other.example/")

    ours, other = run(work())
    assert (ours.state, ours.note) == (RobotsState.ALL_ALLOWED, "robots.txt is a web page, so it has no rules")
    assert other is None


def test_a_refused_url_does_not_shut_its_host():
    web = web_of({A: "a"})
    outcomes = fetch_all(web, [article("https://reader@news.example/a"), article("http://[x"), article(A)])
    assert reasons(outcomes) == ["the URL carries a user name", "the URL cannot be read"]
    assert web.urls() == [A]


# ---------------------------------------------------------------- tries


def test_a_passing_failure_is_tried_again_after_a_wait_that_doubles():
    web = web_of({A: [Page("", 503), httpx.ConnectError("down"), "a"]}, news="")
    (outcome,) = fetch_all(web, [article(A)], STEADY)
    assert isinstance(outcome, Fetched)
    assert [
        after.started_at - before.ended_at for before, after in zip(web.asked[1:], web.asked[2:], strict=False)
    ] == [
        seconds(2),
        seconds(4),
    ]


def test_the_last_failure_is_told_with_the_number_of_tries():
    web = web_of({A: [Page("", 500), Page("", 502)], B: Page("", 404), C: "c"})
    outcomes = fetch_all(web, map(article, (A, B, C)), replace(STEADY, retries=1))
    assert reasons(outcomes) == [
        "the server answers 502 Bad Gateway (tried 2 times)",
        "the server answers 404 Not Found",
    ]
    assert isinstance(outcomes[2], Fetched)


@pytest.mark.parametrize(
    ("header", "wait"), [("30", 30), ("0", 2), ("Mon, 02 Mar 2026 06:01:00 GMT", 57.6), ("soon", 2), ("120", 120)]
)
def test_retry_after_is_kept(header, wait):
    """In seconds, as a date, or 0: then the pace alone counts."""
    web = web_of({A: [Page("", 429, headers={"retry-after": header}), "a"]}, news="")
    assert isinstance(fetch_all(web, [article(A)], STEADY)[0], Fetched)
    assert web.asked[2].started_at - web.asked[1].ended_at == seconds(wait)


def test_retry_after_holds_the_whole_host():
    busy = Page("", 503, headers={"retry-after": "50"})
    web = web_of({A: busy, B: "b"}, news="")
    fetch_all(web, map(article, (A, B)), replace(STEADY, retries=0))
    assert web.asked[2].started_at - web.asked[1].ended_at == seconds(50)


def test_a_long_retry_after_leaves_the_host_for_a_later_pass():
    web = web_of({A: Page("", 503, headers={"retry-after": "3600"}), B: "b", C: "c", "https://other.example/d": "d"})
    outcomes = fetch_all(web, map(article, (A, B, C, "https://other.example/d")), STEADY)
    by_url = {outcome.request.url: outcome for outcome in outcomes}
    assert by_url[A].status == 503
    for url in (A, B, C):
        assert isinstance(by_url[url], Failed)
        assert by_url[url].retry_at == by_url[A].retry_at
    assert by_url[B].reason == "left for a later pass: the server wants to be asked again at 2026-03-02 07:00 UTC"
    assert isinstance(by_url["https://other.example/d"], Fetched)
    assert sorted(web.urls()) == [A, "https://other.example/d"]


def test_that_a_host_is_left_is_told_at_once_also_while_nobody_reads_the_answer():
    """Whoever is killed before the answer is read must not ask again."""
    web = web_of({A: Page("", 503, headers={"retry-after": "3600"})})

    async def work():
        told = []
        async with web.client(STEADY) as client:
            lanes = Lanes(client, STEADY, web.clock)
            lanes.when_left(lambda host, left: told.append((host, left.until)))
            lanes.add(article(A))
            await web.clock.sleep(seconds(30))
            return told

    ((host, until),) = run(work())
    assert "news.example:443" == host
    assert START < until - seconds(3600) < START + seconds(30)


def test_a_host_that_stops_answering_is_left_after_a_while():
    urls = [f"https://news.example/{i}" for i in range(50)]
    web = web_of(dict.fromkeys(urls, httpx.ReadTimeout("")), news="")
    outcomes = fetch_all(web, map(article, urls), STEADY)
    assert len(outcomes) == 50
    assert len(set(web.urls())) == 5
    assert reasons(outcomes)[-1] == (
        "left for a later pass: 5 requests in a row failed, the last: the server did not answer within 30 s"
    )


def test_broken_pages_do_not_leave_the_host():
    """A 500 may be the fault of one page."""
    urls = [f"https://news.example/{i}" for i in range(12)]
    web = web_of(dict.fromkeys(urls, Page("", 500)))
    fetch_all(web, map(article, urls))
    assert len(set(web.urls())) == 12


# ---------------------------------------------------------------- redirects


def redirected(url: str, target: str, **request) -> Redirected:
    return Redirected(article(url, **request), START, 301, target, timedelta())


def test_a_redirect_is_a_new_request(tmp_path):
    first = {"validators": Validators('"a"'), "cookies_file": tmp_path, "pace": seconds(9), "source": "news"}
    further = follow(redirected("https://www.example.org/a", "https://example.org/b", **first), SETTINGS)
    expected = article(
        "https://example.org/b",
        hops=("https://www.example.org/a",),
        cookies_file=tmp_path,
        pace=seconds(9),
        source="news",
    )
    assert expected == further


def test_cookies_stay_on_this_machine_without_https(tmp_path):
    """Nobody listens there; such addresses must be allowed one by one."""
    further = follow(redirected("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/b", cookies_file=tmp_path), SETTINGS)
    assert tmp_path == further.cookies_file


@pytest.mark.parametrize("target", ["https://example.net/b", "http://example.org/b"])
def test_cookies_do_not_leave_the_domain_or_https(target, tmp_path):
    further = follow(redirected("https://example.org/a", target, cookies_file=tmp_path), SETTINGS)
    assert isinstance(further, FetchRequest)
    assert (further.url, further.cookies_file) == (target, None)


@pytest.mark.parametrize(
    ("url", "target", "hops", "reason"),
    [
        (A, A, (), "the redirects go round in a circle"),
        (B, A, (A,), "the redirects go round in a circle"),
        (C, A, ("1", "2", "3", "4", "5"), "more than 5 redirects"),
    ],
)
def test_redirects_end(url, target, hops, reason):
    lost = follow(redirected(url, target, hops=hops), SETTINGS)
    assert isinstance(lost, Failed)
    assert (lost.reason, lost.status) == (reason, 301)


@given(st.lists(st.sampled_from([A, B, C, "https://other.example/"]), min_size=1, max_size=20), st.integers(0, 5))
def test_following_always_ends(targets, most):
    settings: FetchSettings = replace(SETTINGS, max_redirects=most)
    request: FetchRequest | Failed = article("https://start.example/")
    count = 0
    for target in targets:
        assert isinstance(request, FetchRequest)
        request = follow(Redirected(request, START, 302, target, timedelta()), settings)
        if isinstance(request, Failed):
            break
        count += 1
    assert count <= most
