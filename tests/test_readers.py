"""Reading in worker processes: what goes wrong with one page stays with that page."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from archive.run.readers import InlineReaders, ReaderPool, readers_of
from archive.settings import PassSettings
from scraper.errors import PageError
from scraper.model import Phrase, Selectors
from scraper.read import Document
from scraper.read.learnt.model import shipped_model

GOOD = Document(
    b"<h1>Locks closed</h1><p>The harbour master closed both locks on Monday.</p>", "https://tide.example/a"
)
EMPTY = Document(b"  ", "https://tide.example/b")


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
    job = Document(page.encode(), "https://tide.example/a")
    phrases = (Phrase("subscription", "cut", r"\bharbour pass\b"),)
    settings = PassSettings(reading_workers=workers)

    with readers_of(settings, phrases) as with_phrases, readers_of(settings) as without:
        cut, whole = with_phrases.submit(job).result(), without.submit(job).result()

    assert (False, True) == (cut.access.complete, whole.access.complete)
    assert "Harbour Pass" not in cut.body
    assert "Harbour Pass" in whole.body


@pytest.mark.parametrize("workers", [0, 1])
def test_a_pass_can_be_given_another_model(workers):
    shipped = shipped_model()
    never = np.full_like(shipped.network.biases[-1], -30)
    blind = replace(shipped, network=replace(shipped.network, biases=(*shipped.network.biases[:-1], never)))
    with readers_of(PassSettings(reading_workers=workers), model=blind) as readers:
        assert [] == [block for block in readers.submit(GOOD).result().blocks if block.reason == "model:body"]
    assert "model:body" in {block.reason for block in InlineReaders().submit(GOOD).result().blocks}


def test_the_end_of_a_session_is_read_with_the_page():
    selectors = Selectors(signed_out=("a.log-in",))
    document = replace(GOOD, body=GOOD.body + b"<a class=log-in href=/in>Log in</a>", selectors=selectors)
    assert (True, False) == tuple(
        InlineReaders().submit(each).result().signed_out for each in (document, replace(GOOD, selectors=selectors))
    )
