"""What is written as Markdown when a page is read comes back as spans: the words, and what they are."""

import re

import pytest
from reading import read_document

from archive.show.spans import Link, SpanKind, find_links, find_spans, words_of

FILLER = "<p>The harbour gate was lifted at dawn by a crane from the next town, after nine days without a boat.</p>"


def body_block(html):
    """The block that a piece of a page becomes."""
    page = f"<html lang=en><body><main><h1>Gate lifted</h1>{FILLER}{html}{FILLER}</main></body></html>"
    blocks = read_document(page.encode(), "https://tide.example/gate").blocks
    return next(block for block in blocks if "two" in block.text)


@pytest.mark.parametrize(
    "html",
    [
        "<p>One <b>and two</b> of <i>them <b>all</b></i>.</p>",
        "<p><b>One <i>and</i></b><i> two</i> more of the same kind.</p>",
        "<p>One <a href='https://tide.example/a'>and <b>two</b></a>, [not] a *link* or `code`.</p>",
        "<p>One <a href='https://tide.example/a(b)'>and two</a> <code>a_b * `c`</code> more.</p>",
        "<p>One &lt;b&gt; and two\\three, 1 * 2 * 3 _all_ of ~them~ | here #1.</p>",
        "<p>One<br>and two<br>- three of them, and no list at all.</p>",
        "<ul><li>One and <b>two</b> of them stood on the quay.</li></ul>",
        "<ol><li>One and <a href='/two'>two</a> of them stood on the quay.</li></ol>",
        "<blockquote><p>“One and <i>two</i>,” the harbour master said to us.</p></blockquote>",
        "<h2>One and <i>two</i></h2>",
    ],
)
def test_the_words_of_spans_are_the_text(html):
    block = body_block(html)
    spans = find_spans(block)
    assert block.text == re.sub(r" *\n", "\n", words_of(spans or ()))


def test_links_and_emphasis_nest_as_on_the_page():
    block = body_block("<p>One <a href='https://tide.example/a'>and <b>two</b></a> stood on the quay.</p>")
    spans = find_spans(block)
    assert [SpanKind.TEXT, SpanKind.LINK, SpanKind.TEXT] == [span.kind for span in spans]
    assert [SpanKind.TEXT, SpanKind.STRONG] == [span.kind for span in spans[1].inside]
    assert [Link("and two", "https://tide.example/a")] == list(find_links(spans))


def test_code_in_a_fence_has_no_spans():
    assert find_spans(body_block("<pre>one\ntwo = **3**</pre>")) is None
