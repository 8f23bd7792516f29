"""
Phrases that ask the reader for something: one that fires in each language, and one that only looks
alike.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.languages import shipped_languages
from scraper.model import MeterNumbers, Phrase
from scraper.read.words.lexicon import Lexicon
from scraper.read.words.meter_numbers import find_numbers
from scraper.read.words.phrases import check_pattern
from scraper.read.words.prompts import find_prompt


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("meter", "You’ve read 3 of 5 free articles this month."),
        ("meter", "You've read  of 5 free articles. Subscribe to continue."),
        ("meter", "of stories this month > Get unlimited stories"),
        ("meter", "This is your last free article."),
        ("meter", "Sie haben 3 von 5 kostenlosen Artikeln diesen Monat gelesen"),
        ("meter", "Has leído 3 de tus 5 artículos"),
        ("subscription", "Subscribe to continue reading"),
        ("subscription", "Unlimited digital access $11/month."),
        ("subscription", "Get unlimited Monitor journalism."),
        ("subscription", "This article is for subscribers only."),
        ("subscription", "Already a subscriber? Log in"),
        ("subscription", "Jetzt weiterlesen"),
        ("subscription", "Diesen Artikel freischalten"),
        ("subscription", "Cet article est réservé à nos abonnés"),
        ("subscription", "Contenido exclusivo para suscriptores"),
        ("subscription", "Contenuto riservato agli abbonati"),
        ("subscription", "Alleen voor abonnees"),
        ("subscription", "Conteúdo exclusivo para assinantes"),
        ("subscription", "Wykup dostęp do serwisu"),
        ("subscription", "Оформите подписку, чтобы читать дальше"),
        ("subscription", "この記事は有料会員限定です"),
        ("subscription", "구독하기"),
        ("subscription", "Bli prenumerant i dag"),
        ("registration", "Devamını okumak için giriş yapın"),
        ("registration", "Register for free to keep reading"),
        ("registration", "Jetzt kostenlos registrieren"),
        ("registration", "Créez votre compte"),
        ("newsletter", "Sign up for our morning newsletter"),
        ("newsletter", "Unseren täglichen Newsletter erhalten"),
        ("newsletter", "Iscriviti alla nostra newsletter"),
        ("newsletter", "Подписывайтесь на нашу рассылку новостей"),
        ("donation", "Support our independent journalism"),
        ("donation", "Jetzt spenden"),
        ("promo", "Advertisement"),
        ("promo", "- Anzeige -"),
        ("promo", "[Anzeige]"),
        ("promo", "(Advertisement)"),
        ("promo", "– Publicité –"),
        ("promo", "▼ Reklam ▼"),
        ("promo", "【広告】"),
        ("promo", "إعلان"),
        ("promo", "Weiterlesen nach der Anzeige"),
        ("promo", "Download our free app"),
        ("promo", "Join our WhatsApp channel"),
        ("promo", "For more stories like this, see our page of the port."),
        ("promo", "Got a story?"),
        ("promo", "Get in touch with our news team"),
        ("promo", "To view this video please enable JavaScript"),
        ("promo", "Add us as a preferred source on Google"),
        ("promo", "Stay informed by following us on X"),
        ("promo", "Folge uns auf Google News"),
        ("promo", "Folgst du uns schon auf WhatsApp?"),
        ("promo", "Únete a nuestro canal de WhatsApp"),
        ("promo", "Sigue el canal de El Faro en WhatsApp y recibe las noticias"),
        ("promo", "Suivez notre chaîne WhatsApp"),
        ("promo", "Segui il canale del Faro su WhatsApp"),
        ("promo", "Siga o canal do Farol no WhatsApp"),
        ("promo", "تابعوا آخر أخبارنا عبر قناتنا على تلغرام"),
        ("promo", "Iscriviti al nostro canale WhatsApp"),
        ("promo", "Obserwuj nas w Google News"),
        ("promo", "Siga-nos no WhatsApp"),
        ("promo", "Entre no nosso canal do WhatsApp"),
        ("promo", "Følg oss på Facebook"),
        ("promo", "Följ oss på Instagram"),
        ("promo", "Bizi WhatsApp'tan takip edin"),
    ],
)
def test_prompts_are_known(kind, text):
    prompt = find_prompt(text)
    assert prompt is not None
    assert (kind, True) == (prompt.kind, prompt.is_sure)


@pytest.mark.parametrize(
    "text",
    [
        "The minister read five articles of the treaty aloud.",
        "Stories of this kind were told every month.",
        "The union demanded access to the building.",
        "Der Minister will den Artikel der Verfassung ändern.",
        "Der Hafen bleibt bis Montag geschlossen.",
        "Die Boote folgen den Lotsen in den Kanal.",
        "The pilots follow the channel into the basin.",
        "The page asks its victims to enable JavaScript.",
        "There are more stories like this on every quay.",
        "Le ministre a lu la lettre devant la presse.",
        "El presidente leyó la carta ante los periodistas.",
        "Il ministro ha letto la lettera ai giornalisti.",
        "De minister las de brief voor aan de pers.",
        "O ministro leu a carta aos jornalistas.",
        "Minister przeczytał list dziennikarzom.",
        "Министр прочитал письмо журналистам.",
        "大臣は記者団に手紙を読み上げた。",
        "장관은 기자들에게 편지를 읽었다.",
        "Ministern läste brevet för pressen.",
        "Her advertisement for the mill was printed twice.",
        "“Advertisement”",
        "La policía sigue el canal de los pescadores en Telegram.",
        "تابع البحارة السفينة من الرصيف.",
        "Die Anzeige – sie stand im Hafenboten – war falsch.",
        "Er fand die Anzeige, als er nach dem Fahrplan suchte.",
        "They registered the boat in Skarvik.",
        "",
    ],
)
def test_texts_that_look_alike_are_not_sure_prompts(text):
    prompt = find_prompt(text)
    assert prompt is None or not prompt.is_sure


@pytest.mark.parametrize(
    ("strength", "kind", "text"),
    [
        ("cut", "subscription", "This post is for paid subscribers"),
        ("cut", "subscription", "Den kompletten Beitrag lesen Sie in der neuen Ausgabe des Hafenboten"),
        ("cut", "subscription", "La suite est réservée aux abonnés"),
        ("cut", "subscription", "Den här artikeln är för dig som prenumererar"),
        ("cut", "subscription", "Этот материал только для подписчиков"),
        ("cut", "meter", "Il vous reste 80 % de cet article à lire"),
        ("cut", "meter", "Pozostało jeszcze 60% artykułu"),
        ("wall", "subscription", "Subscribe to continue reading"),
        ("wall", "subscription", "Para seguir leyendo, suscríbete"),
        ("wall", "subscription", "Per continuare a leggere abbonati"),
        ("wall", "subscription", "Aby czytać dalej, wybierz ofertę"),
        ("wall", "subscription", "Devamını okumak için abone olun"),
        ("wall", "registration", "Kostenlos registrieren und weiterlesen"),
        ("wall", "registration", "Cadastre-se para ler a matéria"),
        ("wall", "registration", "ログインして続きを読む"),
        ("mark", "subscription", "Subscribers only"),
        ("mark", "subscription", "Nur für Abonnenten"),
        ("mark", "subscription", "会員限定記事"),
        ("mark", "subscription", "Kun for abonnenter"),
        ("sure", "meter", "Pozostało 7 z 8 darmowych artykułów"),
        ("sure", "meter", "Te quedan 3 artículos gratis"),
        ("sure", "subscription", "Already a subscriber? Log in"),
        ("likely", "meter", "Lesen Sie drei kostenlose Artikel pro Monat"),
    ],
)
def test_strength(strength, kind, text):
    """
    What a phrase says of the text above it: that it is not all, that one must pay first, or
    nothing.
    """
    prompt = find_prompt(text)
    assert prompt is not None
    assert (strength, kind) == (prompt.strength, prompt.kind)


@pytest.mark.parametrize(
    "text",
    [
        "The full report is available on the agency's site.",
        "This is a preview of the summer exhibition.",
        "She wanted to become a member of the club.",
        "The council will fund the work on the quay.",
        "Unterstützt wird der Hafen von der Stadt.",
        "Er ist schon Mitglied der Kammer.",
    ],
)
def test_what_articles_say_is_no_prompt(text):
    prompt = find_prompt(text)
    assert prompt is None or not prompt.is_sure


def test_a_word_alone_is_only_likely():
    prompt = find_prompt("Her subscription ended in March.")
    assert prompt is not None
    assert not prompt.is_sure


def test_a_long_text_is_no_prompt():
    assert find_prompt("Subscribe to continue reading. " + "word " * 80) is None


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (("You've read 3 of 5 free articles",), MeterNumbers(limit=5, used=3, remaining=2)),
        (("You've read  of 5 free articles.",), MeterNumbers(limit=5)),
        (("You have two free articles left",), MeterNumbers(remaining=2)),
        (("You have 7 of 8 free articles left",), MeterNumbers(limit=8, used=1, remaining=7)),
        (("Pozostało 7 z 8 darmowych artykułów.",), MeterNumbers(limit=8, used=1, remaining=7)),
        (("Sie haben 3 von 5 kostenlosen Artikeln gelesen",), MeterNumbers(limit=5, used=3, remaining=2)),
        (("Il vous reste 2 articles gratuits",), MeterNumbers(remaining=2)),
        (("残り3本",), MeterNumbers(remaining=3)),
        (("2 / 5", "articles"), MeterNumbers(limit=5, used=2, remaining=3)),
        (("2 / 5", "tons"), MeterNumbers()),
        (("Jeden Monat einen Artikel lesen",), MeterNumbers(limit=1, periods=("month",))),
        (("Read three articles about lamps",), MeterNumbers()),
        (("Noch 60 % des Artikels",), MeterNumbers(percent_remaining=60)),
        (("Save 60 % now",), MeterNumbers()),
        (("R$5,94/mês",), MeterNumbers(prices=(5.94,), currency="BRL", periods=("month",))),
        (("1 € für 4 Wochen",), MeterNumbers(prices=(1.0,), currency="EUR", periods=("4 weeks",))),
        (("Read 3 free articles a month",), MeterNumbers(limit=3, periods=("month",))),
        (("Unlimited digital access $11/month.",), MeterNumbers(prices=(11.0,), currency="USD", periods=("month",))),
        (("Nur 3,99 € pro Monat",), MeterNumbers(prices=(3.99,), currency="EUR", periods=("month",))),
        (("£1,299.50 a year",), MeterNumbers(prices=(1299.5,), currency="GBP", periods=("year",))),
        (("CHF 9 pro Woche",), MeterNumbers(prices=(9.0,), currency="CHF", periods=("week",))),
        (("$1 for 3 months, then $12 a month",),
         MeterNumbers(prices=(1.0, 12.0), currency="USD", periods=("3 months", "month"))),
        (("Your daily paper. Unlimited journalism.", "Flight 11 to Oslo"), MeterNumbers()),
        (("$11/month for unlimited journalism, every day of the year and more",),
         MeterNumbers(prices=(11.0,), currency="USD", periods=("month",))),
    ],
)  # fmt: skip
def test_numbers(texts, numbers):
    assert numbers == find_numbers(texts)


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_gives_numbers(texts):
    assert isinstance(find_numbers(tuple(texts)), MeterNumbers)


# ---------------------------------------------------------------- phrases of one's own


def with_phrases(*own):
    return Lexicon(shipped_languages(), own).used()


def test_phrases_count_where_they_were_added_and_nowhere_else():
    text = "The rest comes with a Harbour  Pass."
    pass_phrases = (Phrase("subscription", "cut", "harbour pass"),)

    before = find_prompt(text)
    with with_phrases(*pass_phrases):
        found = find_prompt(text)
        with with_phrases():
            inside = find_prompt(text)
        again = find_prompt(text)

    assert ("subscription", "cut", "harbour pass") == (found.kind, found.strength, found.words)
    assert found == again
    assert (None, None, None) == (before, inside, find_prompt(text))


def test_phrases_of_ones_own_go_before_the_shipped_ones_where_both_say_as_much():
    text = "Subscribe to continue reading"
    with with_phrases(Phrase("registration", "wall", "to continue"), Phrase("promo", "likely", "reading")):
        found = find_prompt(text)

    assert ("registration", "subscription") == (found.kind, find_prompt(text).kind)


def test_what_shipped_phrases_must_not_have_may_stand_in_ones_own():
    """
    Alternatives at the top, repeated groups, named groups and references: they are not joined with
    others.
    """
    patterns = (r"\bquay|\bmole", r"\b(?:lo|ck)+gate", r"(?P<a>tide) (?P=a)", r"(?P<a>(ebb)) \2")
    with with_phrases(*(Phrase("promo", "sure", pattern) for pattern in patterns)):
        found = [find_prompt(text) for text in ("A mole", "The lockgate", "tide tide", "ebb ebb", "The calm")]

    assert ["mole", "lockgate", "tide tide", "ebb ebb", None] == [prompt and prompt.words for prompt in found]


@given(st.text(max_size=20), st.text(max_size=60))
@example("[[", "")
def test_a_pattern_is_refused_or_finds_words_to_quote(pattern, text):
    try:
        check_pattern(pattern)
    except ValueError:
        return
    with with_phrases(Phrase("promo", "sure", pattern)):
        found = find_prompt(text)
    assert found is None or found.words.strip()
