"""
The history of an outlet's wall as small charts: inline SVG without scripts or styles of its own.
Pure.

One chart for the free articles, one for the prices of each currency and period. A stretch is a line
from the day it was first seen to the day it was seen last; where two follow each other, what lies
between is dotted. The table beside it says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise

from markupsafe import Markup

from archive.judge.walls import SAME_STRETCH, WallFact, WallStretch, describe_state

# In units of the drawing, which the page scales to its width.
_WIDTH, _HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 24, 26, 30
# The axis of time; how far words are from their line; what brings the middle of a digit to the
# height of its line.
_FLOOR, _APART, _HALF_LETTER = _HEIGHT - _BOTTOM, 8, 4
# A history of a day is drawn as long as this, so that it can be seen.
_SHORTEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. *title* says what its heights are, *svg* is safe HTML."""

    title: str
    svg: Markup


def find_current(stretches: Sequence[WallStretch]) -> tuple[WallStretch, ...]:
    """
    What was seen of a wall last: each fact that was seen about as lately as the latest one of its
    kind.
    """
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


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where a time and an amount lie in the drawing. *highest* is the amount at its top."""

    begin: datetime
    end: datetime
    highest: float

    def x(self, time: datetime) -> float:
        """From the left."""
        return round(_LEFT + (time - self.begin) / (self.end - self.begin) * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, amount: float) -> float:
        """From the top."""
        return round(_FLOOR - amount / self.highest * (_FLOOR - _TOP), 1)


def _draw(title: str, stretches: Sequence[WallStretch], begin: datetime, end: datetime) -> Markup:
    plot = _Plot(begin, end, max(one.state.amount for one in stretches) or 1)
    parts = chain(
        [Markup("<title>{}</title>").format(f"{title}, {begin:%Y-%m-%d} to {end:%Y-%m-%d}")],
        _axes(plot, sorted({one.state.amount for one in stretches})),
        _gaps(plot, stretches),
        _lines(plot, stretches),
        _days(plot),
    )
    return Markup('<svg class="pw-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, _HEIGHT, f"{title}: the table below says the same", Markup().join(parts)
    )


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="pw-{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, x1, y1, x2, y2)


def _tick(x: float, y: float, anchor: str, words: str) -> Markup:
    return Markup('<text class="pw-tick" x="{}" y="{}" text-anchor="{}">{}</text>').format(x, y, anchor, words)


def _axes(plot: _Plot, amounts: Iterable[float]) -> Iterator[Markup]:
    """The axis of time, and a line for each amount."""
    yield _line("axis", _LEFT, _FLOOR, _WIDTH - _RIGHT, _FLOOR)
    for amount in amounts:
        yield _line("grid", _LEFT, plot.y(amount), _WIDTH - _RIGHT, plot.y(amount))
        yield _tick(_LEFT - _APART, plot.y(amount) + _HALF_LETTER, "end", f"{amount:g}")


def _gaps(plot: _Plot, stretches: Iterable[WallStretch]) -> Iterator[Markup]:
    """What lies between two stretches that follow each other."""
    for old, new in pairwise(stretches):
        if new.first_seen_at > old.last_seen_at:
            yield _line(
                "gap",
                plot.x(old.last_seen_at),
                plot.y(old.state.amount),
                plot.x(new.first_seen_at),
                plot.y(new.state.amount),
            )


def _lines(plot: _Plot, stretches: Iterable[WallStretch]) -> Iterator[Markup]:
    """The stretches, each with a point where it was seen first."""
    for one in stretches:
        said = f"{describe_state(one.state)}, {one.first_seen_at:%Y-%m-%d} to {one.last_seen_at:%Y-%m-%d}"
        height, first = plot.y(one.state.amount), plot.x(one.first_seen_at)
        yield Markup('<g><title>{}</title>{}<circle class="pw-point" cx="{}" cy="{}" r="4"/></g>').format(
            said, _line("line", first, height, plot.x(one.last_seen_at), height), first, height
        )


def _days(plot: _Plot) -> Iterator[Markup]:
    """The first and the last day, below the axis."""
    for time, anchor in ((plot.begin, "start"), (plot.end, "end")):
        yield _tick(plot.x(time), _HEIGHT - _APART, anchor, f"{time:%Y-%m-%d}")
