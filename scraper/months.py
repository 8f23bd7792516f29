"""The months, as texts in the languages we know write them."""

from __future__ import annotations

_NAMES = (
    "january januar jänner janvier enero gennaio janeiro januari stycznia января ocak",
    "february februar février febrero febbraio fevereiro februari lutego февраля şubat",
    "march märz mrz mars marzo março maart mrt marca marts марта mart",
    "april avril abril aprile kwietnia апреля nisan",
    "may mai mayo maggio maio mei maja maj мая май mayıs",
    "june juni juin junio giugno junho czerwca июня haziran",
    "july juli juillet julio luglio julho lipca июля temmuz",
    "august août agosto augustus augusti sierpnia августа ağustos",
    "september septembre septiembre settembre setembro września сентября eylül",
    "october oktober octobre octubre ottobre outubro października октября ekim",
    "november novembre noviembre novembro listopada ноября kasım",
    "december dezember décembre diciembre dicembre dezembro desember grudnia декабря aralık",
)


def _with_abbreviations(names: tuple[str, ...]) -> dict[str, int]:
    """The number of each month by its names and by those of their first three or four letters that no other has."""
    months: dict[str, set[int]] = {}
    for number, words in enumerate(names, 1):
        for word in words.split():
            for form in (word, word[:4], word[:3]):
                months.setdefault(form, set()).add(number)
    return {form: min(numbers) for form, numbers in months.items() if len(numbers) == 1}


MONTHS = _with_abbreviations(_NAMES)
"""The number of each month, by its names in lower case and their first three or four letters."""
