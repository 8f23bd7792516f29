"""A row of days as a small chart: inline SVG without scripts or styles of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from markupsafe import Markup

# In units of the drawing.
_BAR, _GAP, _HEIGHT = 6, 2, 24


def render_days(counts: Mapping[date, int], until: date, days: int) -> Markup:
    """
    A bar a day, the last one at the right; what they say stands in its label.

    >>> "3 to 2026-03-02: 0, 2, 4" in render_days({date(2026, 3, 1): 2, date(2026, 3, 2): 4}, date(2026, 3, 2), 3)
    True
    """
    values = [counts.get(until - timedelta(days=back), 0) for back in range(days - 1, -1, -1)]
    most = max(*values, 1)
    heights = [max(round(_HEIGHT * value / most), 1) for value in values]
    bars = "".join(f"M{at * (_BAR + _GAP)} {_HEIGHT}v-{height}h{_BAR}v{height}z" for at, height in enumerate(heights))
    width = days * (_BAR + _GAP) - _GAP
    label = f"Articles a day, {days} to {until}: {', '.join(map(str, values))}"
    return Markup(
        '<svg class="pw-spark" role="img" aria-label="{}" width="{}" height="{}"><path d="{}"></path></svg>'
    ).format(label, width, _HEIGHT, bars)
