"""
JavaScript values as pages write them into scripts: JSON, object literals, functions that give one.

A tolerant reader, no interpreter: what it cannot know (a variable, a call) is None.

Source: ECMA-262 §13.2 (primary expressions), §12.9 (literals).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

# No value is nested deeper in practice; Python's own limit lies not much higher.
_MOST_LEVELS = 150
_DECODER = json.JSONDecoder(strict=False)
# How values of JSON begin that hold others. (To fail later costs that reader a look at all before it.)
_JSON = re.compile(r"\{\s*[\"}]|\[\s*[\"{\[\]\d\-tfnNI]|\"")
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)n?")
_STRINGS = {quote: re.compile(rf"{quote}((?:[^{quote}\\]|\\.)*){quote}", re.DOTALL) for quote in ('"', "'", "`")}
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None, "Infinity": None}
_FUNCTION = re.compile(
    r"(?:async\s+)?(?:function\s*[\w$]*\s*\(([^()]*)\)\s*|\(([^()]*)\)\s*=>\s*)\{\s*(?:\"use strict\";\s*)?return\b"
)
_RESUMED = re.compile(r"\s*\}\s*\)?\s*\(")
Scope = Mapping[str, object]
Read = TypeVar("Read")


class LiteralError(ValueError):
    """No value stands there."""


def read_literal(source: str, start: int = 0, scope: Scope | None = None) -> tuple[object, int]:
    r"""
    The value that stands at *start*, and where it ends.

    Args:
        scope: What names stand for.

    Raises:
        LiteralError: No value stands there.

    >>> read_literal("{a:'b\\x21',c:[1,,void 0,!0],}; more")
    ({'a': 'b!', 'c': [1, None, None, True]}, 29)
    >>> read_literal('(function(a,b){return {title:a,tags:[b]}}("Locks","port"))')[0]
    {'title': 'Locks', 'tags': ['port']}
    """
    start = _behind_space(source, start)
    if (whole := _read_json(source, start)) is not None:
        return whole
    reader = _Literals(source, scope or {})
    try:
        return reader.value(start), reader.at
    except IndexError as error:
        raise LiteralError("the source ends in a value") from error


def _read_json(source: str, start: int) -> tuple[object, int] | None:
    """
    The object, list or text at *start* and where it ends, where that is JSON: most are, and it has a
    reader that is a hundred times as fast.
    """
    if not _JSON.match(source, start):
        return None
    try:
        return _DECODER.raw_decode(source, start)
    except (ValueError, RecursionError):
        return None


def _behind_space(source: str, start: int) -> int:
    found = _SPACE.match(source, start)
    return found.end() if found else start


class _Literals:
    """Reads one value after the other; *at* is where the last one ended."""

    def __init__(self, source: str, scope: Scope, level: int = 0) -> None:
        self.source, self.scope, self.level = source, scope, level
        self.at = 0

    def value(self, start: int) -> object:
        """The value at *start*, with what is called on it or chosen by it left out."""
        self.at = start
        self._skip()
        found = self._primary(self.source[self.at])
        self._skip()
        return found

    def _primary(self, sign: str) -> object:
        if sign in "{[":
            if (json_value := _read_json(self.source, self.at)) is not None:
                found, self.at = json_value
                return found
            return self._nested(self._object if sign == "{" else self._array)
        if sign in _STRINGS:
            return self._string(sign)
        if sign == "!" and self.source[self.at + 1 : self.at + 2] in {"0", "1"}:
            self.at += 2
            return self.source[self.at - 1] == "0"
        if number := _NUMBER.match(self.source, self.at):
            self.at = number.end()
            return _number(number.group())
        if sign == "(" or self.source.startswith(("function", "async"), self.at):
            return self._nested(self._enclosed)
        return self._named()

    def _nested(self, read: Callable[[], Read]) -> Read:
        self.level += 1
        if self.level > _MOST_LEVELS:
            raise LiteralError("too deep")
        found = read()
        self.level -= 1
        return found

    def _skip(self) -> None:
        self.at = _behind_space(self.source, self.at)

    def _takes(self, sign: str) -> bool:
        self._skip()
        if not self.source.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def _object(self) -> dict[str, object]:
        self.at += 1
        found: dict[str, object] = {}
        while not self._takes("}"):
            key = self._key()
            if self._takes(":"):
                found[key] = self.value(self.at)
            else:  # {name} is short for {name: name}
                found[key] = self.scope.get(key)
            self._end_of_member("}")
        return found

    def _key(self) -> str:
        self._skip()
        sign = self.source[self.at]
        if sign in _STRINGS:
            return str(self._string(sign))
        if sign == "[":
            return str(next(iter(self._array()), ""))
        found = _NAME.match(self.source, self.at) or _NUMBER.match(self.source, self.at)
        if found is None:
            raise LiteralError("no key")
        self.at = found.end()
        return found.group()

    def _array(self, end: str = "]") -> list[object]:
        self.at += 1
        found: list[object] = []
        while not self._takes(end):
            if self._takes(","):
                found.append(None)
                continue
            if self._takes("..."):
                continue
            found.append(self.value(self.at))
            self._end_of_member(end)
        return found

    def _end_of_member(self, end: str) -> None:
        if not self._takes(",") and not (self._takes(end) and self._back(end)):
            raise LiteralError("neither a comma nor an end")

    def _back(self, sign: str) -> bool:
        self.at -= len(sign)
        return True

    def _string(self, quote: str) -> str:
        found = _STRINGS[quote].match(self.source, self.at)
        if found is None:
            raise LiteralError("a text without an end")
        self.at = found.end()
        text = found.group(1)
        return unescape_js(text) if "\\" in text else text

    def _enclosed(self) -> object:
        """A value in brackets: most are a function that gives one, and is called at once."""
        has_bracket = self._takes("(")
        self._skip()
        function = _FUNCTION.match(self.source, self.at)
        if function is None:
            if not has_bracket:
                raise LiteralError("a function that gives no value")
            found = self.value(self.at)
            self._takes(")")
            return found
        names = [name.strip() for name in (function.group(1) or function.group(2) or "").split(",")]
        body = function.end()
        arguments = self._arguments_behind(body)
        end = self.at
        inner = _Literals(self.source, {**self.scope, **dict(zip(names, arguments, strict=False))}, self.level)
        found = inner.value(body)
        self.at = max(end, inner.at)
        if has_bracket:
            self._takes(")")
        return found

    def _arguments_behind(self, body: int) -> list[object]:
        """What a function is called with; its values are known only then, so the body is read twice."""
        self.value(body)
        self._takes(";")
        called = _RESUMED.match(self.source, self.at)
        if called is None:
            return []
        self.at = called.end() - 1
        return self._array(")")

    def _named(self) -> object:
        name = _NAME.match(self.source, self.at)
        if name is None:
            raise LiteralError("no value")
        self.at = name.end()
        word = name.group()
        if word in {"new", "void", "await", "return"}:
            inner = self.value(self.at)
            return None if word == "void" else inner
        return self._called(self.scope[word] if word in self.scope else _WORDS.get(word))

    def _called(self, found: object) -> object:
        """A name with what is done with it: the first value that it is called with stands for it."""
        while True:
            self._skip()
            if self._takes("."):
                name = _NAME.match(self.source, self.at)
                self.at = name.end() if name else self.at
            elif self.source.startswith("(", self.at):
                arguments = self._nested(lambda: self._array(")"))
                found = next((value for value in arguments if isinstance(value, str | dict | list)), None)
            else:
                return found


def _number(text: str) -> object:
    try:
        plain = text.rstrip("n")
        return int(plain, 0) if plain.lstrip("+-").isdigit() or "x" in plain.lower() else float(plain)
    except ValueError:
        return None


def unescape_js(text: str) -> str:
    r"""
    The inside of a string literal without its escapes; halves of characters are put together.

    >>> unescape_js(r"caf\u00e9 \ud83d\ude00 \'x\' \u003cp\x3e")
    "café 😀 'x' <p>"
    """
    plain = _ESCAPE.sub(_unescaped, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(found: re.Match[str]) -> str:
    sign = found.group(1)
    if sign[0] in "ux" and len(sign) > 1:
        return chr(min(int(sign[1:].strip("{}"), 16), 0x10FFFF))
    return _SIMPLE.get(sign, sign)
