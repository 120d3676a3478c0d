"""Bank accounts, payment cards and national ids: a pattern, then its check digits."""

import re
from collections.abc import Callable, Iterator

from blindarena.pipeline.pii import checksums
from blindarena.pipeline.pii.findings import Finding
from blindarena.pipeline.pii.words import compact, digits_of

_IBAN_START = re.compile(r"(?<!\w)[A-Za-z]{2}[0-9]{2}(?=[ \u00a0\u202f.-]?[A-Za-z0-9])")
_IBAN_CUE = re.compile(r"\bIBAN\b[^\n]{0,20}$", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w+])[2-6](?:[ \u00a0\u202f.-]?[0-9]){12,18}(?!\w)")
_GAP = r"[ \u00a0\u202f./-]{0,2}"
# A cue, then the number within 40 characters of the same line.
_DOCUMENT = re.compile(
    r"(?<!\w)(?:passport|reisepass|passeport|pasaporte|personalausweis|ausweis|identity card|"
    r"id card|"
    r"carte d['’]identité|cni|driving licen[cs]e|driver'?s licen[cs]e|führerschein|"
    r"permis de conduire|permiso de conducir|dni)\b[^\n]{0,40}?(?<!\w)"
    r"(?=[A-Z0-9]{0,12}[0-9]{2})([A-Z0-9]{7,12})(?!\w)",
    re.IGNORECASE,
)
_NHS_CUE = re.compile(r"\bNHS\b[^\n]{0,30}$", re.IGNORECASE)

_IDS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = tuple(
    (re.compile(rf"(?<![\w+]){pattern}(?!\w)"), check)
    for pattern, check in (
        (rf"[1-9][0-9](?:{_GAP}[0-9]{{3}}){{3}}", checksums.is_german_tax_id),
        (rf"[0-9]{{2}}{_GAP}[0-9]{{6}}{_GAP}[A-Z]{_GAP}[0-9]{{3}}", checksums.is_german_pension_id),
        (r"[A-Z][0-9]{9}", checksums.is_german_health_id),
        (
            rf"[1-478]{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9][0-9AB]{_GAP}[0-9]{{3}}{_GAP}"
            rf"[0-9]{{3}}{_GAP}[0-9]{{2}}",
            checksums.is_french_social_id,
        ),
        (rf"[0-3][0-9](?:{_GAP}[0-9]{{2}}){_GAP}(?:[0-9]{{3}}{_GAP}){{2}}[0-9]{{3}}",
         checksums.is_french_tax_id),
        (rf"(?:[XYZ]{_GAP}[0-9]{{7}}|[0-9]{{8}}|[0-9]{{2}}\.[0-9]{{3}}\.[0-9]{{3}}){_GAP}[A-Z]",
         checksums.is_spanish_id),
        (r"[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}", checksums.is_us_social_id),
        (
            r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?"
            r"[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]",
            lambda code: len(code) == 9,
        ),
    )
)  # fmt: skip
_NHS = re.compile(r"(?<![\w+])[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}(?!\w)")


def ibans(text: str) -> Iterator[Finding]:
    """Find bank accounts of the right length, however they are spaced.

    Their check digits must be right, unless the word IBAN stands before: a typing error is no
    reason to let one through.
    """
    for match in _IBAN_START.finditer(text):
        length = checksums.IBAN_LENGTHS.get(match[0][:2].upper())
        end = _end_of(text, match.start(), length) if length else None
        if end and (
            checksums.is_iban(compact(text[match.start() : end]))
            or _IBAN_CUE.search(text[max(match.start() - 30, 0) : match.start()])
        ):
            yield Finding(match.start(), end, "iban")


def _end_of(text: str, start: int, length: int) -> int | None:
    """Return where `length` letters and digits end, single blanks, dots and hyphens between."""
    seen, gap = 0, False
    for at in range(start, min(start + 2 * length, len(text))):
        if text[at].isascii() and text[at].isalnum():
            seen, gap = seen + 1, False
            if seen == length:
                return None if text[at + 1 : at + 2].isalnum() else at + 1
        elif gap or text[at] not in " \u00a0\u202f.-":
            return None
        else:
            gap = True
    return None


def cards(text: str) -> Iterator[Finding]:
    """Find payment cards whose Luhn digit is right."""
    for match in _CARD.finditer(text):
        if checksums.is_card(digits_of(match[0])):
            yield Finding(*match.span(), "card")


def national_ids(text: str) -> Iterator[Finding]:
    """Find ids of Germany, France, Spain, the United Kingdom and the United States.

    By check digits where there are some; passports, identity cards and licences by the word before.
    """
    for pattern, check in _IDS:
        for match in pattern.finditer(text):
            if check(compact(match[0])):
                yield Finding(*match.span(), "national_id")
    for match in _NHS.finditer(text):
        before = text[max(match.start() - 40, 0) : match.start()]
        if _NHS_CUE.search(before) and checksums.is_nhs_number(digits_of(match[0])):
            yield Finding(*match.span(), "national_id")
    for match in _DOCUMENT.finditer(text):
        yield Finding(*match.span(1), "national_id")
