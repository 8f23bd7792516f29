"""What is handed to a reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scraper.model import Selectors


@dataclass(frozen=True, slots=True)
class Document:
    """
    A document as a server gave it, or as it was saved: a web page, or a plain text.

    Args:
        url: As fetched; relative references are joined to it.
        content_type: The HTTP header, if there was one.
        selectors: The site's own, which override the labeller.
        fetched_at: No article is newer than that.
    """

    body: bytes
    url: str
    content_type: str | None = None
    status_code: int = 200
    selectors: Selectors = Selectors()
    fetched_at: datetime | None = None
