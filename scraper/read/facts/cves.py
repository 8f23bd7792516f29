"""CVE identifiers."""

from __future__ import annotations

import re

# Four digits or more after the year (CVE numbering since 2014); hyphens as typesetters print them.
_CVE = re.compile(
    r"\bCVE[-\u2010\u2011\u2012\u2013\u2212\s]{1,2}((?:19|20)\d{2})[-\u2010\u2011\u2012\u2013\u2212](\d{4,7})\b",
    re.IGNORECASE,
)


def find_cves(*texts: str | None) -> tuple[str, ...]:
    """
    The CVE identifiers in these texts, each once, in order of appearance.

    >>> find_cves("cve-2024-3094 again: CVE‑2024‑3094", None)
    ('CVE-2024-3094',)
    """
    return tuple(dict.fromkeys(f"CVE-{year}-{number}" for text in texts if text for year, number in _CVE.findall(text)))
