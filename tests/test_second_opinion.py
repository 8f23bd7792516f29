"""trafilatura's text, where ours is none."""

import pytest

from scraper.model import LabelledBlock, Role
from scraper.read.facts.second_opinion import SecondOpinion, has_no_text, take_body

OPINION = SecondOpinion("The harbour master closed both locks on Monday.\nDivers found the chain cut.", None, ())


def block(text: str, role: Role = Role.OTHER) -> LabelledBlock:
    """A block with a role."""
    return LabelledBlock(role, text, "model:short", 0.6)


@pytest.mark.parametrize("role", [Role.BODY, Role.SUBHEAD, Role.LIST, Role.QUOTE, Role.DEK])
def test_a_page_with_any_text_is_not_asked_about(role):
    assert not has_no_text((block("World"), block("Divers found the chain cut.", role)))


def test_a_page_of_menus_is():
    assert has_no_text((block("World", Role.NAV), block("Gate opens", Role.HEADLINE)))


def test_blocks_that_it_has_as_lines_become_body_and_say_so():
    taken = take_body((block("World"), block("Divers found the chain  cut.")), OPINION)
    assert [(Role.OTHER, "model:short"), (Role.BODY, "trafilatura")] == [(b.role, b.reason) for b in taken]


def test_a_short_line_must_be_the_whole_line_and_a_long_one_may_be_a_part():
    short, long = "both locks", "The harbour master closed both locks on"
    assert [Role.OTHER, Role.OTHER] == [b.role for b in take_body((block(short), block(long)), OPINION)]
    assert Role.BODY is take_body((block(f"{long} Monday"),), OPINION)[0].role


@pytest.mark.parametrize("role", [Role.CAPTION, Role.PAYWALL, Role.NAV, Role.COMMENT])
def test_a_role_of_its_own_stays(role):
    assert role is take_body((block("Divers found the chain cut.", role),), OPINION)[0].role
