"""robots.txt: what came of asking, and what that means for a host."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from fakes import START, FakeClock, FakeWeb, Page, moved, run, text
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.robots import ROBOTS_BYTES, Robots, RobotsState, judge_robots, parse_robots
from scraper.model import Disallowed, Failed, FetchRequest, NotModified, Outcome, Purpose, Redirected

ROBOTS = Path(__file__).parents[2] / "shared" / "conformance" / "robots"
needs_shared = pytest.mark.skipif(not ROBOTS.is_dir(), reason="../shared is missing")

ADDRESS = "https://news.example/robots.txt"
REQUEST = FetchRequest(ADDRESS, Purpose.ROBOTS)


def ask(page: Page | Exception) -> Robots:
    """What a host with this robots.txt says."""

    async def fetch() -> Outcome:
        async with FakeWeb(FakeClock(), {ADDRESS: page}).client() as client:
            return await client.fetch(REQUEST)

    return judge_robots(run(fetch()), "presswatch")


def allows(robots: str | bytes, path: str) -> bool:
    body = robots.encode() if isinstance(robots, str) else robots
    return parse_robots(body, "presswatch").refusal(f"https://news.example{path}") is None


# ---------------------------------------------------------------- the file


def test_the_most_specific_group_counts_alone():
    robots = "User-agent: *\nDisallow: /\n\nUser-agent: Presswatch\nDisallow: /drafts\n"
    assert allows(robots, "/a")
    assert not allows(robots, "/drafts/a")


@pytest.mark.parametrize(
    "line", ["Content-Signal: ai-train=no", "Sitemap: https://news.example/s.xml", "Noindex: /", "Host: a", "???", ""]
)
def test_a_line_that_is_no_rule_does_not_part_the_agents_of_a_group(line):
    robots = f"User-agent: presswatch\n{line}\nUser-agent: *\nDisallow: /\n"
    assert not allows(robots, "/a")


def test_a_delay_is_kept_and_so_ends_the_row_of_agents():
    robots = parse_robots(b"User-agent: *\nCrawl-delay: 7\n\nUser-agent: BadBot\nDisallow: /\n", "presswatch")
    assert timedelta(seconds=7) == robots.delay
    assert robots.refusal("https://news.example/a") is None


@pytest.mark.parametrize(
    ("value", "is_us"),
    [
        ("presswatch/0.1", True),
        ("Presswatch 2 (archive)", True),
        ("presswatch*", True),
        ("PRESSWATCH;", True),
        ("* (everybody)", True),
        ("press", False),
        ("presswatch-images", False),
        ("the presswatch", False),
        ("", False),
    ],
)
def test_a_value_names_a_crawler_by_its_product_token(value, is_us):
    assert is_us is not allows(f"User-agent: {value}\nDisallow: /\n", "/a")


def test_all_groups_that_name_us_count_together():
    robots = "User-agent: presswatch\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: presswatch/2\nDisallow: /b"
    assert [False, False, True] == [allows(robots, path) for path in ("/a", "/b", "/c")]


def test_the_longest_rule_decides_and_between_two_the_one_that_allows():
    robots = "User-agent: *\nDisallow: /news\nAllow: /news\nDisallow: /news/*/draft$\nAllow: /news/2026"
    answers = {
        path: allows(robots, path) for path in ("/news/a", "/news/2026/draft", "/news/2026/draft/1", "/news/x/draft")
    }
    assert {"/news/a": True, "/news/2026/draft": False, "/news/2026/draft/1": True, "/news/x/draft": False} == answers


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_file_and_any_address_give_an_answer(robots, url):
    assert parse_robots(robots.encode("utf-8", "replace"), "presswatch").refusal(url) in {
        None,
        "robots.txt disallows it",
    }


def test_a_rule_of_many_wildcards_takes_no_time():
    robots = "User-agent: *\nDisallow: /" + "*a" * 8_000 + "$\n"
    assert allows(robots, "/" + "a" * 7_000)


def test_the_file_itself_is_always_allowed():
    assert allows("User-agent: *\nDisallow: /", "/robots.txt")
    assert not allows("User-agent: *\nDisallow: /", "/robots.txt/more")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_every_line_end_ends_a_line(end):
    assert not allows(end.join(["User-agent: *", "Disallow: /a"]), "/a")


@pytest.mark.parametrize(
    "robots",
    [
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /a",
        "User-agent: *\nDisallow: /a".encode("utf-16"),
        b"# caf\xe9\nUser-agent: *\nDisallow: /caf\xe9\nDisallow: /a",
        b"\x00\xff\nUser-agent: *\nDisallow: /a",
    ],
)
def test_lines_count_in_any_encoding(robots):
    assert not allows(robots, "/a")


def test_the_first_part_of_a_long_file_is_read():
    head = b"User-agent: *\nDisallow: /a\n"
    filler = b"# nothing\n" * (ROBOTS_BYTES // 10)
    assert not allows(head + filler, "/a")
    assert allows(filler + head, "/a")


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ("Crawl-delay: 0.5", 0.5),
        ("Crawl-delay: 5", 5),
        ("Crawl-delay: 600", 600),
        ("Crawl-delay: abc", 0),
        ("Crawl-delay: -1", 0),
        ("Crawl-delay: inf", 0),
        ("Request-rate: 1/5", 5),
        ("Request-rate: 2/1m", 30),
        ("Crawl-delay: 3\nRequest-rate: 1/10s", 10),
        ("Crawl-delay: 1e300", 31_536_000),
        (f"Request-rate: 1/{'9' * 400}", 31_536_000),
        ("Disallow: /a", 0),
    ],
)
def test_the_delay_is_the_longer_of_the_two(lines, seconds):
    robots = parse_robots(f"User-agent: *\n{lines}".encode(), "presswatch")
    assert timedelta(seconds=seconds) == robots.delay


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read(body):
    robots = parse_robots(b"User-agent: *\n" + body, "presswatch")
    robots.refusal("https://news.example/a?b=c")
    assert timedelta() <= robots.delay <= timedelta(days=365)


# ---------------------------------------------------------------- the answer


@pytest.mark.parametrize(
    ("page", "state", "is_allowed"),
    [
        (text("User-agent: *\nDisallow: /a"), RobotsState.RULES, False),
        (text(""), RobotsState.RULES, True),
        (Page("<!DOCTYPE html><p>Not here."), RobotsState.ALL_ALLOWED, True),
        (Page("Not here.", 404), RobotsState.ALL_ALLOWED, True),
        (Page("Gone.", 410), RobotsState.ALL_ALLOWED, True),
        (Page("Who are you?", 401), RobotsState.REFUSED, False),
        (Page("Go away.", 403), RobotsState.REFUSED, False),
        (Page("Slowly.", 429), RobotsState.NOT_NOW, False),
        (Page("Broken.", 500), RobotsState.NOT_NOW, False),
        (Page("Later.", 503), RobotsState.NOT_NOW, False),
        (TimeoutError(), RobotsState.NOT_NOW, False),
        (OSError("no route"), RobotsState.NOT_NOW, False),
        (text(b"\x1f\x8b\x08" + b"\xff" * 90, headers={"content-encoding": "gzip"}), RobotsState.NOT_NOW, False),
        (text("User-agent: *\nDisallow: /a\n" + "# long\n" * 2_000_000), RobotsState.RULES, False),
        (moved("https://news.example/other/robots.txt"), RobotsState.ALL_ALLOWED, True),  # one too many
    ],
)
def test_what_an_answer_means(page, state, is_allowed):
    """RFC 9309 §2.3.1; 401 and 403 are taken as a no."""
    robots = ask(page)
    assert (state, is_allowed) == (robots.state, robots.refusal("https://news.example/a") is None)


def test_whatever_is_not_a_rule_is_explained():
    url = "https://news.example/a"
    closed = "robots.txt is refused to us (status 403), taken as a no"
    silent = "robots.txt is unreachable, so not in this pass: the server did not answer within 30 s"
    assert closed == ask(Page("No.", 403)).refusal(url)
    assert silent == ask(TimeoutError()).refusal(url)
    assert ask(Page("", 404)).note == "there is no robots.txt (status 404)"


def test_answers_that_should_not_be_keep_us_away():
    refused = judge_robots(Disallowed(REQUEST, START, "10.0.0.1 is not a public address"), "presswatch")
    unasked = judge_robots(NotModified(REQUEST, START, timedelta()), "presswatch")
    unread = judge_robots(Failed(REQUEST, START, "the answer breaks off", 200), "presswatch")
    assert [refused.state, unasked.state, unread.state] == [RobotsState.NOT_NOW] * 3


def test_a_redirect_that_is_left_counts_as_no_file():
    lost = Redirected(REQUEST, START, 301, "https://news.example/x", timedelta())
    assert judge_robots(lost, "presswatch").state is RobotsState.ALL_ALLOWED


# ---------------------------------------------------------------- ../shared


def score(name: str) -> Counter[tuple[str, bool]]:
    """Right and wrong answers of a suite, by kind of case."""
    counts: Counter[tuple[str, bool]] = Counter()
    for case in json.loads((ROBOTS / name).read_text()):
        robots = parse_robots(case["robots"].encode(), case["agent"])
        if case.get("kind") == "crawl_delay":
            is_right = robots.delay == timedelta(seconds=case["value"] or 0)
        else:
            is_right = (robots.refusal(case["url"]) is None) == case["allowed"]
        kind = "google only" if case.get("google_only") else "agent with space" if " " in case["agent"] else "RFC"
        counts[kind, is_right] += 1
    return counts


@pytest.mark.shared
@needs_shared
def test_google_cases():
    """
    The three lost ones keep a percent escape apart from the letter it stands for; RFC 9309 §2.2.2
    has them equal.
    """
    counts = score("google.json")
    assert counts == {("RFC", True): 38, ("RFC", False): 3, ("google only", True): 67}


@pytest.mark.shared
@needs_shared
def test_protego_cases():
    """
    The three lost ones let a line that nobody knows end a row of User-agent lines; RFC 9309 §2.2.4
    forbids it.
    """
    assert score("protego.json") == {("RFC", True): 273, ("RFC", False): 3, ("agent with space", True): 4}


def test_licences_are_named_for_everybody_by_their_absolute_addresses():
    """RSL 1.0, guide "robots.txt"; `Request-license: x` and relative ones are no such lines."""
    file = (
        b"License: https://news.example/rsl.xml\nUser-agent: other\n license : http://b.example/b # all\n"
        b"License: /relative\nX-License: https://c.example/\nDisallow: /\n"
    )
    assert ("https://news.example/rsl.xml", "http://b.example/b") == parse_robots(file, "presswatch").licenses
    assert parse_robots(file, "presswatch").refusal("https://news.example/a") is None
