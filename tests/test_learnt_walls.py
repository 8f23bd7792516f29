"""A source's own wall is learnt from its pages: what stands behind its short texts, and behind no long one."""

from dataclasses import replace

import pytest
from worlds import HOME, feed, page

from archive.judge.learnt_walls import SIGNAL, find_end, learn, weigh
from archive.run.keep import Provenance, build, keep
from archive.run.learn import learn_walls
from scraper.model import Access, AccessStatus, Article, LabelledBlock, PageKind, Role

FREE = Access(AccessStatus.FREE, complete=True, explanation="No sign of a wall.", confidence=0.7)
CUT = Access(AccessStatus.PREVIEW, complete=False, cut_by="paywall", confidence=0.9)
SENTENCE = "The harbour master of gate {} closed both locks on Monday after divers had found the chain cut through."
NAMES = str.maketrans(dict(zip("0123456789", "esk lor mar nib oak pen quay rim sol tor".split(), strict=True)))
GANGWAY = ("The gangway is up from here.", "Come aboard for £4 a month, and leave whenever you like.")
BRIEFS = ("This item is part of our daily round-up.",)


def sentence(number: int, place: int) -> str:
    """One that no other page has; numbers alone would make no difference."""
    return SENTENCE.format(f"{number}-{place}".translate(NAMES))


def article(number: int, paragraphs: int, *below: str, access: Access = FREE, stop: str = ".") -> Article:
    """A report of so many paragraphs with lines below it."""
    texts = [sentence(number, n) for n in range(paragraphs)]
    texts[-1] = texts[-1].removesuffix(".") + stop
    body = [LabelledBlock(Role.BODY, text, "test", tag="p") for text in texts]
    others = [LabelledBlock(Role.OTHER, text, "test", tag="p") for text in below]
    return Article(f"{HOME}/{number}", f"Report {number}", (*body, *others), access)


def judged(*articles: Article) -> list[bool | None]:
    """Whether each is complete, all of one source."""
    ends = [find_end(one) for one in articles]
    boxes = learn(ends)
    return [weigh(end, boxes).complete for end in ends]


def whole(count: int = 6) -> list[Article]:
    return [article(100 + number, 9, "Follow the harbour.") for number in range(count)]


# ---------------------------------------------------------------- what is learnt


def test_what_stands_behind_short_texts_alone_and_names_a_price_is_a_wall():
    cut = [article(number, 2, *GANGWAY) for number in range(5)]
    assert [False] * 5 + [True] * 6 == judged(*cut, *whole())


def test_texts_that_end_inside_a_sentence_above_the_same_words_are_cut():
    cut = [article(number, 2, "The hatch is closed.", stop=" and then") for number in range(5)]
    assert [False] * 5 + [True] * 6 == judged(*cut, *whole())


def test_numbers_in_a_wall_may_differ_from_page_to_page():
    cut = [article(number, 2, f"Only {number + 2} days left: come aboard for £4 a month.") for number in range(5)]
    assert [False] * 5 == judged(*cut, *whole())[:5]


def test_a_page_that_does_not_show_its_wall_is_cut_where_others_with_the_same_words_do():
    shown = [article(number, 2, *BRIEFS, access=CUT) for number in range(3)]
    silent = [article(number, 2, *BRIEFS) for number in range(3, 6)]
    assert [False] * 6 + [True] * 6 == judged(*shown, *silent, *whole())


def test_a_wall_that_is_read_as_text_is_found_as_well():
    def cut(number: int) -> Article:
        one = article(number, 2, stop=" and then")
        line = LabelledBlock(Role.BODY, "Here the plank ends for guests.", "test", tag="p")
        return replace(one, blocks=(*one.blocks, line))

    assert [False] * 5 == judged(*map(cut, range(5)), *whole())[:5]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([article(n, 2, *BRIEFS) for n in range(6)], id="a box of short items that asks for nothing"),
        pytest.param([article(n, 9, *GANGWAY) for n in range(6)], id="an offer below long texts"),
        pytest.param([article(n, 2, *GANGWAY) for n in range(3)], id="too few pages"),
        pytest.param(
            [article(n, p, *GANGWAY) for n, p in enumerate((2, 2, 2, 2, 9, 9))], id="below short and long texts"
        ),
        pytest.param(
            [replace(article(n, 2, *GANGWAY), kind=PageKind.VIDEO) for n in range(6)], id="pages that are short by kind"
        ),
    ],
)
def test_nothing_is_learnt_from(others):
    assert [True] * (len(others) + 6) == judged(*others, *whole())


def test_nothing_is_learnt_where_all_pages_show_the_same():
    assert [True] * 12 == judged(*(article(number, 2 + number % 2 * 7, *GANGWAY) for number in range(12)))


def test_lines_that_nobody_sees_are_no_wall():
    hidden = [LabelledBlock(Role.OTHER, line, "rule:hidden", tag="p") for line in GANGWAY]
    briefs = [replace(one, blocks=(*one.blocks, *hidden)) for one in (article(number, 2) for number in range(5))]
    assert [True] * 11 == judged(*briefs, *whole())


def test_of_a_box_that_may_be_one_we_do_not_know():
    box = LabelledBlock(
        Role.OTHER, "The crew goes on from here; take your place.", "t", markdown="[Crew](/crew)", tag="p"
    )
    more = LabelledBlock(Role.OTHER, "There is room on deck for you.", "t", markdown="There is room on deck.", tag="p")
    cut = [replace(one, blocks=(*one.blocks, box, more)) for one in (article(number, 2) for number in range(5))]
    assert [None] * 5 + [True] * 6 == judged(*cut, *whole())


def test_the_verdict_quotes_the_wall_and_says_how_it_is_known():
    ends = [find_end(one) for one in [*(article(number, 2, *GANGWAY) for number in range(5)), *whole()]]
    access = weigh(ends[0], learn(ends))
    sign = access.evidence[-1]
    assert (SIGNAL, " ".join(GANGWAY), True) == (sign.signal, sign.value, sign.decided)
    assert "behind 5 short texts of this source and behind none of 6 others" in access.explanation
    assert (AccessStatus.PREVIEW, "paywall", 0.8) == (access.status, access.cut_by, access.confidence)


def test_what_a_page_says_of_itself_stays():
    ends = [find_end(one) for one in [*(article(number, 2, *GANGWAY) for number in range(5)), *whole()]]
    known = find_end(article(9, 2, *GANGWAY, access=CUT))
    assert CUT == weigh(known, learn(ends))


# ---------------------------------------------------------------- over weeks, in the archive


def pages(cut, whole, below=GANGWAY):
    def html(number, count, lines=()):
        return page(f"Report {number}", [sentence(number, n) for n in range(count)]) + "".join(
            f"<div class='g'><p>{line}</p></div>" for line in lines
        )

    return {f"{HOME}/{n}": html(n, 2, below) for n in cut} | {f"{HOME}/{n}": html(n, 10) for n in whole}


def completeness(world):
    return {one.article.headline.split()[-1]: one.article.access.complete for one in world.articles()}


def test_pages_that_came_before_a_wall_was_known_are_judged_again(world):
    tide = world(pages(range(1, 4), range(10, 16)))
    tide.web.pages[f"{HOME}/feed.xml"] = feed(*(f"/{n}" for n in (1, 2, 3, *range(10, 16))))
    tide.make_pass()
    assert {True} == set(completeness(tide).values())
    tide.web.pages |= pages((4, 5), ())
    tide.web.pages[f"{HOME}/feed.xml"] = feed("/4", "/5")
    tide.make_pass()
    assert {"1", "2", "3", "4", "5"} == {name for name, complete in completeness(tide).items() if complete is False}
    assert 0 == learn_walls(tide.archive), "what was learnt is learnt once"


def test_a_page_that_comes_when_its_wall_is_known_is_judged_at_once(world):
    tide = world(pages(range(1, 6), range(10, 16)))
    tide.web.pages[f"{HOME}/feed.xml"] = feed(*(f"/{n}" for n in (*range(1, 6), *range(10, 16))))
    tide.make_pass()
    (box,) = tide.archive.boxes_of("tide")
    assert box.is_wall
    tide.web.pages |= pages((6,), ())
    tide.web.pages[f"{HOME}/feed.xml"] = feed("/6")
    tide.make_pass()
    assert completeness(tide)["6"] is False


def test_what_was_taken_for_a_wall_and_stands_below_long_texts_later_is_none(world):
    tide = world(pages(range(1, 6), range(10, 16)))
    tide.web.pages[f"{HOME}/feed.xml"] = feed(*(f"/{n}" for n in (*range(1, 6), *range(10, 16))))
    tide.make_pass()
    assert completeness(tide)["1"] is False
    longer = {
        url: text + "".join(f"<div class='g'><p>{line}</p></div>" for line in GANGWAY)
        for url, text in pages((), range(20, 26)).items()
    }
    tide.web.pages |= longer
    tide.web.pages[f"{HOME}/feed.xml"] = feed(*(f"/{n}" for n in range(20, 26)))
    tide.make_pass()
    assert {True} == set(completeness(tide).values())
    (one,) = [stored.article for stored in tide.articles() if stored.article.headline == "Report 1"]
    assert SIGNAL not in {sign.signal for sign in one.access.evidence}


def test_what_a_killed_pass_left_is_learnt_by_the_next_one(world):
    tide = world({f"{HOME}/feed.xml": feed()})
    tide.archive.save_sources([tide.source])
    for one in [*(article(number, 2, *GANGWAY) for number in range(5)), *whole()]:
        provenance = Provenance(one.url, tide.clock.now(), "tide")
        keep(tide.archive, build(tide.archive, one, provenance))
    assert {True} == set(completeness(tide).values())
    tide.make_pass()
    assert 5 == list(completeness(tide).values()).count(False)


def test_what_came_to_the_readers_own_cookies_teaches_nothing_that_all_are_shown(world):
    tide = world({f"{HOME}/feed.xml": feed()})
    tide.archive.save_sources([tide.source])
    for one in [*(article(number, 2, *GANGWAY) for number in range(5)), *whole()]:
        provenance = Provenance(one.url, tide.clock.now(), "tide", private=True)
        keep(tide.archive, build(tide.archive, one, provenance))
    tide.make_pass()
    assert () == tide.archive.boxes_of("tide")
