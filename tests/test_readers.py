"""Reading in worker processes: what goes wrong with one page stays with that page."""

from datetime import timedelta

import pytest

from archive.readers import InlineReaders, ReaderPool, ReadJob
from scraper.errors import PageError

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
