"""What was learnt: the shipped file, and the arithmetic of trees and of the network."""

from importlib.resources import files
from io import BytesIO

import numpy as np
import pytest

from scraper.model import Role
from scraper.read.label.label import Clues
from scraper.read.label.labels import body_chances, label_blocks, label_by_rules
from scraper.read.learnt import dek
from scraper.read.learnt.columns import ALL_COLUMNS, Columns, describe
from scraper.read.learnt.model import LabelModel, read_model, shipped_model
from scraper.read.learnt.network import REACH, Convolutions, squeeze
from scraper.read.learnt.trees import Trees
from scraper.read.page.parse import parse_page
from scraper.read.page.surroundings import find_views
from scraper.read.page.walk import walk

PAGE = b"""<!doctype html><title>Locks closed</title>
<nav><ul><li><a href=/a>World</a><li><a href=/b>Sport</a></ul></nav>
<article><h1>Locks closed</h1><img src=gate.jpg><p>The harbour master closed both locks on Monday after divers found
the chain cut.</p><p>Two patrol boats now watch the basin, and ships wait outside the mole until the gate has been
checked.</p>
</article><footer>Imprint</footer>"""


NAMES = ALL_COLUMNS.names


def see(body: bytes):
    outline = walk(parse_page(body, "https://tide.example/a"))
    views = find_views(outline.blocks)
    return outline, views, label_by_rules(views, Clues("Locks closed"))


def rows_of(body: bytes):
    outline, views, labels = see(body)
    known = [(label.role, label.confidence) for label in labels]
    return describe(views, known, outline.pictures, "Locks closed", None)


def tree(feature, threshold, left, right, value, depth) -> Trees:
    """An ensemble of one tree."""
    numbers = [np.array([row], np.int32) for row in (feature, left, right)]
    return Trees(numbers[0], np.array([threshold], np.float32), *numbers[1:], np.array([value], np.float32), depth)


def test_a_tree_sends_a_row_left_where_its_value_is_not_larger():
    trees = tree([0, 0, 0], [5.0, 0, 0], [1, 1, 2], [2, 1, 2], [0, -2.0, 3.0], 1)
    assert [-2.0, -2.0, 3.0] == trees.logits(np.array([[4], [5], [6]], np.float32)).tolist()


def test_leaves_above_the_deepest_one_wait_where_they_are():
    trees = tree([0, 1, 0, 0, 0], [5.0, 1.0, 0, 0, 0], [1, 3, 2, 3, 4], [2, 4, 2, 3, 4], [0, 0, 1.0, 2.0, 4.0], 2)
    assert [1.0, 2.0, 4.0] == trees.logits(np.array([[9, 0], [1, 0], [1, 7]], np.float32)).tolist()


def test_a_page_of_any_length_is_looked_at_in_parts():
    trees = tree([0, 0, 0], [5.0, 0, 0], [1, 1, 2], [2, 1, 2], [0, -2.0, 3.0], 1)
    rows = np.array([[4], [6]] * 700, np.float32)
    assert [-2.0, 3.0] * 700 == trees.logits(rows).tolist()
    assert [] == trees.logits(rows[:0]).tolist()


def network_of(look: list[float], end: float) -> Convolutions:
    """One column, one number a block; the first convolution looks so, the others not at all."""
    first, nothing = np.array([look], np.float32).T, np.zeros((3, 1), np.float32)
    weights = (np.ones((1, 1), np.float32), first, *[nothing] * (len(REACH) - 1), np.array([[end]], np.float32))
    zero, one = np.zeros(1, np.float32), np.ones(1, np.float32)
    return Convolutions(np.array([0]), zero, one, weights, (zero,) * len(weights))


def test_the_network_sees_a_block_and_those_around_it():
    network = network_of([1.0, 0.0, 0.0], 1.0)
    rows = np.expm1(np.array([[1.0], [2.0], [3.0]], np.float32))
    assert [1.0, 3.0, 5.0] == pytest.approx(network.logits(rows).tolist())
    assert [1.0] == pytest.approx(network.logits(rows[:1]).tolist())


def test_the_trees_are_asked_only_where_the_network_leaves_a_doubt():
    sure_of_body = tree([0], [0], [0], [0], [9.0], 0)
    model = LabelModel(sure_of_body, network_of([0.0, 0.0, 0.0], -1.0), sure_of_body)
    rows = np.expm1(np.array([[3.0], [5.0], [1.0]], np.float32))
    assert [3.0, -5.0] == pytest.approx([np.log(chance / (1 - chance)) for chance in model.body_chances(rows, [0, 1])])
    assert [-5.0] == pytest.approx([np.log(chance / (1 - chance)) for chance in model.body_chances(rows, [1])])


def test_squeezing_keeps_the_sign():
    assert [-np.log(3), 0, np.log(2)] == pytest.approx(squeeze(np.array([-2, 0, 1], np.float32)).tolist())


def test_every_block_has_a_row_of_as_many_numbers_as_there_are_names():
    rows = rows_of(PAGE)
    assert (len(see(PAGE)[1]), len(NAMES)) == rows.shape
    assert np.isfinite(rows).all()
    assert len(NAMES) == len(set(NAMES))


def test_a_page_without_blocks_has_no_rows():
    assert (0, len(NAMES)) == describe([], [], [], None, None).shape
    assert 0 == len(shipped_model().body_chances(describe([], [], [], None, None), []))


def test_a_row_tells_how_far_the_pictures_are():
    rows = rows_of(PAGE)
    columns = [NAMES.index(name) for name in ("picture-before", "picture-after", "pictures-near")]
    # World, Sport, headline | picture | two paragraphs, imprint
    assert [[9, 3, 1], [9, 2, 1], [9, 1, 1], [0, 9, 1], [1, 9, 1], [2, 9, 1]] == rows[:, columns].tolist()


def test_the_shipped_model_tells_paragraphs_from_navigation():
    outline, views, labels = see(PAGE)
    chances = body_chances(views, labels, outline.pictures, Clues("Locks closed"), shipped_model())
    by_text = dict(zip((view.block.text[:12] for view in views), chances, strict=True))
    assert min(by_text["The harbour "], by_text["Two patrol b"]) > 0.5 > max(by_text["World"], by_text["Imprint"])


@pytest.mark.parametrize("named", ['class="article-dek"', 'class="x1"'])
def test_the_shipped_model_knows_a_dek_below_its_headline_by_the_description(named):
    summary = "A short night at the port, and what the harbour master found in the morning"
    body = PAGE.replace(b"<img src=gate.jpg>", f"<p {named}>{summary}</p><p>By Ann Other</p>".encode())
    blocks = label_blocks(walk(parse_page(body, "https://tide.example/a")), Clues("Locks closed", summary))
    assert [summary] == [block.text for block in blocks if block.role is Role.DEK]
    assert 2 == sum(block.role is Role.BODY for block in blocks)


def test_a_page_without_a_dek_gets_none():
    blocks = label_blocks(walk(parse_page(PAGE, "https://tide.example/a")), Clues("Locks closed"))
    assert not [block for block in blocks if block.role is Role.DEK]


def test_the_shipped_file_is_small_and_holds_no_code():
    content = (files("scraper.read.learnt") / "model.npz").read_bytes()
    assert len(content) < 5_000_000
    with np.load(BytesIO(content), allow_pickle=False) as stored:
        assert {"body", "dek", "names"} == {name.partition(".")[0] for name in stored.files}
        assert dek.COLUMNS == tuple(stored["dek.names"].tolist())


def test_a_model_of_other_features_is_refused():
    out = BytesIO()
    np.savez(out, **{"names": np.array(["words"]), "dek.names": np.array(dek.COLUMNS)})
    out.seek(0)
    with pytest.raises(ValueError, match="other columns"):
        read_model(out)


def without(columns: Columns, hint: str, role: str) -> BytesIO:
    """The shipped file as it were, had there been no such hint and role when it was trained."""
    kept = [name for name in columns.names if name not in {f"own-{hint}", f"inherited-{hint}", f"role-{role}"}]
    place = {columns.names.index(name): number for number, name in enumerate(kept)}
    with np.load(BytesIO((files("scraper.read.learnt") / "model.npz").read_bytes())) as stored:
        arrays = dict(stored)
    arrays["names"] = np.array(kept)
    looked = arrays["body.trees.feature"]
    arrays["body.trees.feature"] = np.vectorize(lambda column: place.get(column, 0))(looked).astype(looked.dtype)
    seen = np.array([column in place for column in arrays["body.network.columns"].tolist()])
    arrays["body.network.columns"] = np.array([place[n] for n in arrays["body.network.columns"][seen].tolist()])
    for part in ("mean", "deviation", "weight0"):
        arrays[f"body.network.{part}"] = arrays[f"body.network.{part}"][seen]
    out = BytesIO()
    np.savez(out, **arrays)
    out.seek(0)
    return out


def test_a_model_reads_pages_with_a_hint_and_a_role_that_came_after_its_training():
    model = read_model(without(ALL_COLUMNS, "AUTHOR_BOX", "comment"))
    assert "AUTHOR_BOX" not in model.columns.hints
    assert "comment" not in model.columns.roles
    body = PAGE.replace(b"</article>", b"</article><div class=comments><p>I saw the chain.</p></div>")
    named = body.replace(b"<footer>", b"<div class=author-box><p>Ann Other</p></div><footer>")
    texts = ["The harbour ", "Two patrol b"]
    blocks = label_blocks(walk(parse_page(named, "https://tide.example/a")), Clues("Locks closed"), model)
    assert texts == [block.text[:12] for block in blocks if block.role is Role.BODY]
    assert [Role.COMMENT] == [block.role for block in blocks if block.text.startswith("I saw")]


def test_a_role_that_a_model_does_not_know_is_other_to_it():
    _, views, labels = see(PAGE)
    known = [(label.role, label.confidence) for label in labels]
    columns = Columns(ALL_COLUMNS.hints, tuple(role for role in Role if role is not Role.NAV))
    rows = describe(views, known, (), None, None, columns)
    is_nav = [role is Role.NAV for role, _ in known]
    assert any(is_nav)
    assert is_nav == (rows[:, columns.names.index("role-other")] == 1).tolist()
