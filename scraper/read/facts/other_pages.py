"""Of the pages that one article has, which one this is: printed, for phones, the first of several."""

from __future__ import annotations

import re

from scraper.read.facts.kind_signs import names_print
from scraper.read.page.parse import Page
from scraper.urls import join_url

# What the next page of an article adds to its address: "/2", "?page=0,1", "_3.html".
_PAGE_NUMBER = re.compile(r"(?<!\d)\d{1,2}\D*$")


def find_next_page(page: Page) -> str | None:
    """The next page of an article that is spread over several."""
    target = join_url(page.base_url, next((link.href for link in page.links if link.rel == "next"), None))
    if target is None:
        return None
    here, there = page.url.split("?")[0].rstrip("/"), target.split("?")[0].rstrip("/")
    # "Next article" links use rel=next too: the next page of this one shares its path.
    number = _PAGE_NUMBER.search(target[len(here) :])
    return target if there.startswith(here) and target != page.url and number else None


def find_variants(page: Page, next_page_url: str | None) -> tuple[str, ...]:
    """
    In which other form than its main one a page was served: "amp", "print", "paginated".

    Source: https://amp.dev/documentation/guides-and-tutorials/learn/spec/amphtml#required-markup
    """
    root = page.tree.css_first("html")
    is_amp = root is not None and any(name in root.attributes for name in ("amp", "⚡"))
    found = {"amp": is_amp, "print": names_print(page.url), "paginated": next_page_url is not None}
    return tuple(name for name, holds in found.items() if holds)
