"""Dates of birth: a date after a word that says so. Other dates stay."""

import re
from collections.abc import Iterator

from blindarena.pipeline.pii.findings import Finding

_MONTH = (
    r"(?:jan|feb|f[ée]v|mar|mär|mrz|apr|avr|abr|ma[iy]|jun|juin|jul|juil|aug|ao[uû]|ago|sep|okt|"
    r"oct|nov|"
    r"de[zc]|déc|ene|dic)[a-zäéû]{0,8}\.?"
)
_DATE = (
    r"(?:[0-9]{1,2}[./\- ]{1,2}[0-9]{1,2}[./\- ]{1,2}[0-9]{2,4}|"
    r"[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|er|\.)?[ \u00a0](?:de |of )?{_MONTH},?[ \u00a0](?:de |"
    rf"del )?[0-9]{{2,4}}"
    rf"|{_MONTH}[ \u00a0][0-9]{{1,2}}(?:st|nd|rd|th)?,?[ \u00a0][0-9]{{4}})"
)
_BIRTH = re.compile(
    r"(?<!\w)(?:born|d\.?o\.?b\.?|date of birth|birth ?da(?:te|y)|geboren|geburts(?:datum|tag)|"
    r"geb\.|"
    r"née?|date de naissance|anniversaire|nacid[oa]|nac\.|fecha de nacimiento|cumpleaños|"
    r"nacimiento)"
    rf"(?!\w)[^\n0-9]{{0,25}}?(?<!\w)({_DATE})(?!\w)",
    re.IGNORECASE,
)


def birth_dates(text: str) -> Iterator[Finding]:
    """Find dates that stand within 25 characters after a word for birth."""
    for match in _BIRTH.finditer(text):
        yield Finding(*match.span(1), "birth_date")
