"""Reports on one event stand together, in any language, and live from day to day under one id."""

import json
import sqlite3
from datetime import time, timedelta
from pathlib import Path
from random import Random

import pytest
from samples import DAY, HARBOUR, HOUR, NOW, TIDE, article, keep, opened, rows
from sqlite_utils import Database

from archive.edition.publish import make_edition
from archive.edition.render import render
from archive.edition.stories import group_stories
from archive.judge.stories.background import Background, Counts
from archive.judge.stories.grouping import Window, group_reports
from archive.judge.stories.likeness import Report
from archive.judge.stories.lives import carry_over
from archive.model import Limits
from archive.run.stories import place_articles, settle_stories
from archive.settings import ArchiveSettings, DigestSettings, PassSettings, RetentionRule, Settings
from archive.store import Archive
from archive.store.public.view import PublicView
from archive.store.schema.migrations import MIGRATIONS, migrate
from scraper.model import FetchSettings

# Three reports on one event, and others. All invented.
RANSOM = (
    (
        "Karrow hospital cancels operations after ransomware attack",
        (
            "Karrow General Hospital cancelled 140 operations on Sunday after ransomware locked its patient "
            "records, the "
            "trust said. Ambulances were sent to Ferrin. A group that calls itself Nightjar claimed the attack."
        ),
    ),
    (
        "Nightjar gang says it attacked Karrow hospital trust",
        (
            "The Nightjar ransomware group has claimed the attack on the hospital trust in Karrow that sent "
            "doctors back to "
            "paper. About 140 operations were cancelled and ambulances were taken to Ferrin."
        ),
    ),
    (
        "Karrow hospital will not pay Nightjar, trust says",
        (
            "The hospital trust in Karrow will not pay the Nightjar group, whose ransomware locked patient "
            "records. Ambulances "
            "go to Ferrin until Tuesday, when operations are to resume."
        ),
    ),
)
OTHERS = (
    ("Browser maker patches flaw", "A browser maker released an update for a memory flaw that is used by spies."),
    ("Dredging of the Lindmar canal begins", "Two dredgers began to clear silt from the Lindmar canal before spring."),
    ("Vessmark court hears ballot appeal", "A court in Vessmark heard the appeal of a party over disputed ballots."),
)


# Two texts of a language that have nothing in common but small words.
UNRELATED = {
    "fr": (
        (
            "Le loup revient dans la vallée\n"
            "Les bergers de la vallée ont vu le loup pour la première fois depuis un siècle, et ils "
            "demandent que des "
            "clôtures soient payées par le canton avant le mois prochain."
        ),
        (
            "Une banque paie pour une panne\n"
            "La banque paiera trois millions aux clients dont les cartes ont été refusées pendant le "
            "week-end, et une "
            "enquête est ouverte sur ce qui a été fait dans la nuit."
        ),
    ),
    "es": (
        (
            "El lobo vuelve al valle\n"
            "Los pastores del valle han visto al lobo por primera vez en un siglo y piden que el cantón "
            "pague las cercas "
            "antes de que termine el mes que viene, según dijeron el lunes."
        ),
        (
            "Un banco paga por una avería\n"
            "El banco pagará tres millones a los clientes cuyas tarjetas fueron rechazadas durante el fin de "
            "semana, y se "
            "ha abierto una investigación sobre lo que pasó en la noche."
        ),
    ),
    "it": (
        (
            "Il lupo torna nella valle\n"
            "I pastori della valle hanno visto il lupo per la prima volta in un secolo, e chiedono che i "
            "recinti siano "
            "pagati dal cantone prima della fine del mese prossimo, come hanno detto lunedì."
        ),
        (
            "Una banca paga per un guasto\n"
            "La banca pagherà tre milioni ai clienti le cui carte sono state rifiutate durante il fine "
            "settimana, e "
            "un'indagine è stata aperta su quello che è successo nella notte."
        ),
    ),
    "ja": (
        "オオカミが谷に戻る\n谷の羊飼いたちは百年ぶりにオオカミを見たと話した。柵の費用を州が払うように求めている。",
        "銀行が障害で賠償\n週末にカードが使えなかった顧客に銀行は三百万を払うと発表した。原因の調査が始まっている。",
    ),
    "sv": (
        (
            "Vargen är tillbaka i dalen\n"
            "Herdarna i dalen har sett vargen för första gången på hundra år, och de vill att kantonen ska "
            "betala för "
            "stängslen innan nästa månad är slut, sade de på måndagen."
        ),
        (
            "En bank betalar för ett avbrott\n"
            "Banken ska betala tre miljoner till de kunder som inte kunde använda sina kort under helgen, "
            "och en utredning "
            "har inletts om vad som hände under natten."
        ),
    ),
    "no": (
        (
            "Ulven er tilbake i dalen\n"
            "Gjeterne i dalen har sett ulven for første gang på hundre år, og de vil at kantonen skal betale "
            "for gjerdene "
            "før neste måned er over, sa de på mandag."
        ),
        (
            "En bank betaler for et avbrudd\n"
            "Banken skal betale tre millioner til kundene som ikke kunne bruke kortene sine i helgen, og det "
            "er satt i "
            "gang en undersøkelse av hva som skjedde om natten."
        ),
    ),
    # No shipped background has this one.
    "sw": (
        (
            "Mbwa mwitu arudi bondeni\n"
            "Wachungaji wa bonde hilo walisema kwamba wamemwona mbwa mwitu kwa mara ya kwanza katika miaka "
            "mia moja, na "
            "wanataka serikali ilipe gharama za uzio kabla ya mwisho wa mwezi."
        ),
        (
            "Benki yalipa kwa hitilafu\n"
            "Benki hiyo itawalipa wateja ambao kadi zao zilikataliwa mwishoni mwa wiki, na uchunguzi umeanza "
            "kuhusu kile "
            "kilichotokea usiku huo, kwa mujibu wa taarifa ya mkurugenzi wake."
        ),
    ),
}


SETTINGS = Settings(
    folder=Path(),
    fetch=FetchSettings("presswatch/1 (+https://reader.example/contact)"),
    archive=ArchiveSettings(Path("archive.db"), Path("warc")),
    passes=PassSettings(),
    digest=DigestSettings("Digest", "UTC", time(6), Path()),
    sources=(TIDE, HARBOUR),
)


def told(archive, text, at=NOW, *, source="tide", private=False, limits=None, **facts):
    """Keep an article of one text; its id."""
    headline, body = text
    number = rows(archive, "SELECT COUNT(*) FROM articles")[0][0]
    facts = {"published_at": at, "language": "en"} | facts
    new = article(f"https://{source}.example/{number}", body, headline=headline, **facts)
    return keep(archive, new, at, source=source, private=private, limits=limits or Limits())[1]


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "fixture.db", write=True) as opened:
        opened.save_sources([TIDE, HARBOUR])
        yield opened


def stories(archive):
    """Story ids with the articles of each."""
    found = {}
    for story_id, article_id in rows(archive, "SELECT story_id, article_id FROM story_articles ORDER BY 1, 2"):
        found.setdefault(story_id, []).append(article_id)
    return found


def lives(archive):
    with opened(archive) as connection:
        connection.row_factory = sqlite3.Row
        return {row["story_id"]: row for row in connection.execute("SELECT * FROM story_lives")}


class TestTogether:
    def test_a_small_window_is_enough(self):
        assert ((0, 1, 2), (3,)) == group_stories([*RANSOM, OTHERS[0]])

    def test_one_text_is_a_story_and_none_is_none(self):
        assert ((0,),) == group_stories(RANSOM[:1])
        assert () == group_stories([])

    def test_the_same_text_twice_is_one_story(self):
        assert ((0, 1), (2,)) == group_stories([RANSOM[0], RANSOM[0], OTHERS[0]])

    def test_texts_that_have_a_template_in_common_are_not_of_one_event(self):
        names = "embassy granary tribunal foundry orchard aqueduct shipyard museum reactor harbour".split()
        texts = [
            (
                f"The {name} closes after a long week",
                (
                    f"The owners of the {name} said that it was too early to speak of repairs. They had asked for more "
                    "money than the town could give. A vote will be held, and the mayor hopes for peace among all."
                ),
            )
            for name in names
        ]
        assert len(names) == len(group_stories(texts))

    @pytest.mark.parametrize("language", UNRELATED)
    def test_two_texts_of_a_language_that_few_write_are_no_story_for_that(self, language):
        one, other = (tuple(text.split("\n")) for text in UNRELATED[language])
        groups = group_stories([*RANSOM, *OTHERS, one, other])
        assert (6,) in groups
        assert (7,) in groups

    def test_reports_without_spaces_between_words_find_each_other(self):
        texts = [
            (
                "港の停電、原因は古い部品",
                "港の停電は古い部品が原因だったと管理者が発表した。復旧には二日かかる見込みだ。",
            ),
            ("桜の開花、平年より早い", "気象台は桜が咲いたと発表した。平年より五日早い。"),
            ("停電の港、復旧は二日後", "古い部品が港の停電を起こした。管理者によると復旧は二日後になる。"),
        ]
        assert ((0, 2), (1,)) == group_stories(texts)

    def test_reports_far_apart_in_time_are_of_two_events(self):
        reports = [Report(*RANSOM[0], "en", NOW), Report(*RANSOM[1], "en", NOW + 8 * DAY)]
        assert ((0,), (1,)) == group_reports(Window(reports))

    def test_a_report_without_a_date_may_be_of_any_day(self):
        reports = [Report(*RANSOM[0], "en", NOW), Report(*RANSOM[0], "en", None)]
        assert ((0, 1),) == group_reports(Window(reports))

    def test_what_quotes_several_reports_ties_none_of_them(self):
        """A roundup is of no event, and what it quotes is of several."""
        roundup = ("Morning briefing", "\n\n".join(body for _, body in (RANSOM[0], *OTHERS[:2])))
        reports = [Report(*text, "en", NOW) for text in (RANSOM[0], *OTHERS[:2], roundup)]
        assert ((0,), (1,), (2,), (3,)) == group_reports(Window(reports, quoted=[(3, 0), (3, 1), (3, 2)]))

    def test_the_order_of_arrival_does_not_matter(self):
        reports = [Report(*text, "en", NOW + n * HOUR) for n, text in enumerate((*RANSOM, *OTHERS))]
        wanted = {frozenset(reports[at].headline for at in group) for group in group_reports(Window(reports))}
        for seed in range(3):
            Random(seed).shuffle(reports)
            groups = group_reports(Window(reports))
            assert wanted == {frozenset(reports[at].headline for at in group) for group in groups}

    def test_what_an_archive_has_counted_joins_the_shipped_background(self):
        shipped = Background({}, {})
        counted = Background({"en": Counts(20_000, {"lindmar": 5_000})}, {})
        assert shipped.information("en", "lindmar")[0] > 4 * counted.information("en", "lindmar")[0]


class TestIds:
    def test_an_id_goes_to_what_has_most_of_the_story(self):
        assert (8, None, 9) == carry_over([(0, 1, 2), (3,), (4,)], [8, 8, 9, 8, 9])

    def test_an_article_joins_during_the_day_and_is_settled_at_night(self, archive):
        ids = [told(archive, text, NOW + n * HOUR) for n, text in enumerate(RANSOM[:2])]
        assert 2 == place_articles(archive)
        assert 0 == place_articles(archive)
        ((story, members),) = stories(archive).items()
        assert ids == members
        assert {1} == {row[0] for row in rows(archive, "SELECT is_provisional FROM story_articles")}
        settle_stories(archive, NOW + DAY)
        assert {story: ids} == stories(archive)
        assert {0} == {row[0] for row in rows(archive, "SELECT is_provisional FROM story_articles")}

    def test_a_story_lives_on_the_next_day(self, archive):
        first = told(archive, RANSOM[0])
        told(archive, OTHERS[0])
        settle_stories(archive, NOW + DAY)
        before = stories(archive)
        next_day = told(archive, RANSOM[1], NOW + DAY)
        settle_stories(archive, NOW + 2 * DAY)
        (story,) = (story for story, members in before.items() if first in members)
        assert [first, next_day] == stories(archive)[story]

    def test_a_late_article_joins_the_story_of_its_day(self, archive):
        first = told(archive, RANSOM[0])
        told(archive, OTHERS[0], NOW + 20 * DAY)
        settle_stories(archive, NOW + 21 * DAY)
        late = told(archive, RANSOM[1], NOW + 22 * DAY, published_at=NOW + HOUR)
        place_articles(archive)
        assert [first, late] in stories(archive).values()

    def test_an_article_that_names_no_date_counts_from_when_it_was_seen(self, archive):
        first = told(archive, RANSOM[0], published_at=None)
        other = told(archive, RANSOM[2], NOW + HOUR, published_at=None)
        place_articles(archive)
        assert [first, other] in stories(archive).values()

    def test_one_report_is_in_one_story_whatever_its_words_are(self, archive):
        first = told(archive, RANSOM[0])
        copy = article("https://harbour.example/copy", headline="Elsewhere", language="sw", published_at=NOW)
        other = keep(archive, copy, source="harbour")[1]
        rows(archive, "UPDATE articles SET cluster_id = ?", first)
        place_articles(archive)
        assert [[first, other]] == list(stories(archive).values())

    def test_the_night_is_all_or_nothing(self, archive):
        """Who is killed in the middle of grouping finds all stories as they were."""
        told(archive, RANSOM[0])
        place_articles(archive)
        told(archive, RANSOM[1], NOW + HOUR)
        place_articles(archive)
        before = rows(archive, "SELECT * FROM story_articles")
        archive._run(
            "CREATE TEMP TRIGGER killed BEFORE UPDATE ON story_articles BEGIN SELECT RAISE(ABORT, 'killed'); END"
        )
        with pytest.raises(Exception, match="killed"):
            settle_stories(archive, NOW + DAY)
        archive._run("DROP TRIGGER killed")
        assert before == rows(archive, "SELECT * FROM story_articles")
        settle_stories(archive, NOW + DAY)
        assert 1 == len(stories(archive))

    def test_a_story_goes_with_its_last_article(self, archive):
        told(archive, RANSOM[0])
        told(archive, RANSOM[1], NOW + HOUR, source="harbour")
        told(archive, OTHERS[0], NOW + 40 * DAY)
        place_articles(archive)
        archive.prune([RetentionRule(None, timedelta(days=30))], NOW + 41 * DAY)
        assert 1 == len(stories(archive))
        assert 1 == rows(archive, "SELECT COUNT(*) FROM stories")[0][0]

    def test_an_id_is_never_given_again(self, archive):
        told(archive, RANSOM[0])
        place_articles(archive)
        (first,) = stories(archive)
        archive.prune([RetentionRule(None, timedelta(days=30))], NOW + 41 * DAY)
        told(archive, OTHERS[0], NOW + 41 * DAY)
        place_articles(archive)
        assert first not in stories(archive)

    def test_an_old_archive_gets_its_stories_by_and_by(self, tmp_path):
        path = tmp_path / "old.db"
        connection = sqlite3.connect(path, isolation_level=None)
        names = [one.name for one in MIGRATIONS.pending(Database(memory=True))]
        MIGRATIONS.apply(Database(connection), stop_before=names[names.index("0019-stories")])
        connection.close()
        with Archive.open(path, write=True) as archive:
            migrate(archive._connection, path)
            archive.save_sources([TIDE, HARBOUR])
            told(archive, RANSOM[0])
            told(archive, RANSOM[1])
            rows(archive, "DELETE FROM story_articles")
            assert 2 == place_articles(archive)
            assert 1 == len(stories(archive))


class TestMany:
    """Where more is told than can be compared with all, telling words find what may be of one event."""

    @staticmethod
    def _place(archive):
        return place_articles(archive, most_around=0)

    def test_an_article_joins_by_its_words(self, archive):
        told(archive, OTHERS[0])
        first = told(archive, RANSOM[0])
        self._place(archive)
        other = told(archive, RANSOM[1], NOW + DAY)
        assert 1 == self._place(archive)
        assert [[1], [first, other]] == list(stories(archive).values())

    def test_a_late_article_joins_what_came_after_it(self, archive):
        first = told(archive, RANSOM[0])
        self._place(archive)
        late = told(archive, RANSOM[1], NOW + 5 * DAY, published_at=NOW - DAY)
        self._place(archive)
        assert [[first, late]] == list(stories(archive).values())

    def test_what_lies_further_than_a_week_is_another_event(self, archive):
        told(archive, RANSOM[0])
        self._place(archive)
        told(archive, RANSOM[0], NOW + 8 * DAY, source="harbour")
        rows(archive, "UPDATE articles SET cluster_id = id")  # it is no copy, either
        self._place(archive)
        assert 2 == len(stories(archive))

    def test_what_was_placed_while_little_was_told_is_found_as_well(self, archive):
        first = told(archive, RANSOM[0])
        place_articles(archive)
        told(archive, OTHERS[0])
        self._place(archive)
        second = told(archive, RANSOM[1], NOW + HOUR)
        place_articles(archive)
        third = told(archive, RANSOM[2], NOW + 2 * HOUR)
        self._place(archive)
        assert [first, second, third] in stories(archive).values()

    def test_one_report_is_in_one_story_whatever_its_words_are(self, archive):
        first = told(archive, RANSOM[0])
        self._place(archive)
        copy = article("https://harbour.example/copy", headline="Elsewhere", language="sw", published_at=NOW)
        other = keep(archive, copy, source="harbour")[1]
        rows(archive, "UPDATE articles SET cluster_id = ?", first)
        self._place(archive)
        assert [[first, other]] == list(stories(archive).values())

    def test_its_words_go_with_an_article(self, archive):
        for n, text in enumerate(RANSOM[:2]):
            told(archive, text, NOW + n * HOUR)
            self._place(archive)
        assert 2 == rows(archive, "SELECT COUNT(DISTINCT article_id) FROM story_words")[0][0]
        archive.prune([RetentionRule(None, timedelta(days=30))], NOW + 41 * DAY)
        assert 0 == rows(archive, "SELECT COUNT(*) FROM story_words")[0][0]

    def test_a_week_that_is_too_large_is_left_as_it_is(self, archive):
        told(archive, RANSOM[0])
        told(archive, OTHERS[0])
        assert not settle_stories(archive, NOW + DAY, most=1)
        assert {1} == {row[0] for row in rows(archive, "SELECT is_provisional FROM story_articles")}
        assert settle_stories(archive, NOW + DAY, most=2)


class TestNames:
    def test_the_most_central_headline_is_its_name_and_telling_words_are_its_terms(self, archive):
        for n, text in enumerate((*RANSOM, *OTHERS)):
            told(archive, text, NOW + n * HOUR)
        place_articles(archive)
        (life,) = (life for life in lives(archive).values() if life["article_count"] == 3)
        assert life["name"] in {headline for headline, _ in RANSOM}
        assert {"Karrow", "Nightjar", "Ferrin"} <= set(json.loads(life["terms"]))

    def test_nothing_is_drawn_from_what_is_the_readers_alone(self, archive):
        told(archive, RANSOM[0], private=True)
        place_articles(archive)
        assert [(None, "[]")] == [(life["name"], life["terms"]) for life in lives(archive).values()]
        told(archive, RANSOM[1], NOW + HOUR)
        place_articles(archive)
        assert [RANSOM[1][0]] == [life["name"] for life in lives(archive).values()]

    def test_what_becomes_private_later_takes_name_and_terms_along(self, archive):
        first = told(archive, RANSOM[0])
        place_articles(archive)
        archive.save_limits(first, (), Limits(noarchive=True))
        assert [(None, "[]")] == [(life["name"], life["terms"]) for life in lives(archive).values()]

    def test_the_public_view_shows_stories_without_what_is_private(self, tmp_path):
        path = tmp_path / "archive.db"
        with Archive.open(path, write=True) as archive:
            archive.save_sources([TIDE, HARBOUR])
            first = told(archive, RANSOM[0])
            told(archive, RANSOM[1], NOW + HOUR, private=True)
            place_articles(archive)
            with PublicView.open(tmp_path / "view.db", path) as view:
                view.follow(NOW)
                assert [(RANSOM[0][0], 1)] == rows(view, "SELECT name, article_count FROM main.story_lives")
                archive.save_limits(first, (), Limits(unavailable_after=NOW))
                view.follow(NOW + DAY)
                assert [] == rows(view, "SELECT name, terms FROM main.story_lives")
                assert [("[]",)] == rows(view, "SELECT terms FROM main.stories")
                assert [] == rows(view, "SELECT * FROM main.word_counts")


class TestDigest:
    def test_a_digest_says_since_when_a_story_is_told_and_what_is_new(self, archive):
        told(archive, RANSOM[0], NOW - DAY)
        for n, text in enumerate(RANSOM[1:]):
            told(archive, text, NOW + n * HOUR)
        settle_stories(archive, NOW + DAY)
        edition = make_edition(archive, SETTINGS, NOW - HOUR, NOW + DAY, NOW + DAY)
        (story,) = edition.stories
        assert (2, 1, NOW - DAY) == (1 + len(story.others), story.earlier_count, story.begun_at)
        assert "Karrow" not in story.new_words
        assert "Goes on since" in render(edition, "text")

    def test_a_new_story_says_nothing_of_before(self, archive):
        told(archive, RANSOM[0])
        settle_stories(archive, NOW + DAY)
        edition = make_edition(archive, SETTINGS, NOW - HOUR, NOW + DAY, NOW + DAY)
        assert ("", ()) == ("Goes on" * ("Goes on" in render(edition, "html")), edition.stories[0].new_words)

    def test_private_words_are_no_news(self, archive):
        told(archive, RANSOM[0], NOW - DAY)
        told(archive, RANSOM[2], NOW, private=True)
        settle_stories(archive, NOW + DAY)
        edition = make_edition(archive, SETTINGS, NOW - HOUR, NOW + DAY, NOW + DAY)
        assert [()] == [story.new_words for story in edition.stories]
