"""
`presswatch sources`: what is added, imported, listed, and that no configuration is ever left that
does not load.
"""

import json
import stat
from dataclasses import replace

import pytest
from sites import Answer, Metered, serve
from sites import Desk as PassDesk
from test_cli import Desk

from archive.run.additions import plan_additions, with_additions
from archive.settings import read_settings
from scraper.errors import ConfigError, ParseError
from scraper.model import SecretUrl, Source
from scraper.settings.rendering import render_source

ADDED = "config/sources/added.toml"


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def opml(desk, *outlines: str) -> str:
    file = desk.folder / "list.opml"
    body = "".join(f"<outline {attributes}/>" for attributes in outlines)
    file.write_text(f"<opml version='2.0'><body>{body}</body></opml>", encoding="utf-8")
    return str(file)


def sources(desk):
    return {source.name: source for source in read_settings(desk.folder / "config", environ={}).sources}


# ---------------------------------------------------------------- import


def test_whatever_a_list_holds_the_configuration_loads_afterwards(desk):
    file = opml(
        desk,
        "text='Good' xmlUrl='http://good.example/rss'",
        "text='Space' xmlUrl='http://space.example/rss feed.xml'",
        "text='Twice' xmlUrl='http://twice.example/rss'",
        "text='Twice' xmlUrl='https://www.twice.example/rss'",
        "text='Scheme' xmlUrl='feed://scheme.example/rss'",
        "text='Relative' xmlUrl='rss.xml'",
        "text='Empty' xmlUrl=''",
        "text='Good' xmlUrl='http://other.example/rss'",
        "text='[a.b] = &quot;x&quot;' xmlUrl='http://hostile.example/rss'",
        "text='[/red]' xmlUrl='http://markup.example/rss'",
        "text='&#8203;' xmlUrl='http://unseen.example/rss'",
        "text='新聞' xmlUrl='http://xinwen.example/rss'",
        "text='Watched' xmlUrl='http://tide.example/rss'",
        "text='Login' xmlUrl='http://ann:sesame@login.example/rss'",
        "text='Odd home' xmlUrl='http://odd.example/rss' htmlUrl='javascript:void(0)'",
    )
    done = desk.run("sources", "import", file)
    assert 0 == done.exit_code
    assert (
        "  Twice: the same feed as “Twice”\n"
        "  Relative: its address is relative, and nothing says to what\n"
        "  Empty: it has no address\n"
        "  Watched: is watched already, as “The Tide”\n"
        "  Login: feeds: http://login.example/rss: a password goes over https alone\n"
    ) in done.stderr
    assert "10 feeds added, disabled; 5 passed over" in done.stderr
    names = set(sources(desk)) - {"tide"}
    assert {"good", "good-2", "space", "twice", "scheme", "a-b-x", "red", "odd-home"} < names
    assert 10 == len(names)
    listed = desk.run("sources", "list")
    assert (0, True) == (listed.exit_code, "[/red]" in listed.stdout)
    assert "sesame" not in done.output


@pytest.mark.parametrize(
    ("outlines", "code"),
    [
        (["text='A' xmlUrl='rss.xml'"], 1),
        (["text='A' xmlUrl='http://tide.example/rss'"], 0),
        (["text='A' xmlUrl='http://tide.example/rss'", "text='B' xmlUrl='rss.xml'"], 0),
        (["text='A' xmlUrl='http://a.example/rss'", "text='B' xmlUrl='rss.xml'"], 0),
        (["text='A folder'"], 0),
    ],
)
def test_the_exit_code_is_1_where_nothing_of_a_list_could_be_taken(desk, outlines, code):
    assert code == desk.run("sources", "import", opml(desk, *outlines)).exit_code


def test_the_same_list_twice_changes_nothing(desk):
    file = opml(desk, "text='A' xmlUrl='http://a.example/rss?token=4f2a'", "text='B' xmlUrl='feed://b.example/'")
    desk.run("sources", "import", file)
    before = (desk.folder / ADDED).read_bytes()
    again = desk.run("sources", "import", file)
    assert (0, before) == (again.exit_code, (desk.folder / ADDED).read_bytes())
    assert "0 feeds added, disabled; 2 passed over" in again.stderr


def test_a_configuration_that_would_not_load_is_not_written(desk):
    """Here a file takes the name while the site is looked at."""
    settings = read_settings(desk.folder / "config", environ={})
    new = Source("dyke", "The Dyke", "https://dyke.example/", feeds=("https://dyke.example/rss",))
    additions = plan_additions(settings, [new], environ={})
    assert "[dyke]" in with_additions(settings, additions, environ={})[1]
    (desk.folder / "config/sources/meanwhile.toml").write_text(render_source(new), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"(?s)nothing was written.*\[dyke\]: this source is already in"):
        with_additions(settings, additions, environ={})


def test_what_stands_in_the_file_already_stays(desk):
    added = desk.folder / ADDED
    added.write_text("# mine\n" + render_source(Source("a", "A", "https://a.example/", feeds=("https://a.example/x",))))
    added.write_text(added.read_text().rstrip("\n"))
    added.chmod(0o640)
    desk.run("sources", "import", opml(desk, "text='B' xmlUrl='http://b.example/rss'"))
    assert {"tide", "a", "b"} == set(sources(desk))
    assert added.read_text().startswith("# mine\n[a]\n")
    assert 0o640 == stat.S_IMODE(added.stat().st_mode)
    assert ["added.toml", "all.toml"] == sorted(file.name for file in added.parent.iterdir())


@pytest.mark.parametrize("body", [b"", b"words", b"<opml><body>", b"\x00" * 1000, b"<opml>" * 100_000])
def test_a_broken_list_writes_nothing_and_is_named(desk, body):
    (desk.folder / "list.opml").write_bytes(body)
    with pytest.raises(ParseError, match=r"^list\.opml: "):
        desk.run("sources", "import", str(desk.folder / "list.opml"))
    assert not (desk.folder / ADDED).exists()


def test_a_list_of_thousands_of_feeds_of_one_name_is_taken(desk):
    file = opml(desk, *(f"text='Same' xmlUrl='https://n{n}.example/rss'" for n in range(300)))
    assert 0 == desk.run("sources", "import", file).exit_code
    assert {"same", "same-2", "same-300"} <= set(sources(desk))


def test_a_list_goes_out_and_comes_back_as_it_was(desk):
    (desk.folder / "config/sources/all.toml").write_text(
        """
        [tide]
        title = "The Tide & <Co>"
        home_url = "https://tide.example/"
        feeds = ["https://tide.example/a?b=1&c=2", "https://tide.example/b"]
        section = "cyber"
        """
    )
    exported = desk.run("sources", "export").stdout
    (desk.folder / "out.opml").write_text(exported)
    (desk.folder / "config/sources/all.toml").write_text("")
    desk.run("sources", "import", str(desk.folder / "out.opml"))
    (source,) = sources(desk).values()
    assert ("The Tide & <Co>", "cyber") == (source.title, source.section)
    assert ("https://tide.example/a?b=1&c=2", "https://tide.example/b") == source.feeds
    assert exported.splitlines()[5:] == desk.run("sources", "export").stdout.splitlines()[5:]


# ---------------------------------------------------------------- secrets


def test_secrets_of_addresses_stand_in_the_configuration_alone(desk):
    file = opml(
        desk,
        "text='A' xmlUrl='https://ann:sesame@a.example/rss'",
        "text='B' xmlUrl='https://b.example/rss?token=4f2a9c'",
    )
    said = desk.run("sources", "import", file).output
    said += desk.run("sources", "list").output + desk.run("sources", "list", "--json").output
    exported = desk.run("sources", "export")
    said += exported.output
    assert not [secret for secret in ("sesame", "4f2a9c", "ann:") if secret in said]
    assert "2 feeds without the secret of the address" in exported.stderr
    assert "https://ann:sesame@a.example/rss" in (desk.folder / ADDED).read_text()
    assert 0o600 == stat.S_IMODE((desk.folder / ADDED).stat().st_mode)
    assert (SecretUrl("https://a.example/rss", "https://ann:sesame@a.example/rss"),) == sources(desk)["a"].secret_urls


def test_addresses_that_differ_in_their_secrets_alone_are_two_and_a_list_without_them_is_known(desk):
    file = opml(
        desk,
        "text='A' xmlUrl='https://a.example/rss?token=4f2a9c'",
        "text='B' xmlUrl='https://a.example/rss?token=77b0d1'",
    )
    assert "2 feeds added" in desk.run("sources", "import", file).stderr
    assert {"https://a.example/rss?token=hidden", "https://a.example/rss?token=hidden2"} == {
        sources(desk)[name].feeds[0] for name in "ab"
    }
    (desk.folder / "out.opml").write_text(desk.run("sources", "export").stdout)
    again = desk.run("sources", "import", str(desk.folder / "out.opml"))
    assert (0, True) == (again.exit_code, "0 feeds added, disabled; 3 passed over" in again.stderr)


class Guarded:
    """A feed for those who have its token."""

    def __init__(self):
        self.asked = []

    def answer(self, path, _):
        self.asked.append(path)
        items = f"<item><title>Gate shut</title><link>/gate?token={TOKEN}</link></item>"
        return Answer(f"<rss version='2.0'><channel>{items}</channel></rss>") if TOKEN in path else Answer("", 403)


TOKEN = "4f2a9c81d07be635"


def test_a_pass_asks_with_the_secret_of_an_address_and_leaves_none_in_archive_or_captures(tmp_path):
    rules = Guarded()
    with serve(rules, "127.41.0.9") as site:
        shown = f"{site.home}list?token=hidden"
        real = f"{site.home}list?token={TOKEN}".replace("//", "//ann:sesame@")
        source = replace(site.source, feeds=(shown,), secret_urls=(SecretUrl(shown, real),))
        desk = PassDesk(tmp_path, site, source)
        result = desk.make_pass()
        written = desk.everything_written()
    assert [f"/list?token={TOKEN}", f"/gate?token={TOKEN}"] == rules.asked
    assert not [word for word in (b"sesame", b"YW5uOnNlc2FtZ", TOKEN.encode()) if word in written]
    assert TOKEN not in repr(result)


# ---------------------------------------------------------------- list, check, add


def test_a_list_says_how_a_source_is_asked_and_no_secret(desk):
    (desk.folder / "config/sources/all.toml").write_text(
        """
        [tide]
        title = "The [bold]Tide"
        home_url = "https://tide.example/"
        feeds = ["https://tide.example/a", "https://tide.example/b"]
        index_pages = ["https://tide.example/world"]
        auth_user = "ann"
        auth_password_env = "TIDE_PASSWORD"
        proxy = "http://me:sesame@127.0.0.1:3128"
        headers = {X-Api-Key = "4f2a"}
        """
    )
    listed = " ".join(desk.run("sources", "list").stdout.split())
    assert "The [bold]Tide" in listed
    assert "every 1h, 2 feeds, 1 index page" in listed
    assert "headers X-Api-Key; logs in as ann, password in $TIDE_PASSWORD; by http://127.0.0.1:3128" in listed
    as_json = desk.run("sources", "list", "--json").stdout
    assert ["X-Api-Key"] == json.loads(as_json)[0]["headers"]
    assert not [secret for secret in ("sesame", "4f2a") if secret in listed + as_json]


def test_an_unknown_name_is_wrong_usage(desk):
    assert 2 == desk.run("sources", "check", "nope").exit_code


@pytest.mark.parametrize("url", ["ftp://a.example/", "https://", "http://a b/", "javascript:alert(1)"])
def test_what_is_no_address_is_wrong_usage(desk, url):
    assert 2 == desk.run("sources", "add", url).exit_code


def test_a_name_that_is_taken_or_hard_to_type_is_told_before_anything_is_asked(desk):
    for name in ("tide", "The Tide"):
        done = desk.run("sources", "add", "https://a.example/", "--name", name)
        assert 2 == done.exit_code
        assert name in done.stderr


def test_a_feed_of_a_real_server_is_added_and_the_file_read_back(desk):
    with serve(Metered(100), "127.41.0.10") as site:
        config = desk.folder / "config/presswatch.toml"
        config.write_text(
            config.read_text().replace(
                "[archive]", f'pace = "0s"\nretries = 0\nallowed_addresses = ["{site.address}"]\n[archive]'
            )
        )
        done = desk.run("sources", "add", f"{site.home}feed.xml", "--name", "dyke")
    assert 0 == done.exit_code, done.output
    assert (f"{site.home}feed.xml",) == sources(desk)["dyke"].feeds
