"""The digest in its four formats: compared with files, and held against hostile text."""

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from archive.cli import cli
from archive.edition.deliver import render_mail
from archive.edition.formats import FORMATS
from archive.edition.render import render
from archive.model import Annex, AnnexLine, Appearance, EchoCount, Edition, EditionItem, Story, Unseen, UnseenPage

SHARED = Path(__file__).parents[2] / "shared"
EDITIONS = Path(__file__).parent / "editions"
ATOM = "{http://www.w3.org/2005/Atom}"
SINCE = datetime(2025, 3, 3, 23, tzinfo=UTC)


def item(number: int, headline: str, source: str, **changes) -> EditionItem:
    at = SINCE + timedelta(hours=number)
    first = EditionItem(
        article_id=number,
        revision_id=number,
        headline=headline,
        url=f"https://{source.lower().replace(' ', '-')}.example/2025/{number}?a=1&b=2",
        source=source,
        published_at=at,
        first_seen_at=at + timedelta(minutes=7),
        access_mark=None,
        access_reason=None,
        extract="",
        section="cyber",
        language="en",
    )
    return replace(first, **changes)


def place(number: int, source: str, *, hours: int) -> Appearance:
    url = f"https://{source.lower().replace(' ', '-')}.example/2025/{number}?a=1&b=2"
    return Appearance(number, source, url, SINCE + timedelta(hours=hours))


EXAMPLE = Edition(
    title="The Night Desk",
    since=SINCE,
    until=SINCE + timedelta(days=1),
    timezone="Europe/Berlin",
    made_at=SINCE + timedelta(days=1, minutes=5),
    stories=(
        Story(
            item(
                6,
                "Harbour of Ostmark halts cranes after attackers reach its control network",
                "Coastal Courier",
                extract="The port authority of Ostmark stopped all twelve cranes on Tuesday after it found strangers "
                "in the network that steers them. Ships will be sent to Westhaven for at least three days, a "
                "spokeswoman said.",
                cves=("CVE-2025-10412", "CVE-2025-10413"),
                access_mark="metered",
                access_reason="“You have read 2 of 5 free articles.”",
                is_revised=True,
                report_id=6,
                places=(
                    place(5, "Meridian Review", hours=4),
                    place(6, "Coastal Courier", hours=6),
                    place(7, "Packet Gazette", hours=7),
                    place(12, "Ledger Weekly", hours=12),
                ),
            ),
            (
                item(7, "Cranes stand still in Ostmark", "Packet Gazette", report_id=6),
                item(8, "Ostmark port: what we know", "Harbour Wire", url="javascript:alert(1)"),
                item(9, "More on the port", "Packet Gazette"),
            ),
            EchoCount(6, 3, "Meridian Review", "dpa", (5, 6, 7, 8, 9, 12)),
        ),
        Story(
            item(
                11,
                "Mail servers of two ministries ran without the January patch",
                "Packet Gazette",
                extract="Auditors found eleven servers that anyone could have read since January. “We patched them "
                "within the hour,” the ministry says.",
                cves=("CVE-2025-09001",),
                places=(place(1, "Harbour Wire", hours=1), place(11, "Packet Gazette", hours=11)),
                news="adds 2 paragraphs",
            )
        ),
        Story(
            item(
                3,
                "Border talks resume in Velden as both sides count their tanks",
                "Meridian Review",
                section="geopolitics",
                access_mark="preview only",
                access_reason="The page ends after two paragraphs: “Subscribe to read on.”",
                extract="Envoys of the two neighbours met for the first time since the autumn. Neither brought a "
                "draft…",
            ),
            (item(4, "Back at the table in Velden", "Coastal Courier", section="geopolitics"),),
        ),
        Story(
            item(
                5,
                "الوزارة تعلن خطة جديدة لحماية الموانئ",
                "صحيفة الميناء",
                section="geopolitics",
                language="ar",
                url="https://minaa.example/5",
                extract="أعلنت الوزارة خطة جديدة يوم الثلاثاء. ولم تذكر موعدا للبدء.",
            )
        ),
        Story(
            item(
                2,
                "港の停電、原因は古い部品",
                "Minato News",
                section=None,
                language="ja",
                published_at=None,
                extract="港の停電は古い部品が原因だった。復旧には二日かかる。",
            )
        ),
    ),
    unseen=(
        Unseen("Ledger Weekly", "https://ledger.example/feed", "robots.txt asks us to stay away"),
        Unseen(
            "article",
            "Meridian Review",
            "the server answered 503",
            4,
            pages=(
                UnseenPage("Two [ferries] <held>", "https://meridian.example/ferries"),
                UnseenPage("", "https://meridian.example/quay"),
            ),
        ),
    ),
)
HOSTILE = st.text(max_size=40) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "]]>",
        "{{ 7*7 }}",
        "a\n# b",
        "&amp;",
        "\u202eevil",
        "\x00\x08",
        "\ud800",
    ]
)


def hostile_edition(text: str, url: str) -> Edition:
    evil = item(
        1,
        text,
        text,
        url=url,
        extract=text,
        section=text,
        language=text,
        access_mark=text,
        access_reason=text,
        cves=(text,),
    )
    return replace(
        EXAMPLE,
        title=text,
        stories=(Story(evil, (replace(evil, source=text + "2"),)),),
        unseen=(Unseen(text, text, text, 2, pages=(UnseenPage(text, url),)),),
    )


@pytest.mark.parametrize("style", FORMATS)
def test_an_edition_renders_as_the_file_in_tests_editions(style):
    """PRESSWATCH_ACCEPT=1 rewrites the files; read the diff."""
    expected = EDITIONS / f"example{FORMATS[style].suffix}"
    rendered = render(EXAMPLE, style)
    if os.environ.get("PRESSWATCH_ACCEPT") == "1":
        expected.write_text(rendered, encoding="utf-8")
    assert expected.read_text(encoding="utf-8") == rendered


def test_a_format_is_a_line_in_the_list_and_a_template():
    templates = {path.name for path in (files("archive.edition") / "templates").iterdir()}
    assert {f"edition{style.suffix}" for style in FORMATS.values()} == templates
    offered = CliRunner().invoke(cli, ["digest", "--help"]).output
    assert f"[{'|'.join(FORMATS)}]" in offered


def test_a_window_without_news_says_so():
    empty = replace(EXAMPLE, stories=(), unseen=())
    for style in ("html", "markdown", "text"):
        assert "Nothing new came in this window." in render(empty, style)


def test_html_asks_nothing_of_the_network():
    page = LexborHTMLParser(render(EXAMPLE, "html"))
    assert [] == page.css("img, script, link, iframe, object, base, form, svg")
    assert "url(" not in page.html
    assert "@import" not in page.html


def test_a_link_that_is_not_http_is_text():
    page = LexborHTMLParser(render(EXAMPLE, "html"))
    assert "Harbour Wire" in page.body.text()
    assert all(link.attributes["href"].startswith(("https://", "#")) for link in page.css("a"))


def many(count, **changes):
    """An edition with so many stories, two of which alerts put first."""
    text = "The port authority stopped all twelve cranes on Tuesday after it found strangers in the network. " * 3
    stories = tuple(
        Story(
            item(
                n % 20 + 1,
                f"Headline {n} of a length that is usual for headlines of the newspapers of Ostmark",
                f"Outlet {n % 30}",
                article_id=n,
                extract=text,
                section=("cyber", "geopolitics", None)[n % 3],
                alerts=("Our vendors",) if n < 2 else (),
            )
        )
        for n in range(count)
    )
    return replace(EXAMPLE, stories=stories, **changes)


def test_what_alerts_put_first_has_a_section_of_its_own_before_all_others():
    page = LexborHTMLParser(render(many(15), "html"))
    first = page.css("main section")[0]
    assert "alerts" == first.css_first("h2").text()
    assert ["Our vendors"] * 2 == [chip.text() for chip in first.css(".alert")]
    assert "ALERTS\n\nHeadline 0" in render(many(15), "text")
    assert "## Alerts" in render(many(15), "markdown")


def test_a_story_names_every_report_also_those_of_its_leads_own_source():
    lead, *others = (
        item(n, f"Headline {n}", source, article_id=n, report_id=n)
        for n, source in enumerate(("The Tide", "The Tide", "Harbour Post", "Harbour Post"), 1)
    )
    edition = replace(EXAMPLE, stories=(Story(lead, tuple(others)),))
    named = "The Tide (“Headline 2”), Harbour Post, Harbour Post (“Headline 4”)"
    (line,) = LexborHTMLParser(render(edition, "html")).css(".reports")
    assert f"other reports: {named}" == line.text()
    assert f"Other reports: {named}" in " ".join(render(edition, "text").split())


def test_ten_stories_are_told_in_full_and_the_others_in_a_line_each():
    page = LexborHTMLParser(render(many(117), "html"))
    assert 2 + 10 == len(page.css("article.story"))
    assert 117 - 12 == len(page.css(".lines li a.headline"))
    text = render(many(117), "text")
    assert all(f"Headline {n} " in " ".join(text.split()) for n in range(117))


def test_contents_lead_to_each_part():
    page = LexborHTMLParser(render(many(30), "html"))
    targets = [link.attributes["href"] for link in page.css("nav a")]
    assert ["#alerts", "#part1", "#part2", "#part3", "#brief", "#unseen"] == targets
    assert all(page.css(target) for target in targets)


def test_links_lead_into_the_archive_where_it_can_be_browsed():
    page = render(many(3, base_url="https://news.example"), "html")
    assert 'href="https://news.example/article/2"' in page
    assert "archived" not in LexborHTMLParser(render(many(3), "html")).body.html
    assert "https://news.example/article/2" in render(many(3, base_url="https://news.example"), "text")
    assert "(<https://news.example/article/2>)" in render(many(3, base_url="https://news.example"), "markdown")


@pytest.mark.parametrize("count", [0, 3, 117, 1_000])
def test_a_mail_has_less_than_100_kilobytes(count):
    unseen = tuple(Unseen(f"Outlet {n}", "feed", "the server answered 503 " * 3) for n in range(count))
    body = render_mail(many(count, unseen=unseen))
    assert 100_000 > len(body.html.encode())
    shown = len(LexborHTMLParser(body.html).css("a.headline"))
    assert count == shown or f"{count - shown} more stories in the files of the digest" in body.html


def test_what_a_mail_leaves_out_is_linked():
    assert "https://news.example/digests/2025-03-04" in render_mail(many(1_000, base_url="https://news.example")).html


def test_the_digest_of_a_week_says_from_when_to_when_and_has_its_annexes():
    line = AnnexLine("CVE-2025-1", "Gate patched (3 sources)", "https://a.example/1")
    week = replace(EXAMPLE, since=SINCE - timedelta(days=6), annexes=(Annex("cves", "new CVEs", (line,)),))
    page = LexborHTMLParser(render(week, "html"))
    assert "26 February 2025 to 4 March 2025" in page.css_first("header").text()
    assert "https://a.example/1" == page.css_first("section.cves a").attributes["href"]
    assert "#cves" in [link.attributes["href"] for link in page.css("nav a")]
    assert "NEW CVES\n\nCVE-2025-1: Gate patched (3 sources)" in render(week, "text")
    assert "[Gate patched (3 sources)](<https://a.example/1>)" in render(week, "markdown")


def parse_feed(edition: Edition) -> ET.Element:
    return ET.fromstring(render(edition, "atom").encode())  # noqa: S314 -- our own document


def shape(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """Tags and attribute names, in order."""
    return [(node.tag, tuple(node.attributes)) for node in LexborHTMLParser(html).css("*")]


PLAIN = shape(render(hostile_edition("plain", "https://a.example/"), "html"))


@settings(max_examples=30, deadline=None)
@given(text=HOSTILE.filter(lambda text: text.strip()))
def test_no_text_of_a_source_becomes_markup_in_html(text):
    """Whatever a source writes, the page has the elements and attributes that plain words give it."""
    letters = "x" + text
    assert PLAIN == shape(render(hostile_edition(letters, "https://a.example/"), "html"))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["payloads.json", "dompurify.json"])
def test_known_attacks_stay_words(name):
    cases = SHARED / "conformance" / "xss" / name
    if not cases.exists():
        pytest.skip("../shared is not here")
    payloads = [case["payload"] for case in json.loads(cases.read_text(encoding="utf-8"))]
    stories = tuple(hostile_edition("x" + payload, payload).stories[0] for payload in payloads)
    page = render(replace(EXAMPLE, stories=stories, unseen=()), "html")
    allowed = {tag for tag, _ in PLAIN}
    attributes = {attribute for _, names in PLAIN for attribute in names}
    assert {tag for tag, _ in shape(page)} <= allowed
    assert {attribute for _, names in shape(page) for attribute in names} <= attributes
    assert {"http", "https"} >= {
        link.attributes["href"].split(":")[0].lower() for link in LexborHTMLParser(page).css("main section a")
    }


@settings(max_examples=30, deadline=None)
@given(text=HOSTILE, url=HOSTILE | st.just("https://a.example/\"'><b>"))
def test_atom_is_well_formed_whatever_a_source_writes(text, url):
    feed = parse_feed(hostile_edition(text, url))
    assert {
        "feed",
        "id",
        "title",
        "updated",
        "author",
        "name",
        "generator",
        "entry",
        "published",
        "link",
        "category",
        "content",
    } >= {element.tag.removeprefix(ATOM) for element in feed.iter()}


@settings(max_examples=30, deadline=None)
@given(text=HOSTILE)
def test_markdown_and_text_keep_a_value_on_its_line(text):
    """No value opens a heading, a list or a tag of its own."""
    markdown = render(hostile_edition("x" + text, "https://a.example/"), "markdown")
    assert 4 == len(re.findall(r"^#", markdown, re.MULTILINE))
    assert not re.search(r"(?<!\\)<(?!https://a\.example/>)", markdown)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", render(hostile_edition(text, "https://a.example/"), "text"))


def test_atom_ids_are_stable_and_distinct():
    """A revised story is the same entry with a newer date."""
    story = EXAMPLE.stories[1]
    revised = replace(story, lead=replace(story.lead, is_revised=True, headline="New words"))
    before, after = (parse_feed(replace(EXAMPLE, stories=(one,))).find(f"{ATOM}entry") for one in (story, revised))
    assert before.findtext(f"{ATOM}id") == after.findtext(f"{ATOM}id")
    assert before.findtext(f"{ATOM}updated") < after.findtext(f"{ATOM}updated")
    ids = [node.text for node in parse_feed(EXAMPLE).iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
