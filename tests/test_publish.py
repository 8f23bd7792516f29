"""A digest from the archive to files and mail: everybody is told once, whatever fails in between."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from samples import DAY, HOUR, TIDE, article, body_of, keep, rows
from test_deliver import MailServer
from worlds import World

from archive.edition.days import due_at
from archive.edition.publish import days_to_make, deliver_waiting, make_due, make_edition, publish
from archive.model import Channel, DeliveryState
from archive.settings import RetentionRule
from archive.store import Archive

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MORNING = MONDAY + DAY + timedelta(hours=6)  # of Tuesday, when Monday's digest is made
ADA, BO = "ada@reader.example", "bo@reader.example"


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "press.db", write=True) as opened:
        opened.save_sources([TIDE])
        yield opened


@pytest.fixture
def server():
    with MailServer() as running:
        yield running


def settings_with(mail, folder):
    made = World(folder, {})
    made.archive.close()
    return replace(made.settings, mail=mail)


def see(archive, name, at, body=None):
    """An article that is first seen then."""
    keep(archive, article(f"https://tide.example/{name}", body or body_of(name), headline=name.title()), at)


class Desk:
    """An archive, its settings, and the digests that are made in the morning."""

    def __init__(self, archive, settings):
        self.archive, self.settings = archive, settings

    def night(self, number=0, **more):
        """The digest of Monday or so many days later, made in the morning after it."""
        since = MONDAY + number * DAY
        now = more.pop("now", MORNING + number * DAY)
        return publish(self.archive, self.settings, since, since + DAY, now, environ={}, **more)

    def since(self, now, duration=DAY, **more):
        """As `--since` makes it."""
        return publish(self.archive, self.settings, now - duration, now, now, environ={}, **more)

    def later(self, now, **more):
        return deliver_waiting(self.archive, self.settings, now, environ={}, **more)

    def headlines(self, made):
        return [item.headline for item in made.edition.items]


@pytest.fixture
def desk(archive, tmp_path):
    return Desk(archive, settings_with(None, tmp_path))


@pytest.fixture
def mailing(archive, tmp_path, server):
    """Readers who get a mail in any case: whether a night has news is not what these tests are about."""
    return Desk(archive, settings_with(server.settings(readers=(ADA, BO), send_empty=True), tmp_path))


# ---------------------------------------------------------------- what is told


def test_a_digest_that_has_nothing_to_tell_is_no_mail_unless_wished(mailing, server):
    quiet = replace(mailing.settings.mail, send_empty=False)
    mailing.settings, wished = replace(mailing.settings, mail=quiet), mailing.settings
    for hour in range(2):  # asked again it is none, either
        made = mailing.night(now=MORNING + hour * HOUR, mail=True)
        assert ((), (), ()) == (made.mailed, made.skipped, made.problems)
    see(mailing.archive, "storm", MONDAY + DAY + HOUR)
    assert {ADA, BO} == set(mailing.night(1, mail=True).mailed)
    mailing.settings = wished
    assert {ADA, BO} == set(mailing.night(2, mail=True).mailed)


def test_what_stood_in_the_digest_of_a_day_is_not_in_the_next(desk):
    see(desk.archive, "storm", MONDAY + HOUR)
    assert ["Storm"] == desk.headlines(desk.night())
    see(desk.archive, "gate", MONDAY + DAY + HOUR)
    assert ["Gate"] == desk.headlines(desk.night(1))


def test_the_digest_of_a_day_is_made_once_and_the_same_when_asked_again(desk):
    see(desk.archive, "storm", MONDAY + HOUR)
    first = desk.night()
    keep(desk.archive, article("https://tide.example/storm", body_of("calm"), headline="Calm"), MORNING)
    again = desk.night(now=MORNING + HOUR)
    assert first.edition == again.edition
    assert first.files == again.files
    looked_at = make_edition(desk.archive, desk.settings, MONDAY, MONDAY + DAY, MORNING + HOUR)
    assert first.edition == looked_at
    assert [True] == [item.is_revised for item in desk.night(1).edition.items]


def test_the_articles_of_a_skipped_day_are_in_the_next_digest(desk):
    see(desk.archive, "storm", MONDAY + HOUR)
    desk.night()
    see(desk.archive, "gate", MONDAY + DAY + HOUR)
    see(desk.archive, "mole", MONDAY + 2 * DAY + HOUR)
    assert ["Mole", "Gate"] == desk.headlines(desk.night(2))


def test_the_first_digest_of_all_has_what_was_seen_since_passes_began(desk):
    see(desk.archive, "storm", MONDAY + HOUR)
    see(desk.archive, "gate", MONDAY + DAY + HOUR)
    assert {"Storm", "Gate"} == set(desk.headlines(desk.night(1)))


def test_a_preview_takes_nothing_from_the_digest_of_the_day(desk):
    see(desk.archive, "storm", MONDAY + HOUR)
    desk.since(MONDAY + 2 * HOUR)
    assert ["Storm"] == desk.headlines(desk.night())


def test_a_preview_twice_is_the_same_edition_and_overwrites_nothing(desk, tmp_path):
    see(desk.archive, "storm", MONDAY + HOUR)
    first = desk.since(MONDAY + 2 * HOUR)
    assert first.files == desk.since(MONDAY + 2 * HOUR + timedelta(minutes=10)).files
    assert "2026-03-02-0200.html" == first.files[0].name
    desk.since(MONDAY + 26 * HOUR)  # in which there is nothing
    assert "Storm" in first.files[1].read_text(encoding="utf-8")
    assert 2 == len(list(tmp_path.glob("*.md")))


def test_files_are_not_overwritten_by_an_edition_that_tells_less(desk):
    see(desk.archive, "storm", MONDAY + HOUR)
    first = desk.night()
    desk.archive.prune([RetentionRule(None, HOUR)], MORNING)
    again = desk.night(now=MORNING + HOUR)
    assert "Storm" in first.files[1].read_text(encoding="utf-8")
    assert "2026-03-02-2.md" == again.files[1].name


def test_files_that_cannot_be_written_are_written_by_a_later_pass(desk, tmp_path):
    see(desk.archive, "storm", MONDAY + HOUR)
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    good = desk.settings
    desk.settings = replace(good, digest=replace(good.digest, folder=blocked))
    made = desk.night()
    assert () == made.files
    assert "cannot be written" in made.problems[0]
    desk.settings = good
    assert 4 == len(desk.later(MORNING).files)
    assert () == desk.later(MORNING).files


# ---------------------------------------------------------------- mail


def test_a_reader_gets_the_digest_of_a_day_once(mailing, server, tmp_path):
    see(mailing.archive, "storm", MONDAY + HOUR)
    first, again = mailing.night(mail=True), mailing.night(mail=True)
    assert ((ADA, BO), ()) == (first.mailed, first.skipped)
    assert ((), (ADA, BO)) == (again.mailed, again.skipped)
    assert [ADA, BO] == server.readers()
    assert 2 == len(list(tmp_path.glob("*.eml")))


def test_a_mail_that_was_not_taken_goes_out_with_a_later_pass_as_it_was(mailing, server):
    see(mailing.archive, "storm", MONDAY + HOUR)
    server.refuses = {ADA: "451 later"}
    made = mailing.night(mail=True)
    assert (BO,) == made.mailed
    keep(mailing.archive, article("https://tide.example/storm", body_of("calm"), headline="Calm"), MORNING)
    server.refuses = {}
    assert (ADA,) == mailing.later(MORNING + timedelta(minutes=30)).mailed
    assert server.texts()[0] == server.texts()[1]
    ids = [line for mail in server.mails for line in mail.splitlines() if line.startswith(b"Message-ID")]
    assert 2 == len(set(ids)), "each reader's mail has its own"
    assert () == mailing.later(MORNING + HOUR).mailed


def test_a_mail_that_is_sent_twice_after_a_kill_has_the_same_message_id(mailing, server):
    see(mailing.archive, "storm", MONDAY + HOUR)
    mailing.settings = replace(mailing.settings, mail=replace(mailing.settings.mail, readers=(ADA,)))
    mailing.night(mail=True)
    rows(mailing.archive, "UPDATE deliveries SET state = 'pending' WHERE channel = 'mail'")  # killed before the note
    mailing.later(MORNING + HOUR)
    assert server.mails[0] == server.mails[1]


def test_one_refused_reader_keeps_nobody_else_without_mail_and_is_given_up_after_days(mailing, server):
    server.refuses = {ADA: "550 no such user"}
    see(mailing.archive, "storm", MONDAY + HOUR)
    made = mailing.night(mail=True)
    assert (BO,) == made.mailed
    assert f"the digest of 2026-03-02 was not mailed to {ADA}: 550 no such user" == made.problems[0]
    for number in (1, 2, 3):
        see(mailing.archive, f"gate{number}", MONDAY + number * DAY + HOUR)
        mailing.night(number, mail=True)
    assert [date(2026, 3, 2)] == [one.day for one in mailing.archive.given_up()]
    server.refuses = {}
    assert (ADA, ADA, ADA) == mailing.later(MORNING + 3 * DAY + HOUR, is_asked=True).mailed
    made = mailing.night(4, mail=True)
    assert {ADA, BO} == set(made.mailed)
    texts = "".join(text for reader, text in zip(server.readers(), server.texts(), strict=True) if reader == ADA)
    for name in ("Storm", "Gate1", "Gate2", "Gate3"):
        assert 1 == texts.count(name + "\n"), "told once, also what stood in the edition that was given up"
    assert () == mailing.archive.given_up()


def test_what_is_not_sent_in_time_waits_for_the_next_time(mailing, server):
    server.refuses = {ADA: "451 later", BO: "451 later"}
    mailing.night(mail=True)
    server.refuses = {}
    late = mailing.later(MORNING + HOUR, longest=timedelta())
    assert ((), (), 2) == (late.mailed, late.problems, late.left_count)
    assert (ADA, BO) == mailing.later(MORNING + HOUR).mailed


def test_a_digest_of_a_day_that_is_not_over_takes_nothing_from_it(desk):
    see(desk.archive, "storm", MONDAY + HOUR)
    early = desk.night(now=MONDAY + 2 * HOUR)
    assert "2026-03-02-0200.md" == early.files[1].name
    see(desk.archive, "gate", MONDAY + 3 * HOUR)
    assert {"Storm", "Gate"} == set(desk.headlines(desk.night()))


def test_a_reader_who_is_refused_for_longer_than_a_digest_looks_back_misses_nothing(mailing, server):
    mailing.settings = replace(mailing.settings, mail=replace(mailing.settings.mail, readers=(ADA,)))
    server.refuses = {ADA: "550 no such user"}
    for number in range(11):
        see(mailing.archive, f"gate{number}x", MONDAY + number * DAY + HOUR)
        if number == 10:
            server.refuses = {}
        mailing.night(number, mail=True)
    mailing.night(11, mail=True)
    text = "".join(server.texts())
    assert [1] * 11 == [text.count(f"Gate{number}X\n") for number in range(11)]


def test_who_never_got_the_mail_that_told_an_article_first_is_told_its_revision_as_new(mailing, server):
    """The mail with the revision was made while the first one was on its way, and outlives it."""
    storm = body_of("storm")
    see(mailing.archive, "storm", MONDAY + HOUR, storm)
    server.refuses = {ADA: "550 no such user"}
    mailing.night(mail=True)
    see(mailing.archive, "storm", MONDAY + DAY + HOUR, storm + " The harbour was closed.")
    for number in (1, 2, 3):
        mailing.night(number, mail=True)
    assert [(ADA, date(2026, 3, 2))] == [(one.target, one.day) for one in mailing.archive.given_up()]
    server.refuses = {}
    mailing.later(MORNING + 3 * DAY + HOUR, is_asked=True)
    see(mailing.archive, "storm", MONDAY + 4 * DAY + HOUR, storm + " The harbour was opened again.")
    mailing.night(4, mail=True)
    assert {ADA: ["new", "revised"], BO: ["new", "revised", "revised"]} == told_as("Storm", server)


def told_as(headline, server):
    """How each reader's mails told an article."""
    told = {}
    for reader, text in zip(server.readers(), server.texts(), strict=True):
        if f"{headline}\n" in text:
            told.setdefault(reader, []).append("revised" if "· revised" in text else "new")
    return told


def test_a_reader_who_joins_is_told_as_new_what_others_know(mailing, server):
    """The digest of a day is the same for all who are told the same articles."""
    storm = body_of("storm")
    mailing.settings = replace(mailing.settings, mail=replace(mailing.settings.mail, readers=(BO,)))
    see(mailing.archive, "storm", MONDAY + DAY - HOUR, storm)
    mailing.night(mail=True)
    see(mailing.archive, "storm", MONDAY + DAY + HOUR, storm + " The harbour was closed.")
    mailing.settings = replace(mailing.settings, mail=replace(mailing.settings.mail, readers=(ADA, BO)))
    mailing.night(1, mail=True)
    assert {ADA: ["new"], BO: ["new", "revised"]} == told_as("Storm", server)


def test_the_waits_between_tries_grow(mailing, server):
    server.refuses = {ADA: "451 later"}
    see(mailing.archive, "storm", MONDAY + HOUR)
    mailing.night(mail=True)
    waits, now = [], MORNING
    for _ in range(9):
        (waiting,) = mailing.archive.deliveries(DeliveryState.PENDING, Channel.MAIL)
        waits.append((waiting.next_try_at - now) // timedelta(minutes=1))
        now = waiting.next_try_at
        mailing.later(now)
    assert [0, 5, 10, 20, 40, 80, 160, 180, 180] == waits
    assert () == mailing.archive.given_up()
    mailing.later(MORNING + 5 * DAY)
    assert [ADA] == [one.target for one in mailing.archive.given_up()]


def test_a_server_that_is_down_is_asked_once_and_gets_everything_later(archive, tmp_path):
    with MailServer() as gone:
        pass
    desk = Desk(archive, settings_with(gone.settings(readers=(ADA, BO)), tmp_path))
    for number in range(2):
        see(archive, f"gate{number}", MONDAY + number * DAY + HOUR)
        made = desk.night(number, mail=True)
        assert 1 == len(made.problems), "one server, one sentence"
    assert "1 reader" not in made.edition.unseen[0].where
    assert ["2 readers"] == [one.where for one in made.edition.unseen if one.what == "digest by mail"]
    with MailServer() as server:
        desk.settings = replace(desk.settings, mail=server.settings(readers=(ADA, BO)))
        desk.later(MORNING + 3 * DAY)
        assert [ADA, BO, ADA, BO] == server.readers()
        assert ["Gate0" in text for text in server.texts()] == [True, True, False, False]


def test_since_by_mail_again_after_a_failure_sends_the_edition_that_failed_and_no_other(mailing, server):
    see(mailing.archive, "storm", MONDAY + HOUR)
    server.refuses = {ADA: "451 later"}
    mailing.since(MONDAY + 23 * HOUR, mail=True)
    server.refuses = {}
    see(mailing.archive, "gate", MONDAY + 23 * HOUR + timedelta(minutes=1))
    made = mailing.since(MONDAY + 23 * HOUR + timedelta(minutes=5), mail=True)
    assert ((ADA,), (BO,)) == (made.mailed, made.skipped)
    assert [BO, ADA] == server.readers()
    assert server.texts()[0] == server.texts()[1]
    assert ["Gate"] == [item.headline for item in mailing.archive.edition(_night_of(mailing, ADA)).items]


def _night_of(desk, reader):
    """The edition that the next morning brings a reader."""
    desk.night(mail=True)
    sent = [one for one in desk.archive.deliveries(DeliveryState.SENT, Channel.MAIL) if one.target == reader]
    return sent[-1].edition_id


def test_since_by_mail_again_after_midnight_sends_one_mail(mailing, server):
    see(mailing.archive, "storm", MONDAY + HOUR)
    server.refuses = {ADA: "451 later", BO: "451 later"}
    mailing.since(MONDAY + DAY - timedelta(minutes=5), mail=True)
    server.refuses = {}
    mailing.since(MONDAY + DAY + timedelta(minutes=5), mail=True)
    assert [ADA, BO] == server.readers()


def test_since_by_mail_every_day_goes_on_where_the_last_one_ended(mailing, server):
    see(mailing.archive, "storm", MONDAY + HOUR)
    mailing.since(MONDAY + 2 * HOUR, mail=True)
    see(mailing.archive, "gate", MONDAY + 3 * HOUR)  # and nobody was here on Tuesday
    mailing.since(MONDAY + 2 * DAY + 2 * HOUR, mail=True)
    assert ["Storm" in text for text in server.texts()] == [True, True, False, False]
    assert ["Gate" in text for text in server.texts()] == [False, False, True, True]


def test_a_reader_who_is_added_later_begins_with_that_day(mailing, server):
    everybody = mailing.settings
    mailing.settings = replace(everybody, mail=replace(everybody.mail, readers=(ADA,)))
    see(mailing.archive, "storm", MONDAY + HOUR)
    mailing.night(mail=True)
    mailing.settings = everybody
    see(mailing.archive, "gate", MONDAY + DAY + HOUR)
    mailing.night(1, mail=True)
    assert [ADA, ADA, BO] == server.readers()
    assert ["Storm" in text for text in server.texts()] == [True, False, False]


def test_who_is_no_reader_any_more_gets_nothing_that_waited(mailing, server):
    server.refuses = {ADA: "451 later"}
    mailing.night(mail=True)
    mailing.settings = replace(mailing.settings, mail=replace(mailing.settings.mail, readers=(BO,)))
    server.refuses = {}
    assert () == mailing.later(MORNING + HOUR).mailed


def test_files_without_mail_tell_no_reader(mailing, server):
    see(mailing.archive, "storm", MONDAY + HOUR)
    mailing.night()
    assert [] == server.mails
    mailing.night(mail=True)
    assert [True, True] == ["Storm" in text for text in server.texts()]


def test_what_is_not_to_be_shown_any_more_is_left_out_of_a_mail_that_goes_late(mailing, server):
    see(mailing.archive, "storm", MONDAY + HOUR)
    see(mailing.archive, "gate", MONDAY + HOUR)
    server.refuses = {ADA: "451 later", BO: "451 later"}
    mailing.night(mail=True)
    rows(mailing.archive, "UPDATE articles SET unavailable_after = '2026-03-03T00:00:00Z' WHERE headline = 'Storm'")
    server.refuses = {}
    mailing.later(MORNING + HOUR)
    assert [(False, True)] * 2 == [("Storm" in text, "Gate" in text) for text in server.texts()]


# ---------------------------------------------------------------- digests that are due


def test_a_digest_is_due_at_its_hour_for_each_whole_day_that_has_none(desk):
    see(desk.archive, "storm", MONDAY + HOUR)

    def days(now):
        return [day.day for day in days_to_make(desk.archive, desk.settings, now)]

    assert [] == days(MORNING - timedelta(minutes=1))
    assert [2] == days(MORNING)
    assert [2, 3, 4] == days(MORNING + 2 * DAY)
    assert [3, 4, 5, 6, 7, 8, 9] == days(MORNING + 7 * DAY), "at most a week"
    desk.night(1)
    assert [2, 4] == days(MORNING + 2 * DAY)


def test_missed_digests_are_made_each_with_its_own_articles(mailing, server):
    for number in range(3):
        see(mailing.archive, f"gate{number}", MONDAY + number * DAY + HOUR)
    made = make_due(mailing.archive, mailing.settings, MORNING + 2 * DAY, environ={})
    assert [["Gate0"], ["Gate1"], ["Gate2"]] == [mailing.headlines(one) for one in made]
    assert 6 == len(server.mails)
    assert () == make_due(mailing.archive, mailing.settings, MORNING + 2 * DAY, environ={})


def test_the_last_days_digest_goes_to_a_reader_who_was_not_addressed(mailing, server):
    see(mailing.archive, "storm", MONDAY + HOUR)
    mailing.night()
    make_due(mailing.archive, mailing.settings, MORNING + HOUR, environ={})
    assert [ADA, BO] == server.readers()
    assert () == make_due(mailing.archive, mailing.settings, MORNING + HOUR, environ={})


def test_an_archive_without_an_article_makes_the_last_days_digest_and_mails_nothing(mailing, server):
    (made,) = make_due(mailing.archive, mailing.settings, MORNING, environ={})
    assert () == made.edition.items
    assert 4 == len(made.files)
    see(mailing.archive, "storm", MORNING)
    assert () == make_due(mailing.archive, mailing.settings, MORNING, environ={})
    assert [] == server.mails


def test_a_day_that_the_zone_skipped_has_no_digest(desk):
    desk.settings = replace(desk.settings, digest=replace(desk.settings.digest, timezone="Pacific/Apia"))
    see(desk.archive, "storm", datetime(2011, 12, 28, 12, tzinfo=UTC))  # the 28th there
    see(desk.archive, "gate", datetime(2011, 12, 30, 12, tzinfo=UTC))  # the 31st there: the 30th never was
    made = make_due(desk.archive, desk.settings, datetime(2011, 12, 31, 20, tzinfo=UTC), environ={})
    assert [28, 29, 31] == [one.edition.day.day for one in made]
    assert [["Storm"], [], ["Gate"]] == [desk.headlines(one) for one in made]


def test_the_hour_of_a_digest_is_of_the_day_after():
    assert datetime(2026, 3, 29, 4, 30, tzinfo=UTC) == due_at(date(2026, 3, 28), time(6, 30), "Europe/Berlin")
    assert datetime(2026, 3, 29, 1, 30, tzinfo=UTC) == due_at(date(2026, 3, 28), time(2, 30), "Europe/Berlin")
