"""Pictures of articles: asked for as pages are, kept in WARC files, shown from the archive alone."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from fakes import Page, moved, text
from test_browse import answers
from test_browse import page as browsed
from worlds import FEED, HOME, PARAGRAPHS, SOURCE, feed, page

from archive.run.health.pictures import check_pictures
from archive.settings import PictureSettings, RetentionRule
from archive.store.captures import read_capture

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x01lock gate\xff" * 9
GATE, MOLE = f"{HOME}/media/gate-at-noon.png", "https://pictures.example.org/mole-by-night.png"
PICTURE = Page(PNG, media_type="image/png")


def story(headline="Two locks shut", *urls, head="", paragraphs=PARAGRAPHS):
    """A page with a lead picture and others in figures, each with a caption."""
    lead = "".join(f'<meta property="og:image" content="{url}">' for url in urls[:1])
    figures = "".join(
        f"<figure><img src='{url}' alt='The chain lies on the quay'>"
        f"<figcaption>A figure of {url[-20:]}</figcaption></figure>"
        for url in urls
    )
    return page(headline, paragraphs).replace("<article>", f"{head}{lead}<article>{figures}")


@pytest.fixture
def site(world):
    """Makes a newspaper with one article, whose pictures are kept."""

    def make(pages, *, source=SOURCE, **pictures):
        made = world({FEED: feed("/gate"), **pages}, source)
        made.settings = replace(made.settings, pictures=PictureSettings(**{"keep": True, **pictures}))
        return made

    return make


def kept(world, article_id=1):
    """The bytes of an article's pictures, by their addresses."""
    folder = world.settings.archive.warc_folder
    return {
        url: read_capture(folder, one.file, one.offset).body
        for url, one in world.archive.kept_pictures(article_id).items()
    }


def whys(world):
    """Why pictures did not come, by address."""
    found = world.archive._connection.execute("SELECT url, why FROM pictures WHERE warc_file IS NULL").fetchall()
    return {row["url"]: row["why"] for row in found}


def asked_for(world, url):
    return world.web.urls().count(url)


# ---------------------------------------------------------------- what is kept


def test_the_pictures_of_an_article_are_kept_as_records_of_its_pass(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE, MOLE), GATE: PICTURE, MOLE: PICTURE})
    result = tide.make_pass()
    assert {GATE: PNG, MOLE: PNG} == kept(tide)
    assert {"kept": 2} == result.pictures


def test_none_is_asked_for_unless_the_configuration_says_so(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: PICTURE}, keep=False)
    tide.make_pass()
    assert 0 == asked_for(tide, GATE)


def test_a_picture_is_asked_for_once_in_all_passes(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: PICTURE})
    for _ in range(3):
        tide.make_pass()
        tide.clock.advance(timedelta(hours=3))
    assert 0 == asked_for(tide, GATE)
    assert [GATE] == list(kept(tide))


def test_two_articles_with_one_picture_have_it_from_one_request(site):
    pages = {f"{HOME}/gate": story("Two locks shut", GATE), f"{HOME}/mole": story("The mole is shut", GATE)}
    tide = site({**pages, FEED: feed("/gate", "/mole"), GATE: PICTURE})
    tide.make_pass()
    assert 1 == asked_for(tide, GATE)
    assert [[GATE], [GATE]] == [list(kept(tide, n)) for n in (1, 2)]


def test_an_article_takes_over_what_another_one_brought_in_an_earlier_pass(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: PICTURE})
    tide.make_pass()
    other = ["Quite another matter keeps the harbour busy this week.", *reversed(PARAGRAPHS)]
    tide.web.pages |= {
        FEED: feed("/gate", "/mole"),
        f"{HOME}/mole": story("The mole is shut", GATE, paragraphs=other),
        GATE: Page("", 500),
    }
    tide.make_pass()
    assert [GATE] == list(kept(tide, 2))
    assert 0 == asked_for(tide, GATE)


def test_the_first_pictures_of_an_article_are_kept_up_to_a_number(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE, MOLE), GATE: PICTURE, MOLE: PICTURE}, per_article=1)
    tide.make_pass()
    assert [GATE] == list(kept(tide))


def test_a_picture_that_a_revision_brings_is_kept(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: PICTURE, MOLE: PICTURE})
    tide.make_pass()
    tide.clock.advance(timedelta(hours=3))
    more = [*PARAGRAPHS, "Late in the evening the coast guard handed over eleven hours of film from the mole."]
    tide.web.pages[f"{HOME}/gate"] = story("Two locks shut", GATE, MOLE, paragraphs=more)
    tide.make_pass()
    assert {GATE, MOLE} == set(kept(tide))


def test_a_redirected_picture_is_had_by_the_address_that_the_article_names(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: moved(MOLE), MOLE: PICTURE})
    tide.make_pass()
    assert {GATE: PNG} == kept(tide)


# ---------------------------------------------------------------- how they are asked for


def test_pictures_are_asked_for_when_all_pages_are_here_at_the_pace_of_their_host(site):
    pages = {f"{HOME}/gate": story("Two locks shut", GATE), f"{HOME}/mole": story("The mole is shut", MOLE)}
    more = {FEED: feed("/gate", "/mole"), GATE: PICTURE, MOLE: PICTURE}
    tide = site({**pages, **more})
    tide.make_pass()
    urls = tide.web.urls()
    assert {GATE, MOLE} == set(urls[-2:])
    own = [asked for asked in tide.web.asked if asked.url.startswith(HOME)]
    assert all(b.started_at - a.ended_at >= timedelta(seconds=1) for a, b in pairwise(own))


def test_no_cookie_goes_along_and_none_is_kept(site):
    page_with_cookie = Page(story("Two locks shut", GATE), headers={"set-cookie": "seen=1; Path=/"})
    tide = site({f"{HOME}/gate": page_with_cookie, GATE: Page(PNG, headers={"set-cookie": "track=1; Path=/"})})
    tide.make_pass()
    (asked,) = (one for one in tide.web.asked if one.url == GATE)
    assert "cookie" not in asked.headers
    assert "referer" not in asked.headers


def test_robots_txt_is_obeyed_for_pictures_too(site):
    rules = text("User-agent: *\nDisallow: /")
    tide = site(
        {f"{HOME}/gate": story("Two locks shut", MOLE), MOLE: PICTURE, "https://pictures.example.org/robots.txt": rules}
    )
    tide.make_pass()
    assert 0 == asked_for(tide, MOLE)
    assert "robots.txt" in whys(tide)[MOLE]


def test_a_source_takes_so_many_in_a_pass_and_the_others_in_the_next_ones(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE, MOLE), GATE: PICTURE, MOLE: PICTURE}, per_source=1)
    tide.make_pass()
    assert 1 == len(kept(tide))
    tide.make_pass()
    assert 2 == len(kept(tide))


# ---------------------------------------------------------------- what its publisher wishes


@pytest.mark.parametrize(
    "head", ['<meta name="robots" content="noarchive">', '<meta name="presswatch" content="noarchive">']
)
def test_nothing_is_asked_for_of_an_article_that_is_its_readers_alone(site, head):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE, head=head), GATE: PICTURE})
    tide.make_pass()
    assert 0 == asked_for(tide, GATE)


def test_what_waits_is_not_asked_for_when_its_publisher_has_changed_his_mind(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: Page("", 503)})
    tide.make_pass()
    tide.clock.advance(timedelta(hours=3))
    head = '<meta name="robots" content="noarchive">'
    tide.web.pages |= {f"{HOME}/gate": story("Two locks shut", GATE, head=head), GATE: PICTURE}
    tide.make_pass()
    assert 0 == asked_for(tide, GATE)


def test_a_picture_with_a_wish_for_no_copy_is_not_kept(site):
    no_copy = Page(PNG, media_type="image/png", headers={"x-robots-tag": "noarchive"})
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: no_copy})
    tide.make_pass()
    assert {} == kept(tide)
    assert "its publisher wants no copy of it to be shown" == whys(tide)[GATE]


# ---------------------------------------------------------------- what does not come


@pytest.mark.parametrize(
    "body", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>Are you human?</html>", b"GIF8?"], ids=repr
)
def test_what_is_no_picture_by_its_bytes_is_not_kept_whatever_its_server_says(site, body):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: Page(body, media_type="image/png")})
    tide.make_pass()
    assert {} == kept(tide)
    assert "what came is no picture that a browser shows as one" == whys(tide)[GATE]
    tide.make_pass()
    assert 0 == asked_for(tide, GATE)


def test_a_picture_that_fails_is_asked_for_again_and_no_failure_of_its_source(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: [Page("", 503), Page("", 404), PICTURE]})
    for _ in range(3):
        result = tide.make_pass()
        assert () == result.problems
        assert 0 == tide.archive.source_health(tide.clock.now())[0].failed_count
        tide.clock.advance(timedelta(minutes=30))
    assert {GATE: PNG} == kept(tide)


def test_after_two_weeks_a_picture_is_given_up_and_check_says_so(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: Page("", 404)})
    asked = 0
    for _ in range(16 * 8):
        tide.make_pass()
        asked += asked_for(tide, GATE)
        tide.clock.advance(timedelta(hours=3))
    assert 12 == asked
    (finding,) = check_pictures(tide.archive, tide.settings, tide.clock.now())
    assert not finding.is_well
    assert "0 came in the last week, 0 wait, 1 given up, the latest: the server answers 404 Not Found" == finding.detail


def test_a_host_that_cannot_be_asked_costs_a_picture_no_try(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", MOLE)})
    for _ in range(7):
        assert {"to be asked for again": 1} == tide.make_pass().pictures
        tide.clock.advance(timedelta(days=2))
    tide.web.pages[MOLE] = PICTURE
    tide.make_pass()
    assert {MOLE: PNG} == kept(tide)


def test_why_a_picture_could_not_be_asked_for_is_named_when_it_is_let_go(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", MOLE)})
    tide.make_pass()
    tide.clock.advance(timedelta(days=17))
    tide.make_pass()
    assert "robots.txt" in whys(tide)[MOLE]


def test_what_never_had_its_turn_is_let_go(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE, MOLE), GATE: PICTURE, MOLE: PICTURE}, per_source=1)
    tide.make_pass()
    tide.clock.advance(timedelta(days=17))
    tide.make_pass()
    assert ["others went before it"] == list(whys(tide).values())


def test_pictures_of_a_pass_that_broke_off_are_asked_for_by_the_next_one(site):
    def end(_):
        raise RuntimeError("the machine is switched off")

    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: end})
    with pytest.raises(ExceptionGroup):
        tide.make_pass()
    tide.web.pages[GATE] = PICTURE
    tide.make_pass()
    assert {GATE: PNG} == kept(tide)


def test_check_says_nothing_where_none_are_kept(site):
    tide = site({}, keep=False)
    assert [] == check_pictures(tide.archive, tide.settings, tide.clock.now())


def test_pictures_go_with_their_article(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: PICTURE})
    tide.make_pass()
    tide.archive.prune([RetentionRule(None, timedelta(days=1))], tide.clock.now() + timedelta(days=2))
    assert {} == tide.archive.kept_pictures(1)


# ---------------------------------------------------------------- where they are seen


def database_of(tide):
    tide.archive.close()
    return tide.settings.archive.database


def test_the_article_page_shows_a_picture_from_the_archive(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE, MOLE), GATE: PICTURE, MOLE: Page("", 404)})
    tide.make_pass()
    database = database_of(tide)
    shown = [node.attributes for node in browsed(database, "/article/1").css(".pw-figure img")]
    assert [("/article/1/picture/0", "The chain lies on the quay")] == [(one["src"], one["alt"]) for one in shown]
    (answer,) = answers(database, shown[0]["src"])
    assert (200, "image/png", PNG) == (answer.status_code, answer.headers["content-type"], answer.content)


@pytest.mark.parametrize("number", [1, 2, 9999])
def test_a_picture_that_is_not_kept_is_not_found(site, number):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE, MOLE), GATE: PICTURE, MOLE: Page("", 404)})
    tide.make_pass()
    (answer,) = answers(database_of(tide), f"/article/1/picture/{number}")
    assert 404 == answer.status_code


def test_a_picture_whose_record_is_gone_is_not_found(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: PICTURE})
    tide.make_pass()
    for file in tide.settings.archive.warc_folder.iterdir():
        file.unlink()
    (answer,) = answers(database_of(tide), "/article/1/picture/0")
    assert 404 == answer.status_code


def test_what_was_public_when_its_pictures_came_and_is_no_more_shows_them_to_its_owner_alone(site):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: PICTURE})
    tide.make_pass()
    tide.clock.advance(timedelta(hours=3))
    head = '<meta name="robots" content="noarchive">'
    tide.web.pages[f"{HOME}/gate"] = story("Two locks shut", GATE, head=head)
    tide.make_pass()
    database = database_of(tide)
    (public,) = answers(database, "/article/1/picture/0")
    (own,) = answers(database, "/article/1/picture/0", private=True)
    assert (404, 200) == (public.status_code, own.status_code)
    assert [] == browsed(database, "/article/1").css(".pw-figure img")


def test_what_its_publisher_does_not_want_shown_any_more_has_no_pictures(site):
    head = '<meta name="robots" content="unavailable_after: 2 Jan 2025 00:00:00 GMT">'
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE, head=head), GATE: PICTURE})
    tide.make_pass()
    (answer,) = answers(database_of(tide), "/article/1/picture/0", private=True)
    assert 404 == answer.status_code


def test_the_records_are_looked_for_where_the_configuration_has_them(site, tmp_path):
    tide = site({f"{HOME}/gate": story("Two locks shut", GATE), GATE: PICTURE})
    tide.settings = replace(
        tide.settings, archive=replace(tide.settings.archive, warc_folder=tmp_path / "elsewhere" / "raw")
    )
    tide.make_pass()
    (answer,) = answers(database_of(tide), "/article/1/picture/0", warc_folder=tmp_path / "elsewhere" / "raw")
    assert PNG == answer.content
