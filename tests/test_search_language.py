"""
The search of an archive finds what the query language says: held against an evaluator that shares
neither its index nor its folding.
"""

import json
import random
from pathlib import Path

import pytest
from samples import DAY, NOW, TIDE, article, rows, shelve

from archive.judge.query.parse import parse
from archive.model import StoryArticle
from archive.model.query import NotUnderstood
from archive.store import Archive
from scraper.model import Access, AccessStatus, LabelledBlock, Role

# Each as written, with what a plain keyboard gives.
WORDS = {
    "gate": "gate", "gates": "gates", "storm": "storm", "study": "study", "studies": "studies", "glass": "glass",
    "Łódź": "lodz", "Tromsø": "tromso", "Straße": "strasse", "Ærø": "aero", "Αθήνα": "αθηνα", "επίθεσης": "επιθεσησ",
    "посёлке": "поселке", "điều": "dieu", "ＮＡＴＯ": "nato", "café": "cafe", "İzmir": "izmir", "naïve": "naive",
    "الأمن": "امن", "القاهرة": "قاهره",
    "서울시는": "서울시는", "케이블": "케이블", "東京都": "東 京 都", "東京": "東 京",
    "CVE-2024-3094": "cve 2024 3094", "C++17": "c 17", "Zelenskyy": "zelenskyy", "zeal": "zeal",
}  # fmt: skip
FIELDS = ("title", "dek", "body", "caption")
COUNT = 3000
QUERIES = 100


def library_of(seed):
    """
    Articles as rows: texts by field as lists of written words, access, days ago. Most words are asked
    for by nobody.
    """
    dice = random.Random(seed)
    words, others = list(WORDS), [f"other{n}" for n in range(200)]
    for n in range(COUNT):
        texts = {
            name: [dice.choice(words if dice.random() < 0.1 else others) for _ in range(dice.randrange(1, 7))]
            for name in FIELDS
        }
        texts["body"] += [f"unique{n}"]
        yield n, texts, dice.choice(list(AccessStatus)), dice.randrange(60)


LIBRARY = tuple(library_of(7))


def shelved(one):
    n, texts, status, days = one
    written = {name: " ".join(words) for name, words in texts.items()}
    blocks = (
        LabelledBlock(Role.BODY, written["body"], "test"),
        LabelledBlock(Role.CAPTION, written["caption"], "test"),
    )
    facts = {"headline": written["title"], "dek": written["dek"], "blocks": blocks, "access": Access(status, None)}
    return article(f"https://tide.example/{n}", **facts), NOW - days * DAY


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with Archive.open(tmp_path_factory.mktemp("search") / "press.db", write=True) as opened:
        opened.save_sources([TIDE])
        shelve(opened, map(shelved, LIBRARY))
        yield opened


# ---------------------------------------------------------------- the evaluator: lists of plain words, nothing else


def plain(written):
    return [part for word in written for part in WORDS.get(word, word).split()]


PLAIN = tuple(
    (n, {name: plain(words) for name, words in texts.items()}, status, days) for n, texts, status, days in LIBRARY
)


def singular(word):
    return {"gates": "gate", "studies": "study"}.get(word, word)


def stands(text, wanted, *, is_exact, is_prefix):
    for start in range(len(text) - len(wanted) + 1):
        *first, last = text[start : start + len(wanted)]
        if is_prefix:
            fits = last.startswith(wanted[-1])
        elif len(wanted) == 1 and not is_exact:
            fits = singular(last) == singular(wanted[-1])
        else:
            fits = last == wanted[-1]
        if fits and first == wanted[:-1]:
            return True
    return False


def is_so(asked, texts, status, days):
    match asked:
        case ("word", field, written, is_exact, is_prefix):
            wanted = plain(written)
            is_korean = not is_exact and "\uac00" <= wanted[-1][0] <= "\ud7a3"
            fields = [field] if field else FIELDS
            return any(
                stands(texts[name], wanted, is_exact=is_exact, is_prefix=is_prefix or is_korean) for name in fields
            )
        case ("access", value):
            return value == status
        case ("since", span):
            return days <= span
        case ("not", part):
            return not is_so(part, texts, status, days)
        case ("and", *parts):
            return all(is_so(part, texts, status, days) for part in parts)
        case ("or", *parts):
            return any(is_so(part, texts, status, days) for part in parts)


def text_of(asked):
    match asked:
        case ("word", field, written, is_exact, is_prefix):
            word = f'"{" ".join(written)}"' if is_exact else "".join(written) + "*" * is_prefix
            return f"{field}:{word}" if field else word
        case ("access", value):
            return f"access:{value}"
        case ("since", span):
            return f"since:{span}d"
        case ("not", part):
            return f"-{text_of(part)}" if part[0] in {"word", "access", "since"} else f"NOT {text_of(part)}"
        case ("and", *parts):
            return f"({' '.join(map(text_of, parts))})"
        case ("or", *parts):
            return f"({' OR '.join(map(text_of, parts))})"


def query_of(dice, depth=3):
    """A query as nested tuples."""
    kind = dice.choice(["not", "and", "or", "and"] if depth and dice.random() < 0.6 else ["word"] * 4 + ["fact"])
    match kind:
        case "not":
            part = query_of(dice, depth - 1)
            return part if part[0] == "not" else ("not", part)
        case "and" | "or":
            return (kind, *(query_of(dice, depth - 1) for _ in range(dice.randint(2, 3))))
        case "fact":
            return dice.choice([("access", dice.choice(list(AccessStatus)).value), ("since", dice.choice([1, 7, 30]))])
    field = dice.choice([None, None, *FIELDS])
    match dice.choice(["plain", "plain", "exact", "phrase", "prefix"]):
        case "prefix":
            return ("word", field, (dice.choice(["zel", "ze", "stud", "gate", "اله", "επι", "東"]),), False, True)
        case "phrase":
            return ("word", field, tuple(dice.choices(list(WORDS), k=2)), True, False)
        case form:
            return ("word", field, (dice.choice(list(WORDS)),), form == "exact", False)


@pytest.mark.parametrize("seed", range(QUERIES))
def test_a_search_finds_what_a_query_says_and_nothing_else(archive, seed):
    asked = query_of(random.Random(seed))
    expected = {n for n, texts, status, days in PLAIN if is_so(asked, texts, status, days)}
    hits = archive.search(text_of(asked), now=NOW, limit=COUNT, each=True)
    assert not isinstance(hits, NotUnderstood), hits
    assert expected == {int(hit.url.rpartition("/")[2]) for hit in hits}, text_of(asked)


def test_the_articles_of_a_story_are_found_by_its_number(archive):
    told = [StoryArticle(n, n, "", "", None, NOW, None, is_public=True) for n in (3, 5)]
    story_id = archive.put_into_story(None, told, is_provisional=False)
    hits = archive.search(f"story:{story_id}", now=NOW, limit=COUNT, each=True)
    assert [3, 5] == sorted(hit.article_id for hit in hits)


def test_each_article_is_found_by_a_word_of_its_own(archive):
    for n in range(0, COUNT, 500):
        (hit,) = archive.search(f"unique{n}", now=NOW, each=True)
        assert f"https://tide.example/{n}" == hit.url
        assert [f"unique{n}"] == [hit.snippet[begin:end] for begin, end in hit.marks]


# ---------------------------------------------------------------- what nobody means to ask

SIGNS = [
    *"\"'()*-:^{}[]\\/;%,.~&|<>=+! \t\n\0\x02\x03“„” 。",
    *(
        "OR",
        "AND",
        "NOT",
        "NEAR(",
        "title:",
        "since:",
        "sort:",
        "cve:",
        "is:",
        "--",
        "ransom",
        "ß",
        "ﬁ",
        "\ud83d",
        "😀",
    ),
    *("\u202e", "\u0301", "न", "ก", "한", "漢", "7d", "9" * 40, "a" * 300, "-", "*"),
]
NAUGHTY = Path(__file__).parents[2] / "shared/conformance/security/fts_queries.json"


def nonsense(seed):
    dice = random.Random(seed)
    return "".join(dice.choice(SIGNS) for _ in range(dice.randrange(1, 30)))


def test_ten_thousand_strings_are_understood_or_said_not_to_be_and_where():
    for seed in range(10_000):
        text = nonsense(seed)
        asked = parse(text, NOW, "Europe/Berlin")
        if isinstance(asked, NotUnderstood):
            assert 1 <= asked.place <= len(text) + 1
            assert asked.problem


@pytest.mark.parametrize("start", range(0, 300, 50))
def test_whatever_is_looked_for_is_answered(archive, start):
    for seed in range(start, start + 50):
        archive.search(nonsense(seed), now=NOW)


@pytest.mark.skipif(not NAUGHTY.exists(), reason="a list that is not part of the repository")
def test_the_strings_of_the_security_list_are_answered(archive):
    before = rows(archive, "SELECT COUNT(*) FROM articles")
    for one in json.loads(NAUGHTY.read_text(encoding="utf-8")):
        archive.search(one["q"], now=NOW)
    assert before == rows(archive, "SELECT COUNT(*) FROM articles")
