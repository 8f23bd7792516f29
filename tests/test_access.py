"""Who may read a page, and what was served: every signal, and what the two answers make of it."""

from __future__ import annotations

import json

import pytest
from reading import read_document

from scraper.model import Access, AccessStatus, Article, Expected
from scraper.read.access.judge import weigh_against

_PARAGRAPHS = [
    f"Number {n} of the keepers wrote that the light had failed at {n} o'clock, and that the boats waited outside."
    for n in range(2, 16)
]
_SHORT = "".join(f"<p>{text}</p>" for text in _PARAGRAPHS[:3])
_FULL = "".join(f"<p>{text}</p>" for text in _PARAGRAPHS)


def read(body: str, head: str = "", ld: dict | None = None, status_code: int = 200) -> Article:
    facts = json.dumps({"@type": "NewsArticle", "headline": "The light"} | (ld or {}))
    script = f'<script type="application/ld+json">{facts}</script>'
    page = f"<head><meta charset=utf-8>{head}{script}</head><body><article><h1>The light</h1>{body}</article>"
    return read_document(page.encode(), "https://harbor.example/light", status_code=status_code)


def access(*parts, **options) -> Access:
    return read(*parts, **options).access


_WALL = '<div class="gate"><p>Subscribe to continue reading</p></div>'
_REGISTER = "<div><p>Register for free to continue reading</p></div>"
_OPEN_END = "<p>And then the keeper of the northern light said …</p>"
_TIER = '<meta property="article:content_tier" content="{}">'
_METER = "<div><p>You've read 3 of 5 free articles.</p></div>"
_SPENT = "<div><p>You have read your free articles. Subscribe for 1 crown a week to keep reading.</p></div>"
_LOST_NUMBER = "<div><p>You have read of your free articles.</p></div>"


@pytest.mark.parametrize(
    ("status", "complete", "cut_by", "parts"),
    [
        ("free", True, None, {"body": _FULL}),
        ("free", True, None, {"body": _FULL, "ld": {"isAccessibleForFree": True}}),
        ("full-subscriber", True, None, {"body": _FULL, "ld": {"isAccessibleForFree": "False"}}),
        ("full-subscriber", True, None, {"body": _FULL, "head": _TIER.format("locked")}),
        ("metered", True, None, {"body": _FULL, "head": _TIER.format("metered")}),
        ("metered", True, None, {"body": _FULL + _METER}),
        ("metered", True, None, {"body": _SHORT + _METER}),
        ("metered", True, None, {"body": _SHORT + _LOST_NUMBER}),
        ("metered", False, "paywall", {"body": _SHORT + _SPENT}),
        ("metered", False, "paywall", {"body": _SHORT + _SPENT, "ld": {"isAccessibleForFree": False}}),
        pytest.param("metered", True, None, {"body": _FULL + _SPENT}, id="the last free article is served in full"),
        ("preview", False, "paywall", {"body": _SHORT + _WALL}),
        ("preview", False, "paywall", {"body": _FULL + _OPEN_END + _WALL}),
        ("preview", False, "paywall", {"body": _SHORT, "ld": {"isAccessibleForFree": False, "wordCount": 900}}),
        ("registration", False, "registration", {"body": _SHORT + _REGISTER}),
        pytest.param("free", True, None, {"body": _FULL + _WALL}, id="a prompt below a whole text is an offer"),
        ("preview", False, "paywall", {"body": _SHORT, "status_code": 402}),
        ("registration", False, "registration", {"body": _SHORT, "status_code": 401}),
        ("unknown", True, None, {"body": _SHORT, "status_code": 403}),
        ("free", False, "pagination", {"body": _FULL, "head": '<link rel="next" href="/light?page=2">'}),
        ("unknown", None, None, {"body": '<p><a href="/login">Log in</a></p>'}),
    ],
)
def test_verdicts(status, complete, cut_by, parts):
    found = access(**parts)
    assert (AccessStatus(status), complete, cut_by) == (found.status, found.complete, found.cut_by)
    assert found.explanation


def signals(found: Access) -> list[tuple[str, str, str]]:
    return [(evidence.signal, evidence.where, evidence.points_to) for evidence in found.evidence]


def test_every_signal_is_quoted_with_its_place():
    found = access(_SHORT + _WALL, ld={"isAccessibleForFree": "False"})
    assert [
        ("declaration", "isAccessibleForFree: False", "json-ld", "full-subscriber"),
        ("prompt-subscription", "Subscribe to continue reading", "after body", "preview"),
        ("wall-ends-page", "Subscribe to continue reading", "after body", "preview"),
    ] == [(signal.signal, signal.value, signal.where, signal.points_to) for signal in found.evidence]


# ---------------------------------------------------------------- what the publisher states


@pytest.mark.parametrize(
    ("points_to", "value"),
    [
        ("full-subscriber", False),
        ("full-subscriber", "False"),
        ("full-subscriber", "http://schema.org/False"),
        ("full-subscriber", ["https://schema.org/False"]),
        ("full-subscriber", {"@value": "false"}),
        ("free", True),
        ("free", "http://schema.org/True"),
    ],
)
def test_a_declaration_is_read_however_it_is_written(points_to, value):
    assert [("declaration", "json-ld", points_to)] == signals(access(_FULL, ld={"isAccessibleForFree": value}))


@pytest.mark.parametrize("value", ["sometimes", None, "", {}, []])
def test_a_declaration_that_says_neither_is_none(value):
    assert [] == signals(access(_FULL, ld={"isAccessibleForFree": value}))


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{"@graph": [{"@type": "Article", "isAccessibleForFree": false}]}</script>',
        '<script type="application/ld+json">[{"@type": "WebPage", "isAccessibleForFree": "False"}]</script>',
        '<script type="application/ld+json">{"headline": "a "b", "isAccessibleForFree": "False"}</script>',
        r"""<script>state = '{\"isAccessibleForFree\":\"False\"}'</script>""",
        '<meta name="x" data-ld="{&quot;isAccessibleForFree&quot;:&quot;False&quot;}">',
        '<meta itemprop="isAccessibleForFree" content="false">',
        '<link itemprop="isAccessibleForFree" href="http://schema.org/False">',
    ],
    ids=["graph", "page in a list", "broken", "escaped in a script", "in an attribute", "microdata", "microdata link"],
)
def test_a_declaration_is_found_wherever_it_stands(head):
    assert AccessStatus.FULL_SUBSCRIBER is access(_FULL, head).status


def test_declarations_of_other_articles_do_not_count():
    """Teasers carry declarations, too: two that differ say nothing of this page."""
    head = '<meta data-a="{&quot;isAccessibleForFree&quot;:false}" data-b="{&quot;isAccessibleForFree&quot;:true}">'
    assert [] == signals(access(_FULL, head))


_PART = {"@type": "WebPageElement", "isAccessibleForFree": False}


@pytest.mark.parametrize(
    ("status", "complete", "selector", "body"),
    [
        ("full-subscriber", True, ".story", f'<div class="story">{_FULL}</div>'),
        ("full-subscriber", True, ".gone", _FULL),
        ("full-subscriber", True, "no [selector", _FULL),
        ("preview", False, ".rest", f'{_SHORT}<div class="rest"></div>'),
        ("metered", True, ".metered-text", _FULL),
        ("registration", True, ".regwall", _FULL),
        ("registration", True, [".x", "#login-wall"], _FULL),
    ],
)
def test_a_closed_part_is_looked_up_on_the_page(status, complete, selector, body):
    found = access(body, ld={"isAccessibleForFree": False, "hasPart": {**_PART, "cssSelector": selector}})
    assert (AccessStatus(status), complete) == (found.status, found.complete)


def test_a_closed_part_of_a_free_page_is_an_extra():
    found = access(_FULL, ld={"isAccessibleForFree": True, "hasPart": {**_PART, "cssSelector": ".extra"}})
    assert AccessStatus.FREE is found.status


def test_contradicting_statements_are_kept_and_said():
    found = access(_FULL, '<meta itemprop="isAccessibleForFree" content="false">', {"isAccessibleForFree": True})
    assert (True, {"free", "full-subscriber"}) == (found.conflict, {point for _, _, point in signals(found)})
    assert "contradict" in found.explanation
    sure = access(_FULL, ld={"isAccessibleForFree": True})
    assert (False, True) == (sure.conflict, sure.confidence > found.confidence)


def test_a_page_that_says_free_and_is_cut_contradicts_itself():
    cut = "<p>The full article appears in the print edition of the June issue.</p>"
    found = access(_SHORT + cut, ld={"isAccessibleForFree": True})
    assert (AccessStatus.PREVIEW, False, True) == (found.status, found.complete, found.conflict)


def test_a_product_open_to_all_is_free():
    script = """
        <script src="https://news.google.com/swg/js/v1/swg-basic.js"></script>
        <script>basicSubscriptions.init({"isPartOfProductId": "HARBOR:openaccess"})</script>
    """
    vendor = ("wall-script", "script", "unknown")
    assert [("reader-revenue-product", "script", "free"), vendor] == signals(access(_FULL, script))
    assert [vendor] == signals(access(_FULL, script.replace("openaccess", "basic")))
    for points_to, product in (["free"], "HARBOR:openaccess"), ([], "HARBOR:basic"):
        found = signals(access(_FULL, ld={"isPartOf": {"@type": ["CreativeWork", "Product"], "productID": product}}))
        assert points_to == [sign[2] for sign in found]


def test_a_tier_that_is_no_known_word_is_none():
    assert [] == signals(access(_FULL, _TIER.format("tier-7")))


# ---------------------------------------------------------------- what the server answered


def test_a_challenge_is_no_wall():
    challenge = '<script src="/cdn-cgi/cf-chl-orchestrate.js"></script>'
    found = access("<p>One moment.</p>", challenge, status_code=403)
    assert (AccessStatus.UNKNOWN, None, True) == (
        found.status,
        found.complete,
        "bot-challenge" in {evidence.signal for evidence in found.evidence},
    )
    assert AccessStatus.FREE is access(_FULL, challenge).status  # the text came, whatever its scripts


def test_a_refusal_with_a_wall_is_a_wall():
    assert AccessStatus.PREVIEW is access(_SHORT + _WALL, status_code=403).status
    assert "legal" in access(_SHORT, status_code=451).explanation


# ---------------------------------------------------------------- prompts by place


_STATEMENT = "<div><h2>This post is for paid subscribers</h2></div>"


@pytest.mark.parametrize(
    ("status", "complete", "body"),
    [
        pytest.param("preview", False, _FULL + _STATEMENT, id="right behind the text"),
        pytest.param("free", True, _FULL[:400] + _STATEMENT + _FULL, id="the text goes on behind it"),
        pytest.param("free", True, _FULL + "<ul>" + "<li>Harbor news</li>" * 9 + "</ul>" + _STATEMENT, id="far below"),
        pytest.param("full-subscriber", True, "<p>Subscribers only</p>" + _FULL, id="a mark at the head"),
        pytest.param("free", True, _FULL + "<h2>Subscribers only</h2>", id="a mark below heads other articles"),
        pytest.param("free", True, _SHORT + "<p><a href=/in>Log in</a></p>", id="every site says log in"),
        pytest.param("free", True, _SHORT + "<p>Please log in to read and write comments</p>", id="to comment"),
        pytest.param("registration", True, _FULL + _REGISTER, id="asks for an account behind a whole text"),
    ],
)
def test_position_beats_vocabulary(status, complete, body):
    found = access(body)
    assert (AccessStatus(status), complete) == (found.status, found.complete)


def test_declared_pages_carry_walls_below_whole_texts():
    found = access(_FULL + _STATEMENT, ld={"isAccessibleForFree": False})
    assert (AccessStatus.FULL_SUBSCRIBER, True) == (found.status, found.complete)


def test_the_words_that_lead_over_to_a_wall_are_the_end_of_the_text():
    leads_over = "<p>Here is the list of lamps:</p>"
    found = access(_FULL + leads_over + _WALL)
    assert (False, True) == (found.complete, ("cut-end", "end of body", "preview") in signals(found))
    assert access(_FULL + "<p>Here is the list of lamps.</p>" + _WALL).complete


# ---------------------------------------------------------------- lengths


@pytest.mark.parametrize(
    ("complete", "words", "ld"),
    [
        pytest.param(False, 900, {}, id="far fewer words than stated"),
        pytest.param(True, 90, {}, id="about as many"),
        pytest.param(True, len(_SHORT), {}, id="some count characters"),
        pytest.param(True, 900, {"articleBody": "The light had failed. " * 200}, id="the rest is in the data"),
    ],
)
def test_stated_word_counts(complete, words, ld):
    assert complete is access(_SHORT, ld={"wordCount": words, **ld}).complete


@pytest.mark.parametrize(
    ("body", "ld"),
    [
        pytest.param(f'{_SHORT}{_WALL}</article><div style="display:none">{{rest}}</div>', {}, id="hidden markup"),
        pytest.param(f"{_SHORT}{_WALL}<div hidden>{{rest}}</div>", {}, id="hidden in the article"),
        pytest.param(_SHORT + _WALL, {"articleBody": " ".join(_PARAGRAPHS)}, id="JSON-LD"),
    ],
)
def test_what_lies_behind_a_visible_wall_tells_that_the_text_was_cut_and_is_never_its_body(body, ld):
    page = body.format(rest="".join(f"<p>{text}</p>" for text in _PARAGRAPHS[3:]))
    found = read(page, ld=ld)
    assert (False, "paywall") == (found.access.complete, found.access.cut_by)
    assert _PARAGRAPHS[-1] not in found.body


def test_filler_behind_a_text_means_that_it_was_cut():
    filler = "<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.</p>" * 2
    found = read(_FULL + filler)
    assert (False, True) == (found.access.complete, "ipsum" not in found.body)
    assert ("filler", "after body", "preview") in signals(found.access)


@pytest.mark.parametrize(
    ("complete", "href"),
    [
        (False, "/light?page=2"),
        (False, "/light/2"),
        (True, "/light/"),
        (True, "/light?id=335608"),
        (True, "/lighthouse-keepers"),
    ],
)
def test_a_next_page_is_pagination_and_never_a_wall(complete, href):
    found = access(_FULL, f'<link rel="next" href="{href}">')
    assert (AccessStatus.FREE, complete) == (found.status, found.complete)


# ---------------------------------------------------------------- articles and numbers


def test_an_article_about_subscriptions_is_free():
    about = (
        "<p>Readers subscribe because they trust a paper, the editor said, and the paywall is not what keeps them.</p>"
    )
    found = access(_FULL + about)
    assert (AccessStatus.FREE, ()) == (found.status, found.evidence)


def test_numbers_come_from_prompts_alone():
    found = access(
        _FULL + "<p>The lamp costs $900 a month, and the council has read 3 of 5 letters about it.</p>" + _METER
    )
    assert (5, 3, ()) == (found.numbers.limit, found.numbers.used, found.numbers.prices)


# ---------------------------------------------------------------- signals of the markup


def test_a_meta_can_declare():
    head = '<meta name="subscriptions-accessible-for-free" content="{}">'
    where = "meta subscriptions-accessible-for-free"
    assert [("declaration", where, "full-subscriber")] == signals(access(_FULL, head.format("false")))
    assert [] == signals(access(_FULL, head.format("perhaps")))


def test_microdata_declares_parts_by_selector():
    part = """
        <div itemprop="hasPart" itemscope><meta itemprop="isAccessibleForFree" content="False">
        <meta itemprop="cssSelector" content="{}"></div>
    """
    found = access(f'{_SHORT}<div class="rest"></div>' + part.format(".rest"))
    assert ("declared-part", "microdata hasPart", "preview") in signals(found)
    found = access(f'<div class="story">{_FULL}</div>' + part.format(".story"))
    assert [("declared-part", "microdata hasPart", "full-subscriber")] == signals(found)


def test_microdata_of_many_articles_says_nothing_of_this_one():
    teaser = (
        '<div itemscope itemtype="https://schema.org/Article"><meta itemprop="isAccessibleForFree" content="{}"></div>'
    )
    assert [] == signals(access(_FULL + "".join(teaser.format(word) for word in ("true", "false", "true"))))


def test_a_section_for_subscribers_is_empty_or_not():
    script = '<script src="https://cdn.ampproject.org/v0/amp-subscriptions-0.1.js"></script>'
    empty, filled = (f'<section subscriptions-section="content">{rest}</section>' for rest in ("", _FULL))
    assert ("subscriber-section", "markup", "preview") in signals(access(_SHORT + empty, script))
    assert not access(_SHORT + empty + _OPEN_END, script).complete
    assert AccessStatus.FREE is access(filled, script).status


def test_a_script_of_a_wall_service_is_seen_and_set_aside():
    script = '<script src="https://cdn.tinypass.com/api/tinypass.min.js"></script>'
    found = access(_FULL, script)
    assert (AccessStatus.FREE, [False], ["free pages load it, too"]) == (
        found.status,
        [sign.decided for sign in found.evidence],
        [sign.note for sign in found.evidence],
    )
    assert [] == signals(access(_FULL, script.replace("tinypass", "harbor")))


@pytest.mark.parametrize(
    ("is_seen", "body"),
    [
        pytest.param(True, _SHORT + '<div class="article-paywall"></div>', id="an empty wall behind a short text"),
        pytest.param(False, _FULL + '<div class="article-paywall"></div>', id="behind a whole text"),
        pytest.param(False, '<div class="article-paywall"></div>' + _SHORT, id="before the text"),
        pytest.param(False, _SHORT + '<div class="seawall"></div>', id="another wall"),
    ],
)
def test_a_container_named_as_a_wall(is_seen, body):
    assert is_seen is (("wall-container", "after body", "preview") in signals(access(body)))


def test_a_question_for_consent_is_no_wall():
    question = "<p>We and our 214 partners use cookies.</p><p>Accept all</p>"
    for status_code in (200, 403):
        found = access(question, status_code=status_code)
        assert (AccessStatus.UNKNOWN, None) == (found.status, found.complete)
        assert "consent" in found.explanation
    assert AccessStatus.FREE is access(_FULL + question).status


# ---------------------------------------------------------------- what decided, and what did not


def notes(found: Access) -> dict[str, str]:
    """The note of each signal, None where it decided."""
    return {sign.signal: None if sign.decided else sign.note for sign in found.evidence}


def test_a_cut_rests_on_the_prompt_and_what_agrees_with_it():
    found = access(_SHORT + _WALL, ld={"isAccessibleForFree": False})
    assert {"declaration": None, "prompt-subscription": None, "wall-ends-page": None} == notes(found)


def test_what_was_set_aside_says_why():
    found = access(_FULL + _WALL, ld={"isAccessibleForFree": True})
    assert {"declaration": None, "prompt-subscription": "an offer below a text that reads as whole"} == notes(found)
    found = access(_SHORT + _WALL, ld={"isAccessibleForFree": True})
    assert "yet the text was cut" == notes(found)["declaration"]
    found = access("<p>Subscribe to continue reading</p>" + _FULL)
    assert "stands above the text and does not mark it" == notes(found)["prompt-subscription"]


@pytest.mark.parametrize(
    "parts",
    [
        {"body": _SHORT + _WALL, "ld": {"isAccessibleForFree": True, "wordCount": 900}},
        {"body": _FULL + _METER, "head": _TIER.format("locked")},
        {"body": _SHORT, "status_code": 402},
        {"body": _FULL, "head": '<link rel="next" href="/light?page=2">'},
    ],
)
def test_every_line_decided_or_says_why_not(parts):
    found = access(**parts)
    assert all(sign.decided == (not sign.note) for sign in found.evidence)
    assert any(sign.decided for sign in found.evidence)


# ---------------------------------------------------------------- what is known from elsewhere


def article(body: str, **ld: object) -> Article:
    facts = json.dumps({"@type": "NewsArticle", "headline": "The light"} | ld)
    page = f"<script type=application/ld+json>{facts}</script><article><h1>The light</h1>{body}</article>"
    return read_document(page.encode(), "https://harbor.example/light")


_FEED = Expected(290, "the feed")
_EARLIER = Expected(290, "an earlier capture")


@pytest.mark.parametrize(
    ("status", "complete", "body", "known"),
    [
        pytest.param("free", True, _SHORT, Expected(62, "the feed"), id="the feed has no more"),
        pytest.param("free", False, _SHORT, _FEED, id="the feed has more, and no wall is shown"),
        pytest.param("free", True, _SHORT, _EARLIER, id="the article may have been shortened"),
        pytest.param("preview", False, _FULL[:700] + _WALL, _EARLIER, id="it was longer, and a wall is shown"),
        pytest.param("registration", False, _FULL[:700] + _REGISTER, _EARLIER, id="a wall to register"),
        pytest.param("free", True, _FULL + _WALL, _EARLIER, id="as long as before"),
        pytest.param("unknown", None, "", _FEED, id="nothing to weigh"),
    ],
)
def test_lengths_known_from_elsewhere(status, complete, body, known):
    found = weigh_against(article(body), [known]).access
    assert (AccessStatus(status), complete) == (found.status, found.complete)


def test_a_text_as_long_as_the_known_one_is_surer():
    before = article(_FULL)
    after = weigh_against(before, [_FEED])
    assert after.access.confidence > before.access.confidence
    assert ("feed-length", "the feed", "unknown") == signals(after.access)[-1]
    assert before is weigh_against(before, [])


def test_an_empty_feed_text_says_nothing():
    whole = article(_FULL)
    assert whole is weigh_against(whole, [Expected(0, "the feed")])
