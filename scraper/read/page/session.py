"""Whether a page shows that the reader's session has ended, by the selectors of its source."""

from __future__ import annotations

from selectolax.lexbor import SelectolaxError

from scraper.errors import PageError
from scraper.read.page.parse import parse_page


def is_signed_out(body: bytes, url: str, content_type: str | None, selectors: tuple[str, ...]) -> bool:
    """
    Whether one of the CSS *selectors* finds something in a document.

    Raises:
        PageError: There is no page, or a selector is none.

    >>> is_signed_out(b"<a class=log-in>Log in</a>", "https://a.example/", None, ("a.log-in",))
    True
    """
    page = parse_page(body, url, content_type)
    for selector in selectors:
        try:
            if page.tree.css_first(selector) is not None:
                return True
        except (SelectolaxError, ValueError) as error:
            raise PageError(url, f"the selector “{selector}” (signed_out) cannot be used: {error}") from error
    return False
