"""
Values written as a flat list, in which each place is named by its number: devalue (Nuxt 3,
SvelteKit) and turbo-stream (Remix, React Router).

Source: README of https://github.com/Rich-Harris/devalue and of https://github.com/jacob-ebey/turbo-stream.
"""

from __future__ import annotations

from typing import Any

# What stands around a place that is more than a value: ["Reactive", 1], ["P", 1]. Others hold what
# no text is in: dates, numbers too large, errors.
_WRAPPERS = frozenset("Reactive ShallowReactive Ref ShallowRef EmptyRef EmptyShallowRef NuxtError Set Map P".split())
_FEWEST_PLACES = 3  # a shorter list has no text to name


def is_flat(value: object) -> bool:
    """
    Whether a list names its own places.

    >>> is_flat([{"title": 1, "tags": 2}, "Locks", [1]]), is_flat([{"id": 7}, "a", "b"]), is_flat([{}, 1, 2])
    (True, False, False)
    """
    if not isinstance(value, list) or len(value) < _FEWEST_PLACES:
        return False
    places = _places_in(value[0])
    if not places or not all(_is_place(place, len(value)) for place in places):
        return False
    return max(places) > 0 and any(isinstance(part, str) for part in value)


def _places_in(first: object) -> list[Any]:
    """What the first part of a list names: places, where the list is flat."""
    if isinstance(first, dict):
        return list(first.values())
    if not isinstance(first, list):
        return []
    is_wrapped = bool(first) and isinstance(first[0], str) and first[0] in _WRAPPERS
    return first[1:] if is_wrapped else first


def _is_place(value: object, count: int) -> bool:
    # A negative one is a value that JSON has no word for (undefined, NaN).
    return isinstance(value, int) and not isinstance(value, bool) and value < count and value > -8


def unflatten(flat: list[object], root: int = 0) -> object:
    """
    The value that a flat list stands for.

    >>> unflatten([{"title": 1, "tags": 2}, "Locks", [1]])
    {'title': 'Locks', 'tags': ['Locks']}
    >>> unflatten([{"_1": 2}, "title", "Locks"])
    {'title': 'Locks'}
    """
    return _Unflattener(flat).value(root)


class _Unflattener:
    """Holds what was made of each place: several can name one, and one can stand in itself."""

    def __init__(self, flat: list[object]) -> None:
        self.flat = flat
        self.made: dict[int, object] = {}
        self.pending: list[tuple[object, object]] = []

    def value(self, root: int) -> object:
        """What stands at a place, and all that it names; without recursion, as values can be deep."""
        found = self._place(root)
        while self.pending:
            source, new = self.pending.pop()
            if isinstance(source, dict) and isinstance(new, dict):
                new.update({_key(key, self.flat): self._place(part) for key, part in source.items()})
            elif isinstance(source, list) and isinstance(new, list):
                new.extend(map(self._place, source))
        return found

    def _place(self, number: object) -> object:
        if not isinstance(number, int) or not 0 <= number < len(self.flat):
            return None
        if number not in self.made:
            source = self.flat[number]
            self.made[number] = None  # what a wrapper around itself stands for
            self.made[number] = self._begun(source) if isinstance(source, dict | list) else source
        return self.made[number]

    def _begun(self, source: dict[str, object] | list[object]) -> object:
        """An empty value that is filled later; of a wrapper, what it is wrapped around."""
        if isinstance(source, list) and source and isinstance(source[0], str):
            inner = source[1:] if source[0] in _WRAPPERS else []
            return self._place(inner[0]) if len(inner) == 1 else [self._place(part) for part in inner]
        new: object = {} if isinstance(source, dict) else []
        self.pending.append((source, new))
        return new


def _key(key: str, flat: list[object]) -> str:
    """The name of a member; turbo-stream names the place of the name."""
    number = key[1:]
    if key.startswith("_") and number.isdigit() and int(number) < len(flat):
        return str(flat[int(number)])
    return key
