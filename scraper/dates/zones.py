"""How far the clocks of a zone are ahead of UTC, by its name or by its hours."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

# Minutes east of UTC by the zone names met in feeds, each by the reading that is usual there (RFC
# 822 §5.1 for the American ones). Names with two common readings and none that is usual ("AMT",
# "WST") are unknown on purpose.
_ZONES = {
    "": 0, "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "met": 60, "mez": 60,
    "cest": 120, "mest": 120, "mesz": 120, "eet": 120, "eest": 180, "sast": 120, "cat": 120, "wat": 60, "eat": 180,
    "idt": 180, "msk": 180, "msd": 240, "trt": 180, "get": 240, "azt": 240, "irst": 210, "irdt": 270, "pkt": 300,
    "uzt": 300, "yekt": 300, "ist": 330, "npt": 345, "bdt": 360, "almt": 360, "novt": 420, "ict": 420, "wib": 420,
    "krat": 420, "wita": 480, "sgt": 480, "myt": 480, "pht": 480, "phst": 480, "hkt": 480, "awst": 480, "irkt": 480,
    "wit": 540, "jst": 540, "kst": 540, "acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "vlat": 600, "chst": 600,
    "nzst": 720, "nzdt": 780, "nst": -210, "ndt": -150, "ast": -240, "adt": -180, "est": -300, "edt": -240,
    "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480,
    "hst": -600, "hast": -600, "hadt": -540, "sst": -660, "brt": -180, "brst": -120, "art": -180, "uyt": -180,
    "clt": -240, "clst": -180, "bot": -240, "vet": -240, "cot": -300, "pet": -300, "ect": -300,
}  # fmt: skip
# The same name in feeds of these languages.
_ZONES_OF_LANGUAGES = {
    ("cst", "zh"): 480,
    ("ist", "he"): 120,
    ("ist", "en-ie"): 60,
    ("ist", "ga"): 60,
    ("bst", "bn"): 360,
    ("est", "en-au"): 600,
    ("ast", "ar"): 180,
}
# Names that stand for winter and summer time both.
_PLACES = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}
_OFFSET = re.compile(
    r"(?P<name>[A-Z]{0,5}) ?(?P<sign>[+-−])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?: [A-Z]{2,5})?", re.IGNORECASE
)
_FARTHEST_ZONE = 15 * 60  # minutes; Kiribati is 14 hours ahead
# Where these are read, the month stands before the day.
AMERICAN = frozenset("et est edt ct cdt mt mst mdt pt pst pdt".split())


def find_zone(text: str, language: str | None, at: datetime) -> timedelta | None:
    """
    How far a zone is ahead of UTC; None where nobody knows.

    Args:
        language: Of whoever names it ("en-AU").
        at: The time by its own clocks.

    >>> find_zone("+05:30", None, datetime(2026, 3, 5)), find_zone("ET", None, datetime(2026, 7, 5))
    (datetime.timedelta(seconds=19800), datetime.timedelta(days=-1, seconds=72000))
    """
    if offset := _OFFSET.fullmatch(text):
        return _read_offset(offset)
    name = text.replace(".", "").lower()
    if place := _PLACES.get(name):
        return at.replace(tzinfo=ZoneInfo(place)).utcoffset()
    spoken = (language or "").replace("_", "-").lower()
    minutes_east = _ZONES_OF_LANGUAGES.get(
        (name, spoken), _ZONES_OF_LANGUAGES.get((name, spoken[:2]), _ZONES.get(name))
    )
    return None if minutes_east is None else timedelta(minutes=minutes_east)


def _read_offset(offset: re.Match[str]) -> timedelta | None:
    hours, minutes = int(offset["hours"]), int(offset["minutes"] or 0)
    is_known = not offset["name"] or offset["name"].lower() in _ZONES
    if not is_known or minutes > 59 or hours * 60 + minutes > _FARTHEST_ZONE:
        return None
    ahead = timedelta(hours=hours, minutes=minutes)
    return ahead if offset["sign"] == "+" else -ahead
