"""What is quoted of a text is made of whole words."""

import pytest
from samples import NOW, TIDE, article, keep

from archive.store import Archive


@pytest.fixture
def archive():
    with Archive.open(":memory:", write=True) as opened:
        opened.save_sources([TIDE])
        yield opened


@pytest.mark.parametrize("language", ["en", "el", "ko", "ja"])
def test_a_snippet_is_made_of_whole_words(archive, language):
    long = {
        "en": "unmistakable well-known CVE-2024-3094 harbours",
        "el": "θαλασσοταραχή λιμάνια επίθεση",
        "ko": "해저케이블이 서울시는 부산항에서",
        "ja": "東京湾の水門が開いた。",
    }[language]
    body = f"{long} " * 20 + "needle " + f"{long} " * 20
    keep(archive, article("https://tide.example/long", body, headline="Long"))
    (hit,) = archive.search("needle", now=NOW)
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    begin, end = hit.marks[0]
    assert "needle" == hit.snippet[begin:end]
    cut = hit.snippet.strip("…").split()
    if language != "ja":  # each of its characters is a word
        assert set(cut) <= set(body.split())
    assert 80 < len(hit.snippet) <= 40 + 80 + len("needle") + 2


@pytest.mark.parametrize("line", ["gate " * 100, "水門が開いた。" * 60])
def test_a_line_of_a_list_is_made_of_whole_words(archive, line):
    keep(archive, article("https://tide.example/long", line.strip(), headline="Long"))
    (listed,) = archive.listed([1], NOW)
    assert listed.line.endswith("…")
    assert line.startswith(listed.line.rstrip("…"))
    assert 150 < len(listed.line) <= 220
    assert " " not in line or set(listed.line.rstrip("…").split()) == {"gate"}
