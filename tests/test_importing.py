"""WARC files of others are taken in where they lie, once, and from where an import was stopped."""

import gzip
import sqlite3
from collections import Counter
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from samples import DAY, NOW, body_of, rows
from test_warc_forms import record, revisit
from worlds import PARAGRAPHS, page

from archive.model import ImportedFile
from archive.run.health.imports import check_imports
from archive.run.imports.homes import Homes
from archive.run.imports.importer import Importer, Report, Wanted, find_moved
from archive.run.imports.stopwatch import Part, Stopwatch
from archive.run.imports.way import Way
from archive.run.readers import InlineReaders
from archive.store.captures import payload_digest, read_capture
from archive.store.public.view import PublicView
from scraper.errors import PageError
from scraper.model import Source


def pages(count, host="tide.example.org"):
    return [
        record(page(f"Story {n}", [body_of(f"{host}{n}{part}") for part in "abc"]).encode(),
               f"https://{host}/{n}", date=f"{NOW + (n - 40) * DAY:%Y-%m-%dT%H:%M:%SZ}")
        for n in range(count)
    ]  # fmt: skip


def warc(folder, *records, name="theirs.warc.gz"):
    path = folder / name
    path.write_bytes(b"".join(map(gzip.compress, records)))
    return path


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def tide(world):
    made = world({})
    made.archive.save_sources([made.source])
    return made


def importer(tide, *, stops_at=None, **more):
    def see(report):
        if stops_at and report.count >= stops_at:
            raise KilledError

    return Importer(tide.archive, tide.settings, InlineReaders(), now=tide.clock.now, on_progress=see, **more)


def headlines(tide):
    return sorted(stored.article.headline for stored in tide.articles())


def test_raw_responses_stay_in_the_file_they_lie_in(tide, tmp_path):
    path = warc(tmp_path, *pages(3))
    before = path.read_bytes()
    assert {"add": 3} == importer(tide).take_in(path).decisions
    assert [(str(path),)] * 3 == rows(tide.archive, "SELECT warc_file FROM captures")
    assert not tide.settings.archive.warc_folder.exists()
    for capture in tide.archive.all_captures():
        kept = read_capture(tide.settings.archive.warc_folder, capture.location.file, capture.location.offset)
        assert (capture.url, capture.location.digest) == (kept.url, payload_digest(kept.body))
    assert before == path.read_bytes()


@pytest.mark.parametrize("how", ["asked", "one member"])
def test_raw_responses_are_copied_where_that_is_wished_or_they_cannot_be_read_in_place(tide, tmp_path, how):
    path = warc(tmp_path, *pages(2)) if how == "asked" else warc(tmp_path, b"".join(pages(2)))
    importer(tide, is_copied=how == "asked").take_in(path)
    path.unlink()
    for capture in tide.archive.all_captures():
        assert read_capture(tide.settings.archive.warc_folder, capture.location.file, capture.location.offset).body


def test_a_file_is_taken_in_once_wherever_it_lies(tide, tmp_path):
    path = warc(tmp_path, *pages(2))
    importer(tide).take_in(path)
    seen = rows(tide.archive, "SELECT * FROM articles"), rows(tide.archive, "SELECT * FROM captures")
    copy = tmp_path / "copy.warc.gz"
    copy.write_bytes(path.read_bytes())
    for again in (path, copy):
        assert importer(tide).take_in(again).known
    assert seen == (rows(tide.archive, "SELECT * FROM articles"), rows(tide.archive, "SELECT * FROM captures"))
    assert {"unchanged": 2} == importer(tide, is_again=True).take_in(path).decisions


@pytest.mark.parametrize("stops_at", [1, 49, 50, 51, 75, 119])
def test_an_import_that_was_killed_goes_on_where_it_was(tide, tmp_path, stops_at):
    bad = [record(b"", f"https://tide.example.org/x{n}", head=b"404 Not Found") for n in range(60)]
    good = [*pages(28), *pages(28, "b.example.org"), *pages(4, "c.example.org")]
    mixed = [one for pair in zip(good, bad, strict=True) for one in pair]
    path = warc(tmp_path, *mixed)
    with pytest.raises(KilledError):
        importer(tide, stops_at=stops_at).take_in(path)
    (finding,) = check_imports(tide.archive)
    assert "import it again" in finding.detail
    kept = len(tide.articles())
    report = importer(tide).take_in(path)
    assert 60 == len(tide.articles()) == kept + report.decisions["add"]
    assert 60 == len(list(tide.archive.all_captures()))
    assert not check_imports(tide.archive)


class SlowReaders(InlineReaders):
    """One page takes too long."""

    def submit_with_traits(self, job):
        if job.url.endswith("/1"):
            late = Future()
            late.set_exception(PageError(job.url, "reading the page took too long"))
            return late
        return super().submit_with_traits(job)


def test_a_page_that_could_not_be_read_is_told_as_what_it_is(tide, tmp_path):
    path = warc(tmp_path, *pages(3), record(b"", "https://tide.example.org/x"))
    report = Importer(tide.archive, tide.settings, SlowReaders(), now=tide.clock.now).take_in(path)
    assert {"reading the page took too long": 1, "the page is empty": 1} == report.left_out
    assert {"add": 2} == report.decisions


def test_a_file_that_was_moved_is_missed_and_found_again(tide, tmp_path):
    path = warc(tmp_path, *pages(2))
    importer(tide).take_in(path)
    new = tmp_path / "shelf" / "year 2026" / "renamed.warc.gz"
    new.parent.mkdir(parents=True)
    (new.parent / "a-file-of-the-same-size").write_bytes(bytes(path.stat().st_size))
    path.rename(new)
    (finding,) = check_imports(tide.archive)
    assert "captures relocate" in finding.detail
    ((file, found),) = find_moved(tide.archive, tmp_path)
    assert new == found
    assert 2 == tide.archive.relocate_file(str(file.path), found)
    assert not check_imports(tide.archive)
    assert {str(new)} == {capture.location.file for capture in tide.archive.all_captures()}


def test_a_moved_file_that_is_imported_again_is_at_its_new_place(tide, tmp_path):
    path = warc(tmp_path, *pages(2))
    importer(tide).take_in(path)
    new = path.rename(tmp_path / "new.warc.gz")
    assert importer(tide).take_in(new).known
    assert {str(new)} == {capture.location.file for capture in tide.archive.all_captures()}


def test_a_revisit_of_a_page_in_the_archive_says_that_it_was_still_there(tide, tmp_path):
    body = page("Storm", PARAGRAPHS).encode()
    importer(tide).take_in(warc(tmp_path, record(body, "https://tide.example.org/a")))
    again = revisit(payload_digest(body), "https://tide.example.org/a")
    report = importer(tide).take_in(warc(tmp_path, again, name="later.warc.gz"))
    assert {"unchanged": 1} == report.decisions
    (stored,) = tide.articles()
    assert datetime(2020, 2, 1, tzinfo=UTC) == stored.last_seen_at
    assert 1 == len(list(tide.archive.all_captures()))


def test_what_is_left_out_is_said_with_its_reason(tide, tmp_path):
    date = "2026-02-03T00:00:00Z"
    path = warc(
        tmp_path,
        *pages(1),
        *pages(1, "other.example.org"),
        record(b"x", "https://tide.example.org/gone", head=b"410 Gone", date=date),
        record(b"GIF89a", "https://tide.example.org/p", date=date).replace(b"text/html", b"image/gif"),
        record(b"<p>Menu", "https://tide.example.org/m", date=date),
        record(b"<p>New", "https://tide.example.org/n", date="9999-12-31T23:59:59Z"),
        record(b"<p>Old", "https://tide.example.org/o", date="2001-02-03T00:00:00Z"),
        record(page("Tag", PARAGRAPHS).encode(), "https://tide.example.org/tag/storm", date=date),
    )
    wanted = Wanted(hosts=("tide.example.org",), since=datetime(2026, 1, 1, tzinfo=UTC), only_articles=True)
    report = importer(tide, wanted=wanted).take_in(path)
    assert {"add": 1} == report.decisions
    assert [1] * 7 == list(report.left_out.values())
    assert report.left_out.keys() == {
        "of other hosts",
        "answered with an error or a redirect",
        "no web page",
        "no article",
        "dated in the future",
        "older",
        "at the address of a list or a file",
    }


def test_pages_are_read_ahead_while_others_are_written(tide, tmp_path):
    """A reader that is idle while a batch is written is a core that is lost."""
    seen = []

    class Readers(InlineReaders):
        def submit_with_traits(self, job):
            seen.append((len(seen), len(tide.articles())))
            return super().submit_with_traits(job)

    made = Importer(tide.archive, tide.settings, Readers(), ahead=3, now=tide.clock.now)
    made.take_in(warc(tmp_path, *pages(30), *pages(30, "b.example.org")))
    assert [max(0, asked - 2) for asked in range(60)] == [kept for _, kept in seen]


def test_where_the_time_goes_is_told_by_parts(tide, tmp_path):
    seconds = iter(range(10**6))
    watch = Stopwatch(lambda: next(seconds))
    importer(tide, watch=watch).take_in(warc(tmp_path, *pages(3)))
    assert all(watch.seconds[part] > 0 for part in Part)
    assert next(seconds) - 1 >= sum(watch.seconds.values())


def test_of_a_part_within_another_the_time_counts_once():
    seconds = iter((0, 10, 12, 15, 100))
    watch = Stopwatch(lambda: next(seconds))
    with watch.on(Part.DECIDING), watch.on(Part.COMMITTING):
        pass
    assert (2 + 85, 3) == (watch.seconds[Part.DECIDING], watch.seconds[Part.COMMITTING])


def test_the_time_that_is_left_is_told_from_what_was_read(tmp_path):
    files = [warc(tmp_path, bytes(size), name=f"{size}.warc") for size in (1000, 2000, 3000)]
    files = [path for path in files if path.write_bytes(bytes(int(path.stem)))]
    seconds = iter((0, 1, 10, 20, 40))
    way = Way(files, lambda: next(seconds))
    assert "…" == way.told(Report())
    assert "0 a second, 0:00:50 left" == way.told(Report(done_bytes=1000))
    way.end_file(Report(Counter(add=100)))
    assert "10 a second, 0:00:20 left" == way.told(Report(Counter(add=100), done_bytes=2000))
    way.end_file(Report(known=ImportedFile(files[1], 2000, "", 9, NOW)))
    assert "10 a second, 0:00:24 left" == way.told(Report(Counter(add=300), done_bytes=1500))


def test_languages_are_chosen_by_what_pages_are_in(tide, tmp_path):
    texts = [f"Der Hafen wurde am Abend nach dem Sturm geschlossen, sagte der Meister {n}." for n in range(9)]
    german = page("Sturm", texts).replace("<title>", "<html lang=de><title>")
    path = warc(tmp_path, *pages(2), record(german.encode(), "https://tide.example.org/s"))
    assert {"in other languages": 2} == importer(tide, wanted=Wanted(languages=("de",))).take_in(path).left_out
    assert ["Sturm"] == headlines(tide)


def test_a_page_is_of_the_source_whose_site_it_is_on(tide, tmp_path):
    importer(tide).take_in(warc(tmp_path, *pages(1), *pages(1, "other.example.org")))
    assert [("https://other.example.org/0", None), ("https://tide.example.org/0", tide.source.name)] == rows(
        tide.archive, "SELECT url, source FROM articles ORDER BY url"
    )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.big.example.org/uk/1", "uk"),
        ("https://big.example.org/world/1", "world"),
        ("https://big.example.org/sport/1", None),
        ("https://lone.example.org/anything", "lone"),
        ("https://nobody.example.org/", None),
        ("https://example.org/", None),
    ],
)
def test_of_several_sources_of_a_site_the_home_address_tells(url, name):
    sources = [
        Source("uk", "U", "https://big.example.org/uk"),
        Source("world", "W", "https://big.example.org/world"),
        Source("lone", "L", "https://lone.example.org/start"),
    ]
    found = Homes(sources).find(url)
    assert name == (found and found.name)


def test_a_file_for_its_owner_alone_stays_so_where_it_lies(tide, tmp_path):
    importer(tide).take_in(warc(tmp_path, *pages(1), name="pass-1-private-00000.warc.gz"))
    assert [(1,)] == rows(tide.archive, "SELECT private FROM captures")
    assert [True] == [stored.private for stored in tide.articles()]


def test_the_public_view_has_the_name_of_a_file_and_no_path(tide, tmp_path):
    importer(tide).take_in(warc(tmp_path, *pages(1)))
    with PublicView.open(tmp_path / "view.db", Path(tide.archive.path)) as view:
        view.follow(NOW)
    with closing(sqlite3.connect(tmp_path / "view.db")) as connection:
        assert [("theirs.warc.gz",)] == connection.execute("SELECT warc_file FROM captures").fetchall()
