"""Alerts: what they hold of, what follows in the archive, and that each story is told once."""

import random
import tomllib
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import count
from pathlib import Path

import pytest
from samples import DAY, HARBOUR, NOW, TIDE, article, body_of, keep, rows

from archive.edition.deliver import Refusal
from archive.model import DeliveryState, Limits
from archive.run.alerts.judging import judge_new
from archive.run.alerts.outbox import tell
from archive.settings import (
    AlertSettings,
    ArchiveSettings,
    ChannelKind,
    ChannelSettings,
    DigestSettings,
    PassSettings,
    RetentionRule,
    Settings,
)
from archive.store import Archive
from scraper.errors import Mistake
from scraper.model import Access, AccessStatus, FetchSettings, LabelledBlock, Role

PAIRS = tomllib.loads((Path(__file__).parent / "alerts" / "pairs.toml").read_text(encoding="utf-8"))["alert"]
MINUTE = timedelta(minutes=1)
PHONE = ChannelSettings("phone", ChannelKind.WEBHOOK, "http://127.0.0.1:9/hook")


def settings_of(*alerts, channels=(PHONE,)):
    digest = DigestSettings("Digest", "UTC", time(6, 30), Path("digests"))
    places = ArchiveSettings(Path("press.db"), Path("captures"))
    return Settings(
        Path("config"),
        FetchSettings("presswatch/1 (+https://reader.example/contact)"),
        places,
        PassSettings(),
        digest,
        (TIDE, HARBOUR),
        alerts=alerts,
        channels=channels,
    )


def alert(name="sandvik", query="sandvik", **more):
    """An alert with a query; with *words*, one with a word list."""
    words = {"words_file": Path("words.txt")} if "words" in more else {}
    return AlertSettings(name, name.title(), **{"query": query, **words, **more})


def telling(name="sandvik", query="sandvik", **more):
    return alert(name, query, notify=("phone",), **more)


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "fixture.db", write=True) as opened:
        opened.save_sources([TIDE, HARBOUR])
        yield opened


# ---------------------------------------------------------------- what an alert holds of


def kept(archive, number, text):
    """The id of an article with what a pair says of it."""
    facts = {"body": text} if isinstance(text, str) else text
    blocks = [LabelledBlock(Role.BODY, facts.get("body", ""), "test")]
    blocks += [LabelledBlock(Role.CAPTION, facts["caption"], "test")] if "caption" in facts else []
    made = article(
        f"https://{facts.get('source', 'tide')}.example/{number}",
        headline=facts.get("title", "Notes"),
        dek=facts.get("dek"),
        blocks=tuple(blocks),
        access=Access(AccessStatus(facts.get("access", "free")), facts.get("complete")),
        section=facts.get("section"),
        language=facts.get("language"),
        published_at=datetime.fromisoformat(f"{facts['published']}T04:00Z") if "published" in facts else None,
        **{name: tuple(facts.get(name, ())) for name in ("authors", "tags", "cves")},
    )
    return keep(archive, made, source=facts.get("source", "tide"), private=facts.get("private", False))[1]


@pytest.fixture(scope="module")
def judged():
    """For each pair, which of its texts an alert holds of, and of which it should."""
    found = []
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([TIDE, HARBOUR])
        numbers, asked = count(), []
        for place, pair in enumerate(PAIRS):
            lines = tuple(line for line in pair.get("words", ()) if line and not line.startswith("#"))
            asked.append(alert(f"a{place}", pair.get("query", ""), **({"words": lines} if lines else {})))
            texts = [(one, True) for one in pair.get("comes", ())] + [(one, False) for one in pair.get("stays", ())]
            found.append({kept(archive, next(numbers), text): (comes, str(text)) for text, comes in texts})
        judge_new(archive, settings_of(*asked), NOW)
        for place, expected in enumerate(found):
            holds = set(archive.hits_of(f"a{place}", 10_000))
            found[place] = [(text, comes, key in holds) for key, (comes, text) in expected.items()]
    return found


@pytest.mark.parametrize("place", range(len(PAIRS)), ids=[str(pair.get("query") or pair["words"]) for pair in PAIRS])
def test_an_alert_holds_of_what_it_asks_for_and_of_nothing_else(judged, place):
    assert [] == [text for text, comes, holds in judged[place] if comes is not holds]


def test_there_are_two_hundred_pairs(judged):
    assert 200 <= sum(map(len, judged))


# ---------------------------------------------------------------- told once


class Phone:
    """A channel: whom it told what, and whether it is there."""

    def __init__(self, is_there=bool):
        self.told = []
        self.is_there = is_there
        self.now = NOW

    def __call__(self, one):
        if not self.is_there(self.now):
            return Refusal("nobody answers", is_general=True)
        self.told.append((one.notice.alert, one.notice.lead.headline))
        return None

    def look(self, archive, settings, now):
        """A look at the outbox, as a watch has it every twenty seconds."""
        self.now = now
        return tell(archive, settings, now, send=self)


def about(topic, url, headline, **more):
    """An article on one event: a text of its own with words that others on it share."""
    text = f"{headline}. Sandvik said on Monday that the plant in {topic} is shut. {body_of(url.rpartition('/')[2])}"
    return article(url, text, headline=headline, language="en", **more)


FIRST = about("Gimo", "https://tide.example/first", "Sandvik shuts its plant in Gimo after a break-in")
SECOND = about("Gimo", "https://harbour.example/second", "Sandvik plant in Gimo shut after a break-in, police say")


def test_an_article_is_told_when_it_is_archived_and_never_again(archive):
    phone, settings = Phone(), settings_of(telling())
    keep(archive, FIRST)
    for seconds in range(0, 300, 20):
        phone.look(archive, settings, NOW + timedelta(seconds=seconds))
    assert [("sandvik", FIRST.headline)] == phone.told


def test_nothing_is_told_of_what_does_not_match(archive):
    phone = Phone()
    keep(archive, article())
    phone.look(archive, settings_of(telling()), NOW)
    assert [] == phone.told


def test_a_story_that_grows_by_a_second_article_is_told_once(archive):
    phone, settings = Phone(), settings_of(telling())
    keep(archive, FIRST)
    phone.look(archive, settings, NOW)
    keep(archive, SECOND, NOW + 30 * MINUTE, source="harbour")
    phone.look(archive, settings, NOW + 31 * MINUTE)
    assert 1 == len({archive.living_stories([n], NOW)[n].story_id for n in (1, 2)})
    assert [("sandvik", FIRST.headline)] == phone.told


def test_two_articles_of_a_story_that_come_together_are_one_message(archive):
    phone = Phone()
    keep(archive, FIRST)
    keep(archive, SECOND, source="harbour")
    phone.look(archive, settings_of(telling()), NOW)
    assert 1 == len(phone.told)


def test_another_story_is_told_as_well(archive):
    phone, settings = Phone(), settings_of(telling())
    keep(archive, FIRST)
    other = article(
        "https://tide.example/result", f"Sandvik earns more. {body_of('result')}", headline="Sandvik earns more"
    )
    keep(archive, other)
    phone.look(archive, settings, NOW)
    assert {FIRST.headline, "Sandvik earns more"} == {headline for _, headline in phone.told}


def test_two_alerts_on_one_story_are_two_messages(archive):
    phone, settings = Phone(), settings_of(telling(), telling("gimo", "gimo break-in"))
    keep(archive, FIRST)
    keep(archive, SECOND, source="harbour")
    phone.look(archive, settings, NOW)
    assert ["gimo", "sandvik"] == sorted(name for name, _ in phone.told)


def test_a_revised_article_that_newly_matches_is_told(archive):
    phone, settings = Phone(), settings_of(telling())
    keep(archive, article(body=f"A plant is shut. {body_of('storm')}"))
    phone.look(archive, settings, NOW)
    keep(archive, article(body=f"A plant of Sandvik is shut, the police say now. {body_of('storm')}"), NOW + DAY)
    phone.look(archive, settings, NOW + DAY)
    phone.look(archive, settings, NOW + DAY + MINUTE)
    assert [("sandvik", "Storm shuts roads")] == phone.told


def test_a_revised_article_that_matched_before_is_not_told_again(archive):
    phone, settings = Phone(), settings_of(telling())
    for n, more in enumerate(("is shut", "is open", "is shut again")):
        keep(archive, article(body=f"A plant of Sandvik {more}. {body_of('storm')}"), NOW + n * DAY)
        phone.look(archive, settings, NOW + n * DAY)
    assert 1 == len(phone.told)


def test_what_appeared_long_ago_is_marked_and_not_told(archive):
    phone = Phone()
    keep(archive, replace(FIRST, published_at=NOW - 8 * DAY))
    phone.look(archive, settings_of(telling()), NOW)
    assert [] == phone.told
    assert {1: ("sandvik",)} == archive.marks([1])


def test_what_its_publisher_withdrew_is_not_told(archive):
    phone, settings = Phone(lambda now: now > NOW), settings_of(telling())
    keep(archive, FIRST, limits=Limits(unavailable_after=NOW + MINUTE))
    phone.look(archive, settings, NOW)
    phone.look(archive, settings, NOW + 5 * MINUTE)
    assert [] == phone.told


# ---------------------------------------------------------------- a server that is away


def test_a_server_that_is_down_for_an_hour_gets_everything_when_it_is_back(archive):
    back = NOW + timedelta(hours=1)
    phone, settings = Phone(lambda now: now >= back), settings_of(telling())
    keep(archive, FIRST)
    now = NOW
    while not phone.told:
        phone.look(archive, settings, now)
        now += timedelta(seconds=20)
    assert back + 10 * MINUTE >= now - timedelta(seconds=20)
    assert () == archive.waiting_notices()


def test_a_channel_that_is_away_is_asked_once_a_time(archive):
    asked = []
    keep(archive, FIRST)
    keep(archive, article("https://tide.example/x", f"Sandvik digs. {body_of('digs')}", headline="Sandvik digs deep"))

    def away(one):
        asked.append(one)
        return Refusal("nobody answers", is_general=True)

    sent = tell(archive, settings_of(telling()), NOW, send=away)
    assert 1 == len(asked)
    assert ["alert sandvik: not told by phone: nobody answers"] == sent.problems


def test_what_is_refused_for_good_is_given_up_after_three_days(archive):
    settings = settings_of(telling())
    keep(archive, FIRST)
    for hours in range(80):
        tell(archive, settings, NOW + timedelta(hours=hours), send=lambda _: Refusal("no", is_lasting=True))
    (given_up,) = archive.given_up_notices(NOW)
    assert (DeliveryState.FAILED, "no") == (given_up.state, given_up.last_error)
    assert 14 > given_up.tries


@pytest.mark.parametrize("seed", range(2))
def test_in_thirty_nights_with_random_outages_every_hit_is_told_exactly_once(archive, seed):
    """A night has up to three events; of each up to two articles come, hours apart; the server comes and goes."""
    dice, settings = random.Random(seed), settings_of(telling())
    outages = []
    for night in range(30):
        begin = NOW + night * DAY + timedelta(hours=dice.randrange(24))
        outages.append((begin, begin + timedelta(minutes=dice.randrange(20, 600))))
    phone = Phone(lambda now: not any(begin <= now < end for begin, end in outages))
    events, arrivals = 0, []
    for night in range(30):
        for _ in range(dice.randrange(4)):
            at = NOW + night * DAY + timedelta(minutes=dice.randrange(24 * 60))
            text = f"Sandvik reports event{events}. {body_of(f'event{events}', length=120)}"
            one = article(f"https://tide.example/{events}", text, headline=f"Sandvik event{events} happened")
            arrivals.append((at, one, "tide"))
            if dice.random() < 0.5:
                copy = replace(one, url=f"https://harbour.example/{events}")
                arrivals.append((at + timedelta(minutes=dice.randrange(600)), copy, "harbour"))
            events += 1
    arrivals.sort(key=lambda arrival: arrival[0])
    now = NOW
    while now < NOW + 32 * DAY:
        while arrivals and arrivals[0][0] <= now:
            at, one, source = arrivals.pop(0)
            keep(archive, one, at, source=source)
        phone.look(archive, settings, now)
        now += timedelta(minutes=30)
    assert sorted(f"Sandvik event{n} happened" for n in range(events)) == sorted(head for _, head in phone.told)


class KilledError(Exception):
    """The process was killed."""


@pytest.mark.parametrize("step", ["judged", "noticed", "sending", "sent"])
def test_after_a_restart_in_the_middle_everything_is_told(tmp_path, step):
    """What was handed over and not noted comes once more; nothing else does, and nothing is lost."""
    settings, told = settings_of(telling(), telling("gimo", "gimo")), []

    def dying(one):
        if step == "sending":
            raise KilledError
        told.append(one.notice.alert)
        if step == "sent":
            raise KilledError

    with Archive.open(tmp_path / "press.db", write=True) as archive:
        archive.save_sources([TIDE])
        keep(archive, FIRST)
        if step == "noticed":
            judge_new(archive, settings, NOW)
        elif step != "judged":
            with pytest.raises(KilledError):
                tell(archive, settings, NOW, send=dying)
    again = []
    with Archive.open(tmp_path / "press.db", write=True) as archive:
        tell(archive, settings, NOW + MINUTE, send=lambda one: again.append(one.notice.alert))
        tell(archive, settings, NOW + 2 * MINUTE, send=lambda one: again.append(one.notice.alert))
    assert ["gimo", "sandvik"] == sorted(again)
    assert (1 if step == "sent" else 0) == len(told)


# ---------------------------------------------------------------- what follows in the archive


def test_the_tag_of_an_alert_is_found_by_tag_in_queries(archive):
    keep(archive, FIRST)
    keep(archive, article())
    judge_new(archive, settings_of(alert(tag=("Häfen",))), NOW)
    assert [1] == [hit.article_id for hit in archive.search("tag:hafen", now=NOW)]
    assert [2] == [hit.article_id for hit in archive.search("-tag:hafen road", now=NOW)]


def test_a_star_of_an_alert_keeps_an_article_from_retention(archive):
    keep(archive, FIRST)
    keep(archive, article())
    judge_new(archive, settings_of(alert(star=True)), NOW)
    assert [1] == [hit.article_id for hit in archive.search("is:starred", now=NOW)]
    archive.prune([RetentionRule(None, DAY)], NOW + 2 * DAY)
    assert archive.article(1) is not None
    assert archive.article(2) is None


def test_marks_go_when_the_text_no_longer_has_it(archive):
    settings = settings_of(alert(tag=("steel",), lead=True))
    keep(archive, article(body=f"Sandvik is shut. {body_of('storm')}"))
    judge_new(archive, settings, NOW)
    assert {1: ("sandvik",)} == archive.marks([1]) == archive.lead_alerts([1])
    keep(archive, article(body=f"Another firm is shut, not the one named before. {body_of('storm')}"), NOW + DAY)
    judge_new(archive, settings, NOW + DAY)
    assert {} == archive.marks([1]) == archive.lead_alerts([1])
    assert () == archive.search("tag:steel", now=NOW)


def test_notices_go_with_their_articles(archive):
    keep(archive, FIRST)
    tell(archive, settings_of(telling()), NOW, send=lambda _: None)
    archive.prune([RetentionRule(None, DAY)], NOW + 9 * DAY)
    assert {} == archive.alert_counts()
    assert rows(archive, "SELECT COUNT(*) FROM notices")[0][0] == 0


def test_an_alert_that_follows_a_story_holds_of_what_joins_it(archive):
    settings = settings_of(alert("follow", "story:1"))
    keep(archive, FIRST)
    judge_new(archive, settings, NOW)
    keep(archive, SECOND, NOW + MINUTE, source="harbour")
    judge_new(archive, settings, NOW + MINUTE)
    assert (2, 1) == archive.hits_of("follow", 5)


def test_a_disabled_alert_and_one_with_a_broken_list_hold_of_nothing(archive):
    off = alert("off", enabled=False)
    broken = alert("broken", words=(), problem="words.txt cannot be read")
    keep(archive, FIRST)
    judge_new(archive, settings_of(off, broken), NOW)
    assert {} == archive.alert_counts()


# ---------------------------------------------------------------- what an alert missed while it could not be read

WHOLE = telling()
NO_FILE = (Mistake(Path("alerts/desk.toml"), "", "", "not valid TOML"),)
WRONG_QUERY = (Mistake(Path("alerts/desk.toml"), "sandvik", "query", "this bracket is not closed"),)
NO_LIST = replace(WHOLE, words_file=Path("words.txt"), words=(), problem="words.txt cannot be read")
BROKEN = {
    "its file is no TOML": replace(settings_of(), alert_mistakes=NO_FILE),
    "its query is broken": replace(settings_of(), alert_mistakes=WRONG_QUERY),
    "its word list cannot be read": settings_of(NO_LIST),
    "another works": replace(settings_of(telling("plant", "plant")), alert_mistakes=NO_FILE),
}
TOWNS = ("Gimo", "Oslo", "Visby", "Turku", "Narvik", "Kiruna", "Malmo", "Bergen")


def comes(archive, number):
    """A report of its own on Sandvik, seen so many days after the first."""
    town = TOWNS[number]
    new = article(f"https://tide.example/{town}", f"Sandvik. {body_of(town)}", headline=f"Sandvik in {town}")
    keep(archive, new, NOW + number * DAY)
    return new.headline


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_came_while_an_alert_was_broken_is_told_once_when_it_is_mended(tmp_path, broken):
    """Broken for three days, the program started anew each day; mended; broken again, and mended."""
    phone, came, expected = Phone(), [], []
    for number in range(8):
        is_broken = number in {1, 2, 3, 5}
        with Archive.open(tmp_path / "press.db", write=True) as archive:
            archive.save_sources([TIDE])
            came.append(comes(archive, number))
            for minutes in (0, 1):
                settings = broken if is_broken else settings_of(WHOLE)
                phone.look(archive, settings, NOW + number * DAY + minutes * MINUTE)
        expected = expected if is_broken else sorted(came)
        assert expected == sorted(headline for name, headline in phone.told if name == "sandvik")


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_came_before_an_alert_was_there_is_not_found_when_it_is_mended(archive, broken):
    comes(archive, 0)
    judge_new(archive, settings_of(alert("other", "storm")), NOW)
    keep(archive, article())
    judge_new(archive, settings_of(WHOLE), NOW + DAY)
    comes(archive, 2)
    judge_new(archive, broken, NOW + 2 * DAY)
    assert 1 == judge_new(archive, settings_of(WHOLE), NOW + 3 * DAY)
    assert (3,) == archive.hits_of("sandvik", 9)


def test_two_articles_of_a_story_that_came_meanwhile_are_one_message_and_one_of_a_story_that_was_told_is_none(archive):
    phone, broken = Phone(), BROKEN["its file is no TOML"]
    phone.look(archive, settings_of(WHOLE), NOW)
    for new, source in ((FIRST, "tide"), (SECOND, "harbour")):
        keep(archive, new, NOW + DAY, source=source)
    phone.look(archive, broken, NOW + DAY)
    phone.look(archive, settings_of(WHOLE), NOW + 2 * DAY)
    assert 1 == len(phone.told)
    keep(archive, about("Gimo", "https://tide.example/third", "Sandvik plant in Gimo still shut"), NOW + 3 * DAY)
    phone.look(archive, broken, NOW + 3 * DAY)
    phone.look(archive, settings_of(WHOLE), NOW + 4 * DAY)
    assert 1 == len(phone.told)
    assert 3 == archive.alert_counts()["sandvik"].articles


def test_after_more_than_a_month_only_what_came_in_the_last_one_is_found(archive):
    judge_new(archive, settings_of(WHOLE), NOW)
    for number in (1, 5):
        comes(archive, number)
        judge_new(archive, BROKEN["its file is no TOML"], NOW + number * DAY)
    judge_new(archive, settings_of(WHOLE), NOW + 33 * DAY)
    assert (2,) == archive.hits_of("sandvik", 9)


def test_what_an_alert_held_of_stands_while_it_is_broken_and_goes_by_the_text_when_it_is_mended(archive):
    body = f"Sandvik is shut. {body_of('storm')}"
    keep(archive, article(body=body))
    judge_new(archive, settings_of(alert(tag=("steel",))), NOW)
    keep(archive, article(body=f"Another firm is shut, not the one named before. {body_of('storm')}"), NOW + DAY)
    judge_new(archive, BROKEN["another works"], NOW + DAY)
    assert (1,) == archive.hits_of("sandvik", 9)
    judge_new(archive, settings_of(alert(tag=("steel",))), NOW + 2 * DAY)
    assert () == archive.hits_of("sandvik", 9)


def test_an_alert_that_slept_because_it_was_told_to_or_was_away_missed_nothing(archive):
    judge_new(archive, settings_of(WHOLE), NOW)
    for number, settings in enumerate((settings_of(replace(WHOLE, enabled=False)), settings_of()), 1):
        comes(archive, number)
        judge_new(archive, settings, NOW + number * DAY)
    assert 0 == judge_new(archive, settings_of(WHOLE), NOW + 3 * DAY)
    assert {} == archive.alert_counts()


def test_a_hit_that_waits_to_be_told_waits_on_while_its_alert_is_broken(archive):
    """Who was killed behind the hit and before the notice."""
    comes(archive, 0)
    with pytest.raises(ZeroDivisionError):
        judge_new(_Killed(archive), settings_of(WHOLE), NOW)
    phone = Phone()
    phone.look(archive, BROKEN["its file is no TOML"], NOW + MINUTE)
    assert [] == phone.told
    phone.look(archive, settings_of(WHOLE), NOW + 2 * MINUTE)
    assert 1 == len(phone.told)


class _Killed:
    """An archive that is there no more when a notice is to be kept."""

    def __init__(self, archive):
        self.archive = archive

    def __getattr__(self, name):
        if name == "add_notice":
            raise ZeroDivisionError
        return getattr(self.archive, name)
