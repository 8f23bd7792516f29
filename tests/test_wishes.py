"""
What publishers wish for their pages: read from head and headers, judged for us, and what obeying it
means.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read_document
from samples import article, exchange, full_article, keep

from archive.edition.build import build_edition
from archive.judge.wishes import describe_limits, is_withdrawn, limits_of, quote, quoted_article
from archive.model import Limits
from archive.run.reread import import_exchange
from archive.store import Archive
from archive.store.captures import CaptureWriter
from scraper.model import FetchSettings, LabelledBlock, Role, Wish, Wishes
from scraper.read.facts.wishes import find_header_wishes, find_page_wishes, find_robots_rules, judge_wishes, parse_end
from scraper.read.page.parse import parse_page

URL = "https://tide.example/storm"
NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
SETTINGS = FetchSettings("presswatch/1 (+https://reader.example/)")


def of_page(head: str) -> tuple[Wish, ...]:
    return find_page_wishes(parse_page(f"<!doctype html><head>{head}</head><p>Text.".encode(), URL))


def judged(head: str = "", *headers: tuple[str, str], agent: str = "presswatch") -> Wishes:
    return judge_wishes((*find_header_wishes(headers), *of_page(head)), agent)


# ---------------------------------------------------------------- robots: meta and header


def test_what_is_said_is_kept_verbatim_with_its_place():
    said = of_page('<meta name="Robots" content="NOARCHIVE,  max-snippet: 50">')
    assert (Wish("robots", "NOARCHIVE, max-snippet: 50", "meta"),) == said
    assert Wishes(noarchive=True, max_snippet=50) == judge_wishes(said, "presswatch")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("noarchive", Wishes(noarchive=True)),
        ("none", Wishes(noindex=True)),
        ("noindex, nofollow", Wishes(noindex=True)),
        ("all", Wishes()),
        ("index, follow, max-image-preview:large", Wishes()),
        ("nosnippet", Wishes(max_snippet=0)),
        ("max-snippet:0", Wishes(max_snippet=0)),
        ("max-snippet:-1", Wishes()),
        ("max-snippet:many", Wishes()),
        ("max-snippet:80, max-snippet:20", Wishes(max_snippet=20)),
        ("nosnippet, max-snippet:80", Wishes(max_snippet=0)),
        ("", Wishes()),
        (",,:,", Wishes()),
    ],
)
def test_a_header_and_a_meta_element_mean_the_same(value, expected):
    assert expected == judged("", ("X-Robots-Tag", value))
    assert expected == judged(f'<meta name="robots" content="{value}">')


@pytest.mark.parametrize(
    "date",
    [
        "Tuesday, 25-Jun-30 15:00:00 UTC",  # RFC 850
        "Tue, 25 Jun 2030 15:00:00 GMT",  # RFC 822
        "25 Jun 2030 11:00:00 EDT",
        "2030-06-25T17:00:00+02:00",  # ISO 8601
        "2030-06-25T15:00:00Z",
    ],
)
def test_the_end_of_availability_is_read_in_every_form_of_a_date(date):
    end = datetime(2030, 6, 25, 15, tzinfo=UTC)
    assert Wishes(unavailable_after=end) == judged("", ("X-Robots-Tag", f"unavailable_after: {date}"))
    together = judged("", ("X-Robots-Tag", f"unavailable_after: {date}, noarchive"))
    assert Wishes(unavailable_after=end, noarchive=True) == together


def test_rules_for_other_robots_are_kept_and_not_obeyed():
    header = ("X-Robots-Tag", "otherbot: noindex, nosnippet, presswatch: noarchive")
    assert Wishes(noarchive=True) == judged("", header)
    assert Wishes(noindex=True, max_snippet=0) == judged("", header, agent="otherbot")
    head = '<meta name="otherbot" content="noarchive"><meta name="presswatch" content="nosnippet">'
    assert [("otherbot", "noarchive"), ("presswatch", "nosnippet")] == [(w.agent, w.value) for w in of_page(head)]
    assert Wishes(max_snippet=0) == judged(head)


def test_header_lines_stay_apart_and_add_up():
    lines = (("X-Robots-Tag", "otherbot: noindex"), ("x-robots-tag", "noarchive"))
    assert Wishes(noarchive=True, max_snippet=5) == judged('<meta name="robots" content="max-snippet:5">', *lines)


def test_other_meta_elements_are_no_words_to_robots():
    """They may share a word with the rules: "all" alone is such a word, and says nothing against us."""
    head = '<meta name="rating" content="general"><meta name="keywords" content="noarchive of the harbour, storm">'
    assert () == of_page(head)


# ---------------------------------------------------------------- mining, licences, prices


def test_the_page_goes_before_the_header_and_the_header_before_the_file():
    """TDMRep, "Processing priority"."""
    file = Wish("tdm-reservation", "1", "tdmrep.json")
    header = Wish("tdm-reservation", "0", "header")
    meta = Wish("tdm-reservation", "1", "meta")
    assert [True, False, True] == [
        judge_wishes(said, "presswatch").tdm_reserved for said in ([file], [header, file], [meta, file, header])
    ]


@pytest.mark.parametrize("value", ["2", "yes", "true", "1.0", " "])
def test_what_is_no_value_of_the_protocol_counts_as_not_said(value):
    assert judged("", ("tdm-reservation", value)).tdm_reserved is None


def test_terms_count_only_with_a_reservation():
    policy = ("tdm-policy", "https://tide.example/terms")
    assert judged("", ("tdm-reservation", "0"), policy).tdm_policy is None
    assert "https://tide.example/terms" == judged("", ("TDM-Reservation", "1"), policy).tdm_policy


def test_licences_of_header_and_page_are_recorded():
    header = '<https://tide.example/rsl.xml>; rel="license"; type="application/rsl+xml", </next>; rel=next'
    head = '<link rel="license" type="application/rsl+xml" href="/page.xml"><link rel="stylesheet" href="/s.css">'
    assert ("https://tide.example/rsl.xml", "https://tide.example/page.xml") == judged(head, ("Link", header)).licenses


@pytest.mark.parametrize("link", ["<a>; rel=licensee", '<a>; rel="no-license"', "<a>; title=license", "a; rel=license"])
def test_other_links_are_no_licences(link):
    assert () == find_header_wishes([("Link", link)])


def test_an_article_brings_the_wishes_of_its_page():
    page = '<meta name="tdm-reservation" content="1"><h1>Storm</h1><p>The storm shut two roads.</p>'
    assert (Wish("tdm-reservation", "1", "meta"),) == read_document(page.encode(), URL).wishes


@given(st.text(max_size=80))
def test_any_value_of_a_header_is_read(value):
    said = find_header_wishes([("X-Robots-Tag", value), ("Link", value), ("tdm-reservation", value)])
    judge_wishes(said, "presswatch")
    parse_end(value)
    assert all(name for _, name, _ in find_robots_rules(value))


# ---------------------------------------------------------------- what is obeyed


def test_a_setting_turns_obeying_off():
    said = [Wish("robots", "noarchive, nosnippet", "meta"), Wish("tdm-reservation", "1", "header")]
    assert Limits(noarchive=True, snippet_length=0, tdm_reserved=True) == limits_of(said, SETTINGS)
    assert Limits() == limits_of(said, FetchSettings(SETTINGS.user_agent, respect_wishes=False))


def test_the_name_that_robots_txt_is_matched_with_is_ours_here_too():
    said = [Wish("robots", "tidewatch: noarchive", "header")]
    assert Limits(noarchive=True) == limits_of(said, FetchSettings(SETTINGS.user_agent, robots_agent="TideWatch"))


def test_an_article_is_withdrawn_from_the_minute_on_that_its_publisher_names():
    limits = Limits(unavailable_after=NOW)
    assert [False, True] == [is_withdrawn(limits, at) for at in (NOW - timedelta(seconds=1), NOW)]


@given(st.text(max_size=60), st.integers(0, 40))
def test_never_more_is_quoted_than_is_wished(text, length):
    assert len(quote(text, Limits(snippet_length=length))) <= length


def test_every_limit_is_told():
    limits = Limits(noarchive=True, snippet_length=1, unavailable_after=NOW, tdm_reserved=True)
    assert 4 == len(describe_limits(limits))
    assert () == describe_limits(Limits())


# ---------------------------------------------------------------- in the archive


@pytest.fixture
def archive():
    with Archive.open(":memory:", write=True) as opened:
        yield opened


def kept(archive, limits, said=(), what=None):
    _, article_id = keep(archive, what or full_article(), source=None)
    archive.save_limits(article_id, said, limits)
    return archive.article(article_id)


def test_wishes_and_limits_come_back_as_they_were_kept(archive):
    said = (Wish("robots", "noarchive", "meta", agent="presswatch"), Wish("tdm-reservation", "1", "header"))
    limits = Limits(noarchive=True, snippet_length=7, unavailable_after=NOW, tdm_reserved=True)
    stored = kept(archive, limits, said)
    assert (said, limits) == (stored.article.wishes, stored.limits)


def test_an_article_of_which_no_copy_is_to_be_shown_is_private_as_long_as_that_is_wished(archive):
    stored = kept(archive, Limits(noarchive=True))
    assert stored.private
    assert [] == list(archive.articles(private=False))
    assert 1 == archive.private_count()
    archive.save_limits(stored.article_id, (), Limits())
    assert 0 == archive.private_count()


def test_reserved_and_withdrawn_articles_can_be_left_out(archive):
    kept(archive, Limits(tdm_reserved=True, unavailable_after=NOW))
    assert [] == list(archive.articles(tdm_reserved=False))
    assert [] == list(archive.articles(available_at=NOW))
    assert 1 == len(list(archive.articles(available_at=NOW - timedelta(seconds=1))))
    assert (1, 1, 0) == (
        archive.reserved_count(),
        archive.withdrawn_count(NOW),
        archive.withdrawn_count(NOW - timedelta(seconds=1)),
    )


def test_a_search_quotes_no_more_than_is_wished(archive):
    stored = kept(archive, Limits(snippet_length=9), what=article(body="The storm shut two roads and a bridge."))
    (hit,) = archive.search("bridge", now=NOW)
    assert len(hit.snippet) <= 9
    archive.save_limits(stored.article_id, (), Limits(unavailable_after=NOW))
    assert [""] == [hit.snippet for hit in archive.search("bridge", now=NOW)]


def test_an_export_has_no_more_of_the_text_than_may_be_quoted(archive):
    stored = kept(archive, Limits(snippet_length=12))
    short = quoted_article(stored)
    assert len(short.article.body) <= 12
    assert (None, stored.article.headline) == (short.article.dek, short.article.headline)
    assert all(not image.caption for image in short.article.images)
    assert all(not sign.value for sign in short.article.access.evidence)
    nothing = quoted_article(kept(archive, Limits(snippet_length=0)))
    assert "" == nothing.article.body


def test_an_article_without_such_a_wish_is_exported_as_it_stands(archive):
    stored = kept(archive, Limits(), ())
    assert quoted_article(stored) is stored


@pytest.mark.parametrize(
    ("settings", "keeps", "captures", "is_private"),
    [(SETTINGS, True, 1, True), (SETTINGS, False, 0, True), (None, True, 1, False)],
)
def test_what_is_imported_is_judged_like_what_a_pass_brings(archive, tmp_path, settings, keeps, captures, is_private):
    came = exchange(headers=(("Content-Type", "text/html"), ("X-Robots-Tag", "noarchive")))
    with CaptureWriter(tmp_path, "import", 1_000_000) as writer:
        import_exchange(archive, writer, came, article(), None, settings=settings, keeps_noarchive=keeps)
    (stored,) = archive.articles()
    assert is_private == stored.private
    assert ("noarchive",) == tuple(wish.value for wish in stored.article.wishes)
    kept = [capture.location.file for capture in archive.all_captures()]
    assert [is_private] * captures == ["-private-" in name for name in kept]


def edition_of(stored):
    day = timedelta(days=1)
    edition = build_edition([stored], since=NOW - day, until=NOW + day, timezone="UTC", title="Digest", made_at=NOW)
    (item,) = edition.items
    return item.extract, item.limited_by


def test_a_digest_quotes_no_more_than_is_wished_and_says_so(archive):
    text = LabelledBlock(Role.BODY, "The storm shut two roads. Nobody was hurt.", "text")
    stored = kept(archive, Limits(snippet_length=0), what=article(blocks=(text,)))
    assert ("", "the publisher wants no text quoted") == edition_of(stored)
    stored = kept(archive, Limits(snippet_length=10), what=article(blocks=(text,)))
    assert ("The storm…", "the publisher wants no more than 10 characters quoted") == edition_of(stored)
    stored = kept(archive, Limits(snippet_length=500), what=article(blocks=(text,)))
    assert ("The storm shut two roads. Nobody was hurt.", None) == edition_of(stored)


def test_a_digest_quotes_nothing_of_an_article_of_which_no_copy_is_to_be_shown(archive):
    text = LabelledBlock(Role.BODY, "The storm shut two roads.", "text")
    stored = kept(archive, Limits(noarchive=True), what=article(blocks=(text,)))
    assert ("", "the publisher wants no copy shown") == edition_of(stored)
