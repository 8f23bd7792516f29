"""A site's own templates: what stands on many pages of one source is no text of any of them."""

import random
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read_document
from samples import HARBOUR, TIDE

from archive.judge.completion import Surroundings, complete_article
from archive.judge.templates import find_fingerprints, is_template, strip_templates
from archive.run.keep import Provenance, build, keep
from archive.run.reread import compare, complete_again
from archive.settings import RetentionRule
from archive.store import Archive
from archive.store.schema.migrations import migrate
from scraper.model import BODY_ROLES, Access, AccessStatus, Article, LabelledBlock, Role, Selectors

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
DISCLAIMER = "The Tide is owned by the harbour foundation, which has no say in what its editors write."
LETTER = "Our letter on ships and ports comes every Friday at noon, and costs you nothing at all."
PLACES = (
    "Saltmere Quillgate Orrin Lindholm Marrow Esk Thornby Cape Dunwater Ferris "
    "Holm Ivory Jarrow Kestrel Lowgate Mewstone Northing Osier Pellow Rookhope"
).split()
VOCABULARY = (
    "pilots lighters dredgers bargees wardens divers surveyors ferrymen shipwrights stokers counted asked measured met "
    "said found wrote read overnight before after since near above the the a a of of in to and and for with on council "
    "crane frost quay dawn wages channel board gate plan bill boats spring figures depth harbour rope winter cargo"
).split()


def paragraphs_of(number: int) -> list[str]:
    """The paragraphs of one invented report; no two reports share a run of words."""
    dice = random.Random(number)
    return [f"The {' '.join(dice.choices(VOCABULARY, k=26))} of {PLACES[number % 20]}." for _ in range(5)]


def page(number: int) -> str:
    """
    A page of the Tide: a report with the standing line in its middle and the owner's note at its
    end.
    """
    first, second, *others = (f"<p>{text}</p>" for text in paragraphs_of(number))
    subhead = "<h2>Background</h2>" if number % 3 == 1 else ""
    day = f"2026-03-{number + 1:02}"
    return (
        f"<!doctype html><html lang=en><title>News from {PLACES[number]}</title>"
        f"<meta property='article:published_time' content='{day}T08:00:00Z'>"
        f"<article><h1>News from {PLACES[number]}</h1>{first}{second}<p>{LETTER}</p>{subhead}{''.join(others)}"
        f"<p>{DISCLAIMER}</p></article>"
    )


def article(number: int, *more: str | LabelledBlock, body: list[str] | None = None, site: str = "tide") -> Article:
    """A report as it was read; *more* stands below its text."""
    blocks = [LabelledBlock(Role.BODY, text, "test") for text in (paragraphs_of(number) if body is None else body)]
    blocks += [text if isinstance(text, LabelledBlock) else LabelledBlock(Role.BODY, text, "test") for text in more]
    return Article(
        f"https://{site}.example/{number}",
        f"News from {PLACES[number]}",
        tuple(blocks),
        Access(AccessStatus.FREE, complete=True),
        published_at=START + timedelta(days=number),
    )


def subhead(text: str) -> LabelledBlock:
    return LabelledBlock(Role.SUBHEAD, text, "test", tag="h2")


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "press.db", write=True) as archive:
        archive.save_sources([TIDE, HARBOUR])
        yield archive


def without_templates(page: Article, pages: dict[int, int]) -> Article:
    return complete_article(page, Surroundings(templates=pages))


class Shelf:
    """An archive, and articles that come in one a day."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def put(self, new: Article, *, source: str = "tide", **more) -> str:
        """Keep an article as a pass does; the name of the decision."""
        now = new.published_at or START
        provenance = Provenance(new.url, now + timedelta(hours=1), source, **more)
        return keep(self.archive, build(self.archive, new, provenance))

    def body(self, number: int, site: str = "tide") -> str:
        return next(
            stored.article.body
            for stored in self.archive.articles()
            if stored.found_url.endswith(f"{site}.example/{number}")
        )

    def has(self, text: str, *numbers: int, site: str = "tide") -> list[bool]:
        return [text in self.body(number, site) for number in numbers]

    def rows(self, sql: str) -> list[tuple]:
        with closing(sqlite3.connect(self.archive.path)) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def shelf(archive):
    return Shelf(archive)


# ---------------------------------------------------------------- twenty pages


@pytest.fixture(scope="module")
def twenty():
    """
    Twenty pages of one source, as they are read when nothing is known about it.

    The site's own selectors name the body: what is learnt must not hang on what the labeller
    happens to see through.
    """
    own = Selectors(body=("article > p", "article > h2"))
    return [
        read_document(page(number).encode(), f"https://tide.example/{number}", selectors=own) for number in range(20)
    ]


def test_read_alone_each_page_has_the_standing_lines_in_its_text(twenty):
    assert all(DISCLAIMER in read.body and LETTER in read.body for read in twenty)


def test_after_five_pages_the_standing_lines_are_known_and_the_text_is_the_report_alone(shelf, twenty):
    for read in twenty:
        shelf.put(read)
    first, later = range(5), range(5, 20)
    assert [True] * 5 == shelf.has(DISCLAIMER, *first) == shelf.has(LETTER, *first)
    assert [False] * 15 == shelf.has(DISCLAIMER, *later) == shelf.has(LETTER, *later)
    for number in later:
        own = [*paragraphs_of(number)[:2], *(["Background"] if number % 3 == 1 else []), *paragraphs_of(number)[2:]]
        assert "\n\n".join(own) == shelf.body(number)


def test_what_was_taken_out_is_kept_as_a_block_that_says_on_how_many_pages_it_stood(shelf, twenty):
    for read in twenty:
        shelf.put(read)
    last = next(stored for stored in shelf.archive.articles() if stored.found_url.endswith("/19"))
    assert [
        (Role.OTHER, LETTER, "template:seen-on-19-pages"),
        (Role.OTHER, DISCLAIMER, "template:seen-on-19-pages"),
    ] == [(block.role, block.text, block.reason) for block in last.article.blocks if is_template(block)]
    assert twenty[19].access == last.article.access


def test_reading_again_cleans_the_first_pages_as_well_and_is_then_at_rest(shelf, twenty):
    for read in twenty:
        shelf.put(read)

    def reread() -> int:
        """How many pages today's knowledge reads differently; that is kept."""
        count = 0
        for stored in list(shelf.archive.articles()):
            again, _ = complete_again(shelf.archive, stored, twenty[int(stored.found_url.rpartition("/")[2])])
            count += bool(compare(stored, again))
            shelf.archive.relabel(stored, again)
        return count

    assert 5 == reread()
    assert [False] * 20 == shelf.has(DISCLAIMER, *range(20)) == shelf.has(LETTER, *range(20))
    assert 0 == reread()
    assert [1] * 20 == [len(stored.revisions) for stored in shelf.archive.articles()]


def test_a_reader_sees_what_was_learnt(shelf, twenty):
    for read in twenty:
        shelf.put(read)
    assert [
        ("tide", 20, 15, "2026-03-01T08:00:00Z", "2026-03-20T08:00:00Z", text) for text in sorted([DISCLAIMER, LETTER])
    ] == sorted(
        shelf.rows(
            "SELECT source, article_count, removed_count, first_published_at, last_published_at, example FROM templates"
        ),
        key=lambda row: row[-1],
    )


# ---------------------------------------------------------------- what counts


def test_the_same_text_in_another_source_is_not_affected(shelf):
    for number in range(8):
        shelf.put(article(number, DISCLAIMER))
    shelf.put(article(9, DISCLAIMER, site="harbour"), source="harbour")
    assert [True] == shelf.has(DISCLAIMER, 9, site="harbour")


def test_an_article_without_a_source_is_left_as_it_is(shelf):
    for number in range(8):
        shelf.put(article(number, DISCLAIMER), source=None)
    assert [True] * 8 == shelf.has(DISCLAIMER, *range(8))


def test_a_short_subhead_over_a_text_of_its_own_stays_however_often_it_is_seen(shelf):
    for number in range(12):
        own = paragraphs_of(number)
        shelf.put(article(number, subhead("Background"), own[-1], body=own[:-1]))
    assert [True] * 12 == shelf.has("Background", *range(12))


def test_a_subhead_over_nothing_but_templates_goes_with_them(shelf):
    for number in range(7):
        shelf.put(article(number, subhead("Newsletter"), LETTER, subhead("About us"), DISCLAIMER))
    assert "\n\n".join(paragraphs_of(6)) == shelf.body(6)


def test_updates_of_one_article_count_once(shelf):
    for version in range(10):
        own = [*paragraphs_of(0), *paragraphs_of(100 + version)[:1]]
        assert ("add" if version == 0 else "revise") == shelf.put(article(0, DISCLAIMER, body=own))
    assert [(1,)] == shelf.rows("SELECT DISTINCT COUNT(*) FROM template_blocks GROUP BY fingerprint")
    shelf.put(article(1, DISCLAIMER))
    assert [True] == shelf.has(DISCLAIMER, 1)


def test_a_report_under_many_addresses_is_no_template(shelf):
    """A lede or a quote is not boilerplate because its story is told again on other days."""
    for day in range(10):
        again = replace(article(0), url=f"https://tide.example/again/{day}", published_at=START + timedelta(days=day))
        assert ("duplicate" if day else "add") == shelf.put(again)
    assert {"\n\n".join(paragraphs_of(0))} == {stored.article.body for stored in shelf.archive.articles()}
    shelf.put(article(12, paragraphs_of(0)[0]))
    assert [True] == shelf.has(paragraphs_of(0)[0], 12)


def test_an_article_does_not_count_against_itself(shelf):
    for number in range(5):
        shelf.put(article(number, DISCLAIMER))
    assert "revise" == shelf.put(article(4, "The crane turns again.", DISCLAIMER))
    assert [True] == shelf.has(DISCLAIMER, 4)


def test_the_background_of_one_days_news_is_no_template(shelf):
    for number in range(12):
        shelf.put(replace(article(number, DISCLAIMER), published_at=START + timedelta(hours=number)))
    assert [True] * 12 == shelf.has(DISCLAIMER, *range(12))


def test_a_paragraph_on_a_few_of_many_articles_is_no_template(shelf):
    """One in eight: the running story of a paper, not its standing note."""
    for number in range(72):
        other = replace(
            article(number % 20, *([LETTER] if number % 8 == 0 else []), body=paragraphs_of(number)),
            url=f"https://tide.example/n/{number}",
            published_at=START + timedelta(hours=8 * number),
        )
        shelf.put(other)
    assert 9 == sum(LETTER in stored.article.body for stored in shelf.archive.articles())


def test_an_article_that_is_hardly_more_than_the_template_keeps_its_text(shelf):
    for number in range(7):
        shelf.put(article(number, DISCLAIMER))
    shelf.put(article(8, DISCLAIMER, body=["Nothing happened at Cape."]))
    assert f"Nothing happened at Cape.\n\n{DISCLAIMER}" == shelf.body(8)


def test_a_source_may_be_kept_from_learning(shelf):
    for number in range(8):
        shelf.put(article(number, DISCLAIMER), learn_templates=False)
    assert [True] * 8 == shelf.has(DISCLAIMER, *range(8))
    shelf.put(article(9, DISCLAIMER))  # what was seen meanwhile counts once it is allowed again
    assert [False] == shelf.has(DISCLAIMER, 9)


def test_templates_alone_do_not_make_duplicates(shelf):
    for number in range(8):
        shelf.put(article(number, DISCLAIMER, LETTER))
    assert [] == shelf.rows("SELECT * FROM duplicates")


# ---------------------------------------------------------------- visits of one page


def test_that_a_template_became_known_between_two_visits_is_no_change(shelf):
    pages = [article(number, DISCLAIMER) for number in range(8)]
    for new in pages:
        shelf.put(new)
    for new in pages * 2:
        assert "unchanged" == shelf.put(new)


def test_a_change_of_the_text_is_told_without_the_template(shelf):
    for number in range(8):
        shelf.put(article(number, DISCLAIMER))
    assert "revise" == shelf.put(article(0, "The crane turns again.", DISCLAIMER))
    assert [False] == shelf.has(DISCLAIMER, 0)
    assert [("1 paragraph added",)] == shelf.rows("SELECT changes FROM revisions WHERE number > 1")


def test_lengths_are_compared_as_they_were_served(shelf):
    """A page is not shorter than at its last visit because what was learnt since is taken out."""
    for number in range(8):
        shelf.put(article(number, DISCLAIMER, LETTER))
    shelf.put(article(0, "The crane turns again.", DISCLAIMER, LETTER))
    revised = next(stored for stored in shelf.archive.articles() if stored.found_url.endswith("/0"))
    assert ["earlier-length"] == [sign.signal for sign in revised.article.access.evidence]


def test_a_template_that_comes_or_goes_on_known_pages_is_no_change(shelf):
    for number in range(8):
        shelf.put(article(number, DISCLAIMER))
    assert "unchanged" == shelf.put(article(7))
    assert "unchanged" == shelf.put(article(0))


def test_a_long_template_does_not_make_a_preview_of_a_page(shelf):
    """
    Held with its template and read without: shorter, and all of it in what we hold; yet a change is
    a change.
    """
    long = f"{DISCLAIMER} {LETTER} {DISCLAIMER}"
    for number in range(8):
        shelf.put(replace(article(number, long), access=Access(AccessStatus.UNKNOWN, complete=None)))
    changed = replace(article(0, long), access=Access(AccessStatus.UNKNOWN, complete=None), headline="Other news")
    assert "revise" == shelf.put(changed)


def test_a_text_that_was_cleaned_stays_as_it_is_when_the_template_is_forgotten(shelf):
    for number in range(8):
        shelf.put(article(number, DISCLAIMER))
    shelf.archive.prune([RetentionRule(None, timedelta(days=3))], START + timedelta(days=9))
    assert [(2,)] == shelf.rows("SELECT COUNT(*) FROM articles")
    assert "unchanged" == shelf.put(article(7, DISCLAIMER))
    assert [False] == shelf.has(DISCLAIMER, 7)


# ---------------------------------------------------------------- the table keeps up


def test_the_counts_follow_revisions_and_retention(shelf):
    for number in range(4):
        shelf.put(article(number, DISCLAIMER))
    (mark,) = find_fingerprints([LabelledBlock(Role.BODY, DISCLAIMER, "")])
    count = f"SELECT COUNT(*) FROM template_blocks WHERE fingerprint = {mark}"  # noqa: S608 - a number
    assert [(4,)] == shelf.rows(count)
    shelf.put(article(0, "The owner's note is gone from this page."))
    assert [(3,)] == shelf.rows(count)
    shelf.archive.prune([RetentionRule(None, timedelta(days=1))], START + timedelta(days=3))
    assert [(2,)] == shelf.rows(count)


def test_an_archive_of_before_teaches_what_it_holds(shelf):
    for number in range(8):
        shelf.put(article(number, subhead("Background"), DISCLAIMER), learn_templates=False)
    before = shelf.rows("SELECT * FROM template_blocks ORDER BY 1, 2, 3")
    with closing(sqlite3.connect(shelf.archive.path, isolation_level=None)) as connection:
        connection.executescript(
            "DROP VIEW templates; DROP TABLE template_blocks; DROP INDEX articles_source_time;"
            "DELETE FROM _sqlite_migrations WHERE name = '0007-templates'"
        )
        migrate(connection, shelf.archive.path)
    assert before == shelf.rows("SELECT * FROM template_blocks ORDER BY 1, 2, 3")


def test_the_look_up_goes_by_indexes(shelf):
    page = article(1, DISCLAIMER)
    with closing(sqlite3.connect(shelf.archive.path)) as connection:
        connection.row_factory = sqlite3.Row
        seen = []
        connection.set_trace_callback(seen.append)
        reading = Archive(shelf.archive.path, connection, ExitStack(), is_writable=False)
        assert {} == reading.templates_for(find_fingerprints(page.blocks), page, "tide")
        connection.set_trace_callback(None)
        plan = [row[3] for sql in seen for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert plan
    assert [] == [step for step in plan if step.startswith(("SCAN template_blocks", "SCAN one", "SCAN articles"))]


# ---------------------------------------------------------------- the pure part


def test_which_blocks_have_a_fingerprint():
    blocks = [
        LabelledBlock(Role.BODY, "He did not.", "test"),
        LabelledBlock(Role.BODY, "“Write to  our newsroom!”", "test"),
        LabelledBlock(Role.BODY, "write to our newsroom", "test"),
        subhead("Background"),
        LabelledBlock(Role.LIST, "One cell of a table", "test", cell=(0, 0, 0)),
        LabelledBlock(Role.NAV, "All the news of today", "test"),
        LabelledBlock(Role.OTHER, "All the news of today", "template:seen-on-9-pages"),
    ]
    assert [1, 3, 6] == list(find_fingerprints(blocks).values())


def test_fingerprints_are_the_same_in_every_process():
    """Stored in archives: when this fails, old ones need new fingerprints."""
    assert [-7958134527973520973] == list(find_fingerprints([LabelledBlock(Role.BODY, "Write to our newsroom.", "")]))


def test_a_cve_that_only_a_template_names_is_not_the_articles():
    box = "Most read this month: the hole CVE-2026-0007 in a lock."
    new = replace(article(0, "They name CVE-2026-0001.", box), cves=("CVE-2026-0001", "CVE-2026-0007"))
    (mark,) = find_fingerprints([LabelledBlock(Role.BODY, box, "")])
    assert ("CVE-2026-0001",) == without_templates(new, {mark: 6}).cves


TEXTS = st.sampled_from([*paragraphs_of(0), DISCLAIMER, LETTER, "Background", "Yes."])
BLOCKS = st.lists(st.builds(LabelledBlock, st.sampled_from(Role), TEXTS, st.just("test")), max_size=12)


@given(BLOCKS, st.sets(TEXTS))
def test_text_and_order_stay_at_least_half_of_the_body_does_and_twice_is_once(blocks, known):
    pages = dict.fromkeys(find_fingerprints(LabelledBlock(Role.SUBHEAD, text, "") for text in known), 7)
    before = article(0, *blocks, body=[])
    after = without_templates(before, pages)
    assert [block.text for block in before.blocks] == [block.text for block in after.blocks]
    assert len(before.body.split()) <= 2.2 * len(after.body.split())
    assert find_fingerprints(before.blocks).keys() == find_fingerprints(after.blocks).keys()
    assert all(
        old == new or (old.role in BODY_ROLES and is_template(new))
        for old, new in zip(before.blocks, after.blocks, strict=True)
    )
    assert after == without_templates(after, {}) or not pages
    stripped = strip_templates(before.body, pages)
    assert stripped == strip_templates(stripped, pages) == strip_templates(after.body, pages)
