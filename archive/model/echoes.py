"""Who had a text first, who copied it, and who added to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Told:
    """
    What one article tells, as far as copying goes.

    Args:
        outlet: Who published it. Texts of one outlet are no copies of each other.
        at: When it was published, or seen where nobody says.
        text: The body, with a blank line between paragraphs.
        signed: Who signs it, as the page names them: people and agencies.
    """

    article_id: int
    outlet: str
    at: datetime
    text: str
    signed: tuple[str, ...] = ()


class EchoKind(StrEnum):
    """
    What an article is to those before it.

    *independent*: most of its words are its own, and it holds no earlier report. *adds*: made of
    others, with a passage of its own. *copy*: made of others.
    """

    INDEPENDENT = "independent"
    ADDS = "adds"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Echo:
    """
    One article of an echo map.

    Args:
        house: Whose report it is: its outlet, or the agency that alone signs it.
        own_words: Words that no other outlet had before; of scripts without spaces, characters.
        own_paragraphs: Paragraphs of which that is true of most words.
        of: Ids of the articles that its passages stood in before, the one with most of them first.
    """

    article_id: int
    outlet: str
    house: str
    at: datetime
    kind: EchoKind
    word_count: int
    own_words: int
    own_paragraphs: int
    of: tuple[int, ...] = ()

    @property
    def own_share(self) -> float:
        """How much of it is its own, 0 to 1."""
        return self.own_words / self.word_count if self.word_count else 1.0


@dataclass(frozen=True, slots=True)
class Passage:
    """
    A stretch of text that stands in several outlets.

    Args:
        text: As the one wrote it who had it first.
        first: Id of that article; *others*: ids of those that have it, too, by time.
    """

    text: str
    word_count: int
    first: int
    others: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EchoMap:
    """
    The articles on one event, and what they have of each other.

    Args:
        echoes: By time; the first one told it first.
        passages: The longest first.
    """

    echoes: tuple[Echo, ...]
    passages: tuple[Passage, ...]

    @property
    def independent_count(self) -> int:
        """How many houses found something out by themselves."""
        return len({echo.house for echo in self.echoes if echo.kind is EchoKind.INDEPENDENT})

    @property
    def by_article(self) -> dict[int, Echo]:
        """The echoes by the id of their article."""
        return {echo.article_id: echo for echo in self.echoes}
