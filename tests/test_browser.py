"""The desk in a real browser: Debian's chromium, where there is one, driven over a real server on loopback."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from shutil import which

import pytest
from test_browse import fill_day

from archive.store.state import state_path

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@contextmanager
def served(database, *options):
    """The address at which `presswatch browse` serves the archive on a free port, until it is told to end."""
    command = [sys.executable, "-m", "archive.cli", "--archive", str(database), "browse", "--port", "0", *options]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        try:
            told = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in server.stderr)
            address = next(found.group() for found in told if found)
            reader = threading.Thread(target=server.stderr.read)  # a full pipe would stop it
            reader.start()
            yield address
        finally:
            server.terminate()
            server.wait(10)
        reader.join()


@pytest.fixture(scope="module")
def browser():
    playwright = sync_api.sync_playwright().start()
    running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--headless"])
    yield running
    running.close()
    playwright.stop()


@pytest.fixture(scope="module")
def served_day(tmp_path_factory):
    database = fill_day(tmp_path_factory.mktemp("desk") / "a.db")
    with served(database, "--private") as address:
        yield database, address


@pytest.fixture
def desk(served_day):
    """The address of an archive without a mark."""
    database, address = served_day
    with closing(sqlite3.connect(state_path(database))) as connection, connection:
        connection.execute("DELETE FROM marks")
    return address


@contextmanager
def visit(browser, address, **options):
    """A page of a new visitor; whatever its console has to complain of fails the test."""
    with browser.new_context(base_url=address, **options) as context:
        page, complaints = context.new_page(), []
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.set_default_timeout(120_000)  # a machine may be busy
        yield page, complaints
        assert [] == complaints


def button(page, name):
    return page.get_by_role("region", name="Your marks").get_by_role("button", name=name)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_reader_goes_from_a_search_to_story_and_article_marks_it_and_comes_back(browser, desk, scripts):
    with visit(browser, desk, java_script_enabled=scripts) as (page, _):
        page.goto("/")
        page.get_by_role("searchbox").fill("storm")
        page.get_by_role("button", name="Search").click()
        page.locator(".pw-row", has_text="Storm seen").get_by_role("link", name="story").click()
        assert "Storm" == page.get_by_role("heading", level=1).inner_text()
        button(page, "Follow this story").click()
        button(page, "★ Following this story").wait_for()
        page.get_by_role("link", name="Storm seen").click()
        button(page, "☆ Star").click()
        button(page, "★ Starred").wait_for()
        page.get_by_label("Tag").fill("Häfen")
        button(page, "Add").click()
        button(page, "Take away the tag häfen").wait_for()
        if not scripts:  # else it is read as soon as it is opened
            button(page, "Mark as read").click()
        button(page, "Mark as unread").click()
        button(page, "Mark as read").wait_for()
        while "/article/" in page.url:  # without scripts, each mark is a step of the way
            page.go_back()
        row = page.locator(".pw-timeline .pw-row", has_text="Storm seen")
        assert ["★ Starred", "Mark as read"] == row.get_by_role("button").all_inner_texts()
        assert row.get_by_role("link", name="häfen").is_visible()
        while "/story/" in page.url:
            page.go_back()
        assert page.locator(".pw-row", has_text="Storm seen").get_by_role("button", name="★ Starred").is_visible()
        page.goto("/")
        assert page.locator(".pw-leads .pw-row", has_text="Storm").get_by_text("followed").is_visible()


def test_what_is_found_can_be_marked_where_it_stands(browser, desk):
    """The place on the page stays, and what is no longer of the list leaves it."""
    with visit(browser, desk, java_script_enabled=False) as (page, _):
        page.goto("/search?q=is:unread")
        before = page.locator(".pw-row").count()
        page.locator(".pw-row", has_text="Gate shut").get_by_role("button", name="Star").click()
        assert page.url.endswith(page.locator(".pw-row", has_text="Gate shut").get_attribute("id"))
        page.locator(".pw-row", has_text="Gate shut").get_by_role("button", name="Mark as read").click()
        assert before - 1 == page.locator(".pw-row").count()


def test_the_keyboard_is_enough(browser, desk):
    with visit(browser, desk) as (page, _):

        def focused():
            return page.evaluate("document.activeElement.innerText")

        def press(*keys):
            for key in keys:
                page.keyboard.press(key)

        page.goto("/")
        press("/")
        page.keyboard.type("(gate OR storm) is:unread")
        press("Enter")
        rows = page.locator(".pw-row .pw-headline")
        rows.first.wait_for()
        headlines = rows.all_inner_texts()
        press("j", "j", "k")
        assert headlines[0] == focused()
        press("j")
        assert headlines[1] == focused()
        press("s")
        page.locator(".pw-row", has=page.get_by_role("button", name="★ Starred")).wait_for()
        assert headlines[1] == focused()
        press("u")  # read, and so no longer in this list
        sync_api.expect(rows).to_have_count(len(headlines) - 1)
        assert headlines[2] == focused()
        press("?")
        page.get_by_role("dialog", name="Keys").wait_for()
        press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
        press("k", "o")
        page.wait_for_url("**/article/*")
        button(page, "Mark as unread").wait_for()  # it was opened
        press("u")
        button(page, "Mark as read").wait_for()
        press("s")
        button(page, "★ Starred").wait_for()
        article = page.url
        press("k")
        page.wait_for_url(lambda url: "/article/" in url and url != article)
        page.go_back()
        button(page, "Mark as unread").wait_for()


def test_a_note_that_is_not_kept_yet_outlasts_a_star(browser, desk):
    with visit(browser, desk) as (page, _):
        page.goto("/article/1")
        button(page, "Mark as unread").wait_for()
        page.get_by_text("Write a note").click()
        page.get_by_label("Only you see it.").fill("ask Ida")
        button(page, "☆ Star").click()
        button(page, "★ Starred").wait_for()
        button(page, "Keep the note").click()
        page.get_by_text("Note", exact=True).wait_for()
        page.reload()
        assert "ask Ida" == page.get_by_label("Only you see it.").input_value()


def test_marks_of_a_page_from_before_a_restart_are_refused_in_a_sentence(browser, desk):
    with visit(browser, desk) as (page, complaints):
        page.goto("/article/1")
        page.evaluate("document.querySelector('[name=token]').value = 'of before'")
        button(page, "☆ Star").click()
        page.get_by_text("go back and load the page again").wait_for()
        complaints.clear()  # of the refusal
