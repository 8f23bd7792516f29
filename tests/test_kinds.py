"""What kind of page it is. Each kind with pages that are of it, and pages that nearly are."""

import pytest
from reading import read_document

from scraper.model import NO_ARTICLES, Article, PageKind, Role

URL = "https://harbor.example/2024/03/story.html"
TEXT = (
    "<p>The harbor office of Lowmere closed its north gate on Tuesday night after a crane operator reported that the "
    "loading plan on her screen no longer matched the ship in front of her.</p>"
    "<p>By noon the gate had opened again, and the first of nine delayed freighters, the Anna Lisbet, left for the "
    "outer roads under a low grey sky, with a pilot on board and two tugs beside her.</p>"
    "<p>Divers and engineers searched the quay until morning, said harbor master Edda Voss, who has run the port for "
    "eleven years and had never seen its systems fail at once.</p>"
    "<p>The ministry of transport promised a report within six weeks. Critics said that the last such report, on a "
    "failed dredging contract, took almost three years to appear, and named nobody.</p>"
)
NOTE = "<p>The harbor office closed its north gate on Tuesday night. It opens again on Friday, the office said.</p>"


def read(body: str, *, url: str = URL, head: str = "", lang: str = "en", status: int = 200) -> Article:
    page = f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    return read_document(page.encode(), url, content_type="text/html; charset=utf-8", status_code=status)


def ld(kind: str, **more: str) -> str:
    fields = "".join(f', "{name}": {value}' for name, value in more.items())
    return f'<script type="application/ld+json">{{"@type": "{kind}"{fields}}}</script>'


def teasers(count: int, dek: str = "", tag: str = "h3") -> str:
    names = (
        "Ferries Divers Pilots Cranes Tugs Freighters Gulls Captains Lamps Dredgers Anchors Buoys Locks Moles".split()
    )
    return "".join(
        f'<div class="card"><{tag}><a href="/2024/{n}/wait.html">{names[n % 14]} wait at gate number {n}'
        f"</a></{tag}>{dek}</div>"
        for n in range(count)
    )


# ---------------------------------------------------------------- no articles


DEK = "<p>The office promised an answer before the week is out, and the captains wait for it with little hope.</p>"


@pytest.mark.parametrize(
    ("url", "head", "body"),
    [
        ("https://harbor.example/", "", f"<main>{teasers(12)}</main>"),
        ("https://harbor.example/", "", f"<main>{teasers(12, DEK)}</main>"),
        (
            "https://harbor.example/world",
            '<meta property="og:type" content="website">',
            f"<h1>World</h1>{teasers(9, DEK)}",
        ),
        ("https://harbor.example/world", ld("CollectionPage"), f"<h1>World</h1>{teasers(7, DEK)}"),
        ("https://harbor.example/tag/storm", "", f"<h1>Storm</h1>{teasers(8, DEK)}"),
        ("https://harbor.example/world", "", f"<h1>World</h1>{teasers(14, DEK)}"),
        ("https://harbor.example/autor/edda", "", f"<h1>Edda Voss</h1><p>She writes on ports.</p>{teasers(9)}"),
    ],
    ids=["front", "front-with-deks", "website", "collection", "tag", "section-that-says-nothing", "author"],
)
def test_a_page_of_teasers_is_an_index_and_no_article(url, head, body):
    found = read(body, url=url, head=head)
    assert (PageKind.INDEX, False) == (found.kind, found.is_article)
    assert "lead elsewhere" in found.origins["kind"]


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", f"<article><h1>Gate shut</h1>{TEXT}</article><aside><h2>Latest</h2>{teasers(60, DEK)}</aside>"),
        ("", f"<h1>Gate shut</h1>{TEXT}{teasers(60, DEK)}"),
        (
            '<meta property="og:type" content="article">',
            f"<article><h1>Gate shut</h1>{NOTE}</article>{teasers(60)}",
        ),
        (ld("NewsArticle", headline='"Gate shut"'), f"<article><h1>Gate shut</h1>{NOTE}</article>{teasers(60)}"),
        ("", f"<h1>Gate shut</h1>{TEXT.replace('</p><p>', '</p><h3>In between, a subhead</h3><p>')}"),
    ],
    ids=["aside", "below", "short-typed", "short-json-ld", "subheads"],
)
def test_an_article_with_a_long_list_of_others_is_an_article(head, body):
    found = read(body, head=head)
    assert (PageKind.NEWS, True) == (found.kind, found.is_article)


@pytest.mark.parametrize(
    "headline",
    [
        "Page not found",
        "404",
        "Error 404: nothing here",
        "Seite nicht gefunden",
        "Dieser Artikel ist nicht mehr verfügbar",
        "Page introuvable",
        "Cet article n’est plus disponible",
        "お探しの記事は見つかりませんでした",
        "기사를 찾을 수 없습니다",
        "Página no encontrada",
        "Pagina non trovata",
        "Página não encontrada",
        "Pagina niet gevonden",
        "Nie znaleziono strony",
        "Страница не найдена",
        "Sidan hittades inte",
        "Siden finnes ikke",
        "Siden blev ikke fundet",
        "Sayfa bulunamadı",
        "Η σελίδα δεν βρέθηκε",
        "Stránka nenalezena",
        "お探しのページは見つかりません",
        "页面不存在",
        "페이지를 찾을 수 없습니다",
        "الصفحة غير موجودة",
        "Halaman tidak ditemukan",
    ],
)
def test_a_page_that_says_there_is_nothing_is_an_error(headline):
    found = read(f"<h1>{headline}</h1><p>Please go to our front page, or use the search.</p>{teasers(3)}")
    assert (PageKind.ERROR, False) == (found.kind, found.is_article)


def test_an_article_about_error_pages_is_none():
    found = read(f"<h1>Why “page not found” is the best known line of the web</h1>{TEXT}")
    assert (PageKind.NEWS, True) == (found.kind, found.is_article)


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_a_short_page_with_an_error_status_is_an_error(status):
    found = read(f"<h1>Gate shut</h1>{NOTE}", status=status)
    assert (PageKind.ERROR, f"the server answered {status}") == (found.kind, found.origins["kind"])


def test_a_whole_article_is_one_even_under_a_wrong_status():
    assert read(f"<h1>Gate shut</h1>{TEXT}", status=404).is_article


def test_a_wall_is_no_error():
    """402 and 403 come with the head of an article, too."""
    assert PageKind.NEWS is read(f"<h1>Gate shut</h1>{NOTE}", status=402).kind


def test_a_check_for_robots_is_an_error():
    found = read("<h1>Just a moment...</h1><p>harbor.example needs to review the security of your connection.</p>")
    assert PageKind.ERROR is found.kind
    assert "robots" in found.origins["kind"]


@pytest.mark.parametrize(
    ("lang", "body"),
    [
        (
            "en",
            "<h1>We value your privacy</h1><p>We and our 214 partners use cookies.</p><p>Accept all</p>",
        ),
        (
            "de",
            "<h1>Weiter mit Werbung</h1><p>Lesen Sie mit Werbung und Tracking.</p><p>Zustimmen und weiter</p>",
        ),
        (
            "fr",
            "<h1>Votre vie privée</h1><p>Nous et nos 80 partenaires lisons avec vous.</p><p>Tout accepter</p>",
        ),
    ],
)
def test_a_page_that_asks_for_consent_and_shows_nothing_else(lang, body):
    found = read(f"<main>{body}</main>", lang=lang)
    assert (PageKind.CONSENT, False) == (found.kind, found.is_article)


def test_a_consent_box_on_an_article_changes_nothing():
    box = "<div id='cmp'><p>We and our partners use cookies.</p><p>Accept all</p><p>Manage preferences</p></div>"
    assert PageKind.NEWS is read(f"{box}<h1>Gate shut</h1>{TEXT}").kind


# ---------------------------------------------------------------- kinds of articles


@pytest.mark.parametrize(
    ("url", "head", "body"),
    [
        (URL, ld("OpinionNewsArticle", headline='"Shut it"'), ""),
        (URL, '<meta property="article:section" content="Opinion">', ""),
        ("https://harbor.example/meinung/gate.html", "", ""),
        ("https://harbor.example/politik/kommentar-zum-tor.html", "", ""),
        (URL, "", '<p class="kicker">Gastkommentar</p>'),
        ("https://harbor.example/mneniya/1.html", "", ""),
        (URL, '<meta property="article:section" content="Мнения">', ""),
        (URL, '<meta property="article:section" content="社説">', ""),
    ],
)
def test_opinion_by_structured_data_section_address_or_kicker(url, head, body):
    assert PageKind.OPINION is read(f"{body}<h1>Shut it</h1>{TEXT}", url=url, head=head).kind


@pytest.mark.parametrize(
    ("url", "section"),
    [("https://harbor.example/politics/opinion-polls-shift.html", "Politics"), (URL, "Public opinion research")],
)
def test_news_about_opinions_is_no_opinion(url, section):
    head = f'<meta property="article:section" content="{section}">'
    assert PageKind.NEWS is read(f"<h1>Polls shift</h1>{TEXT}", url=url, head=head).kind


def sentence(n: int) -> str:
    """A sentence that no other number gives."""
    return f"Gate {n} opened {n + 2} hours late, for {SENTENCES[n % 4].removeprefix('The ')}"


SENTENCES = [part.removeprefix("<p>").removesuffix("</p>") for part in TEXT.replace("</p><p>", "</p>|<p>").split("|")]


def entries(clock: str = "<time>{hour:02}:05</time>") -> str:
    hours = (15, 13, 12, 10, 9, 7)
    return "".join(
        f"<div>{clock.format(hour=hour)}<h3>Entry {hour}</h3><p>{sentence(n)}</p></div>" for n, hour in enumerate(hours)
    )


@pytest.mark.parametrize(
    ("url", "head", "clock"),
    [
        ("https://harbor.example/liveticker/storm.html", "", "<p>{hour:02}.05 Uhr</p>"),
        (URL, ld("LiveBlogPosting", headline='"Storm"'), "<span>{hour}h05</span><br><br>"),
        (URL, "", "<time>{hour:02}:05</time><br><br>"),
    ],
    ids=["address", "json-ld", "structure"],
)
def test_a_ticker_keeps_the_times_and_headings_of_its_entries_in_their_order(url, head, clock):
    found = read(f"<main><h1>Storm</h1><p>All news of the storm.</p>{entries(clock)}</main>", url=url, head=head)
    assert PageKind.TICKER is found.kind
    marks = [block.text for block in found.body_blocks if "05" in block.text or block.text.startswith("Entry")]
    assert 12 == len(marks)
    assert [f"Entry {hour}" for hour in (15, 13, 12, 10, 9, 7)] == marks[1::2]


def test_what_the_page_states_as_the_text_of_an_entry_is_text():
    """Entries in boxes named as readers' comments: the structured data tells them from those."""
    updates = ", ".join(f'{{"@type": "BlogPosting", "articleBody": "{sentence(n)}"}}' for n in range(8, 12))
    cards = "".join(f"<div class='comment'><h3>Entry</h3><p>{sentence(n)}</p></div>" for n in range(8, 14))
    text = "".join(f"<p>{sentence(n)}</p>" for n in range(20, 40))
    found = read(
        f"<main><article><h1>Storm</h1>{text}</article><section id='comments'>{cards}</section></main>",
        head=ld("LiveBlogPosting", headline='"Storm"', liveBlogUpdate=f"[{updates}]"),
    )
    assert PageKind.TICKER is found.kind
    assert all(sentence(n) in found.body for n in range(8, 12))
    assert sentence(12) not in found.body


def test_readers_comments_with_their_times_make_no_ticker():
    comments = "".join(
        f"<div class='comment'><p>Reader {n}, 2 March 2024, 1{n}:20</p><p>{sentence(n)}</p></div>" for n in range(7)
    )
    assert PageKind.NEWS is read(f"<h1>Gate shut</h1>{TEXT}<section id='comments'>{comments}</section>").kind


QUESTIONS = ("Why did the gate fail?", "Who was on duty?", "What will change?", "Are you to blame?")


def talk(question: str, answer: str = "I was asleep, and my deputy was not. ") -> str:
    return "".join(f"{question.format(q)}<p>{answer}{SENTENCES[n]}</p>" for n, q in enumerate(QUESTIONS))


@pytest.mark.parametrize(
    ("headline", "question"),
    [
        ("Voss on the gate", "<p><b>{}</b></p>"),
        ("Voss on the gate", "<p>Monitor: {}</p>"),
        ("“I was asleep”", "<h3>{}</h3>"),
        ("Voss on the gate", "<p><i>{}</i></p>"),
    ],
)
def test_an_interview_keeps_its_questions(headline, question):
    found = read(f"<article><h1>{headline}</h1><p>{SENTENCES[0]}</p>{talk(question)}</article>")
    assert PageKind.INTERVIEW is found.kind
    assert len(QUESTIONS) == sum(block.text.endswith("?") for block in found.body_blocks)


def test_an_interview_whose_questions_are_plain_paragraphs():
    asked = "".join(f"<p>What of gate {n}, madam?</p><p>I do not know. {sentence(n)}</p>" for n in range(7))
    assert PageKind.INTERVIEW is read(f"<h1>Voss on the gates</h1><p>{SENTENCES[0]}</p>{asked}").kind


def test_a_guide_with_questions_as_headings_is_no_interview():
    assert PageKind.NEWS is read(f"<h1>What to know</h1>{TEXT}{talk('<h3>{}</h3>', '')}").kind


def figures(count: int) -> str:
    return "".join(
        f"<figure><img src='/p{n}.jpg'><figcaption>Picture {n}: {sentence(n)}</figcaption></figure>"
        for n in range(count)
    )


def test_the_captions_of_a_gallery_are_its_text_where_it_has_no_other():
    found = read(f"<h1>The port at dawn</h1>{figures(5)}", url="https://harbor.example/bildergalerie/port.html")
    assert (PageKind.GALLERY, "captions", True) == (found.kind, found.origins["body"], found.is_article)
    assert 5 == found.body.count("Picture ")
    assert 5 == sum(image.caption is not None for image in found.images)


def test_a_gallery_with_a_text_of_its_own_keeps_its_captions_apart():
    found = read(f"<h1>The port</h1>{TEXT}{figures(9)}", url="https://harbor.example/gallery/port.html")
    assert PageKind.GALLERY is found.kind
    assert "body" not in found.origins
    assert 9 == sum(block.role is Role.CAPTION for block in found.blocks)


def test_an_article_with_pictures_is_no_gallery():
    assert PageKind.NEWS is read(f"<h1>The port</h1>{TEXT}{figures(2)}").kind


@pytest.mark.parametrize(
    ("kind", "url", "head"),
    [
        (PageKind.VIDEO, "https://harbor.example/video/gate.html", ld("VideoObject")),
        (PageKind.VIDEO, URL, '<meta property="og:type" content="video.other">'),
        (PageKind.PODCAST, "https://harbor.example/podcast/gate.html", ""),
        (PageKind.PODCAST, URL, ld("PodcastEpisode")),
    ],
)
def test_a_video_or_podcast_with_a_short_text(kind, url, head):
    found = read(f"<h1>The gate</h1>{NOTE}", url=url, head=head)
    assert (kind, True) == (found.kind, found.is_article)


def test_an_article_with_a_video_is_an_article():
    assert PageKind.NEWS is read(f"<h1>The gate</h1>{TEXT}{TEXT}", head=ld("VideoObject")).kind


def test_numbered_subheads_make_a_list():
    body = "".join(f"<h2>{n}. Gate number {n}</h2><p>{sentence(n)}</p>" for n in range(1, 8))
    assert PageKind.LIST is read(f"<h1>Seven gates</h1>{body}").kind


# ---------------------------------------------------------------- forms


def test_the_form_a_page_was_served_in_is_kept():
    amp = "<!doctype html><html ⚡ lang='en'><body><h1>Gate shut</h1>" + TEXT
    assert ("amp",) == read_document(amp.encode(), URL, content_type="text/html; charset=utf-8").variants
    assert ("print",) == read(f"<h1>Gate</h1>{TEXT}", url="https://harbor.example/druckversion/1.html").variants
    assert ("print",) == read(f"<h1>Gate</h1>{TEXT}", url="https://harbor.example/1.html?print=1").variants
    first = read(f"<h1>Gate</h1>{TEXT}<a rel='next' href='/a?page=2'>2</a>", url="https://harbor.example/a")
    assert (("paginated",), "https://harbor.example/a?page=2") == (first.variants, first.next_page_url)
    assert () == read(f"<h1>Gate</h1>{TEXT}").variants


def test_every_kind_says_why_and_how_sure():
    for body in (TEXT, NOTE, teasers(20), ""):
        found = read(f"<h1>Gate</h1>{body}")
        assert found.origins["kind"]
        assert 0 < found.kind_confidence <= 1
        assert found.is_article == (bool(found.body) and found.kind not in NO_ARTICLES)


@pytest.mark.parametrize(
    "title",
    ["Log in | The Harbor", "Anmelden", "ログイン｜港新聞", "Вход — Маяк", "Se connecter - Le Phare", "تسجيل الدخول"],
)
def test_a_page_to_log_in_is_none(title):
    heading = title.split(" ")[0] if "Se" not in title and "Log" not in title and "تسجيل" not in title else ""
    form = f"<main><h1>{heading}</h1><form><input type=password></form><p>New here? Ask for an account.</p></main>"
    assert not read(form, head=f"<title>{title}</title>").is_article


def test_a_report_on_logging_in_is_one():
    assert read(
        f"<article><h1>Log in, they said</h1>{NOTE}</article>", head="<title>Log in, they said</title>"
    ).is_article


@pytest.mark.parametrize(
    "title",
    ["403 Forbidden", "451: Unavailable For Legal Reasons", "Not available in your country", "Too Many Requests"],
)
def test_what_a_server_says_instead_is_none(title):
    assert not read(f"<h1>{title}</h1><p>We recognize that you come from a place that cannot be served.</p>").is_article
    assert read(f"<article><h1>500 years of the harbor</h1>{NOTE}</article>").is_article


def test_a_shell_that_waits_for_a_script_is_none():
    head = '<meta property="og:type" content="article">'
    shell = "<article><h1>Gate opens</h1><p>Please enable JavaScript in your browser to read this story.</p></article>"
    assert not read(shell, head=head).is_article


def test_a_section_with_few_teasers_is_none():
    listed = teasers(4, "<p>What changes, who pays, and when it starts.</p>")
    assert not read(f"<main><h1>Security</h1>{listed}</main>", url="https://harbor.example/security/").is_article
    assert read(
        f"<article><h1>Gate closed</h1>{NOTE}</article>{listed}", url="https://harbor.example/gate-is-closed"
    ).is_article


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><rss><channel><title>Tide</title></channel></rss>',
        b'{"version": "https://jsonfeed.org/version/1"}',
    ],
)
def test_a_feed_is_none(body):
    found = read_document(body, URL)
    assert (False, PageKind.INDEX) == (found.is_article, found.kind)
