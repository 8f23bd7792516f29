"""A digest from the archive to files and mail: at most one mail for a day and a reader."""

from dataclasses import replace
from datetime import timedelta

import pytest
from samples import DAY, NOW, TIDE, article, keep
from test_deliver import MailServer
from worlds import World

from archive.publish import publish
from archive.store import Archive
from scraper.errors import DeliveryError

SINCE, UNTIL = NOW - DAY, NOW + timedelta(hours=1)


@pytest.fixture
def archive():
    with Archive.open(":memory:", write=True) as opened:
        opened.save_sources([TIDE])
        keep(opened, article(headline="Storm shuts roads"))
        yield opened


def settings_with(mail, folder):
    made = World(folder, {})
    made.archive.close()
    return replace(made.settings, mail=mail)


def test_a_reader_gets_the_digest_of_a_day_once(archive, tmp_path):
    with MailServer() as server:
        settings = settings_with(server.settings(), tmp_path)
        first = publish(archive, settings, SINCE, UNTIL, NOW, mail=True, environ={})
        again = publish(archive, settings, SINCE, UNTIL, NOW, mail=True, environ={})
        assert (settings.mail.readers, ()) == (first.mailed, first.skipped)
        assert ((), settings.mail.readers) == (again.mailed, again.skipped)
        assert len(settings.mail.readers) == len(server.mails)
    assert len(settings.mail.readers) == len(list(tmp_path.glob("*.eml")))


def test_a_mail_that_was_not_taken_is_tried_again_the_next_time(archive, tmp_path):
    with MailServer() as server:
        gone = server.settings()
    with pytest.raises(DeliveryError):
        publish(archive, settings_with(gone, tmp_path), SINCE, UNTIL, NOW, mail=True, environ={})
    with MailServer() as server:
        settings = settings_with(server.settings(), tmp_path)
        assert settings.mail.readers == publish(archive, settings, SINCE, UNTIL, NOW, mail=True, environ={}).mailed


def test_what_stood_in_one_edition_is_not_in_the_next(archive, tmp_path):
    settings = settings_with(None, tmp_path)
    assert ["Storm shuts roads"] == [
        item.headline for item in publish(archive, settings, SINCE, UNTIL, NOW).edition.items
    ]
    assert () == publish(archive, settings, SINCE, UNTIL + DAY, NOW + DAY).edition.items
