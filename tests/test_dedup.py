"""What is new, what is a revision, and what says the same in other clothes."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.judge.duplicates import decide, fingerprint
from archive.model import Add, Duplicate, DuplicateKind, Known, KnownArticle, Revise, Unchanged
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


def best_match(new: Article, *others: Article):
    decision = decide(new, Known(candidates=tuple(held(other, number) for number, other in enumerate(others, 1))))
    return decision.matches[0] if isinstance(decision, Duplicate) else None


LONG = paragraphs(1, 20)


class TestFingerprint:
    def test_is_the_same_in_every_process(self):
        """Stored in archives: when this fails, old ones need new shingles."""
        text = "a storm shut two coast roads and three bridges on the cape"
        expected = {-4198788624531753760, 100227884779242976, 6629389154607307576}
        assert expected == fingerprint(article([text])).shingles

    def test_shingles_fit_an_sqlite_integer(self):
        shingles = fingerprint(article(LONG)).shingles
        assert all(-(2**63) <= shingle < 2**63 for shingle in shingles)

    def test_keeps_about_one_shingle_in_four_and_the_same_ones_in_every_text(self):
        whole, part = fingerprint(article(LONG)).shingles, fingerprint(article(LONG[:5])).shingles
        assert 110 < len(whole) < 190
        assert part <= whole

    def test_holds_both_url_keys_once(self):
        page = replace(article(LONG), canonical_url="http://www.news.example/the-ferry?utm_source=x")
        assert ("https://news.example/ferry", "https://news.example/the-ferry") == fingerprint(page).url_keys
        assert ("https://news.example/ferry",) == fingerprint(replace(page, canonical_url=URL)).url_keys

    def test_the_digest_does_not_see_quotes_space_and_case(self):
        one, other = fingerprint(article(["“It  rained”, he said."])), fingerprint(article(['"it rained" he said']))
        assert one.body_digest == other.body_digest

    def test_an_empty_body_has_no_digest_and_no_shingles(self):
        empty = fingerprint(article([]))
        assert ("", frozenset()) == (empty.body_digest, empty.shingles)


class TestAtANewUrl:
    def test_nothing_alike_is_added(self):
        assert Add(article(LONG)) == decide(article(LONG), Known(candidates=(held(article(paragraphs(2, 20))),)))

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
        assert (DuplicateKind.TRIMMED, 1.0, is_preview_new) == (found.kind, found.similarity, found.is_subject)

    def test_a_live_report_that_shares_half_its_text_is_something_new(self):
        assert best_match(article(LONG[10:] + paragraphs(2, 10)), article(LONG)) is None

    def test_a_shared_quotation_does_not_link(self):
        assert best_match(article([LONG[0], *paragraphs(2, 9)]), article([*paragraphs(3, 9), LONG[0]])) is None

    def test_a_text_of_a_sentence_is_too_little_to_go_by(self):
        assert (
            best_match(
                article(["The full story is for readers of the app."]),
                article(["The full story is for readers of the app."]),
            )
            is None
        )

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
                candidates=tuple(held(article(body), number) for number, body in enumerate((LONG[:4], LONG[1:], LONG)))
            ),
        )
        assert [DuplicateKind.EXACT, DuplicateKind.NEAR, DuplicateKind.TRIMMED] == [
            one.kind for one in decision.matches
        ]

    def test_an_article_without_text_is_a_copy_of_nothing(self):
        assert best_match(article([]), article([])) is None


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
        wire = held(article(LONG, url="https://wire.example/1"), 2)
        decision = decide(article(LONG), Known(same_url=old, candidates=(old, wire)))
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
