"""
An `Edition` in each of the formats of a digest. Pure.

Headlines, names and extracts come from strangers. Each format has one place, the template
environment's `finalize`, where every value is made harmless before it is printed, so no template
can forget it.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from archive.edition.formats import FORMATS, Escape, Format
from archive.edition.layout import MOST_WHOLE, lay_out, shorten
from archive.model import Appearance, Edition, EditionItem, Story
from archive.show.places import describe_echo, find_first, find_others
from scraper.text import squash
from scraper.urls import is_http_url

_ONE_DAY = timedelta(days=2)  # windows of `--since` reach into the day before
_LEAST_UNSEEN = 10  # lines of what could not be seen: that something is wrong is not cut away
_WIDTH = 78  # characters of a line of plain text, as RFC 5322 §2.1.1 wishes it for mail
# Marks that turn the writing direction and could make the text around them read differently
# (Unicode TR 36 §3.1).
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# A tag URI needs a name somebody owns; nobody ever owns one under .invalid (RFC 4151 §2.1, RFC 2606
# §2).
_TAG = "tag:presswatch.invalid,2025:"


@dataclass(frozen=True, slots=True)
class Length:
    """
    How much of an edition is rendered.

    Args:
        most_whole: Stories in full, of those that alerts put first, that are followed, and of the others.
        most_lines: Other stories, a line each, and lines of what could not be seen; None for all.
    """

    most_whole: int = MOST_WHOLE
    most_lines: int | None = None


_WHOLE = Length()


def render(edition: Edition, name: str, length: Length = _WHOLE) -> str:
    """
    The edition in the format of that name (`archive.edition.formats`).

    HTML is a page and mail body: one file, nothing remote, light and dark, for narrow and wide
    screens. Markdown is CommonMark, plain text 78 characters wide. Atom has an entry for each
    story; ids stay the same from one edition to the next.

    Source: RFC 4287 for Atom; ids as RFC 4151 has them.
    """
    style = FORMATS[name]
    zone, day = ZoneInfo(edition.timezone), edition.day
    environment = _environment(style)
    environment.filters.update({**_FILTERS, **_filters_of_time(day, zone)})
    base = _link(edition.base_url or "")
    parts, left_count = lay_out(edition.stories, length.most_whole), 0
    unseen = edition.unseen
    if length.most_lines is not None:
        parts, left_count = shorten(parts, length.most_lines)
        unseen = unseen[: max(length.most_lines, _LEAST_UNSEEN)]
    return environment.get_template(f"edition{style.suffix}").render(
        edition=edition,
        day=_days(edition, day, zone),
        parts=parts,
        left_count=left_count,
        base=base,
        rest_url=f"{base}/digests/{day:%Y-%m-%d}" if base else "",
        shown_unseen=unseen,
        source_count=len({item.source for item in edition.items}),
    )


def _environment(style: Format) -> Environment:
    return Environment(
        loader=PackageLoader("archive.edition"),
        autoescape=style.escape is Escape.MARKUP,  # noqa: S701 -- the others are no markup: their finalize does it
        finalize=_escape_markdown if style.escape is Escape.MARKDOWN else _clean,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _filters_of_time(day: datetime, zone: ZoneInfo) -> dict[str, Callable[..., str]]:
    """The filters that tell a time, which the reader's zone and the day of the edition shorten."""
    return {
        "clock": lambda item: _clock(item, day, zone),
        "life": lambda story: _life(story, zone),
        "line": lambda story: _line(story, day, zone),
        "facts": lambda item: " · ".join(
            filter(None, (item.source, _clock(item, day, zone), "revised" * item.is_revised, _news(item)))
        ),
    }


def _days(edition: Edition, day: datetime, zone: ZoneInfo) -> str:
    """The day of an edition, or the first and the last of a longer time."""
    begin = edition.since.astimezone(zone)
    if day - begin <= _ONE_DAY:
        return f"{day:%A}, {day.day} {day:%B %Y}"
    return f"{begin.day} {begin:%B %Y} to {day.day} {day:%B %Y}"


def _other_reports(story: Story) -> list[EditionItem]:
    """
    The other reports of a story. Of a source that is named already, as the lead's own is, one is
    told from the other by its headline.
    """
    named, reports = {story.lead.source}, []
    for item in story.reports:
        is_named = item.source in named
        named.add(item.source)
        reports.append(replace(item, source=f"{item.source} (“{item.headline}”)") if is_named else item)
    return reports


def _first(story: Story) -> Appearance | None:
    """Who had the lead's report first, where that is somebody else whom the line of echoes does not name."""
    first = find_first(story.lead.article_id, story.lead.places)
    return first if first and not (story.echo and story.echo.first == first.source) else None


def _elsewhere(story: Story) -> list[Appearance]:
    """The other outlets that have the lead's report."""
    first = _first(story)
    return [place for place in find_others(story.lead.article_id, story.lead.places) if place != first]


def _echo(story: Story) -> str:
    return describe_echo(story.echo) if story.echo else ""


def _labels(story: Story) -> tuple[str, ...]:
    """Why a story is put first: its alerts, and that it is followed where its part does not say so."""
    return (*story.alerts, *("followed",) * (story.is_followed and bool(story.alerts)))


def _line(story: Story, day: datetime, zone: ZoneInfo) -> str:
    """What stands behind the headline of a story that is told in a line."""
    lead = story.lead
    when = _clock(lead, day, zone)
    facts = (*_labels(story), lead.source, when, "revised" * lead.is_revised, _news(lead), _more(story))
    return ", ".join(filter(None, (*facts, lead.access_mark)))


def _news(item: EditionItem) -> str:
    return f"update: {item.news}" if item.news else ""


def _life(story: Story, zone: ZoneInfo) -> str:
    """Since when a story is told that goes on, and what is new in it; "" of a new one."""
    if story.begun_at is None or not story.earlier_count:
        return ""
    begun = story.begun_at.astimezone(zone)
    said = f"Goes on since {begun.day} {begun:%B}: {_count(story.earlier_count, 'earlier report')}."
    return f"{said} New: {', '.join(story.new_words)}." if story.new_words else said


def _count(count: int, noun: str) -> str:
    """
    A number and its noun.

    >>> _count(1, "story"), _count(2, "story"), _count(0, "source")
    ('1 story', '2 stories', '0 sources')
    """
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{count} {noun if count == 1 else plural}"


def _clock(item: EditionItem | Appearance, day: datetime, zone: ZoneInfo) -> str:
    """The local time an article came, with its day where that is not the day of the edition."""
    at = (item.at if isinstance(item, Appearance) else item.published_at or item.first_seen_at).astimezone(zone)
    if at.date() == day.date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b}, {at:%H:%M}" if at.year == day.year else f"{at.day} {at:%b %Y}"


def _link(url: str) -> str:
    """
    *url* where it is http(s), without the characters that end a link in one of the formats; else
    "".
    """
    if not is_http_url(url) or _has_controls(url):
        return ""
    return re.sub(r"""[\s"'<>\\^`{|}]""", lambda character: quote(character.group()), url)


def _has_controls(text: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)


def _tag_id(kind: str, name: str) -> str:
    return f"{_TAG}{kind}/{blake2b(name.encode(errors='replace'), digest_size=12).hexdigest()}"


def _clean(value: object) -> object:
    """
    Text on one line, without controls, half surrogates and direction marks (XML allows none of the
    first two).
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(
        character
        for character in squash(value)
        if unicodedata.category(character) not in {"Cc", "Cs"}
        and character not in _TURNS
        and ord(character) & 0xFFFE != 0xFFFE
    )


def _escape_markdown(value: object) -> object:
    r"""
    Text that CommonMark prints as it stands.

    >>> _escape_markdown("1. <b>*not* a [link](x)</b>")
    '1\\. \\<b\\>\\*not\\* a \\[link\\](x)\\</b\\>'
    """
    text = _clean(value)
    if not isinstance(text, str) or isinstance(text, Markup):
        return text
    text = re.sub(r"([\\`*_\[\]<>~&#|])", r"\\\1", text)
    return re.sub(r"^([-+=]|\d+(?=[.)]))", lambda m: m[1] + "\\" if m[1].isdigit() else "\\" + m[1], text)


def _wrap(value: str, indent: str = "") -> Markup:
    """Lines that fit the width; already clean, hence `Markup`."""
    lines = textwrap.wrap(
        str(_clean(value)),
        width=_WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return Markup("\n".join(lines))  # noqa: S704 -- for the plain text format, which has no markup


def _more(story: Story) -> str:
    return f"+{_count(len(story.reports), 'report')}" if story.reports else ""


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "wrap": _wrap,
    "link": _link,
    "tag_id": _tag_id,
    "utc": lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}",
    "first": _first,
    "elsewhere": _elsewhere,
    "reports": _other_reports,
    "echo": _echo,
    "labels": _labels,
    "news": _news,
    "limit": lambda item: "short quote" if item.extract else "no quote",
    "more": _more,
    "entry_url": lambda item: min(item.places, key=lambda place: place.article_id, default=item).url,
    "plural": _count,
    "verbatim": Markup,
}
