"""
What analysts read that is no sentence: numbers of flaws and advisories, hashes, addresses, whether
or not they are written so that nobody follows them ("hxxp", "[.]").
"""

from __future__ import annotations

import re

# Four digits or more after the year (CVE numbering since 2014); hyphens as typesetters print them.
_HYPHEN = r"[-\u2010\u2011\u2012\u2013\u2212]"
_CVE = re.compile(
    rf"\bCVE(?:{_HYPHEN}|\s){{1,2}}((?:19|20)\d{{2}}){_HYPHEN}(\d{{4,7}})\b",
    re.IGNORECASE,
)
# An advisory, a technique, a bulletin: capitals, then figures or groups of letters and figures.
_NUMBERED = (
    rf"[A-Z]{{2,8}}{_HYPHEN}(?:[A-Z]{{1,4}}{_HYPHEN})?\d{{2,4}}[-:\u2010\u2011/]\d{{2,7}}"  # RHSA-2024:1234, ZDI-24-1
    rf"|GHSA(?:{_HYPHEN}[0-9a-z]{{4}}){{3}}"
    r"|KB\d{6,7}|CWE-\d{1,4}|T1\d{3}(?:[./]\d{3})?|CVSS:\d\.\d/[A-Z:/]+"
)
# MD5, SHA-1, SHA-256, SHA-384, SHA-512.
_HEX = "|".join(f"[0-9a-fA-F]{{{length}}}" for length in (128, 96, 64, 40, 32))
_HASH = rf"(?<![0-9A-Za-z])(?:{_HEX})(?![0-9A-Za-z])"
_ADDRESS = r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d\d?)?(?::\d{2,5})?(?![\d.])"
_DOT = r"(?:\[\.\]|\(\.\)|\[dot\])"
_DEFANGED = rf"h[xX]{{2}}ps?\[?:\]?//\S+|[\w.-]+{_DOT}\S+"
_PLAIN = re.compile(rf"{_HASH}|{_ADDRESS}|{_NUMBERED}|{_CVE.pattern}")
_ANY = re.compile(rf"{_DEFANGED}|{_PLAIN.pattern}")
_IS_DEFANGED = re.compile(rf"{_DOT}|h[xX]{{2}}p")
# A text that holds none of these holds no identifier: a cheap look before the dear one.
_SIGN = re.compile(
    rf"{_DOT}|h[xX]{{2}}p|\d{{2}}[-./:]\d|[A-Z\d]{_HYPHEN}\d|[0-9a-fA-F]{{32}}|KB\d{{6}}|GHSA|T1\d{{3}}|\d\.\d"
)
# A long text with as many spaces as prose (one in nine characters) is no list of identifiers.
_LONG, _MOST_LETTERS = 200, 9
# A text is an identifier, and no line of words about one, from this share of its characters on.
MOSTLY_IDENTIFIERS = 0.5
_WEB = re.compile(r"(?:https?|ftp)://|www\.")


def cve_numbers(text: str) -> list[str]:
    """
    The CVE numbers in a text, in order of appearance.

    >>> cve_numbers("cve-2024-3094 again: CVE‑2024‑3094")
    ['CVE-2024-3094', 'CVE-2024-3094']
    """
    return [f"CVE-{year}-{number}" for year, number in _CVE.findall(text)]


def identifier_share(text: str) -> float:
    """
    How much of a text is identifiers, 0 to 1.

    >>> identifier_share("CVE-2024-3094"), identifier_share("lantern[.]example"), identifier_share("Read more")
    (1.0, 1.0, 0.0)
    >>> identifier_share("hxxps://203[.]0[.]113[.]7/a.doc"), identifier_share("On 2024-03-09 he spoke.")
    (1.0, 0.0)
    """
    if len(text) > _LONG and text.count(" ") * _MOST_LETTERS > len(text):
        return 0.0
    if not _SIGN.search(text):
        return 0.0
    pattern = _ANY if _IS_DEFANGED.search(text) else _PLAIN
    held = sum(found.end() - found.start() for found in pattern.finditer(text))
    return held / len(text)


def is_address(text: str) -> bool:
    """
    Whether a text is an address of the web, as lists of sources print them.

    >>> is_address("https://a.example/report"), is_address("See https://a.example for more")
    (True, False)
    """
    return _WEB.match(text) is not None and " " not in text
