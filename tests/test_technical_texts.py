"""What analysts read and no sentence holds: tables, indicators, listings, timelines, references."""

import pytest
from reading import read_document

from scraper.model import BODY_ROLES

_URL = "https://harbor.example/research/quay-loader.html"
_PARAGRAPHS = (
    "The loader that was found on the office's print server in Lowmere reads its orders from a mail box nobody uses.",
    "It was written by somebody who knows the office's printers well, said Edda Voss, who leads the small team there.",
    "Two other ports have since looked at their servers, and one of them found the same file under another name.",
    "The maker of the printers has been told, and has promised a new version of its service before the summer.",
)
_MD5, _SHA256 = "0f343b0931126a20f133d67c2b018a3b", "9b74c9897bac770ffc029102a200c5de" * 2


def page(extra, *, at_end=False):
    first, second, *rest = (f"<p>{text}</p>" for text in _PARAGRAPHS)
    parts = (first, second, *rest, extra) if at_end else (first, second, extra, *rest)
    return (
        f"<html lang=en><title>A loader on the quay</title><body><nav><a href=/>Home</a></nav><main><article>"
        f"<h1>A loader on the quay</h1>{''.join(parts)}</article><aside><h3>Most read</h3>"
        f"<ul><li><a href=/a>Ferry halted after a fire</a></li></ul></aside></main></body></html>"
    )


def read(extra, *, at_end=False):
    return read_document(page(extra, at_end=at_end).encode(), _URL, content_type="text/html; charset=utf-8")


def body_of(extra, *, at_end=False):
    return [block.text for block in read(extra, at_end=at_end).blocks if block.role in BODY_ROLES]


def _rows(*rows):
    return "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)


_FLAWS = [(f'<a href="/cve/{n}">CVE-2031-400{n}</a>', f'<a href="/p/{n}">Quayprint {n}</a>', "High") for n in range(4)]
_TECHNIQUE = "<a href=https://a.example/T1059/003>T1059.003</a>"
_ALIASES = "<ul><li><a href=https://a.example/>CVE-2031-4009</a></li></ul>"
_REFERENCES = (
    "<p>[1] <a href=https://a.example/1>Notes on printers</a></p>",
    "<p>[2] <a href=https://b.example/2>Mail boxes</a></p>",
)
_LINKS = "<li><a href=https://a.example/1>https://a.example/1</a></li><li><a href=https://b.example>Advisory</a></li>"
_NOTES = ("<li>Office of Lowmere, Report, p. 3. <a href=#r1>↩</a></li>", "<li>Talk with Voss. <a href=#r2>↩</a></li>")
_CASES = {
    "flaws whose numbers are links": (
        f"<table><tr><th>CVE</th><th>Product</th><th>Severity</th></tr>{_rows(*_FLAWS)}</table>",
        ["CVE-2031-4000", "Quayprint 3", "High"],
    ),
    "a table of hashes": (
        f"<h2>Files</h2><table>{_rows((_MD5, 'quay.dll'), (_SHA256, 'x'))}</table>",
        [_MD5, "quay.dll"],
    ),
    "addresses that nobody follows": (
        "<h2>Servers</h2><ul><li>quay[.]example</li><li>hxxps://loader[.]example/a</li><li>203.0.113.9:8443</li></ul>",
        ["Servers", "quay[.]example", "hxxps://loader[.]example/a", "203.0.113.9:8443"],
    ),
    "a rule": (
        "<h2>Detection</h2><pre>rule Quay {\n  condition: all\n}</pre>",
        ["Detection", "rule Quay {\n  condition: all\n}"],
    ),
    "techniques": (
        f"<h2>Techniques</h2><table><tr><th>Tactic</th><th>Number</th></tr>{_rows(('Execution', _TECHNIQUE))}</table>",
        ["Tactic", "Execution", "T1059.003"],
    ),
    "a timeline": (
        "<h2>Timeline</h2><ul><li>3 May 2031: told the maker</li><li>9 June 2031: mended</li></ul>",
        ["Timeline", "3 May 2031: told the maker", "9 June 2031: mended"],
    ),
    "a timeline in a table": (
        f"<h2>Timeline</h2><table>{_rows(('2031-05-03', 'Told the maker'), ('2031-06-09', 'Mended'))}</table>",
        ["Timeline", "2031-05-03", "Told the maker"],
    ),
    "definitions of an advisory": (
        f"<dl><dt>Package</dt><dd>quayprint</dd><dt>Aliases</dt><dd>{_ALIASES}</dd><dt>Patched</dt><dd>&gt;=2.1</dd></dl>",
        ["Package", "quayprint", "CVE-2031-4009", ">=2.1"],
    ),
    "references": (
        f"<h2>References</h2>{''.join(_REFERENCES)}",
        ["References", "[1] Notes on printers", "[2] Mail boxes"],
    ),
    "notes": (
        f"<ol>{''.join(_NOTES)}</ol>",
        ["Talk with Voss. ↩"],
    ),
    "a note": (f"<ol>{_NOTES[0]}</ol>", ["Office of Lowmere, Report, p. 3. ↩"]),
    "addresses of other sites below a heading": (
        f"<h2>References</h2><ul>{_LINKS}</ul>",
        ["References", "https://a.example/1", "Advisory"],
    ),
    "short entries below a heading": (
        "<h2>What offices can do</h2><ul><li>Close old mail boxes</li><li>Count printers</li></ul>",
        ["What offices can do", "Close old mail boxes", "Count printers"],
    ),
    "a heading without what nobody sees of it": (
        '<h2>Servers <span class="sr-only">Copy permalink</span></h2><ul><li>203.0.113.9</li><li>203.0.113.8</li></ul>',
        ["Servers", "203.0.113.9"],
    ),
    "lines of a terminal": (
        "<div class=terminal><div>$ quayctl list</div><div>tray-1 free</div></div>",
        ["$ quayctl list\ntray-1 free"],
    ),
}


@pytest.mark.parametrize(("extra", "expected"), _CASES.values(), ids=_CASES)
def test_what_holds_no_sentence_is_text(extra, expected):
    found = body_of(extra, at_end=True)
    assert [] == [text for text in expected if text not in found]
    assert list(_PARAGRAPHS) == [text for text in found if text in _PARAGRAPHS]


_BAR = (
    '<div class="code"><div class="head"><span>bash</span><button>Copy</button></div><pre>whoami\nnet user</pre></div>'
)
_GUTTER = "<table><tr><td class=gutter><pre>1\n2</pre></td><td><pre>whoami\nnet user</pre></td></tr></table>"
_WIDGET = (
    "<div><h3>Code to copy</h3><p>Place it on your page.</p><textarea>&lt;b&gt;A loader&lt;/b&gt;</textarea></div>"
)


@pytest.mark.parametrize(
    ("extra", "kept", "lost"),
    [
        pytest.param(_BAR, ["whoami\nnet user"], ["bash", "Copy"], id="the bar of a listing"),
        pytest.param(_GUTTER, ["whoami\nnet user"], ["1\n2"], id="the numbers of its lines"),
        pytest.param(_WIDGET, [], ["Code to copy", "Place it on your page.", "<b>A loader</b>"], id="a widget"),
        pytest.param(
            "<p><img src=/p.png></p><p>Figure 2: The mail box</p>", [], ["Figure 2: The mail box"], id="a caption"
        ),
        pytest.param(
            "<h3>See also</h3><ul><li>CVE-2031-1</li><li><a href=/b>A new pier</a></li></ul>",
            [],
            ["A new pier"],
            id="a list of other reports",
        ),
        pytest.param(
            "<h3>Further</h3><ul><li><a href=/b>A new pier</a></li><li><a href=/c>The old pier</a></li></ul>",
            [],
            ["A new pier", "The old pier"],
            id="a list that leads around on the site",
        ),
    ],
)
def test_what_stands_beside_is_no_text(extra, kept, lost):
    found = body_of(extra)
    assert kept == [text for text in found if text in kept]
    assert [] == [text for text in lost if text in found]


_MOST_READ = "<li><a href=/a>CVE-2031-5001</a></li><li><a href=/b>CVE-2031-5002 is used</a></li>"


@pytest.mark.parametrize(
    ("expected", "extra"),
    [
        pytest.param(("CVE-2031-5001",), "<aside class=factbox><p>CVE-2031-5001</p></aside>", id="a fact box"),
        pytest.param(
            ("CVE-2031-5001",),
            "<figure><img src=p><figcaption>CVE-2031-5001 as seen.</figcaption></figure>",
            id="a caption",
        ),
        pytest.param(
            (),
            f"<aside><h3>Most read</h3><ul>{_MOST_READ}</ul></aside>",
            id="what is read most",
        ),
        pytest.param((), '<section class="comments"><p>And CVE-2031-5001?</p></section>', id="a comment"),
    ],
)
def test_flaws_are_found_in_what_belongs_to_the_article(expected, extra):
    assert expected == read(extra).cves


def test_a_first_paragraph_like_the_next_stays_text_with_code_between():
    first = _PARAGRAPHS[0]
    meta = f'<meta name=description content="{first}">'
    listing = "<pre>whoami</pre>"
    text = "".join(f"<p>{text}</p>{listing}" for text in _PARAGRAPHS)
    html = f"<html><head><title>A loader</title>{meta}</head><body><article><h1>A loader</h1>{text}</article></body>"
    article = read_document(html.encode(), _URL, content_type="text/html; charset=utf-8")
    assert (None, True) == (article.dek, first in article.body)
