"""Reading in worker processes: what goes wrong with one page stays with that page."""

from datetime import timedelta

import pytest

from archive.run.readers import InlineReaders, ReaderPool, ReadJob, readers_of
from archive.settings import PassSettings
from scraper.errors import PageError
from scraper.model import Phrase

GOOD = ReadJob(b"<h1>Locks closed</h1><p>The harbour master closed both locks on Monday.</p>", "https://tide.example/a")
EMPTY = ReadJob(b"  ", "https://tide.example/b")


def test_a_pool_reads_what_this_process_reads():
    with ReaderPool(1, timedelta(seconds=60)) as pool:
        good, empty = pool.submit(GOOD), pool.submit(EMPTY)
        assert InlineReaders().submit(GOOD).result() == good.result()
        with pytest.raises(PageError, match="the page is empty"):
            empty.result()


def test_a_page_that_takes_too_long_is_given_up():
    with ReaderPool(1, timedelta(seconds=0.01)) as pool, pytest.raises(PageError, match="took too long"):
        pool.submit(GOOD).result()


@pytest.mark.parametrize("workers", [0, 1])
def test_phrases_of_ones_own_reach_the_page_in_whatever_process_it_is_read(workers):
    """And only by the readers that were given them."""
    words = "The lock keeper counted the boats again on Monday, and the harbour master wrote all of them down. " * 8
    page = f"<title>Locks</title><article><h1>Locks closed</h1><p>{words}</p><p>The rest comes with a Harbour Pass.</p>"
    job = ReadJob(page.encode(), "https://tide.example/a")
    phrases = (Phrase("subscription", "cut", r"\bharbour pass\b"),)
    settings = PassSettings(reading_workers=workers)

    with readers_of(settings, phrases) as with_phrases, readers_of(settings) as without:
        cut, whole = with_phrases.submit(job).result(), without.submit(job).result()

    assert (False, True) == (cut.access.complete, whole.access.complete)
    assert "Harbour Pass" not in cut.body
    assert "Harbour Pass" in whole.body
