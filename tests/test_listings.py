"""Code as the walk sees it: one block a listing, with its lines and without what stands beside them."""

import pytest

from scraper.read.page.markdown import render_block
from scraper.read.page.parse import parse_page
from scraper.read.page.walk import walk


def blocks(html):
    return walk(parse_page(html.encode(), "https://harbor.example/", "text/html; charset=utf-8")).blocks


def texts(html):
    return [block.text for block in blocks(html)]


_CHROMA = '<span style="display:flex"><span style="white-space:pre;user-select:none">{}</span><span>{}\n</span></span>'


@pytest.mark.parametrize(
    ("expected", "html"),
    [
        pytest.param("a = 1\n  b\nc", "<pre><div>a = 1</div><div>  b</div>\n<div>c</div></pre>", id="lines are divs"),
        pytest.param("a\nb", "<pre><ol class=linenums><li>a</li><li>b</li></ol></pre>", id="lines are entries"),
        pytest.param(
            "x = 3\ny", "<pre><i class=lineno>1 </i>x = 3\n<i class=lineno>2 </i>y</pre>", id="numbers inline"
        ),
        pytest.param("x\ny", f"<pre>{_CHROMA.format(1, 'x')}{_CHROMA.format(2, 'y')}</pre>", id="not to be selected"),
        pytest.param(
            "go\n  on",
            "<pre><table class=hljs-ln><tr><td class=hljs-ln-numbers><div>1</div></td><td>go</td></tr>"
            "<tr><td class=hljs-ln-numbers><div>2</div></td><td>  on</td></tr></table></pre>",
            id="lines are rows",
        ),
        pytest.param(
            "def go():\n\xa0\xa0pass",
            "<div class=syntaxhighlighter><table><tr><td class=gutter><div>1</div><div>2</div></td>"
            "<td class=code><div class=container><div class=line><code>def</code> <code>go():</code></div>"
            "<div class=line><code>&nbsp;&nbsp;pass</code></div></div></td></tr></table></div>",
            id="no pre at all",
        ),
        pytest.param("a\n\nb\n\xa0c", "<code>a<br><br>b<br>&nbsp;c</code>", id="line breaks"),
        pytest.param("who\n  net", '<code style="white-space: pre">who\n  net</code>', id="white space by style"),
    ],
)
def test_a_listing_is_one_block_with_its_lines(expected, html):
    assert ["Above.", expected, "Below."] == texts(f"<p>Above.</p>{html}<p>Below.</p>")


def test_numbers_in_code_stay():
    assert ["port = 443\n80"] == texts('<pre><span class="num">port</span> = <b>443</b>\n<span>80</span></pre>')


def test_code_of_several_lines_is_fenced_whatever_element_it_stands_in():
    (block,) = blocks("<div><code>whoami<br>net user</code></div>")
    assert "```\nwhoami\nnet user\n```" == render_block(block)


@pytest.mark.parametrize(
    ("expected", "html"),
    [
        ("Overview", '<h2>Overview<a class="headerlink" href="#o">¶</a></h2>'),
        ("Overview", '<h2>Overview <a class="heading-link" href="#o"><b class="sr-only">Link to heading</b></a></h2>'),
        ("Overview", '<h2><a href="#o"><span class="anchor">#</span>Overview</a></h2>'),
        ("Overview", '<h2><a class="anchor" href="#o">Overview</a></h2>'),
        ("Overview of #9", '<h2>Overview of <a href="/9">#9</a></h2>'),
    ],
    ids=["a sign", "words for screen readers", "a sign in the link", "the heading itself", "a link elsewhere"],
)
def test_marks_that_lead_to_a_heading_are_no_text(expected, html):
    assert [expected] == texts(html)


def test_a_button_in_a_sentence_is_a_word_of_it():
    assert ["A letter with a macro opened it."] == texts("<p>A letter with a <button>macro</button> opened it.</p>")
    assert ["Share", "Print"] == texts("<p><button>Share</button><button>Print</button></p>")


_LONG = "the report, which says in so many words that the gate was left open for a week by a man who is gone."


def test_a_link_that_nobody_closed_is_none():
    found = blocks(f'<div><p>See <a href="/x">{_LONG}</p>\n<p>The gate is shut.</p>\n<p>It stays shut.</p></div>')
    assert [0.0, 0.0, 0.0] == [block.link_share for block in found]


def test_links_to_one_place_in_a_row_stay_links():
    found = blocks(f'<h3><a href="/x">The gate</a></h3><p><a href="/x">{_LONG}</a></p>')
    assert [1.0, 1.0] == [block.link_share for block in found]
