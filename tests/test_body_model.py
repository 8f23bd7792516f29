"""The model that tells body from the rest: the shipped file, and the arithmetic of trees."""

from importlib.resources import files
from io import BytesIO

import numpy as np
import pytest

from scraper.read.blocks import walk
from scraper.read.body_model import BodyModel, read_model, shipped_model
from scraper.read.features import NAMES, describe
from scraper.read.labels import Clues, label_by_rules
from scraper.read.page import parse_page
from scraper.read.views import find_views

PAGE = b"""<!doctype html><title>Locks closed</title>
<nav><ul><li><a href=/a>World</a><li><a href=/b>Sport</a></ul></nav>
<article><h1>Locks closed</h1><p>The harbour master closed both locks on Monday after divers found the chain cut.</p>
<p>Two patrol boats now watch the basin, and ships wait outside the mole until the gate has been checked.</p></article>
<footer>Imprint</footer>"""


def rows_of(body: bytes):
    views = find_views(walk(parse_page(body, "https://tide.example/a")).blocks)
    labels = label_by_rules(views, Clues("Locks closed"))
    return views, describe(views, [(label.role, label.confidence) for label in labels], "Locks closed", None)


def tree(feature, threshold, left, right, value, depth) -> BodyModel:
    """A model of one tree."""
    return BodyModel(
        np.array([feature], np.int32),
        np.array([threshold], np.float32),
        np.array([left], np.int32),
        np.array([right], np.int32),
        np.array([value], np.float32),
        depth,
        0.0,
    )


def test_a_tree_sends_a_row_left_where_its_value_is_not_larger():
    model = tree([0, 0, 0], [5.0, 0, 0], [1, 1, 2], [2, 1, 2], [0, -2.0, 3.0], 1)
    rows = np.zeros((3, len(NAMES)), np.float32)
    rows[:, 0] = [4, 5, 6]
    assert [-2.0, -2.0, 3.0] == pytest.approx(
        np.log(model.predict(rows) / (1 - model.predict(rows))).tolist(), rel=1e-5
    )


def test_leaves_above_the_deepest_one_wait_where_they_are():
    model = tree([0, 1, 0, 0, 0], [5.0, 1.0, 0, 0, 0], [1, 3, 2, 3, 4], [2, 4, 2, 3, 4], [0, 0, 1.0, 2.0, 4.0], 2)
    rows = np.zeros((3, len(NAMES)), np.float32)
    rows[:, 0], rows[:, 1] = [9, 1, 1], [0, 0, 7]
    assert [1.0, 2.0, 4.0] == pytest.approx(np.log(model.predict(rows) / (1 - model.predict(rows))).tolist(), rel=1e-5)


def test_every_block_has_a_row_of_as_many_numbers_as_there_are_names():
    views, rows = rows_of(PAGE)
    assert (len(views), len(NAMES)) == rows.shape
    assert np.isfinite(rows).all()
    assert len(NAMES) == len(set(NAMES))


def test_a_page_without_blocks_has_no_rows():
    assert (0, len(NAMES)) == describe([], [], None, None).shape
    assert 0 == len(shipped_model().predict(describe([], [], None, None)))


def test_the_shipped_model_tells_paragraphs_from_navigation():
    views, rows = rows_of(PAGE)
    chances = dict(zip((view.block.text[:12] for view in views), shipped_model().predict(rows), strict=True))
    assert min(chances["The harbour "], chances["Two patrol b"]) > 0.5 > max(chances["World"], chances["Imprint"])


def test_the_shipped_file_is_small_and_holds_no_code():
    content = (files("scraper.read") / "body_model.npz").read_bytes()
    assert len(content) < 5_000_000
    with np.load(BytesIO(content), allow_pickle=False) as stored:
        assert {"feature", "threshold", "left", "right", "value", "depth", "bias", "names"} == set(stored.files)


def test_a_model_of_other_features_is_refused():
    out = BytesIO()
    np.savez(out, names=np.array(["words"]))
    out.seek(0)
    with pytest.raises(ValueError, match="other features"):
        read_model(out)
