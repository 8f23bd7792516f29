"""
Bytes to an Article: encoding, blocks, roles, metadata, access.

`Reader` and `Document` are the interface (docs/python.md). They are loaded when they are asked for:
to know the words of an archive nobody needs a model.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scraper.read.document import Document
    from scraper.read.reader import Reader

__all__ = ["Document", "Reader"]

# The matrices of a page are small: a second thread of the linear algebra would only wait for the
# first, at full load. Said before numpy is imported, which looks once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{name.lower()}"), name)
