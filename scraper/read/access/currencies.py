"""The currency of the place that a page is of: what its offers state, its language, its host."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from scraper.read.page.parse import Page
from scraper.read.words.names import known_names

# JSON-LD, microdata and settings of shops name it alike.
_STATED = re.compile(r"priceCurrency\\*[\"']?\s*(?:content=|[:=])\s*\\*[\"']([A-Z]{3})\b")
_REGION = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?[-_]([A-Za-z]{2})\b")


def find_local_currency(page: Page) -> str | None:
    """ISO 4217; None where nothing tells."""
    if "priceCurrency" in page.text and (stated := _STATED.search(page.text)):
        return stated.group(1)
    known = known_names()
    tag = page.language or page.meta_content("og:locale", "content-language") or ""
    region = _REGION.match(tag.strip())
    host = urlsplit(page.url).hostname or ""
    for place in (region.group(1).lower() if region else "", host.rpartition(".")[2]):
        if place in known.places:
            return known.places[place]
    return known.languages.get(tag[:2].lower())
