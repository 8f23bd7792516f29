"""Dates, bylines and headlines as pages show them: what stands near the headline counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from reading import read_document

from scraper.dates import Clues, find_dates
from scraper.dates.calendars import Calendar, gregorian_day
from scraper.languages import shipped_languages

_URL = "https://harbor.example/ports/locks"
_BODY = "".join(
    f"<p>The {number} lock of the harbor stayed closed for all of Monday, as the wind from the north did not abate, "
    "said the keeper of the gate, who has worked there for many years.</p>"
    for number in ("first", "second", "third", "fourth")
)


def read(head: str = "", before: str = "", after: str = "", url: str = _URL, html: str = "<html lang=en>", **facts):
    page = f"{html}<head><meta charset=utf-8>{head}</head><body><main><article>{before}{_BODY}{after}</article></main>"
    return read_document(page.encode(), url, **facts)


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("پنجشنبه ۱۴ اسفند ۱۴۰۴", "fa"),
        ("۱۴۰۴/۱۲/۱۴", "fa"),
        ("5 มีนาคม 2569", "th"),
        ("5 มี.ค. 2569", "th"),
        ("令和8年3月5日", "ja"),
        ("民國一一五年三月五日", "zh-TW"),
        ("115年3月5日", "zh-TW"),
        ("16 رمضان 1447 هـ - 5 مارس 2026 م", "ar"),
        ("5 آذار/مارس 2026", "ar"),
        ("2026. gada 5. marts", "lv"),
        ("2026 m. kovo 5 d.", "lt"),
        ("2026. március 5.", "hu"),
        ("५ मार्च २०२६", "ne"),
        ("२०८२ फागुन २१", "ne"),
        ("ngày 5 tháng 3 năm 2026", "vi"),
        ("2026. 3. 5.", "ko"),
        ("03/05/26 6:30 AM ET", "en"),
        ("05Mar2026", "en"),
        ("Thursday, 03/05/2026", "en"),
        ("3/5/2026 9:30 AM ET", "en"),
    ],
)
def test_a_day_is_read_in_every_calendar_and_order(text, language):
    found = find_dates(text, Clues(language), shipped_languages())
    assert ["2026-03-05"] == [date.day.isoformat() for date in found]


@pytest.mark.parametrize("text", ["Wed 5 March 2026", "Wednesday, 03/05/2026", "03/05/2026"])
def test_a_day_that_does_not_agree_with_its_weekday_or_can_be_two_is_none(text):
    assert [] == find_dates(text, Clues("en"), shipped_languages())


def test_a_date_behind_the_fetch_is_none():
    clues = Clues("en", latest=datetime(2026, 4, 1, tzinfo=UTC))
    assert ["2026-03-05"] == [date.text for date in find_dates("03/05/2026", clues, shipped_languages())]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("5 March 2026 at 9:30 a.m.", "2026-03-05T09:30:00+00:00"),
        ("9:30 AM EST, Thu March 5, 2026", "2026-03-05T14:30:00+00:00"),
        ("5. März 2026 um 9.30 Uhr", "2026-03-05T09:30:00+00:00"),
        ("5 mars 2026 à 9h30", "2026-03-05T09:30:00+00:00"),
        ("2026年3月5日(木) 午後9時30分", "2026-03-05T21:30:00+00:00"),
        ("March 5, 2026 3.45 million", "2026-03-05"),
    ],
)
def test_a_time_of_day_is_kept(text, at):
    assert [at] == [date.text for date in find_dates(text, Clues(), shipped_languages())]


def test_days_of_the_nepali_calendar_that_do_not_exist():
    with pytest.raises(ValueError, match="no day"):
        gregorian_day(Calendar.BIKRAM, 2082, 11, 31)


def test_updated_and_published_on_one_line():
    article = read(before="<h1>Locks closed</h1><p>Updated March 9, 2026 at 8:15 a.m. | Published March 5, 2026</p>")
    assert (datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 3, 9, 8, 15, tzinfo=UTC)) == (
        article.published_at,
        article.updated_at,
    )


def test_a_line_of_two_dates_is_one_however_its_language_says_them():
    line = "Aktualisiert am 9. März 2026, 10:12 Uhr | Veröffentlicht am 5. März 2026, 08:00 Uhr"
    article = read(before=f"<h1>Schleusen zu</h1><p>{line}</p>")
    assert (datetime(2026, 3, 5, 8, tzinfo=UTC), datetime(2026, 3, 9, 10, 12, tzinfo=UTC)) == (
        article.published_at,
        article.updated_at,
    )
    assert line not in article.body


@pytest.mark.parametrize(
    "line",
    [
        "<p class=meta>Harbor desk, 5 March 2026</p>",
        "<p><span data-timestamp=1772706600>3 days ago</span></p>",
        "<time datetime=2026-03-09T10:00:00Z>Published 5 March 2026</time>",
        "<span class=ago data-timestamp=1772703000>8 months ago</span>",
    ],
    ids=["words", "a paragraph that is an attribute", "words against it", "an attribute of words that say no day"],
)
def test_what_stands_near_the_headline_dates_the_text(line):
    post = "<blockquote><p>A post of <time datetime=2024-11-12T19:30:12Z>Nov 12, 2024</time></p></blockquote>"
    article = read(before=f"<h1>Locks closed</h1>{line}", after=post)
    assert datetime(2026, 3, 5, tzinfo=UTC).date() == article.published_at.date()


@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="OriginalPublicationDate" content="2026/03/05 09:30:00">',
        '<meta property="article:published_time" content="Thu, 03/05/2026 - 09:30">',
        """<meta name="parsely-page" content='{"pub_date": "2026-03-05T09:30:00Z"}'>""",
    ],
)
def test_a_meta_element_states_the_time_in_many_dialects(meta):
    assert datetime(2026, 3, 5, 9, 30, tzinfo=UTC) == read(head=meta).published_at


# ---------------------------------------------------------------- bylines


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("<p class=byline>Ann Other/Reuters</p>", ("Ann Other",)),
        ("<p class=byline>Ann Other | Puerto Nuevo</p>", ("Ann Other",)),
        ("<p class=byline>By Ann Other. Photographs by Jo Roe</p>", ("Ann Other",)),
        ("<p class=byline>By <a>Ann Other</a> <a>Follow</a> <a>@ann</a></p>", ("Ann Other",)),
        ("<p class=byline>Ann Other in Port Oslo and Jo Roe in London</p>", ("Ann Other", "Jo Roe")),
        ("<p class=byline>Other, Ann</p>", ("Ann Other",)),
        (
            "<p>Ann Other, Jo Roe, Ina Muster, and Jan Beispiel</p>",
            ("Ann Other", "Jo Roe", "Ina Muster", "Jan Beispiel"),
        ),
        ("<p class=author>文・山田太郎（編集部）</p>", ("山田太郎",)),
        ("<p class=byline>Vice President</p>", ()),
    ],
)
def test_who_a_byline_names(line, names):
    assert names == read(before=f"<h1>Locks closed</h1>{line}").authors


def test_reporters_in_brackets_below_the_text_are_authors_and_editors_are_none():
    tail = "<p>(Reporting by Ann Other in Port Oslo and Jo Roe in London; Editing by Ina Muster)</p>"
    assert ("Ann Other", "Jo Roe") == read(before="<h1>Locks closed</h1>", after=tail).authors


def test_a_name_in_parts_in_json_ld():
    person = '{"@type": "Person", "givenName": "Ann", "familyName": "Other"}'
    script = f'<script type="application/ld+json">{{"@type": "NewsArticle", "author": {person}}}</script>'
    assert ("Ann Other",) == read(head=script).authors


def test_a_mail_is_of_its_sender():
    head = "<em>From</em>: Ann Other &lt;ann () harbor example&gt;<br><em>Date</em>: Thu, 5 Mar 2026 09:30:00 +0000<br>"
    article = read(before=f"<nav>By Date By Thread</nav><h1>Locks</h1>{head}")
    assert (("Ann Other",), datetime(2026, 3, 5, 9, 30, tzinfo=UTC)) == (article.authors, article.published_at)


def test_a_mail_in_one_piece_has_its_head_apart_from_its_text():
    text = "The gates of the old dock stay closed until the new pumps have been tried, the office says."
    head = "From: Ann Other &lt;ann () harbor example&gt;\nTo: all\nDate: Thu, 5 Mar 2026 09:30:00 +0000"
    article = read(before=f"<h1>Locks</h1><pre>{head}\n\n{text}\n\n{text}</pre>")
    assert (("Ann Other",), datetime(2026, 3, 5, 9, 30, tzinfo=UTC)) == (article.authors, article.published_at)
    assert f"{text}\n\n{text}" in article.body
    assert "From:" not in article.body


def test_a_reporter_below_the_text_is_its_author_and_no_text():
    article = read(before="<h1>닫힌 수문</h1>", after="<p>홍길동 기자 hong@harbor.example</p>", html="<html lang=ko>")
    assert (("홍길동",), False) == (article.authors, "홍길동" in article.body)


# ---------------------------------------------------------------- headlines


@pytest.mark.parametrize(
    ("heading", "headline"),
    [
        ("<h1>Locks of the har&shy;bor stay closed</h1>", "Locks of the harbor stay closed"),
        ("<h1>Locks stay closed<a class=headerlink href=#x>¶</a></h1>", "Locks stay closed"),
        ("<h1>Locks stay closed <span class=badge>Subscribers only</span></h1>", "Locks stay closed"),
        ("<h1>A key of 2<sup>56</sup> values was enough</h1>", "A key of 2^56 values was enough"),
        ("<h1>The 5<sup>th</sup> lock stays closed</h1>", "The 5th lock stays closed"),
        ("<div role=heading aria-level=1>Locks stay closed</div>", "Locks stay closed"),
    ],
)
def test_a_heading_gives_its_words_alone(heading, headline):
    assert headline == read(head="<title>Harbor</title>", before=heading).headline


def test_a_title_alone_goes_without_the_section():
    nav = "<nav><a href=/ports>Ports</a></nav>"
    article = read(head="<title>Both locks of the harbor stay closed | Ports | Harbor</title>", before=nav)
    assert "Both locks of the harbor stay closed" == article.headline


@pytest.mark.parametrize("fetched_at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_a_page_is_read_whatever_the_clock_says_that_it_was_fetched_by(fetched_at):
    old = "<meta property='article:published_time' content='0001-01-01T00:00:00Z'>"
    assert read(old, "<h1>Storm</h1>", fetched_at=fetched_at).body
