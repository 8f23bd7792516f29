"""Notices of rights: who owns a text, and that nobody may copy it. They stand below articles, and belong to none."""

from __future__ import annotations

import re

# The sign or the word, and the year right behind it.
_DATED = re.compile(r"\W{0,3}(?:©|\(c\)|copyright\b)[\W_]*(?:\(c\)\W*)?(?:19|20)\d{2}\b", re.IGNORECASE)
# What the law has people write, language by language, in lower case.
_RESERVED = re.compile(
    "rights reserved|rechte vorbehalten|droits réservés|derechos reservados|direitos reservados|diritti riservati"
    "|riproduzione riservata|rechten voorbehouden|rättigheter förbehållna|rettigheder forbeholdes|rettigheter reservert"
    "|oikeudet pidätetään|prawa zastrzeżone|práva vyhrazena|jog fenntartva|drepturile rezervate|права защищены"
    "|права захищені|hakları saklıdır|παντός δικαιώματος|الحقوق محفوظة|הזכויות שמורות|版权所有|版權所有|無断転載"
    "|無断複製|무단전재|무단 전재|สงวนลิขสิทธิ์"
)


def has_rights_notice(text: str) -> bool:
    """
    Whether somebody states rights in a text.

    >>> has_rights_notice("© 2024 Harbor News. All rights reserved."), has_rights_notice("The right to copy is old.")
    (True, False)
    """
    return _RESERVED.search(text.lower()) is not None or _DATED.match(text) is not None
