"""Reading one document in a test."""

from scraper.languages import shipped_languages
from scraper.model import Article, Phrase
from scraper.read import Document, Reader
from scraper.read.learnt.model import LabelModel, shipped_model
from scraper.read.words.lexicon import Lexicon


def read_document(
    body: bytes, url: str, *, phrases: tuple[Phrase, ...] = (), model: LabelModel | None = None, **facts
) -> Article:
    """What is read in a document; *facts* are what else is known of it."""
    return Reader(Lexicon(shipped_languages(), phrases), model or shipped_model()).read(Document(body, url, **facts))
