"""How the articles of a window become stories, marks and extracts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.edition.build import Telling, build_edition, mark_access
from archive.edition.days import last_whole_day, window_of_day
from archive.edition.stories import group_stories
from archive.judge.excerpts import extract, find_sentences, strip_dateline
from archive.model import DuplicateKind, StoredArticle, StoredDuplicate, StoredRevision
from scraper.model import Access, AccessStatus, Article, Evidence, LabelledBlock, Role
from scraper.text import squash

SINCE = datetime(2025, 3, 3, 23, tzinfo=UTC)
FREE = Access(AccessStatus.FREE, complete=True)
PORT = (
    "Attackers reached the control network of Ostmark harbour and its twelve cranes stand still.",
    "The port authority of Ostmark sends container ships to Westhaven until the crane network is clean.",
)
TALKS = (
    "Envoys of Velden and its neighbour met at the border for talks on their tanks.",
    "The envoys will talk about tanks near the Velden border again on Friday.",
)


def stored(number: int, headline: str, body: tuple[str, ...], **changes) -> StoredArticle:
    """An article seen *number* hours into the window by the source of that number."""
    at = SINCE + timedelta(hours=number)
    blocks = tuple(LabelledBlock(Role.BODY, text, "test") for text in body)
    article = Article(
        f"https://s{number}.example/a",
        headline,
        blocks,
        changes.pop("access", FREE),
        dek=changes.pop("dek", None),
        published_at=changes.pop("published_at", at),
    )
    revision = StoredRevision(number * 10, 1, at, None, headline, 10, None, blocks)
    first = StoredArticle(number, article, f"s{number}", article.url, article.url, at, at, None, False, (revision,))
    return replace(first, **changes)


def copy_of(number: int, kind=DuplicateKind.TRIMMED, *, is_shorter=True) -> StoredDuplicate:
    return StoredDuplicate(number, None, None, "https://a.example/", kind, 0.9, is_shorter)


def build(*articles: StoredArticle, **telling):
    settings = {"since": SINCE, "until": SINCE + timedelta(days=1), "timezone": "Europe/Berlin", "title": "Digest"}
    return build_edition(articles, (), Telling(**telling), made_at=SINCE + timedelta(days=1), **settings)


FILLER = tuple(
    stored(number, headline, (text,))
    for number, headline, text in (
        (14, "Bakers raise bread prices", "Flour costs more since the drought, so bakers ask for more."),
        (15, "Old bridge gets new paint", "Workers paint the iron bridge green before the summer."),
        (16, "Choir wins a prize abroad", "Thirty singers came home with a silver cup."),
    )
)


class TestStories:
    def test_reports_of_one_event_are_one_story(self):
        edition = build(
            stored(1, "Cranes of Ostmark harbour stand still", PORT),
            stored(2, "Velden and its neighbour begin talks on tanks", TALKS),
            stored(3, "Ostmark harbour cranes halted by attackers", tuple(reversed(PORT))),
            *FILLER,
        )
        assert [1, 3] == [
            item.article_id
            for item in edition.stories[0].lead and (edition.stories[0].lead, *edition.stories[0].others)
        ]
        assert 5 == len(edition.stories)

    def test_what_is_one_report_is_one_story_whatever_its_words_say(self):
        edition = build(stored(1, "One", PORT, cluster_id=1), stored(2, "Other", TALKS, cluster_id=1), *FILLER)
        assert {1, 2} == {item.article_id for item in (edition.stories[0].lead, *edition.stories[0].others)}

    def test_a_duplicate_outside_the_window_is_no_matter(self):
        assert 1 == len(build(stored(1, "One", PORT, duplicates=(copy_of(99),))).stories)

    def test_more_sources_come_first_then_newer_ones(self):
        edition = build(
            stored(1, "Cranes of Ostmark harbour stand still", PORT),
            stored(2, "Ostmark harbour cranes stand still", PORT),
            *FILLER,
        )
        assert [1, 16, 15, 14] == [story.lead.article_id for story in edition.stories]

    def test_other_languages_are_grouped_too(self):
        groups = group_stories(
            [
                ("港の停電、原因は古い部品", "港の停電は古い部品が原因だった。復旧には二日かかる。"),
                ("桜の開花、平年より早い", "気象台は桜が咲いたと発表した。"),
                ("港の停電は古い部品のため", "古い部品が港の停電を起こした。復旧は二日後。"),
                ("Выставка открылась", "В музее показывают старые карты."),
            ]
        )
        assert ((0, 2), (1,), (3,)) == groups

    @given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), max_size=8))
    def test_every_text_is_in_one_story(self, texts):
        groups = group_stories(texts)
        assert list(range(len(texts))) == sorted(position for group in groups for position in group)


class TestLead:
    def test_a_whole_text_leads_before_an_earlier_cut_one(self):
        cut = stored(1, "Ostmark cranes", PORT, access=Access(AccessStatus.METERED, complete=False))
        edition = build(cut, stored(2, "Ostmark cranes", PORT, duplicates=(copy_of(1, is_shorter=False),)))
        assert [2, 1] == [item.article_id for item in edition.items]

    def test_an_original_leads_before_an_earlier_trimmed_copy(self):
        edition = build(
            stored(1, "Ostmark cranes", PORT[:1], duplicates=(copy_of(2),)), stored(2, "Ostmark cranes", PORT)
        )
        assert [2, 1] == [item.article_id for item in edition.items]

    def test_else_who_told_it_first_leads(self):
        edition = build(
            stored(2, "Ostmark cranes", PORT, duplicates=(copy_of(1, DuplicateKind.EXACT),)),
            stored(1, "Ostmark cranes", PORT),
        )
        assert [1, 2] == [item.article_id for item in edition.items]

    def test_a_date_in_the_future_does_not_lead_the_digest(self):
        tomorrow = stored(1, "From tomorrow", TALKS, published_at=SINCE + timedelta(days=400))
        assert [16, 15, 14, 1] == [story.lead.article_id for story in build(tomorrow, *FILLER).stories]


class TestItem:
    def test_names_come_from_the_configuration(self):
        item = build(stored(1, "One", PORT), titles={"s1": "Coastal Courier"}, sections={"s1": "cyber"}).items[0]
        assert ("Coastal Courier", "cyber") == (item.source, item.section)

    def test_an_article_that_changed_since_is_marked(self):
        assert [True] == [item.is_revised for item in build(stored(1, "One", PORT), revised_ids={1}).items]

    def test_an_article_without_headline_or_body_is_still_listed(self):
        item = build(stored(1, "", (), dek="A dek.")).items[0]
        assert ("https://s1.example/a", "A dek.") == (item.headline, item.extract)

    @pytest.mark.parametrize(
        ("access", "expected"),
        [
            (FREE, None),
            (Access(AccessStatus.FREE, complete=None), None),
            (Access(AccessStatus.FREE, complete=False), "cut short"),
            (Access(AccessStatus.METERED, complete=True), "metered"),
            (Access(AccessStatus.METERED, complete=False), "metered, cut short"),
            (Access(AccessStatus.PREVIEW, complete=False), "preview only"),
            (Access(AccessStatus.UNKNOWN, complete=None), "access unknown"),
        ],
    )
    def test_the_access_mark(self, access, expected):
        assert expected == mark_access(access)[0]

    def test_a_mark_without_explanation_quotes_its_evidence(self):
        evidence = Evidence("prompt", "Subscribe to\n read on", "after body", "preview")
        assert ("metered", "prompt: “Subscribe to read on”") == mark_access(
            Access(AccessStatus.METERED, complete=None, evidence=(evidence,))
        )


class TestSentences:
    @pytest.mark.parametrize(
        "sentences",
        [
            ("Gen. A. Doe left.", "He flew to the U.S. base."),
            ("It costs 3.5 million dollars.", "Nobody paid."),
            ("“Why?” she asked.", "“Nobody knows!”", "Then he left."),
            ("Am 5. Januar kam Dr. Muster.", "Er blieb."),
            ("Version 2.4.1 of lib.so is out.", "Update now…", "Really."),
            ("港は閉鎖された。", "「なぜ？」", "と彼は聞いた。"),
            ("أين السفينة؟", "لا أحد يعرف."),
            ("जहाज़ रुक गया।", "कोई नहीं जानता।"),
            ("Mr. X met Sen. Y at 5 p.m. on Monday.", "They spoke."),
        ],
    )
    def test_a_text_falls_into_its_sentences(self, sentences):
        gap = "" if "港" in sentences[0] else " "
        assert sentences == find_sentences(gap.join(sentences))

    @given(st.text(alphabet=st.sampled_from("aB. ?!”)1。।\n") | st.characters(), max_size=60))
    def test_no_character_is_lost(self, text):
        assert "".join(squash(text).split()) == "".join("".join(find_sentences(text)).split())


class TestExtract:
    def test_is_two_sentences_across_paragraphs(self):
        assert "One is here. Two is here." == extract(("One is here.", "Two is here. Three is not."))

    def test_leaves_out_a_second_sentence_that_does_not_fit(self):
        assert "Short one." == extract(("Short one. " + "Long " * 80 + "one.",))

    @pytest.mark.parametrize(
        "dateline",
        [
            "KYIV, Ukraine (Wire) — ",
            "OSTMARK (Agency) - ",
            "NEW HAVEN – ",
            "(Wire) - ",
            "【オストマルク】",
            "PARIS, March 3 -- ",
        ],
    )
    def test_skips_a_dateline(self, dateline):
        assert "The port is shut." == strip_dateline(dateline + "The port is shut.")

    @pytest.mark.parametrize(
        "text",
        ["The bridge – built in 1900 – is shut.", "Two things - ships and men - were lost.", "A well-known port."],
    )
    def test_keeps_what_only_looks_like_one(self, text):
        assert text == strip_dateline(text)

    @given(
        st.lists(st.text(alphabet="abcdefghij", min_size=1, max_size=12), min_size=1, max_size=120),
        st.integers(40, 320),
    )
    def test_never_ends_within_a_word(self, words, longest):
        text = extract((" ".join(words),), longest)
        assert len(text) <= longest
        assert words[: len(text.split())] == text.removesuffix("…").split()

    def test_a_script_without_spaces_is_cut_between_characters(self):
        text = extract(("港" * 400 + "。",))
        assert ("港" * 319 + "…") == text


class TestWindow:
    @pytest.mark.parametrize(
        ("day", "hours"), [(date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 6, 1), 24)]
    )
    def test_a_day_has_as_many_hours_as_its_clocks_say(self, day, hours):
        since, until = window_of_day(day, "Europe/Berlin")
        assert timedelta(hours=hours) == until - since

    def test_days_follow_each_other_without_gap(self):
        assert (
            window_of_day(date(2024, 3, 31), "America/New_York")[1]
            == window_of_day(date(2024, 4, 1), "America/New_York")[0]
        )

    def test_the_last_whole_day_is_yesterday_where_the_reader_is(self):
        now = datetime(2024, 5, 2, 1, tzinfo=UTC)
        assert [date(2024, 4, 30), date(2024, 5, 1)] == [
            last_whole_day(now, zone) for zone in ("America/New_York", "Asia/Tokyo")
        ]
