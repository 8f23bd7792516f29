"""Whose turn it is among the article pages of a site."""

from hypothesis import given
from hypothesis import strategies as st

from archive.model import ArticleToFetch
from archive.run.passes.turns import SiteQueue, Turn
from scraper.model import Source, Validators

SOURCE = Source("tide", "The Tide", "https://tide.example/")


def turn(name, host="tide.example", *, is_recheck=False, is_wanted=False, has_failed=False):
    url = f"https://{host}/{name}"
    return Turn(SOURCE, ArticleToFetch(url, url, Validators(), is_recheck, is_wanted, has_failed))


def drain(queue, per_host=1):
    order = []
    while first := queue.first(per_host):
        queue.take(first)
        order.append(first.article.url.rpartition("/")[2])
    return order


def test_what_is_wanted_goes_first_and_second_looks_last_else_the_order_stays():
    queue = SiteQueue()
    queue.add([turn("a"), turn("b", is_recheck=True), turn("c", is_wanted=True), turn("d")])
    assert ["c", "a", "d", "b"] == drain(queue)


def test_what_failed_before_is_not_first_again_though_it_is_wanted():
    """One that is always cut would else close the meter of its site before any other is read."""
    queue = SiteQueue()
    queue.add([turn("a", is_wanted=True, has_failed=True), turn("b"), turn("c", is_wanted=True)])
    assert ["c", "b", "a"] == drain(queue)


def test_a_second_source_of_the_site_waits_by_the_same_order():
    queue = SiteQueue()
    queue.add([turn("a"), turn("b", is_recheck=True)])
    queue.add([turn("c"), turn("d", "blog.tide.example", is_wanted=True)])
    assert ["d", "a", "c", "b"] == drain(queue)


def test_a_host_with_a_page_under_way_is_passed_over():
    queue = SiteQueue()
    queue.add([turn("a", is_wanted=True), turn("b", "blog.tide.example")])
    queue.under_way["tide.example:443"] = 1
    assert ["b"] == drain(queue)
    assert ["a"] == drain(queue, per_host=2)


@given(
    st.lists(
        st.builds(
            turn,
            st.integers(0, 99).map(str),
            st.sampled_from(["a.example", "b.example"]),
            is_recheck=st.booleans(),
            is_wanted=st.booleans(),
        )
    ),
    st.integers(0, 20),
)
def test_every_page_has_its_turn_once_and_none_before_one_of_a_better_rank(turns, cut):
    queue = SiteQueue()
    queue.add(turns[:cut])
    queue.add(turns[cut:])
    taken = []
    while first := queue.first(1):
        queue.take(first)
        taken.append(first)
    assert sorted(map(repr, turns)) == sorted(map(repr, taken))
    assert [one.rank for one in taken] == sorted(one.rank for one in turns)
