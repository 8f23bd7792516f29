"""Dates: machine-written, written out, and in the path of a URL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.read.facts.published import find_url_date
from scraper.read.page.statements import Value
from scraper.read.words.dates import cut_date, find_written_date, parse_when


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-03-01T10:00:00Z", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("2024-03-01T10:00:00+01:00", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01T10:00:00+0100", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01T10:00:00.1234567-05:00", datetime(2024, 3, 1, 15, 0, 0, 123456, tzinfo=UTC)),
        ("2024-03-01 10:00:00 +0100", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01", datetime(2024, 3, 1, tzinfo=UTC)),
        ("Fri, 01 Mar 2024 10:00:00 -0500", datetime(2024, 3, 1, 15, tzinfo=UTC)),
        ("March 1, 2024 10:00 AM EST", datetime(2024, 3, 1, 15, tzinfo=UTC)),
        ("March 1, 2024", None),
        ("1709287200", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("1709287200000", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_machine_written_dates(text, utc):
    assert utc == parse_when(text)


@given(st.text(max_size=40))
def test_any_text_is_a_date_in_utc_or_none(text):
    when = parse_when(text)
    assert when is None or when.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("June 25, 2012", "2012-06-25"),
        ("Jun. 25, 2012", "2012-06-25"),
        ("By Ann Other / JUNE 25, 2012", "2012-06-25"),
        ("25th June 2012", "2012-06-25"),
        ("25 juin 2012", "2012-06-25"),
        ("25. Juli 2012", "2012-07-25"),
        ("25 de diciembre de 2012", "2012-12-25"),
        ("25 июня 2012", "2012-06-25"),
        ("2012年6月25日", "2012-06-25"),
        ("25.06.2012, 14:00 Uhr", "2012-06-25"),
        ("05-06-2012 19:51", "2012-06-05"),
        ("05-06.2012", None),
        ("3 juillet 2012", "2012-07-03"),
        ("3 jui 2012", None),
        ("06/25/2012", "2012-06-25"),
        ("05/06/2012", None),
        ("Chapter 25, 2012", None),
        ("in 2012", None),
    ],
)
def test_written_dates(text, day):
    assert day == find_written_date(text)


@pytest.mark.parametrize(
    ("language", "day"),
    [("fr", "2012-06-05"), ("en-GB", "2012-06-05"), ("en-US", "2012-05-06"), ("en", None), ("", None), (None, None)],
)
def test_which_of_two_numbers_is_the_day_is_told_by_the_country(language, day):
    assert day == find_written_date("05/06/2012", language)


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("Ann Other, Tue 3 May 2024", "Ann Other"),
        ("Ann Other | 03.05.2024", "Ann Other"),
        ("Ann Other May 3, 2024", "Ann Other"),
        ("Ina Muster am 3. Mai", "Ina Muster"),
        ("Ina Muster, Freitag am 3. Mai", "Ina Muster"),
        ("Ann Other on Friday, May 3", "Ann Other"),
        ("Ann May 3 June 2024", "Ann May"),
        ("Ann Martin 3 June 2024", "Ann Martin"),
        ("Ana Maio May 3", "Ana Maio"),
        ("Ann OtherMay 3", "Ann Other"),
        ("Ann Other", "Ann Other"),
        ("3 May 2024", ""),
    ],
)
def test_a_line_is_cut_before_its_date(line, rest):
    assert rest == cut_date(line)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/2024/3/01/gate", Value("2024-03-01", "url")),
        ("/ports/2024-03-01-gate", Value("2024-03-01", "url")),
        ("/2024/13/01/gate", None),
        ("/ports/20240301/gate", Value("2024-03-01", "url")),
        ("/202403/t20240301_17.html", Value("2024-03-01", "url")),
        ("/ports/20240231999/gate", None),
    ],
)
def test_a_day_in_the_path_of_a_url(path, found):
    assert found == find_url_date(f"https://harbor.example{path}")
