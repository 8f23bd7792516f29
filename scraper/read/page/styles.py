"""What the style of an element says of its text: that nobody sees it, that it stands in the middle."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|(?:left|top|indent)\s*:\s*-\d{3}",
    re.IGNORECASE,
)
# How an element lays out the lines of its text: by its style, by a class that style sheets of many
# hands share.
_ALIGNED_STYLE = re.compile(r"text-align\s*:\s*(\w+)", re.IGNORECASE)
_CENTRED_CLASS = re.compile(r"(?:^|[\s-])(?:text-center|align-center|aligncenter)(?:ed)?(?:\s|$)", re.IGNORECASE)


def is_hiding(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element is not shown, or not to everybody."""
    return attributes.get("aria-hidden") == "true" or is_out_of_sight(attributes)


def is_out_of_sight(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element is not to be seen; what is only kept from screen readers is."""
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and _HIDING_STYLE.search(style))


def is_centred_by(tag: str, attributes: dict[str, str | None], *, is_centred: bool) -> bool:
    """Whether an element's lines stand in the middle, given whether those around it do."""
    # A table is put in the middle as a whole.
    align = attributes.get("align") if tag != "table" else None
    if (style := attributes.get("style")) and (stated := _ALIGNED_STYLE.search(style)):
        align = str(stated[1])
    if align:
        return align.lower() == "center"
    names = attributes.get("class")
    return is_centred or bool(names and "center" in names and _CENTRED_CLASS.search(names))
