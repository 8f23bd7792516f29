"""Notices of rights: who owns a text, and that nobody may copy it. They stand below articles, and belong to none."""

from __future__ import annotations

import re

# "© 2008 …", "Copyright (c) 2008 …", and what the law has people write, language by language.
_DATED = r"^\W{0,3}(?:©|\(c\)|copyright\b)[\W_]*(?:(?:©|\(c\))\W*)?(?:19|20)\d{2}\b"
_RESERVED = (
    r"\b(?:rights reserved|rechte vorbehalten|droits réservés|derechos reservados|direitos reservados|diritti riservati"
    r"|riproduzione riservata|rechten voorbehouden|rättigheter förbehållna|rettigheder forbeholdes"
    r"|rettigheter (?:reservert|forbeholdt)|oikeudet pidätetään|prawa zastrzeżone|práva vyhrazena|jog fenntartva"
    r"|drepturile rezervate|права защищены|права захищені|hakları saklıdır)\b"
    r"|παντός δικαιώματος|حقوق محفوظة|الحقوق محفوظة|הזכויות שמורות|版权所有|版權所有|無断転載|無断複製"
    r"|무단\s?전재|สงวนลิขสิทธิ์"
)
_NOTICE = re.compile(rf"{_DATED}|{_RESERVED}", re.IGNORECASE)


def has_rights_notice(text: str) -> bool:
    """
    Whether somebody states rights in a text.

    >>> has_rights_notice("© 2024 Harbor News. All rights reserved."), has_rights_notice("The right to copy is old.")
    (True, False)
    """
    return _NOTICE.search(text) is not None
