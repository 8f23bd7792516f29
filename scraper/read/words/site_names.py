"""The name of a site: what goes off a title, and who is no author."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from scraper.text import fold
from scraper.urls import registrable_domain, split_url

# What stands between a title and the name of its site; a dash between words of a script with spaces
# has them too.
_SEPARATOR = re.compile(
    r"\s+[-–—/~]+\s+|\s*(?:[|•·»›〉>«_│ㅣ｜]|::|--)+\s*|(?<=[\u3040-\u9fff\uac00-\ud7af”》）?！\]\d])[-–—](?=\S)"
)
# A shorter name stands in many words that are not it ("NDR" in "Wanderer"). Half of a name is still
# that name; less can be any word.
_FEWEST_LETTERS = 4
_LEAST_SHARE = 0.5
# Fewer words before the name of a section can be one more name.
_FEWEST_TITLE_WORDS = 4


def find_site_names(url: str, stated: Iterable[str | None]) -> tuple[str, ...]:
    """
    The names of a site, squeezed: those it states, its host and its registrable domain with and
    without suffix.

    >>> find_site_names("https://www.harbor-news.example/a", ["The Harbor"])
    ('theharbor', 'harbornewsexample', 'harbornews')
    """
    domain = registrable_domain(url).removeprefix("www.")
    host = split_url(url).host.removeprefix("www.")
    names = (*stated, host, domain, domain.split(".")[0])
    return tuple(dict.fromkeys(name for text in names if len(name := squeeze(text)) > 1))


def squeeze(text: str | None) -> str:
    """
    A name without what its spellings differ in.

    >>> squeeze("The Harbor-News")
    'theharbornews'
    """
    return fold(text).replace(" ", "")


def is_site_name(text: str, names: Collection[str]) -> bool:
    """
    Whether a text is the name of the site, or little more or less than that.

    Args:
        names: As `find_site_names` gives them.

    >>> is_site_name("Harbor News", ("harbornews",)), is_site_name("News from the harbor", ("harbornews",))
    (True, False)
    """
    letters = squeeze(text)
    return letters in names or any(
        min(len(letters), len(name)) >= max(_FEWEST_LETTERS, _LEAST_SHARE * max(len(letters), len(name)))
        and (letters in name or name in letters)
        for name in names
    )


def without_site_name(title: str, names: Collection[str]) -> str:
    """
    A title without the site's name at either end. Other parts behind a dash stay.

    >>> without_site_name("Harbor News :: Talks fail – again | Harbor News", ("harbornews",))
    'Talks fail – again'
    """
    while separators := list(_SEPARATOR.finditer(title)):
        first, last = separators[0], separators[-1]
        if is_site_name(title[last.end() :], names) and title[: last.start()]:
            title = title[: last.start()]
        elif is_site_name(title[: first.start()], names) and title[first.end() :]:
            title = title[first.end() :]
        else:
            break
    return title


def has_parts(title: str) -> bool:
    """Whether a sign in a title parts it from something else."""
    return _SEPARATOR.search(title) is not None


def without_sections(title: str, sections: Collection[str]) -> str:
    """
    A title without the names of sections at its end, where more than a few words are left.

    Args:
        sections: Folded.

    >>> without_sections("Both locks stay closed | Ports", {"ports"}), without_sections("Locks | Ports", {"ports"})
    ('Both locks stay closed', 'Locks | Ports')
    """
    while separators := list(_SEPARATOR.finditer(title)):
        rest = title[: separators[-1].start()]
        if fold(title[separators[-1].end() :]) not in sections or len(fold(rest).split()) < _FEWEST_TITLE_WORDS:
            break
        title = rest
    return title
