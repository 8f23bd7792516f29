"""
The history of an outlet's wall as small charts: inline SVG without scripts or styles of its own. Pure.

One chart for the free articles, one for the prices of each currency and period. A stretch is a line from the day it was
first seen to the day it was seen last; where two follow each other, what lies between is dotted. The table
beside it says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from markupsafe import Markup

from archive.judge.walls import SAME_STRETCH, WallFact, WallStretch, describe_state

# In units of the drawing, which the page scales to its width.
_WIDTH, _HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 24, 26, 30
# A history of a day is drawn as long as this, so that it can be seen.
_SHORTEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. *title* says what its heights are, *svg* is safe HTML."""

    title: str
    svg: Markup


def find_current(stretches: Sequence[WallStretch]) -> tuple[WallStretch, ...]:
    """What was seen of a wall last: each fact that was seen about as lately as the latest one of its kind."""
    current: list[WallStretch] = []
    for fact in WallFact:
        found = [one for one in stretches if one.state.fact is fact]
        latest = max((one.last_seen_at for one in found), default=None)
        current += [one for one in found if latest is not None and one.last_seen_at > latest - SAME_STRETCH]
    return tuple(current)


def render_charts(stretches: Sequence[WallStretch]) -> tuple[Chart, ...]:
    """The charts of one outlet, on one axis of time: free articles, then prices."""
    if not stretches:
        return ()
    begin = min(one.first_seen_at for one in stretches)
    end = max(*(one.last_seen_at for one in stretches), begin + _SHORTEST)
    groups: dict[str, list[WallStretch]] = {}
    for one in sorted(stretches, key=lambda one: (one.state.fact is WallFact.PRICE, one.first_seen_at)):
        groups.setdefault(_title(one), []).append(one)
    return tuple(Chart(title, _draw(title, group, begin, end)) for title, group in groups.items())


def _title(one: WallStretch) -> str:
    if one.state.fact is WallFact.ALLOWANCE:
        return "Free articles"
    return f"Price in {one.state.currency}" + (f", each {one.state.period}" if one.state.period else "")


def _draw(title: str, stretches: Sequence[WallStretch], begin: datetime, end: datetime) -> Markup:
    highest = max(one.state.amount for one in stretches) or 1
    bottom = _HEIGHT - _BOTTOM

    def x(time: datetime) -> float:
        return round(_LEFT + (time - begin) / (end - begin) * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(amount: float) -> float:
        return round(bottom - amount / highest * (bottom - _TOP), 1)

    parts = [
        Markup("<title>{}</title>").format(f"{title}, {begin:%Y-%m-%d} to {end:%Y-%m-%d}"),
        Markup('<line class="pw-axis" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
            _LEFT, bottom, _WIDTH - _RIGHT, bottom
        ),
    ]
    for amount in sorted({one.state.amount for one in stretches}):
        parts.append(
            Markup('<line class="pw-grid" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
                _LEFT, y(amount), _WIDTH - _RIGHT, y(amount)
            )
        )
        parts.append(
            Markup('<text class="pw-tick" x="{}" y="{}" text-anchor="end">{}</text>').format(
                _LEFT - 8, y(amount) + 4, f"{amount:g}"
            )
        )
    for old, new in pairwise(stretches):
        if new.first_seen_at > old.last_seen_at:
            parts.append(
                Markup('<line class="pw-gap" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
                    x(old.last_seen_at), y(old.state.amount), x(new.first_seen_at), y(new.state.amount)
                )
            )
    for one in stretches:
        said = f"{describe_state(one.state)}, {one.first_seen_at:%Y-%m-%d} to {one.last_seen_at:%Y-%m-%d}"
        height = y(one.state.amount)
        parts.append(
            Markup(
                '<g><title>{}</title><line class="pw-line" x1="{}" y1="{}" x2="{}" y2="{}"/>'
                '<circle class="pw-point" cx="{}" cy="{}" r="4"/></g>'
            ).format(said, x(one.first_seen_at), height, x(one.last_seen_at), height, x(one.first_seen_at), height)
        )
    for time, anchor in ((begin, "start"), (end, "end")):
        parts.append(
            Markup('<text class="pw-tick" x="{}" y="{}" text-anchor="{}">{}</text>').format(
                x(time), _HEIGHT - 8, anchor, f"{time:%Y-%m-%d}"
            )
        )
    return Markup('<svg class="pw-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, _HEIGHT, f"{title}: the table below says the same", Markup("").join(parts)
    )
