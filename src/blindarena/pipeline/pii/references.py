"""Numbers of orders, parcels, customers and contracts, and an arena's own."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from blindarena.errors import InputError
from blindarena.pipeline.pii.findings import Finding

_CUE = re.compile(
    r"(?<!\w)(?:order|parcel|package|tracking|shipment|customer|client|account|invoice|ticket|"
    r"contract|"
    r"policy|booking|reservation|reference|ref\.|member|membership|serial|case|delivery note|"
    r"mandate|"
    r"bestell\w{0,12}|auftrag\w{0,12}|sendung\w{0,12}|paket\w{0,12}|kunde\w{0,12}|konto\w{0,12}|"
    r"rechnung\w{0,12}|vertrag\w{0,12}|buchung\w{0,12}|serien\w{0,12}|mitglied\w{0,12}|"
    r"lieferschein\w{0,3}|"
    r"vorgang\w{0,12}|lastschriftmandat|mandat|ticket\w{0,12}|aktenzeichen|zählernummer|"
    r"commande|colis|suivi|compte|facture|dossier|contrat|réservation|série|abonnement|livraison|"
    r"billet|"
    r"pedido|paquete|seguimiento|envío|cliente|cuenta|factura|contrato|reserva|localizador|serie|"
    r"abono|"
    r"socio|albarán|mandato|billete|expediente)(?!\w)",
    re.IGNORECASE,
)
_REACH = 32
_TOKEN = re.compile(
    r"(?<![\w@./+-])(?:#|[A-Z]{2,3} (?=[0-9]{5}))?[A-Z0-9][A-Z0-9/-]{2,33}(?![\w@])"
)
_SENTENCE_END = re.compile(r"[.!?]\s+(?=\S{2})|\n")
_ABBREVIATED = re.compile(r"(?:\bno|\bnr|\bn|\bnúm|\bref)\.\s", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{1,4}[/-][0-9]{1,2}[/-][0-9]{1,4}|[0-9]{4}[/-][0-9]{2,4}")
_NOT_OURS = re.compile(r"(?:\bBLZ|sort code|\bBIC)\W{0,3}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """An arena's own kind of number.

    Args:
        name: for the placeholder: `parcel` gives [PARCEL_1]; letters only, 2 to 20.
        shape: `#` is a digit, `@` a letter, `*` a letter or digit, all else stands for itself:
            `PX-####-##`. Not a regular expression, so that no shape can be slow.

    Raises:
        InputError: no letter name, or a shape without a digit or letter place, or one too long.
    """

    name: str
    shape: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z]{2,20}", self.name):
            raise InputError(f"number pattern {self.name!r}: give a name of 2 to 20 letters a-z")
        if not 3 <= len(self.shape) <= 80 or sum(sign in "#@*" for sign in self.shape) < 3:
            raise InputError(
                f"number pattern {self.name!r}: the shape {self.shape!r} must have at least three "
                "of # (digit), @ (letter), * (either) and at most 80 characters, such as PX-####"
            )

    @property
    def label(self) -> str:
        """The placeholder's word."""
        return self.name.upper()


def own_numbers(text: str, patterns: Iterable[NumberPattern]) -> Iterator[Finding]:
    """Find the numbers of an arena's own shapes, ignoring case."""
    for pattern in patterns:
        for match in _compiled(pattern.shape).finditer(text):
            yield Finding(*match.span(), "reference", pattern.label)


@lru_cache(maxsize=256)
def _compiled(shape: str) -> re.Pattern[str]:
    signs = {"#": "[0-9]", "@": "[A-Za-z]", "*": "[A-Za-z0-9]", " ": r"[ \u00a0]"}
    body = "".join(signs.get(sign, re.escape(sign)) for sign in shape)
    return re.compile(rf"(?<!\w){body}(?!\w)", re.IGNORECASE)


def references(text: str) -> Iterator[Finding]:
    """Find numbers by their look, or by a word such as "order" up to 32 characters before.

    By look alone: six digits or more, or five with a letter. After a word: five digits, or letters
    with three digits (`88120-G`), or a booking code such as `QK7T2M`.
    """
    for match in _TOKEN.finditer(text):
        token = match[0].rstrip("/-")
        digits = sum(sign.isdigit() for sign in token)
        if not digits or _DATE.fullmatch(token):
            continue
        start = max(match.start() - _REACH, 0)
        before = text[start : match.start()]
        letters = sum(sign.isalpha() for sign in token)
        told = _by_look(digits, letters, token) or (
            _after_word(digits, letters) and _has_cue(before)
        )
        if told and not _NOT_OURS.search(before):
            yield Finding(match.start(), match.start() + len(token), "reference")


def _by_look(digits: int, letters: int, token: str) -> bool:
    return digits >= 6 or (digits >= 5 and letters >= 1) or (token[0] == "#" and digits >= 4)


def _after_word(digits: int, letters: int) -> bool:
    return digits >= 5 or (letters >= 1 and digits >= 4) or (letters >= 2 and digits >= 2)


def _has_cue(before: str) -> bool:
    """Say whether the sentence that leads to a number has one of the words."""
    sentence = _SENTENCE_END.split(_ABBREVIATED.sub(" ", before))[-1]
    return _CUE.search(sentence) is not None
