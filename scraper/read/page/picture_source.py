"""Where the file of a picture is, in whatever attribute a page keeps it until a script has run."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Attributes that scripts load pictures from, as the loaders in use name them ("data-lazy-src").
_LAZY = re.compile(
    r"(?!src$)(?:data-|nitro-)?(?:lazy-?|ll-|cf|defer-|hi-res-|actual|orig(?:inal)?-?|full-|large-|runner-)*"
    r"(?:src|original|lazy|echo|url|image|img|img-?url|file|orig-file|large-file|src-(?:large|retina)|zoomfile)"
)
# … and whether what stands there is an address, and none that a script has to fill in.
_FILE = re.compile(r"\s*(?!data:)(?:https?:|/|\.{0,2}/|[\w%.-]+(?:/|\.\w{3,4}\b))[^\s{}]*\s*\Z")
_STAND_IN = re.compile(
    r"(?:^|[/_-])(?:blank|spacer|pixel|transparent|placeholder|none|1x1|loading)[\w-]*\.(?:gif|png|svg|jpg)",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(r"([^\s,][^\s]*[^\s,])(?:\s+[\d.]+[wxh])?\s*(?:,|$)")
# Elements of one's own that stand for `<img>` ("amp-img", "lazy-image").
_OWN_PICTURES = re.compile(r"(?:\w+-)+(?:img|image|anim|picture|photo)|(?:img|image|picture|photo)(?:-\w+)+")


def picture_source(attributes: Mapping[str, str | None]) -> str | None:
    """
    Where the file of a picture is, whatever attribute a script would read it from.

    What `src` and `srcset` say comes last: it may be a stand-in until the script has run.
    """
    for key, value in attributes.items():
        if value and _LAZY.fullmatch(key) and _FILE.match(value) and not _STAND_IN.search(value):
            return value.strip()
    for key in ("srcset", "data-srcset", "data-lazy-srcset", "nitro-lazy-srcset"):
        if found := _largest(attributes.get(key)):
            source = attributes.get("src") or ""
            # The page's own `src` stands, if it is a file: a set only has it in other sizes.
            return source if key == "srcset" and _is_file(source) else found
    plain = attributes.get("src")
    return plain if plain and not plain.startswith("data:") else None


def _is_file(value: str) -> bool:
    return bool(value) and not value.startswith("data:") and not _STAND_IN.search(value)


def _largest(candidates: str | None) -> str | None:
    """The last file of a `srcset`, most often the largest; addresses may hold commas."""
    found = [part for part in _CANDIDATE.findall(candidates or "") if not part.startswith("data:")]
    return found[-1] if found else None


def is_own_picture(tag: str) -> bool:
    """
    Whether an element of a page's own making stands for `<img>`.

    >>> is_own_picture("amp-img"), is_own_picture("image-gallery-box"), is_own_picture("my-text")
    (True, True, False)
    """
    return _OWN_PICTURES.fullmatch(tag) is not None
