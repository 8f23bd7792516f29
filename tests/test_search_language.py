"""
The search of an archive finds what the query language says: held against an evaluator that shares
neither its index nor its folding.
"""

import random

import pytest
from samples import DAY, NOW, TIDE, article, keep, rows

from archive.model.query import NotUnderstood
from archive.run.stories import place_articles
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
COUNT = 200


def library_of(seed):
    """Articles as rows: texts by field as lists of written words, language, access, days ago."""
    dice = random.Random(seed)
    for n in range(COUNT):
        texts = {name: [dice.choice(list(WORDS)) for _ in range(dice.randrange(1, 7))] for name in FIELDS}
        texts["body"] += [f"unique{n}"]
        yield n, texts, dice.choice(list(AccessStatus)), dice.randrange(60)


LIBRARY = tuple(library_of(7))


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with Archive.open(tmp_path_factory.mktemp("search") / "press.db", write=True) as opened:
        opened.save_sources([TIDE])
        with opened.transaction():
            for n, texts, status, days in LIBRARY:
                written = {name: " ".join(words) for name, words in texts.items()}
                made = article(
                    f"https://tide.example/{n}",
                    headline=written["title"],
                    dek=written["dek"],
                    blocks=(
                        LabelledBlock(Role.BODY, written["body"], "test"),
                        LabelledBlock(Role.CAPTION, written["caption"], "test"),
                    ),
                    access=Access(status, None),
                )
                keep(opened, made, NOW - days * DAY)
        yield opened


# ---------------------------------------------------------------- the evaluator: lists of plain words, nothing else


def plain(written):
    return [part for word in written for part in WORDS.get(word, word).split()]


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
                stands(plain(texts[name]), wanted, is_exact=is_exact, is_prefix=is_prefix or is_korean)
                for name in fields
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


@pytest.mark.parametrize("seed", range(200))
def test_a_search_finds_what_a_query_says_and_nothing_else(archive, seed):
    asked = query_of(random.Random(seed))
    expected = {n for n, texts, status, days in LIBRARY if is_so(asked, texts, status, days)}
    hits = archive.search(text_of(asked), now=NOW, limit=COUNT, each=True)
    assert not isinstance(hits, NotUnderstood), hits
    assert expected == {int(hit.url.rpartition("/")[2]) for hit in hits}, text_of(asked)


def test_the_articles_of_a_story_are_found_by_its_number(archive):
    while place_articles(archive):
        pass
    (story_id, url), *_ = rows(archive, "SELECT story_id, url FROM story_articles JOIN articles ON id = article_id")
    told = rows(archive, "SELECT url FROM story_articles JOIN articles ON id = article_id WHERE story_id = ?", story_id)
    hits = archive.search(f"story:{story_id}", now=NOW, limit=COUNT, each=True)
    assert sorted(told) == sorted((hit.url,) for hit in hits)
    assert (url,) in told


def test_each_article_is_found_by_a_word_of_its_own(archive):
    for n in range(0, COUNT, 50):
        (hit,) = archive.search(f"unique{n}", now=NOW, each=True)
        assert f"https://tide.example/{n}" == hit.url
        assert [f"unique{n}"] == [hit.snippet[begin:end] for begin, end in hit.marks]
