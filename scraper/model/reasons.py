"""
Names of rules and models that are known outside of the table that they stand in
(`scraper/read/label/rules.py`): what gives roles after the labelling, and what is asked for later.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a block has its role. Archives keep these names, so they stay."""

    HIDDEN = "rule:hidden"
    PRINTED_TWICE = "rule:printed-twice"
    # What goes by the place of a block alone, and what the model alone tells.
    OUTSIDE_MAIN = "model:outside-main"
    BESIDE_TEXT = "model:before-or-after-text"
    NOT_BODY = "model:not-body"
    # What looks like text and is none.
    FILLER = "rule:filler"
    ENCIPHERED = "rule:enciphered"
    # What the kind of the page tells.
    IN_SCRIPT_DATA = "rule:text-in-script-data"
    CAPTION_IS_TEXT = "rule:caption-is-text"
    ENTRY = "rule:entry"
    ENTRY_IN_DATA = "rule:entry-in-json-ld"
    # What other articles of the source tell; with the number of pages that it is on, as in
    # "template:seen-on-7-pages".
    TEMPLATE = "template:seen-on"
