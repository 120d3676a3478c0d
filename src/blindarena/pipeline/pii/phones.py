"""Telephone numbers: international, and as people write them in their own country."""

import re
from collections.abc import Iterator

from blindarena.pipeline.pii.findings import Finding
from blindarena.pipeline.pii.words import digits_of

_CANDIDATE = re.compile(
    r"(?<![\w+.,€$£-])(?:\+|\(\+?)?[0-9](?:[ \u00a0\u202f./()–-]{0,3}[0-9]){5,16}(?![\w€$£%])"
)
_EXTENSION = re.compile(
    r"[ ,]{0,2}(?:ext(?:ension|ensión)?|poste|durchwahl|dw|x)\.?[ ]?[0-9]{1,5}(?!\w)", re.IGNORECASE
)
_DATE = re.compile(
    r"[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[0-9]{2}|[0-9]{4})|[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}"
)
_NATIONAL = re.compile(
    r"(?:1[ .-])?\(?[2-9][0-9]{2}\)?[ .-]{1,2}[0-9]{3}[ .-][0-9]{4}"  # United States, Canada
    r"|555-[0-9]{4}"
    r"|[6789][0-9]{2}(?:[ .-][0-9]{3}){2}"  # Spain
    r"|[6789][0-9]{2}(?:[ .-][0-9]{2}){3}"
    r"|9[0-9][ .-][0-9]{3}(?:[ .-][0-9]{2}){2}"
    r"|[67][0-9]{8}"
)
_CUE = re.compile(
    r"(?:\btel\b|telefon|téléphon|teléfon|phone|\bcall\b|\bring\b|mobil|móvil|handy|portable|\bfax\b|"
    r"whatsapp|rufnummer|durchwahl|direct line|ligne directe|línea directa|\bllam|appel|"
    r"\bmy number|meine nummer|\bmon numéro\b(?! (?:de )?(?:client|commande|dossier))|"
    r"\bmi número\b(?! de)|\bnumber is still|\breach me)[^\n]{0,30}$",
    re.IGNORECASE,
)
_OTHER_CUE = re.compile(
    r"(?:order|customer|account|invoice|ticket|serial|kunden|bestell|auftrag|rechnung|konto|client|"
    r"commande|facture|compte|cliente|pedido|factura|cuenta)[^\n]{0,20}$",
    re.IGNORECASE,
)
_LOOK_BACK = 60


def phones(text: str) -> Iterator[Finding]:
    """Find telephone numbers with 6 to 15 digits, each with its extension.

    Certain are `+` and `00` with a country, a leading 0, and the groups of the United States and of
    Spain; any other run of digits needs a word such as "phone" before it on the line.
    """
    for match in _CANDIDATE.finditer(text):
        before = text[max(match.start() - _LOOK_BACK, 0) : match.start()]
        if _is_phone(match[0], before):
            extension = _EXTENSION.match(text, match.end())
            yield Finding(match.start(), (extension or match).end(), "phone")


def _is_phone(raw: str, before: str) -> bool:
    digits = digits_of(raw)
    if raw.startswith("(") and ")" not in raw:
        raw = raw[1:]
    if _DATE.fullmatch(raw) or len(digits) > 15:
        return False
    if raw.startswith(("+", "(+", "00")):
        return len(digits) >= 8
    if _NATIONAL.fullmatch(raw):
        return True
    if raw.lstrip("(").startswith("0") and 9 <= len(digits) <= 12:
        return True
    return _CUE.search(before) is not None and _OTHER_CUE.search(before) is None
