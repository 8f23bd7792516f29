"""What changed between two versions of a text."""

from hypothesis import given
from hypothesis import strategies as st

from archive.judge.diff import BlockChange, Change, ChangeKind, describe_changes, diff_blocks, diff_texts
from scraper.model import LabelledBlock, Role
from scraper.text import fold

PARAGRAPHS = st.lists(
    st.sampled_from(["A storm hit.", "The road is shut.", "The road is open.", "Nobody was hurt.", ""]), max_size=6
)


def block(role: Role, text: str) -> LabelledBlock:
    return LabelledBlock(role, text, "test")


def test_a_reworded_paragraph_is_changed_and_a_new_one_beside_it_added():
    old = ["The ferry sank on Monday off the northern cape."]
    new = ["A witness saw smoke.", "The ferry sank on Tuesday off the northern cape."]
    assert (Change(None, new[0]), Change(old[0], new[1])) == diff_texts(old, new)


def test_paragraphs_that_share_hardly_a_word_are_removed_and_added():
    assert (Change("A quiet night.", None), Change(None, "Markets rose sharply.")) == diff_texts(
        ["A quiet night."], ["Markets rose sharply."]
    )


def test_white_space_quotes_and_case_are_no_change():
    assert () == diff_texts(["“It   rained”, he said."], ['"it rained," he said'])


@given(PARAGRAPHS, PARAGRAPHS)
def test_the_changes_account_for_every_paragraph(old, new):
    """Taking away what was removed and adding what was added leads from the old text to the new one."""
    changes = diff_texts(old, new)
    rest = sorted(map(fold, old))
    for change in changes:
        if change.old is not None:
            rest.remove(fold(change.old))
    added = [fold(change.new) for change in changes if change.new is not None]
    assert sorted(map(fold, new)) == sorted(rest + added)


@given(PARAGRAPHS)
def test_a_text_does_not_differ_from_itself(paragraphs):
    assert () == diff_texts(paragraphs, paragraphs)


def test_blocks_are_compared_by_role():
    old = (block(Role.HEADLINE, "Port shut"), block(Role.BODY, "Cranes stand still."), block(Role.PAYWALL, "Join now"))
    new = (
        block(Role.HEADLINE, "Harbour reopens"),
        block(Role.BODY, "Cranes stand still."),
        block(Role.CAPTION, "A crane"),
    )
    assert (
        BlockChange(Role.HEADLINE, ChangeKind.CHANGED, "Port shut", "Harbour reopens"),
        BlockChange(Role.CAPTION, ChangeKind.ADDED, None, "A crane"),
        BlockChange(Role.PAYWALL, ChangeKind.REMOVED, "Join now", None),
    ) == diff_blocks(old, new)


def test_the_description_counts_each_kind_once():
    old = "It rained all night.\n\nTwo roads are shut.\n\nA fair was called off."
    new = "It rained all night.\n\nThree roads are shut.\n\nSchools open.\n\nTrains run."
    assert "2 paragraphs added, 1 removed, 1 changed" == describe_changes(old, new)


def test_the_same_text_has_no_description():
    assert "" == describe_changes("One.\n\nTwo.", "One.\n\n\n\ntwo")
