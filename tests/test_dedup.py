"""What is new, what is a revision, and what says the same in other clothes."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.judge.duplicates import decide
from archive.judge.fingerprints import Text, fingerprint, read_text
from archive.model import ONE_REPORT, Add, Duplicate, DuplicateKind, Known, KnownArticle, KnownText, Revise, Unchanged
from scraper.model import Access, AccessStatus, Article, LabelledBlock, Role

URL = "https://news.example/ferry"
VOCABULARY = (
    "ferry storm harbour cape rescue crew captain engine smoke coast guard boat wave north night island radio signal "
    "passenger minister report inquiry company owner licence deck lifeboat witness village light water cold".split()
)


def paragraphs(seed: int, count: int) -> list[str]:
    """
    Invented paragraphs of thirty words; another seed shares no run of five words with it, in
    effect.
    """
    dice = random.Random(seed)
    return [" ".join(dice.choices(VOCABULARY, k=30)).capitalize() + "." for _ in range(count)]


def article(
    body: list[str],
    *,
    headline: str | None = "Ferry sinks off the cape",
    url: str = URL,
    complete: bool | None = None,
    dek=None,
) -> Article:
    blocks = tuple(LabelledBlock(Role.BODY, text, "test") for text in body)
    return Article(url, headline, blocks, Access(AccessStatus.UNKNOWN, complete), dek=dek)


def held(known: Article, number: int = 1) -> KnownArticle:
    """What the archive holds once it has carried out a decision on *known*."""
    return KnownArticle(
        number, known.url, known.headline, known.dek, known.body, known.access.complete, known.access.status
    )


def known_text(known: Article, number: int = 1) -> KnownText:
    """The same, as far as another text is compared with it."""
    keys = fingerprint(known.headline, known.body)
    return KnownText(number, number, keys.text.kept(), keys.digest, known.headline)


def best_match(new: Article, *others: Article):
    known = Known(candidates=tuple(known_text(other, number) for number, other in enumerate(others, 1)))
    decision = decide(new, known)
    return decision.matches[0] if isinstance(decision, Duplicate) else None


LONG = paragraphs(1, 20)


EXPECTED_RUNS = (254612839, 580206191, 942187478, -1950321433, -1338733463, -1311607271, -1202046660, -344987809)


class TestFingerprint:
    def test_is_the_same_in_every_process(self):
        """Stored in archives: when this fails, VERSION has to grow."""
        text = "a storm shut two coast roads and three bridges on the cape"
        assert EXPECTED_RUNS == fingerprint(None, text).runs

    def test_a_run_is_four_bytes_with_a_sign(self):
        assert all(-(2**31) <= run < 2**31 for run in fingerprint(None, "\n\n".join(LONG)).runs)

    def test_has_the_whole_opening_and_the_same_sixteenth_of_the_rest_of_every_text(self):
        whole, part = (set(fingerprint(None, "\n\n".join(body)).runs) for body in (LONG, LONG[:5]))
        assert 50 < len(whole) < 90
        assert part <= whole

    def test_does_not_see_quotes_space_and_case(self):
        one, other = fingerprint(None, "“It  rained”, he said."), fingerprint(None, '"it rained" he said')
        assert one.digest == other.digest

    def test_an_empty_body_has_no_digest_and_no_runs(self):
        empty = fingerprint(None, "")
        assert ("", ()) == (empty.digest, empty.runs)

    def test_comes_back_from_what_is_kept_of_it(self):
        text = fingerprint(None, LONG[0]).text
        assert text.runs.tolist() == Text.of(text.kept()).runs.tolist()

    def test_names_and_figures_are_told_from_other_words(self):
        facts = read_text("Today Ada paid 17.31 crowns. Then she left for Karrow.").facts
        assert sorted(read_text("ada 17 31 karrow").words.tolist()) == facts.tolist()

    @pytest.mark.parametrize("text", ["", "-", "a", "é", "\ud83d", "👍 👍", "x\u0301", "東", "İ", "\x00"])
    def test_any_text_has_one(self, text):
        assert len(read_text(text)) <= 2

    def test_a_mark_on_a_letter_breaks_no_word(self):
        assert 2 == len(read_text("हिन्दी समाचार"))


class TestAtANewUrl:
    def test_nothing_alike_is_added(self):
        assert Add(article(LONG)) == decide(article(LONG), Known(candidates=(known_text(article(paragraphs(2, 20))),)))

    def test_the_same_body_is_exact(self):
        found = best_match(article(LONG, headline="Sunk", url="https://other.example/1"), article(LONG))
        assert (DuplicateKind.EXACT, 1.0) == (found.kind, found.similarity)

    def test_a_few_corrected_words_are_near(self):
        found = best_match(article([*LONG[:-1], "A correction stands here now."]), article(LONG))
        assert DuplicateKind.NEAR == found.kind
        assert found.similarity > 0.9

    @pytest.mark.parametrize("is_preview_new", [True, False])
    def test_a_preview_of_three_paragraphs_is_contained(self, is_preview_new):
        pair = article(LONG[:3]), article(LONG)
        found = best_match(*(pair if is_preview_new else reversed(pair)))
        assert (DuplicateKind.PREVIEW, 1.0, is_preview_new) == (found.kind, found.similarity, found.is_subject)

    def test_a_live_report_that_shares_half_its_text_is_something_new(self):
        found = best_match(article(LONG[10:] + paragraphs(2, 10)), article(LONG))
        assert DuplicateKind.QUOTES == found.kind

    def test_a_shared_quotation_does_not_link(self):
        assert best_match(article([LONG[0], *paragraphs(2, 9)]), article([*paragraphs(3, 9), LONG[0]])) is None

    def test_a_notice_that_says_nothing_of_its_headlines_is_no_report(self):
        notice = ["The full story is for readers of the app, which you find in every shop."]
        assert best_match(article(notice), article(notice, headline="Weather turns by noon")) is None

    def test_a_flash_of_a_sentence_is_a_report(self):
        flash = ["The ferry sinks off the cape with nobody on board, its owner said."]
        found = best_match(article(flash), article(flash, headline="Ferry sinks"))
        assert DuplicateKind.EXACT == found.kind

    def test_cut_pages_that_share_a_prompt_under_different_headlines_do_not_link(self):
        prompt = paragraphs(9, 3)
        one = article([*paragraphs(3, 1), *prompt], headline="Banks close early on Friday")
        other = article([*paragraphs(4, 1), *prompt], headline="Weather turns by noon")
        assert best_match(one, other) is None

    def test_text_in_a_script_without_spaces_is_compared_too(self):
        sentence = "港の停電は古い部品が原因だったと市は火曜日に発表し復旧には二日かかるとの見通しを示した。"
        more = "住民は水と食料を受け取るために学校に集まった。市長は原因を調べると約束した。"
        found = best_match(
            article([sentence], headline="港の停電"), article([sentence, more], headline="港の停電、古い部品")
        )
        assert found is not None

    def test_the_best_match_comes_first(self):
        decision = decide(
            article(LONG),
            Known(
                candidates=tuple(
                    known_text(article(body), number) for number, body in enumerate((LONG[:4], LONG[1:], LONG))
                )
            ),
        )
        assert [DuplicateKind.EXACT, DuplicateKind.NEAR, DuplicateKind.PREVIEW] == [
            one.kind for one in decision.matches
        ]

    def test_an_article_without_text_is_a_copy_of_nothing(self):
        assert best_match(article([]), article([])) is None


def prices(day: str, *figures: str) -> list[str]:
    one, two, three = figures
    return [
        f"Boat owners in Ostmark paid {one} crowns for a ton of ice on {day}, the harbour office said in its report.",
        f"Crushed ice cost {two} crowns on average, and a block from the old cellar below the tower {three} crowns.",
        "The office advises owners to order ice a day ahead and to compare what the cellars ask for it.",
    ]


class TestWhatOneTextIsToAnother:
    def test_a_trimmed_copy_under_a_headline_that_says_nothing(self):
        found = best_match(article(LONG[:9], headline="What we know so far"), article(LONG))
        assert (DuplicateKind.TRIMMED, True) == (found.kind, found.is_subject)

    def test_a_copy_without_the_first_paragraphs_is_a_copy_where_it_has_most_of_the_text(self):
        found = best_match(article(LONG[5:16]), article(LONG))
        assert (DuplicateKind.TRIMMED, True) == (found.kind, found.is_subject)

    def test_an_update_that_goes_on_where_the_first_report_ended(self):
        found = best_match(article(LONG + paragraphs(5, 8)), article(LONG))
        assert found.kind in ONE_REPORT

    def test_two_days_of_one_template_are_two_reports(self):
        monday = article(prices("Monday", "17.31", "16.02", "15.88"), headline="Ice in Ostmark on Monday")
        tuesday = article(prices("Tuesday", "18.94", "17.77", "16.45"), headline="Ice in Ostmark on Tuesday")
        found = best_match(tuesday, monday)
        assert found is None or found.kind not in ONE_REPORT

    def test_a_template_whose_figures_are_small_and_come_again(self):
        one, other = (
            [f"Pier {n} was closed on day {day} and {n + day} boats have waited outside the mole." for day in range(9)]
            for n in (1, 7)
        )
        found = best_match(article(one, headline="Story 1"), article(other, headline="Story 7"))
        assert found is None or found.kind not in ONE_REPORT

    def test_a_letter_that_is_quoted_whole(self):
        analysis = article(
            [*paragraphs(4, 9), *LONG[:6], *paragraphs(5, 2)], headline="What the letter on the ferry says"
        )
        found = best_match(analysis, article(LONG[:6], headline="Open letter on the ferry"))
        assert (DuplicateKind.QUOTES, True) == (found.kind, found.is_subject)

    def test_galleries_that_share_their_captions(self):
        one, other = ([*paragraphs(seed, 6), *LONG] for seed in (4, 5))
        found = best_match(article(one, headline="Rescue at the cape"), article(other, headline="Owner on trial"))
        assert DuplicateKind.QUOTES == found.kind

    def test_a_cut_text_with_a_prompt_nobody_has_seen(self):
        cut = article([LONG[0], " ".join(LONG[1].split()[:12]) + " …", *paragraphs(8, 2)])
        found = best_match(cut, article(LONG))
        assert (DuplicateKind.PREVIEW, True) == (found.kind, found.is_subject)

    def test_a_preview_that_was_written_anew_is_known_by_its_headline(self):
        headline = "Ferry sinks off the cape in a storm"
        words = " ".join(sorted(set(" ".join(LONG[:2]).split()), reverse=True)[:30])
        found = best_match(article([words], headline=headline), article(LONG, headline=headline))
        assert (DuplicateKind.PREVIEW, "the same headline, and words of its opening") == (found.kind, found.rule)

    def test_under_another_headline_it_is_not(self):
        words = " ".join(sorted(set(" ".join(LONG[:2]).split()), reverse=True)[:30])
        assert best_match(article([words], headline="Weather turns by noon today"), article(LONG)) is None

    def test_a_report_in_two_languages_is_two_articles(self):
        german = "Die Fähre sank nach einem Sturm vor dem Kap, wie der Hafenmeister am Abend mitteilte."
        assert best_match(article([german]), article(LONG)) is None

    def test_a_trimmed_copy_in_a_script_without_spaces(self):
        text = "港の停電は古い部品が原因だったと市は火曜日に発表し復旧には二日かかるとの見通しを示した。"
        more = "住民は水と食料を受け取るために学校に集まった。市長は原因を調べると約束し、技師は夜も働いた。"
        found = best_match(
            article([text, more], headline="停電"), article([text, more, "船会社は便を減らす。"], headline="港")
        )
        assert found.kind in ONE_REPORT

    def test_what_stands_in_many_reports_counts_for_nothing(self):
        footer = paragraphs(9, 4)
        one, other = article([LONG[0], *footer]), article([LONG[1], *footer], headline="Weather turns by noon")
        runs = frozenset(fingerprint(None, "\n\n".join(footer)).text.runs.view("int32").tolist())
        known = Known(candidates=(known_text(other),), boilerplate=runs)
        assert isinstance(decide(one, known), Add)


class TestAtAKnownUrl:
    def decide(self, new: Article, old: Article):
        return decide(new, Known(same_url=held(old)))

    def test_the_same_text_is_unchanged(self):
        assert Unchanged(1, "same text") == self.decide(article(LONG), article(LONG))

    def test_white_space_quotes_and_case_are_unchanged(self):
        assert Unchanged(1, "same text") == self.decide(article([f"“{text}” ".upper() for text in LONG]), article(LONG))

    def test_prompts_and_related_links_are_not_text(self):
        noise = LabelledBlock(Role.PAYWALL, "Join now", "test"), LabelledBlock(Role.RELATED, "More on ferries", "test")
        page = article(LONG)
        assert Unchanged(1, "same text") == self.decide(replace(page, blocks=page.blocks + noise), page)

    def test_a_revision_says_what_changed(self):
        new = article(
            [*LONG[:19], LONG[19].replace(".", " again."), *paragraphs(2, 2)],
            headline="Ferry owner charged",
            dek="An inquiry",
        )
        decision = self.decide(new, article(LONG))
        assert Revise(1, new, "2 paragraphs added, 1 changed; new headline; new dek") == decision

    def test_a_page_without_body_is_a_preview(self):
        assert Unchanged(1, "a preview of what we hold") == self.decide(article([]), article(LONG))

    def test_a_cut_page_never_replaces_a_whole_text(self):
        new = article(paragraphs(2, 3), complete=False)
        assert Unchanged(1, "a preview of what we hold") == self.decide(new, article(LONG, complete=True))

    def test_the_opening_of_what_we_hold_is_a_preview_although_nothing_says_so(self):
        new = article([*LONG[:2], LONG[2][:40] + "…"])
        assert Unchanged(1, "a preview of what we hold") == self.decide(new, article(LONG))

    def test_a_text_that_declares_itself_whole_may_be_shorter(self):
        decision = self.decide(article(LONG[:3], complete=True), article(LONG, complete=True))
        assert "17 paragraphs removed" == decision.changes

    def test_a_whole_text_replaces_a_preview(self):
        decision = self.decide(article(LONG, complete=True), article(LONG[:3], complete=False))
        assert "full text: 17 paragraphs added" == decision.changes

    def test_a_revision_names_what_it_now_resembles_but_not_itself(self):
        old = held(article(["Soon more on the ferry."]))
        wire = known_text(article(LONG, url="https://wire.example/1"), 2)
        decision = decide(article(LONG), Known(same_url=old, candidates=(wire,)))
        assert [2] == [one.article_id for one in decision.matches]


TEXTS = st.lists(st.sampled_from(["One.", "Two roads are shut.", "  ", "“”", *LONG[:4]]), max_size=5)
ARTICLES = st.builds(
    article,
    TEXTS,
    headline=st.sampled_from([None, "", "Ferry sinks", "FERRY sinks!", "Rain"]),
    complete=st.sampled_from([None, True, False]),
    dek=st.sampled_from([None, "A dek"]),
)


@given(new=ARTICLES, old=st.none() | ARTICLES)
def test_deciding_again_after_a_decision_was_carried_out_is_unchanged(new, old):
    known = Known(same_url=held(old) if old else None)
    match decide(new, known):
        case Add(kept) | Duplicate(kept) | Revise(_, kept):
            known = Known(same_url=held(kept))
        case Unchanged():
            pass
    assert isinstance(decide(new, known), Unchanged)


# ---------------------------------------------------------------- notices of flaws


def notice(product: str, cve: str, number: int) -> Article:
    """A notice of one maker, who says most of each in the same words."""
    rest = paragraphs(7, 4)
    first = f"A security update for the {product} is out. The flaw {cve} lets a guest read what others have stored."
    return article([first, *rest], headline=f"Notice {number}: {product}", url=f"https://maker.example/{number}")


def test_notices_of_two_cves_are_two_reports_however_alike_their_words_are():
    assert best_match(notice("gateway", "CVE-2099-31001", 1), notice("gateway", "CVE-2099-31002", 2)) is None


def test_a_notice_that_names_the_same_cve_or_none_is_the_same_report():
    first = notice("gateway", "CVE-2099-31001", 1)
    assert best_match(first, notice("gateway", "CVE-2099-31001", 2)) is not None
    assert best_match(first, notice("gateway", "of that kind", 2)) is not None
