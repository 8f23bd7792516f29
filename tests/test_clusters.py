"""Articles that are one report: stored with each, one of them leads, whatever adds, changes or deletes."""

import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import DAY, HARBOUR, HOUR, NOW, TIDE, article, body_of, keep, rows
from sqlite_utils import Database

from archive.judge.fingerprints import fingerprint
from archive.model import NO_LIMITS, Add, Duplicate, DuplicateKind, Match, Unchanged
from archive.run.reindex import judge_roundups, reindex
from archive.settings import RetentionRule
from archive.store import Archive
from archive.store.schema.migrations import MIGRATIONS, migrate
from scraper.model import Access, AccessStatus


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "fixture.db", write=True) as opened:
        opened.save_sources([TIDE, HARBOUR])
        yield opened


def put(archive, name, *matches, published=None, private=False, now=NOW, **facts):
    """Add an article that was found to be something to others."""
    new = article(f"https://tide.example/{name}", body_of(name), published_at=published, **facts)
    decision = Duplicate(new, matches) if matches else Add(new)
    return archive.apply(
        decision, source="tide", found_url=new.url, keys=fingerprint(None, ""), now=now, private=private
    )  # fmt: skip


def like(article_id, kind=DuplicateKind.EXACT, **facts):
    return Match(article_id, kind, 1.0, **facts)


def clusters(archive):
    """The clusters as they are stored, each with its lead first; and what must always hold is checked."""
    found: dict[int, list[int]] = {}
    for stored in archive.articles():
        found.setdefault(stored.cluster_id, []).append(stored.article_id)
        if stored.is_lead:
            found[stored.cluster_id].insert(0, found[stored.cluster_id].pop())
    leads = [stored.article_id for stored in archive.articles() if stored.is_lead]
    assert len(leads) == len(found), "one article of each cluster leads"
    assert all(cluster == min(ids) for cluster, ids in found.items()), "a cluster has its smallest id"
    return sorted(found.values(), key=min)


CUT = Access(AccessStatus.PREVIEW, complete=False)


def test_an_article_that_is_like_no_other_stands_alone(archive):
    put(archive, "storm")
    put(archive, "calm")
    assert [[1], [2]] == clusters(archive)


@pytest.mark.parametrize("kind", [kind for kind in DuplicateKind if kind not in {"quotes", "same event"}])
def test_one_report_is_one_cluster(archive, kind):
    put(archive, "storm")
    put(archive, "copy", like(1, kind))
    assert [[1, 2]] == clusters(archive)


@pytest.mark.parametrize("kind", [DuplicateKind.QUOTES, DuplicateKind.SAME_EVENT])
def test_a_quotation_or_another_report_on_the_event_joins_no_cluster(archive, kind):
    put(archive, "storm")
    put(archive, "roundup", like(1, kind))
    assert [[1], [2]] == clusters(archive)
    assert [kind] == [link.kind for link in archive.article(1).duplicates]


def test_what_is_one_report_with_two_brings_them_together(archive):
    put(archive, "one")
    put(archive, "two")
    put(archive, "both", like(1), like(2))
    assert [[1, 2, 3]] == clusters(archive)


class TestWhichLeads:
    def test_the_first_to_publish(self, archive):
        put(archive, "late", published=NOW - HOUR)
        put(archive, "early", like(1), published=NOW - DAY)
        assert [[2, 1]] == clusters(archive)

    def test_a_date_after_we_saw_it_is_not_believed(self, archive):
        put(archive, "seen", published=NOW + 9 * DAY, now=NOW - DAY)
        put(archive, "later", like(1), published=NOW - HOUR)
        assert [[1, 2]] == clusters(archive)

    def test_a_whole_text_before_a_cut_one(self, archive):
        put(archive, "cut", access=CUT, published=NOW - DAY)
        put(archive, "whole", like(1))
        assert [[2, 1]] == clusters(archive)

    def test_a_preview_of_another_is_cut_whatever_its_page_says(self, archive):
        put(archive, "opening", published=NOW - DAY)
        put(archive, "whole", like(1, DuplicateKind.PREVIEW, is_subject=False), access=replace(CUT, complete=None))
        assert [[2, 1]] == clusters(archive)

    def test_an_open_text_before_a_closed_one(self, archive):
        put(archive, "closed", access=Access(AccessStatus.FULL_SUBSCRIBER, complete=True), published=NOW - DAY)
        put(archive, "open", like(1))
        assert [[2, 1]] == clusters(archive)

    def test_an_original_before_its_trimmed_copy(self, archive):
        put(archive, "trimmed", published=NOW - DAY)
        put(archive, "original", like(1, DuplicateKind.TRIMMED, is_subject=False))
        assert [[2, 1]] == clusters(archive)

    def test_what_everybody_may_read_before_what_is_the_readers_alone(self, archive):
        put(archive, "mine", private=True, published=NOW - DAY)
        put(archive, "cut", like(1), access=CUT)
        assert [[2, 1]] == clusters(archive)

    def test_what_is_not_to_be_shown_any_more_leads_no_longer(self, archive):
        put(archive, "first")
        put(archive, "second", like(1))
        archive.save_limits(1, (), replace(NO_LIMITS, noarchive=True))
        assert [[2, 1]] == clusters(archive)
        archive.save_limits(1, (), NO_LIMITS)
        assert [[1, 2]] == clusters(archive)


class TestWhatChanges:
    def test_a_revision_that_says_something_else_leaves_its_cluster(self, archive):
        for host in ("tide", "harbour", "mole"):
            keep(archive, article(f"https://{host}.example/a", body_of("storm")))
        assert [[1, 2, 3]] == clusters(archive)
        keep(archive, article("https://tide.example/a", body_of("calm")), NOW + HOUR)
        assert [[1], [2, 3]] == clusters(archive)

    def test_a_revision_that_says_the_same_again_stays(self, archive):
        for host in ("tide", "harbour", "mole"):
            keep(archive, article(f"https://{host}.example/a", body_of("storm", length=200)))
        keep(archive, article("https://tide.example/a", body_of("storm", length=190)), NOW + HOUR)
        assert [{1, 2, 3}] == [set(ids) for ids in clusters(archive)]

    def test_what_is_pruned_gives_its_lead_and_its_id_to_the_next(self, archive):
        put(archive, "old", now=NOW - 9 * DAY)
        put(archive, "new", like(1))
        put(archive, "newest", like(2))
        archive.prune([RetentionRule(None, DAY)], NOW)
        assert [[2, 3]] == clusters(archive)

    def test_an_earlier_sight_can_change_the_lead(self, archive):
        put(archive, "one")
        put(archive, "other", like(1))
        archive.note_seen_earlier(2, NOW - DAY)
        assert [[2, 1]] == clusters(archive)


def test_articles_of_an_old_archive_stand_alone_until_they_are_judged_again():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    MIGRATIONS.apply(Database(connection, recursive_triggers=False), stop_before="0016-clusters")
    connection.executescript(_OLD)
    migrate(connection, "press.db")
    assert [(1, 1, 1), (2, 2, 1)] == connection.execute("SELECT id, cluster_id, is_lead FROM articles").fetchall()
    assert [(2, 1, "trimmed copy of", 0.9)] == connection.execute(
        "SELECT article_id, of_id, kind, similarity FROM duplicates"
    ).fetchall()
    connection.close()


_OLD = """
    INSERT INTO articles (id, url_key, url, found_url, access_status, access_explanation, word_count, body, body_digest,
        first_seen_at, last_seen_at)
    VALUES (1, 'a', 'a', 'a', 'free', '', 3, 'one two three', 'x', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z'),
        (2, 'b', 'b', 'b', 'free', '', 2, 'one two', 'y', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z');
    INSERT INTO duplicates VALUES (2, 1, 'contained', 0.9);
"""


class TestTheReadersWord:
    def put_three(self, archive):
        for host in ("tide", "harbour", "mole"):
            keep(archive, article(f"https://{host}.example/a", body_of("storm", length=90)))

    def test_an_article_that_was_split_stands_alone(self, archive):
        self.put_three(archive)
        assert (2, 3) == archive.split(1)
        assert [[1], [2, 3]] == clusters(archive)

    def test_it_stays_so_when_its_page_changes_and_comes_back(self, archive):
        self.put_three(archive)
        archive.split(1)
        for length in (80, 90):
            keep(archive, article("https://tide.example/a", body_of("storm", length=length)), NOW + HOUR)
            assert [{1}, {2, 3}] == [set(ids) for ids in clusters(archive)]

    def test_a_new_copy_does_not_bring_together_what_was_split(self, archive):
        self.put_three(archive)
        archive.split(1)
        keep(archive, article("https://cape.example/a", body_of("storm", length=90)))
        assert [{1, 4}, {2, 3}] == [set(ids) for ids in clusters(archive)] or [{1}, {2, 3, 4}] == [
            set(ids) for ids in clusters(archive)
        ]

    def test_what_was_merged_stays_together_whatever_it_says_later(self, archive):
        put(archive, "storm")
        put(archive, "calm")
        assert (1, 2) == archive.merge(2, 1)
        keep(archive, article("https://tide.example/storm", body_of("thunder")), NOW + HOUR)
        assert [{1, 2}] == [set(ids) for ids in clusters(archive)]

    def test_the_last_word_counts(self, archive):
        self.put_three(archive)
        archive.split(1)
        archive.merge(1, 3)
        assert [[1, 2, 3]] == clusters(archive)
        archive.split(1)
        assert [[1], [2, 3]] == clusters(archive)

    def test_what_is_said_of_one_is_kept_when_all_are_judged_again(self, archive):
        self.put_three(archive)
        put(archive, "calm")
        archive.split(2)
        archive.merge(4, 3)
        assert 4 == reindex(archive)
        assert [{1, 3, 4}, {2}] == [set(ids) for ids in clusters(archive)]


class TestJudgingAgain:
    def test_finds_what_the_first_time_found(self, archive):
        for host, topic in (("tide", "storm"), ("harbour", "storm"), ("mole", "calm"), ("cape", "storm")):
            keep(archive, article(f"https://{host}.example/a", body_of(topic, length=90)))
        before = tables(archive)
        reindex(archive)
        assert before == tables(archive)

    def test_of_an_old_archive_finds_its_copies(self, archive):
        for host in ("tide", "harbour"):
            keep(archive, article(f"https://{host}.example/a", body_of("storm", length=90)))
        archive.forget_duplicates()
        assert 2 == archive.unindexed_count()
        assert [[1], [2]] == clusters(archive)
        reindex(archive)
        assert 0 == archive.unindexed_count()
        assert [[1, 2]] == clusters(archive)

    def test_that_is_broken_off_changes_nothing(self, archive):
        for host in ("tide", "harbour"):
            keep(archive, article(f"https://{host}.example/a", body_of("storm", length=90)))
        before = tables(archive)

        def break_off(done, of):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            reindex(archive, break_off)
        assert before == tables(archive)

    def test_leaves_links_between_reports_on_one_event(self, archive):
        put(archive, "storm")
        put(archive, "flood", like(1, DuplicateKind.SAME_EVENT))
        reindex(archive)
        assert [DuplicateKind.SAME_EVENT] == [link.kind for link in archive.article(1).duplicates]


def test_the_index_has_no_rows_of_texts_that_are_gone(archive):
    keep(archive, article(body=body_of("storm", length=90)))
    keep(archive, article(body=body_of("calm", length=70)), NOW + HOUR)
    keep(archive, article("https://tide.example/b", body_of("flood", length=50)), NOW + HOUR)
    wanted = sum(
        len(fingerprint(None, body).runs) for body in (body_of("calm", length=70), body_of("flood", length=50))
    )
    assert wanted == len(tables(archive)["fingerprint_index"])
    archive.prune([RetentionRule(None, HOUR)], NOW + DAY)
    assert {"fingerprints": [], "fingerprint_index": []}.items() <= tables(archive).items()


def tables(archive):
    """The rows of the tables that say what is one report, as they are stored."""
    names = ("fingerprints", "fingerprint_index", "duplicates", "cluster_rulings")
    found = {name: sorted(rows(archive, f"SELECT * FROM {name}")) for name in names}  # noqa: S608
    return found | {"articles": rows(archive, "SELECT id, cluster_id, is_lead FROM articles")}


def page_of(name, path, canonical):
    return article(
        f"https://tide.example{path}",
        body_of(name, length=60),
        canonical_url=f"https://tide.example{canonical}",
        headline=f"News of {name} at last",
    )


def test_a_shared_canonical_address_makes_no_one_article_of_two(archive):
    for name in ("storm", "calm"):
        keep(archive, page_of(name, f"/en/{name}", "/en"))
    for name in ("storm", "calm"):
        decision, _ = keep(archive, page_of(name, f"/en/{name}", "/en"), NOW + HOUR)
        assert isinstance(decision, Unchanged)
    assert [1, 1] == [len(stored.revisions) for stored in archive.articles()]


def test_another_form_of_a_page_is_the_same_article(archive):
    keep(archive, page_of("storm", "/storm", "/storm"))
    decision, number = keep(archive, page_of("storm", "/storm/amp", "/storm"), NOW + HOUR)
    assert (1, Unchanged) == (number, type(decision))


REPORTS = ("storm", "calm", "flood")


def arrivals():
    """Three reports, each with a copy, a trimmed copy and a preview, and a roundup that quotes all three."""
    for topic in REPORTS:
        words = body_of(topic, length=120).split()
        for host, length in (("tide", 120), ("harbour", 120), ("mole", 80), ("cape", 30)):
            yield article(
                f"https://{host}.example/{topic}", " ".join(words[:length]), headline=f"All about {topic} today"
            )
    roundup = "\n\n".join(f"News of {topic}\n\n{body_of(topic, length=120)}" for topic in REPORTS)
    yield article("https://cape.example/roundup", roundup, headline="Morning letter of the newsroom")


ARRIVALS = tuple(arrivals())


@settings(max_examples=25, deadline=None)
@given(st.permutations(ARRIVALS))
def test_the_order_of_arrival_does_not_matter(order):
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([TIDE, HARBOUR])
        for new in order:
            decision, _ = keep(archive, new)
            if isinstance(decision, Duplicate):
                judge_roundups(archive, decision.matches)
        clusters(archive)
        found = {}
        for stored in archive.articles():
            found.setdefault(stored.cluster_id, set()).add(stored.article.url)
        wanted = [{one.url for one in ARRIVALS if one.url.endswith(f"/{topic}")} for topic in (*REPORTS, "roundup")]
        assert sorted(map(sorted, wanted)) == sorted(map(sorted, found.values()))
