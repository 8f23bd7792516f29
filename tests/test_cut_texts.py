"""
Texts that are cut, by what a wall says in words nobody wrote down, by numbers, and by what is left
of the text itself; and whole texts that look alike.
"""

from __future__ import annotations

import pytest
from reading import read_document

from scraper.model import Access, AccessStatus, Article, Role
from scraper.read.words.prompts import find_prompt

_LINE = "Keeper number {n} wrote in the log that the northern lamp had failed at {n} and that {n} boats waited outside."
_SHORT = "".join(f"<p>{_LINE.format(n=n)}</p>" for n in range(2, 5))
_LONG = "".join(f"<p>{_LINE.format(n=n)}</p>" for n in range(2, 22))


def read(
    body: str, *, head: str = "", above: str = "", language: str = "en", url: str = "https://tide.example/a"
) -> Article:
    page = (
        f"<html lang={language}><head><meta charset=utf-8><title>The lamp</title>{head}</head><body>{above}"
        f"<main><article><h1>The lamp</h1><div>{body}</div></article></main>"
        "<footer><ul><li><a href=/about>About us</a></li></ul><p>© 1907 Skarvik</p></footer></body></html>"
    )
    return read_document(page.encode(), url)


def access(body: str, **parts: str) -> Access:
    return read(body, **parts).access


@pytest.mark.parametrize(
    "line",
    [
        "The complete report comes with a digital subscription.",
        "Den ganzen Bericht gibt es im Abo.",
        "L’enquête complète est réservée à nos abonnés.",
        "Para leer la nota completa, suscribite.",
        "L’articolo completo è per gli abbonati.",
        "Leia a reportagem completa com uma assinatura.",
        "Hela berättelsen väntar bakom låset.",
        "Cały tekst tylko w prenumeracie.",
        "Статью целиком можно прочитать по подписке.",
        "Předplaťte si noviny a přečtěte celý článek.",
        "Tilaa ja lue koko juttu.",
        "A teljes cikk előfizetéssel olvasható.",
        "Διαβάστε ολόκληρο το άρθρο με συνδρομή.",
        "पूरी खबर पढ़ने के लिए सदस्यता लें",
        "اشترك لقراءة المقال كاملا",
        "訂閱以閱讀全文",
        "สมัครสมาชิกเพื่ออ่านบทความฉบับเต็ม",
        "Berlangganan untuk membaca artikel lengkap",
    ],
)
def test_a_word_for_the_whole_with_one_for_paying_is_a_cut(line):
    prompt = find_prompt(line)
    assert ("subscription", "cut") == (prompt.kind, prompt.strength)


@pytest.mark.parametrize(
    "line",
    [
        "Encore 43,5 % du texte à lire.",
        "Noch 62 % des Artikels zu lesen",
        "You have read 31 % of this story.",
        "68 % of this article is still to come for subscribers.",
    ],
)
def test_a_share_that_is_left_is_a_cut_on_closed_pages_too(line):
    closed = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
    found = access(f"{_LONG}<p class=w>{line}</p>", head=closed)
    assert (AccessStatus.PREVIEW, False) == (found.status, found.complete)


def test_what_was_read_of_a_text_leaves_the_rest():
    assert 69 == access(f"{_LONG}<p class=w>You have read 31 % of this story.</p>").numbers.percent_remaining


def test_the_lines_of_a_wall_say_together_what_none_says_alone():
    box = "<div class=promo><h2>Get the complete report</h2><a href=/s>Subscribe</a> <a href=/l>Sign in</a></div>"
    assert (AccessStatus.PREVIEW, False) == (access(_SHORT + box).status, access(_SHORT + box).complete)


def test_lines_below_a_wall_in_the_same_paragraphs_are_no_text():
    article = read(
        f"{_LONG}<p>Subscribe to the paper for the complete report.</p><p>Our app brings alerts to your phone.</p>"
    )
    assert [Role.PAYWALL, Role.PAYWALL] == [
        block.role for block in article.blocks if block.text.startswith(("Subsc", "Our a"))
    ]
    assert article.access.complete is False


def test_a_heading_with_nothing_below_it_but_a_wall_is_a_cut_at_any_length():
    found = access(f"{_LONG}<h2>What the winter will bring</h2><div class=w><h2>Log in to continue reading</h2></div>")
    assert (AccessStatus.REGISTRATION, False) == (found.status, found.complete)


@pytest.mark.parametrize(
    "line", ["Continue with a subscription for $1.", "Weiter mit dem Abo für 1 €", "Continuez avec un abonnement à 1 €"]
)
def test_a_line_that_says_how_to_go_on_is_a_wall(line):
    prompt = find_prompt(line)
    assert ("subscription", "wall") == (prompt.kind, prompt.strength)


@pytest.mark.parametrize(("behind", "is_whole"), [("<a href=/subscribe>Subscribe now</a>", False), ("", True)])
def test_a_stop_within_a_sentence_above_a_button_to_subscribe_is_a_cut(behind, is_whole):
    found = access(f"{_SHORT}<p>Nobody had trimmed the lamp, and its glass was the same that the harbour…</p>{behind}")
    assert is_whole == found.complete


def test_enciphered_text_is_no_body_and_means_cut():
    letters = "abcdefghijklmnopqrstuvwxyz"
    coded = str.maketrans(letters, letters[1:] + letters[0])
    rest = "".join(f"<p>{_LINE.format(n=n).lower().translate(coded)}</p>" for n in range(5, 9))
    article = read(_SHORT + rest)
    assert (AccessStatus.PREVIEW, False) == (article.access.status, article.access.complete)
    assert "lffqfs" not in article.body


def test_a_second_language_is_no_cipher():
    other = (
        "Wärter {n} meldete abends, dass das nördliche Feuer erloschen war und draußen Schiffe warteten, bis es tagte."
    )
    article = read(_LONG + "".join(f"<p>{other.format(n=n)}</p>" for n in range(3)))
    assert "Feuer erloschen" in article.body


def test_a_hidden_template_is_not_shown():
    found = access(f"{_SHORT}<div style='display:none'><p>This article is for subscribers only.</p></div>")
    assert (AccessStatus.FREE, True) == (found.status, found.complete)


def test_a_general_offer_below_a_short_whole_item_is_no_wall():
    found = access(f"{_SHORT}<div><p>Subscribe to get unlimited access to the news of the coast.</p></div>")
    assert (AccessStatus.FREE, True) == (found.status, found.complete)


def test_a_gift_that_is_asked_for_below_a_text_that_is_free_is_no_price():
    box = "<div class=paywall><p>Dieser Artikel ist kostenlos.</p><p>Unterstützen Sie uns mit 5 oder 10 Euro.</p></div>"
    assert access(_LONG + box, language="de").complete
    sold = box.replace("ist kostenlos", "ist für Sie da").replace("Unterstützen Sie uns mit", "Einzelpreis")
    assert not access(_SHORT + sold, language="de").complete


def test_a_dialog_that_is_not_open_is_not_shown():
    wall = "<dialog{}><p>Subscribe to read the rest of this article.</p></dialog>"
    assert access(_LONG + wall.format("")).complete
    assert not access(_LONG + wall.format(" open")).complete


def test_a_counter_of_nothing_read_is_an_advertisement():
    assert AccessStatus.FREE is access(f"{_LONG}<p>You have read 0 free articles this month</p>").status


def test_none_left_is_nought():
    box = "<div class=w><h3>Anmelden und weiterlesen</h3><p>Es sind keine freien Artikel mehr übrig.</p></div>"
    assert 0 == access(_LONG + box, language="de").numbers.remaining


def test_a_form_to_log_in_in_the_place_of_the_text_is_a_cut():
    form = "<form><label>Name</label><input name=n><label>Password</label><input type=password name=p></form>"
    assert access(f"<p>{_LINE.format(n=2)}</p>{form}").complete is False


_WALL = "<div class=w><h2>This article is for subscribers only</h2><p>Subscribe for {price} per month</p></div>"


@pytest.mark.parametrize(
    ("currency", "price", "parts"),
    [
        ("USD", "$5", {}),
        ("ARS", "$890", {"language": "es-AR"}),
        ("AUD", "$5", {"url": "https://tide.example.au/a"}),
        ("CAD", "$5 CAD", {}),
        (
            "NZD",
            "$5",
            {"head": '<script type="application/ld+json">{"@type": "Offer", "priceCurrency": "NZD"}</script>'},
        ),
        ("PEN", "S/ 20", {"language": "es"}),
        ("BRL", "R$ 20", {"language": "pt"}),
        ("DKK", "29 kr", {"language": "da"}),
        ("SEK", "29 kr", {"language": "sv"}),
        ("CZK", "99 Kč", {"language": "cs"}),
        ("PLN", "19,99 zł", {"language": "pl"}),
    ],
)
def test_a_currency_by_its_sign_its_code_and_its_place(currency, price, parts):
    assert currency == access(_SHORT + _WALL.format(price=price), **parts).numbers.currency


def test_an_offer_of_this_article_above_its_whole_text_says_who_may_read_it():
    box = "<div class=k><h2>Read on here</h2><p>This article alone costs 0.89 €.</p><button>Read</button></div>"
    found = access(_LONG, above=box)
    assert (AccessStatus.FULL_SUBSCRIBER, True, (0.89,)) == (found.status, found.complete, found.numbers.prices)
