"""
The configuration folder, read once into frozen records.

    presswatch.toml      how we behave, where the archive is, digest, mail, retention
    sources/*.toml       one table a source
    phrases.toml         optional: words by which prompts are known, beside the shipped ones

Every mistake is reported at once, each with file, table, key and what was expected.
A key in a file is the name of a field of a record here or of `Source`; what a file leaves
out has the record's default. `password_env` names a variable: secrets are never in the files.
"""

from __future__ import annotations

import difflib
import inspect
import json
import re
import tomllib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from scraper.errors import ConfigError, Mistake
from scraper.model import FetchSettings, MeterRule, Phrase, Selectors, Source
from scraper.read.prompts import ROLE_OF_KIND, STRENGTHS, check_pattern
from scraper.urls import is_http_url, url_key


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """
    Where things are kept. Paths are absolute.

    Args:
        warc_bytes: A WARC file is closed and the next one begun at this size.
    """

    database: Path
    warc_folder: Path
    warc_bytes: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PassSettings:
    """
    What one pass may do.

    Args:
        articles_per_source: Most new article pages asked for at one source in one pass.
        oldest_entry: Entries dated before now minus this are not fetched; None takes all.
        recheck_for: An article is asked for again in later passes until it is this old.
        reading_workers: Processes that read pages; 0 reads in this process.
        reading_timeout: A page that takes longer is a failure.
        priority_words: Entries that have one of these words or phrases are fetched before all others.
    """

    articles_per_source: int = 200
    oldest_entry: timedelta | None = timedelta(days=14)
    recheck_for: timedelta = timedelta(days=2)
    reading_workers: int = 2
    reading_timeout: timedelta = timedelta(seconds=60)
    priority_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """
    The nightly digest.

    Args:
        at: Local time of day in *timezone* (IANA name).
        formats: Of "html", "markdown", "text", "atom".
    """

    title: str
    timezone: str
    at: time
    folder: Path
    formats: tuple[str, ...] = ("html", "markdown", "text", "atom")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """
    How the digest is mailed.

    Args:
        password_env: Environment variable that holds the password.
        security: "starttls", "tls" or "none".
    """

    host: str
    port: int
    security: str
    sender: str
    readers: tuple[str, ...]
    user: str | None = None
    password_env: str | None = None


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Articles of *source* (None: of every source without a rule of its own) go after *keep*; starred ones never."""

    source: str | None
    keep: timedelta


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the configuration says."""

    folder: Path
    fetch: FetchSettings
    archive: ArchiveSettings
    passes: PassSettings
    digest: DigestSettings
    sources: tuple[Source, ...]
    mail: MailSettings | None = None
    retention: tuple[RetentionRule, ...] = ()
    phrases: tuple[Phrase, ...] = ()


# ---------------------------------------------------------------- where it is


def config_folder(option: str | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """
    The folder to read: *option*, else $PRESSWATCH_CONFIG, else "config"; absolute, below *cwd* where it is relative.

    >>> str(config_folder(None, {"PRESSWATCH_CONFIG": "~/press", "HOME": "/home/reader"}, Path("/desk")))
    '/home/reader/press'
    >>> str(config_folder(None, {}, Path("/desk")))
    '/desk/config'
    """
    return cwd / _from_home(option or environ.get("PRESSWATCH_CONFIG") or "config", environ)


def read_settings(folder: Path, *, environ: Mapping[str, str]) -> Settings:
    """
    Everything that `presswatch.toml`, `sources/*.toml` and `phrases.toml` in *folder* say.

    Relative paths in the files start at the folder that holds *folder*; `~` is $HOME of *environ*.

    Raises:
        ConfigError: Something is wrong; lists every mistake of every file.
    """
    main = folder / "presswatch.toml"
    if not main.is_file():
        hint = f"there is no such file; write a starter configuration with: presswatch init {folder}"
        raise ConfigError((Mistake(main, "", "", hint),))
    reading = _Reading(folder.resolve().parent, environ)
    sources = _sources_in(folder / "sources", reading)
    settings = _settings_in(main, folder, sources, reading)
    phrases = _phrases_in(folder / "phrases.toml", reading)
    if settings is None or reading.mistakes:
        raise ConfigError(tuple(reading.mistakes))
    return replace(settings, phrases=phrases)


def render_source(source: Source) -> str:
    """
    The table of one source, as it stands in a file of `sources/`. Reading it gives *source* again.

    >>> print(render_source(Source("tide", "The Tide", "https://tide.example/", feeds=("https://tide.example/rss",))))
    [tide]
    title = "The Tide"
    home_url = "https://tide.example/"
    feeds = ["https://tide.example/rss"]
    <BLANKLINE>
    """
    lines = [f"[{source.name}]", *_assignments(source, besides={"name", "selectors", "meter"})]
    if source.meter is not None:
        lines += ["", f"[{source.name}.meter]", *_assignments(source.meter)]
    if selectors := list(_assignments(source.selectors)):
        lines += ["", f"[{source.name}.selectors]", *selectors]
    return "\n".join([*lines, ""])


# ---------------------------------------------------------------- single values


_DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d{1,6})?)s)?", re.ASCII)
_SIZE = re.compile(r"(\d+) ?([kKMG]i?)?B", re.ASCII)
_SIZE_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


def parse_duration(text: str) -> timedelta:
    """
    A length of time: weeks, days, hours, minutes, seconds, in this order, each at most once.

    Raises:
        ValueError: *text* is something else, or longer than a timedelta holds.

    >>> parse_duration("1h30m") == timedelta(minutes=90), parse_duration("0.5s") == timedelta(milliseconds=500)
    (True, True)
    """
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        message = f'expected a duration such as "10s", "30m", "1h30m" or "2d", found {_shown(text)}'
        raise ValueError(message)
    weeks, days, hours, minutes, seconds = (part or "0" for part in match.groups())
    try:
        # The fraction apart and as whole microseconds: a float would round large values.
        whole, _, fraction = seconds.partition(".")
        return timedelta(
            weeks=int(weeks),
            days=int(days),
            hours=int(hours),
            minutes=int(minutes),
            seconds=int(whole),
            microseconds=int(fraction.ljust(6, "0")),
        )
    except (OverflowError, ValueError):  # int() refuses more than some thousand digits
        message = f"expected a duration of less than a million years, found {_shown(text[:40])}"
        raise ValueError(message) from None


def render_duration(duration: timedelta) -> str:
    """
    The text that `parse_duration` reads as *duration*, which is not negative.

    >>> render_duration(timedelta(days=1, minutes=30)), render_duration(timedelta(0))
    ('1d30m', '0s')
    """
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{duration.microseconds:06}".rstrip("0").rstrip(".")
    parts = ((duration.days, "d"), (hours, "h"), (minutes, "m"))
    text = "".join(f"{count}{unit}" for count, unit in parts if count)
    return text + (f"{seconds}{fraction}s" if seconds or fraction or not text else "")


def parse_size(text: str) -> int:
    """
    A size in bytes. kB, MB and GB are powers of 1000; KiB, MiB and GiB powers of 1024.

    Raises:
        ValueError: *text* is something else.

    >>> parse_size("10MB"), parse_size("4 KiB"), parse_size("512B")
    (10000000, 4096, 512)
    """
    match = _SIZE.fullmatch(text)
    if match is None or len(match[1]) > 15:
        message = f'expected a size such as "10MB" or "512KiB", or a number of bytes, found {_shown(text)}'
        raise ValueError(message)
    return int(match[1]) * _SIZE_UNITS[(match[2] or "").lower()]


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS = "mon tue wed thu fri sat sun".split()


def _numbers(first: int, last: int) -> dict[str, int]:
    return {text: number for number in range(first, last + 1) for text in (str(number), f"{number:02}")}


# The five fields: what each may hold, for the reader and with the place of each value in its order.
# Days of the week are names alone, from Monday on: that is also how APScheduler has them.
_CRONTAB_FIELDS: tuple[tuple[str, Mapping[str, int]], ...] = (
    ("a minute of 0 to 59", _numbers(0, 59)),
    ("an hour of 0 to 23", _numbers(0, 23)),
    ("a day of the month of 1 to 31", _numbers(1, 31)),
    ("a month of 1 to 12 or jan to dec", _numbers(1, 12) | dict(zip(_MONTHS, range(1, 13), strict=True))),
    ("a day of the week of mon to sun", dict(zip(_WEEKDAYS, range(7), strict=True))),
)
_CRONTAB_PART = re.compile(r"(?:\*|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:/([0-9]{1,2}))?")


def check_crontab(line: str) -> None:
    """
    Nothing, where *line* has the five fields of a crontab line.

    Raises:
        ValueError: Names the field that is wrong, and what it may hold.

    Source: POSIX crontab, with names, and with steps as Vixie cron has them. Days of the week
    are names alone, because programs do not agree on the day that 0 means.

    >>> check_crontab("*/15 6-22 * * mon-fri")
    >>> check_crontab("0 24 * * *")
    Traceback (most recent call last):
    ValueError: expected an hour of 0 to 23 in a crontab line, found "24"
    """
    given = line.lower().split()
    if len(given) != len(_CRONTAB_FIELDS):
        message = f"expected a crontab line of five fields, found {_shown(line)} with {len(given)}"
        raise ValueError(message)
    for text, (what, values) in zip(given, _CRONTAB_FIELDS, strict=True):
        if not all(_is_crontab_part(part, values) for part in text.split(",")):
            message = f"expected {what} in a crontab line, found {_shown(text)}"
            raise ValueError(message)


def _is_crontab_part(part: str, values: Mapping[str, int]) -> bool:
    """Whether *part* is `*`, one of *values* or a rising range of them, numbers perhaps with a step that fits."""
    match = _CRONTAB_PART.fullmatch(part)
    if match is None:
        return False
    start, end, step = match.groups()
    named = [end_point.isalpha() for end_point in (start, end) if end_point]
    if any(named) and (step or not all(named)):
        return False
    first = values.get(start, -1) if start else min(values.values())
    last = values.get(end, -1) if end else first if start and not step else max(values.values())
    return 0 <= first <= last and (step is None or 0 < int(step) <= last - first)


_CONTACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[\w-]+(?:\.[\w-]+)+", re.ASCII)


def is_example_contact(user_agent: str) -> bool:
    """
    Whether every contact in *user_agent* is one of the names kept for examples, as in the starter configuration.

    Source: RFC 2606.

    >>> is_example_contact("presswatch/0.1 (+https://press.example/bot)"), is_example_contact("bot (me@tide.net)")
    (True, False)
    """
    return all(
        re.search(r"(?<![\w-])example(?:\.(?:com|net|org))?$", contact) for contact in _CONTACT.findall(user_agent)
    )


# ---------------------------------------------------------------- checks
# A check takes a value as TOML gave it and returns the value for the record,
# or raises ValueError with what was expected.

_Check = Callable[[Any], Any]

_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")  # RFC 5646, without its rarer forms
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FORMATS = ("html", "markdown", "text", "atom")
_SECURITY = ("starttls", "tls", "none")


def _shown(value: object) -> str:
    """A value as it stood in the file, near enough to be found again."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _expected(what: str, value: object) -> ValueError:
    return ValueError(f"expected {what}, found {_shown(value)}")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    """The rest of a sentence about an unknown word: the nearest known one, or all of them."""
    known = tuple(known)
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(known) or 'none'}"


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _expected("a text on one line", value)
    return value


def _pattern(value: object) -> str:
    """As in `Phrase.pattern`."""
    pattern = _text(value)
    try:
        check_pattern(pattern)
    except ValueError as problem:
        message = f"'{pattern}': {problem}"
        raise ValueError(message) from None
    return pattern


def _is(pattern: re.Pattern[str], what: str) -> _Check:
    def check(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _expected(what, value)
        return value

    return check


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise _expected("true or false", value)
    return value


def _whole(least: int, most: int = 1_000_000) -> _Check:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _expected(f"a whole number of {least} to {most}", value)
        return value

    return check


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _expected("a number of 0 to 1", value)
    return float(value)


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise _expected('a duration such as "10s", "30m", "1h30m" or "2d"', value)
    return parse_duration(value)


def _positive_duration(value: object) -> timedelta:
    if not (duration := _duration(value)):
        raise _expected("a duration of more than nothing", value)
    return duration


def _duration_or_all(value: object) -> timedelta | None:
    return None if value == "all" else _positive_duration(value)


def _size(value: object) -> int:
    size = parse_size(value) if isinstance(value, str) else value
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise _expected('a size such as "10MB" or "512KiB", or a number of bytes', value)
    return size


def _time(value: object) -> time:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        return time.fromisoformat(value)
    raise _expected('a time of day such as "06:30"', value)


def _date(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _expected("a day such as 2026-11-24, without quotation marks", value)
    return value


def _timezone(value: object) -> str:
    name = _text(value)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as "Europe"
        zones = {zone.lower(): zone for zone in available_timezones()}
        close = difflib.get_close_matches(name.lower(), zones, n=1)
        hint = f"; did you mean {zones[close[0]]}?" if close else ""
        raise ValueError(f"expected a time zone such as Europe/Berlin, found {name}{hint}") from None
    return name


def _url(value: object) -> str:
    if not isinstance(value, str) or re.search(r"\s", value) or not is_http_url(value):
        raise _expected("an absolute http(s) URL", value)
    return value


def _address(value: object) -> str:
    pattern = r"(?:\[[0-9a-fA-F:.]+\]|[\w.-]+):\d+"
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII) or not is_http_url(f"http://{value}"):
        raise _expected('an address with its port, such as "127.0.0.1:8080"', value)
    return value.lower()


def _schedule(value: object) -> str:
    """As in `Source.schedule`; a line with spaces in it can only mean a crontab line."""
    schedule = _text(value).strip()
    if " " in schedule:
        check_crontab(schedule)
        return schedule
    try:
        _positive_duration(schedule)
    except ValueError:
        raise _expected('a duration such as "30m", or a crontab line of five fields', value) from None
    return schedule


def _meter_window(value: object) -> str:
    """As in `MeterRule.window`."""
    window = _text(value)
    if window != "month":
        try:
            _positive_duration(window)
        except ValueError:
            raise _expected('"month", or a duration such as "30d"', value) from None
    return window


def _user_agent(value: object) -> str:
    agent = _text(value)
    if not agent.isascii() or not _CONTACT.search(agent):
        raise _expected("a text in ASCII with a contact in it, an e-mail address or a URL", value)
    return agent


def _one_of(choices: tuple[str, ...]) -> _Check:
    def check(value: object) -> str:
        if value not in choices:
            raise _expected(f"one of {', '.join(choices)}", value)
        return str(value)

    return check


def _list_of(check: _Check, *, least: int = 0) -> _Check:
    """A check for a list; names every member that is wrong."""

    def check_list(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _expected("a list, in [square brackets]", value)
        members, problems = [], []
        for member in value:
            try:
                members.append(check(member))
            except ValueError as problem:
                problems.append(str(problem))
        if len(value) < least:
            problems.append("expected at least one in the list")
        if problems:
            raise ValueError("; ".join(problems))
        return tuple(members)

    return check_list


_SOURCE_CHECKS: Mapping[str, _Check] = {
    "title": _text,
    "home_url": _url,
    "feeds": _list_of(_url),
    "sitemaps": _list_of(_url),
    "index_pages": _list_of(_url),
    "language": _is(_LANGUAGE, 'a language such as "en" or "pt-BR"'),
    "section": _text,
    "schedule": _schedule,
    "pace": _duration,
    "enabled": _bool,
    "access_note": _text,
    "access_checked": _date,
    "learn_templates": _bool,
}
_SELECTOR_CHECKS: Mapping[str, _Check] = {
    key: _list_of(_text) for key in ("body", "headline", "dek", "byline", "remove", "signed_out")
}
_METER_CHECKS: Mapping[str, _Check] = {"limit": _whole(1, 1000), "window": _meter_window, "reserve": _whole(0, 1000)}
_FETCH_CHECKS: Mapping[str, _Check] = {
    "user_agent": _user_agent,
    "robots_agent": _is(re.compile(r"[A-Za-z_-]+"), "a product token of letters, - and _ (RFC 9309)"),
    "pace": _duration,
    "jitter": _share,
    "longest_crawl_delay": _duration,
    "per_host": _whole(1, 8),
    "open_hosts": _whole(1, 10_000),
    "connect_timeout": _positive_duration,
    "total_timeout": _positive_duration,
    "max_bytes": _size,
    "max_decoded_bytes": _size,
    "max_redirects": _whole(0, 20),
    "retries": _whole(0, 10),
    "longest_retry_after": _duration,
    "allowed_addresses": lambda value: frozenset(_list_of(_address)(value)),
    "respect_wishes": _bool,
}
_PASS_CHECKS: Mapping[str, _Check] = {
    "articles_per_source": _whole(1),
    "oldest_entry": _duration_or_all,
    "recheck_for": _duration,
    "reading_workers": _whole(0, 64),
    "reading_timeout": _positive_duration,
    "priority_words": _list_of(_text),
}
_MAIL_CHECKS: Mapping[str, _Check] = {
    "host": _is(re.compile(r"[\w.:-]+"), "the name of a mail server"),
    "port": _whole(1, 65_535),
    "security": _one_of(_SECURITY),
    "sender": _is(_EMAIL, "an e-mail address"),
    "readers": _list_of(_is(_EMAIL, "an e-mail address"), least=1),
    "user": _text,
    "password_env": _is(_ENVIRONMENT_NAME, "the name of an environment variable that holds the password"),
}


# ---------------------------------------------------------------- reading

_Record = TypeVar("_Record")


def _from_home(path: str, environ: Mapping[str, str]) -> str:
    """*path* with a leading `~` replaced. Only the reader's own home is known here."""
    home = environ.get("HOME")
    return home + path[1:] if home and (path == "~" or path.startswith("~/")) else path


@dataclass(slots=True)
class _Reading:
    """What is needed while the files are read: where relative paths start, the mistakes and source names so far."""

    base: Path
    environ: Mapping[str, str]
    mistakes: list[Mistake] = field(default_factory=list)
    named_in: dict[str, Path] = field(default_factory=dict)  # source name -> its file, also where the table is wrong
    cookies_of: dict[Path, tuple[Path, str]] = field(default_factory=dict)  # cookie file -> where it is named

    def note(self, file: Path, table: str, key: str, expected: str) -> None:
        self.mistakes.append(Mistake(file, table, key, expected))

    def toml(self, file: Path) -> dict[str, Any]:
        """The tables of one file; empty where it cannot be read."""
        try:
            return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
        except tomllib.TOMLDecodeError as error:  # its text ends in "(at line 3, column 7)"
            self.note(file, "", "", f"not valid TOML: {error}")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.note(file, "", "", f"expected UTF-8, found other bytes at line {line}")
        except OSError as error:
            self.note(file, "", "", f"cannot be read: {error.strerror}")
        return {}

    def path(self, value: object) -> Path:
        path = _from_home(_text(value), self.environ)
        if path.startswith("~"):
            raise _expected("a path; `~` stands for $HOME alone, and only where that is set", value)
        return self.base / path

    def file(self, value: object) -> Path:
        """The path of a file, there or not yet."""
        if (path := self.path(value)).is_dir():
            raise _expected("the path of a file; this is a folder", value)
        return path

    def folder(self, value: object) -> Path:
        """The path of a folder, there or not yet."""
        if (path := self.path(value)).is_file():
            raise _expected("the path of a folder; this is a file", value)
        return path

    def cookies_file(self, value: object) -> Path:
        # Without the file every page would be asked for as a stranger, and nobody would notice.
        if not (path := self.path(value)).is_file():
            raise _expected("the path of a cookie file that is there", value)
        if path.stat().st_mode & 0o077:
            raise _expected(f"a cookie file that nobody else can read (chmod 600 {path})", value)
        return path

    def table(self, file: Path, table: str, value: object) -> dict[str, Any]:
        """*value*, where it is a table."""
        if isinstance(value, dict):
            return value
        self.note(file, table, "", f"expected a table, found {_shown(value)}")
        return {}

    def record(
        self,
        file: Path,
        table: str,
        given: Mapping[str, Any],
        checks: Mapping[str, _Check],
        record: type[_Record],
        *,
        more: Mapping[str, object] = MappingProxyType({}),
    ) -> _Record | None:
        """The record that a table describes, together with *more*; None where it has mistakes, which are noted."""
        before = len(self.mistakes)
        values: dict[str, Any] = dict(more)
        for key, value in given.items():
            if key not in checks:
                self.note(file, table, key, f"unknown key{_did_you_mean(key, tuple(checks))}")
                continue
            try:
                values[key] = checks[key](value)
            except ValueError as problem:
                self.note(file, table, key, str(problem))
        parameters = inspect.signature(record).parameters
        for key in checks:
            if parameters[key].default is inspect.Parameter.empty and key not in given:
                self.note(file, table, key, "missing; it has no default")
        return record(**values) if len(self.mistakes) == before else None


def _settings_in(file: Path, folder: Path, sources: tuple[Source, ...], reading: _Reading) -> Settings | None:
    """What `presswatch.toml` says; None where it has mistakes, which are noted."""
    before = len(reading.mistakes)
    top = reading.toml(file)
    if len(reading.mistakes) > before:  # a file that is no TOML lacks everything: that need not be said key by key
        return None
    known = ("archive", "fetch", "passes", "digest", "mail", "retention")
    for name, value in top.items():
        if name not in known:
            what, table, key = ("table", name, "") if isinstance(value, dict) else ("key", "", name)
            reading.note(file, table, key, f"unknown {what}{_did_you_mean(name, known)}")
    tables = {name: reading.table(file, name, top.get(name, {})) for name in known}
    archive_checks = {"database": reading.file, "warc_folder": reading.folder, "warc_bytes": _size}
    digest_checks = {
        "title": _text,
        "timezone": _timezone,
        "at": _time,
        "folder": reading.folder,
        "formats": _list_of(_one_of(_FORMATS), least=1),
    }
    archive = reading.record(file, "archive", tables["archive"], archive_checks, ArchiveSettings)
    fetch = reading.record(file, "fetch", tables["fetch"], _FETCH_CHECKS, FetchSettings)
    passes = reading.record(file, "passes", tables["passes"], _PASS_CHECKS, PassSettings)
    digest = reading.record(file, "digest", tables["digest"], digest_checks, DigestSettings)
    mail = reading.record(file, "mail", tables["mail"], _MAIL_CHECKS, MailSettings) if "mail" in top else None
    if mail and (mail.user is None) != (mail.password_env is None):
        missing = "user" if mail.user is None else "password_env"
        reading.note(file, "mail", missing, "missing; user and password_env go together")
    retention = _retention_in(file, tables["retention"], reading)
    if archive is not None:
        _note_cookies_in_archive(archive, folder, reading)
    if archive is None or fetch is None or passes is None or digest is None or len(reading.mistakes) > before:
        return None
    return Settings(folder.resolve(), fetch, archive, passes, digest, sources, mail, retention)


def _note_cookies_in_archive(archive: ArchiveSettings, folder: Path, reading: _Reading) -> None:
    """Notes each cookie file in a folder of the archive, which is copied and handed on as a whole."""
    folders = [place.resolve() for place in (archive.database.parent, archive.warc_folder)]
    # A database that lies beside the configuration has no folder of its own.
    own = [place for place in folders if not folder.resolve().is_relative_to(place)]
    for cookies, (file, name) in reading.cookies_of.items():
        if any(cookies.resolve().is_relative_to(place) for place in own):
            reading.note(file, name, "cookies_file", f"expected a file outside the archive, found {_shown(cookies)}")


def _retention_in(file: Path, table: Mapping[str, Any], reading: _Reading) -> tuple[RetentionRule, ...]:
    """The rules of the table [retention]: `keep` for every source, [retention.sources] for single ones."""
    given: list[tuple[str, str, object, str | None]] = []
    for key, value in table.items():
        if key == "keep":
            given.append(("retention", key, value, None))
        elif key != "sources":
            reading.note(file, "retention", key, f"unknown key{_did_you_mean(key, ('keep', 'sources'))}")
    for name, value in reading.table(file, "retention.sources", table.get("sources", {})).items():
        if name in reading.named_in:
            given.append(("retention.sources", name, value, name))
        else:
            reading.note(file, "retention.sources", name, f"no such source{_did_you_mean(name, reading.named_in)}")
    rules = []
    for place, key, value, source in given:
        try:
            rules.append(RetentionRule(source, _positive_duration(value)))
        except ValueError as problem:
            reading.note(file, place, key, str(problem))
    return tuple(rules)


def _phrases_in(file: Path, reading: _Reading) -> tuple[Phrase, ...]:
    """The phrases of the tables [kind], as they stand; those with mistakes are left out."""
    phrases = []
    check = _list_of(_pattern)
    for kind, rows in (reading.toml(file) if file.exists() else {}).items():
        if kind not in ROLE_OF_KIND:
            what, table, key = ("table", kind, "") if isinstance(rows, dict) else ("key", "", kind)
            reading.note(file, table, key, f"unknown {what}{_did_you_mean(kind, ROLE_OF_KIND)}")
            continue
        for strength, patterns in reading.table(file, kind, rows).items():
            if strength not in STRENGTHS:
                reading.note(file, kind, strength, f"unknown key{_did_you_mean(strength, STRENGTHS)}")
                continue
            try:
                phrases += [Phrase(kind, strength, pattern) for pattern in check(patterns)]
            except ValueError as problem:
                reading.note(file, kind, strength, str(problem))
    return tuple(phrases)


def _sources_in(folder: Path, reading: _Reading) -> tuple[Source, ...]:
    """The sources of every file, files by name, tables as they stand; those with mistakes are left out."""
    sources = []
    listed_in: dict[str, str] = {}  # URL key of a listing -> where it stood first
    for file in sorted(folder.glob("*.toml")):
        for name, value in reading.toml(file).items():
            if not isinstance(value, dict):
                reading.note(file, "", name, "expected a table for each source, such as [krebs]; this key is in none")
                continue
            if not _SOURCE_NAME.fullmatch(name):
                reading.note(file, name, "", "expected a source name of a-z, 0-9, - and _")
            if name in reading.named_in:
                reading.note(file, name, "", f"this source is already in {reading.named_in[name].name}")
                continue
            reading.named_in[name] = file
            if source := _source_in(file, name, value, reading):
                sources.append(source)
                _note_shared_listings(file, source, listed_in, reading)
    return tuple(sources)


def _source_in(file: Path, name: str, table: Mapping[str, Any], reading: _Reading) -> Source | None:
    """The source a table describes; None where it has mistakes, which are noted."""
    given = dict(table)
    selectors_given = reading.table(file, f"{name}.selectors", given.pop("selectors", {}))
    selectors = reading.record(file, f"{name}.selectors", selectors_given, _SELECTOR_CHECKS, Selectors)
    more: dict[str, object] = {"name": name, "selectors": selectors}
    if "meter" in given:
        more["meter"] = _meter_in(file, f"{name}.meter", given.pop("meter"), reading)
    checks = {**_SOURCE_CHECKS, "cookies_file": reading.cookies_file}
    source = reading.record(file, name, given, checks, Source, more=more)
    if source and source.cookies_file:
        reading.cookies_of[source.cookies_file] = (file, name)
    if source and not (source.feeds or source.sitemaps or source.index_pages):
        reading.note(file, name, "feeds", "missing; a source has at least one feed, sitemap or index page")
    return source


def _meter_in(file: Path, table: str, value: object, reading: _Reading) -> MeterRule | None:
    meter = reading.record(file, table, reading.table(file, table, value), _METER_CHECKS, MeterRule)
    if meter and meter.limit is not None and meter.reserve >= meter.limit:
        reading.note(file, table, "reserve", f"expected less than the limit of {meter.limit}, found {meter.reserve}")
    return meter


def _note_shared_listings(file: Path, source: Source, listed_in: dict[str, str], reading: _Reading) -> None:
    """Notes each listing of *source* that was there before: it would be asked for twice in every pass."""
    listings = {"feeds": source.feeds, "sitemaps": source.sitemaps, "index_pages": source.index_pages}
    for key, urls in listings.items():
        for url in urls:
            if other := listed_in.get(url_key(url)):
                reading.note(file, source.name, key, f"{url} is already in {other}")
            listed_in.setdefault(url_key(url), f"{key} of [{source.name}]")


# ---------------------------------------------------------------- writing


def _assignments(record: Source | Selectors | MeterRule, besides: Container[str] = ()) -> Iterator[str]:
    """`key = value` for each field that differs from its default, without the fields *besides*."""
    for part in fields(record):
        value = getattr(record, part.name)
        if part.name not in besides and value != part.default:
            yield f"{part.name} = {_toml(value)}"


def _toml(value: object) -> str:
    """
    A value in TOML.

    Source: TOML 1.0; its basic strings are those of JSON, except that U+007F is escaped too.
    """
    match value:
        case timedelta():
            return _toml(render_duration(value))
        case date():
            return value.isoformat()
        case tuple():
            return f"[{', '.join(_toml(member) for member in value)}]"
        case Path():
            return _toml(str(value))
        case _:
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
