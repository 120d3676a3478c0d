"""A proof of work in the format of ALTCHA (SHA-256, "version 1"), made and checked; pure.

The browser looks for the number behind a hash, which takes it about a second and a flood of
requests as many seconds as it has requests. Nobody else is asked: any ALTCHA widget can solve ours.

Source: https://altcha.org/docs/v1/proof-of-work/. The salt ends with "&", without which digits
could be moved from the number into the salt's expiry (CVE-2025-68113).
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import parse_qs

ALGORITHM = "SHA-256"
_LONGEST = 4_000
_FIELDS = ("algorithm", "challenge", "salt", "signature")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a browser is to solve: SHA-256 of salt and number, in hexadecimal, is `challenge`.

    Attributes:
        maxnumber: the number is from 0 to this.
        signature: by which it is known as ours; HMAC-SHA-256 of `challenge`.
    """

    algorithm: str
    challenge: str
    maxnumber: int
    salt: str
    signature: str

    def as_dict(self) -> dict[str, Any]:
        """Return what goes over the wire."""
        return asdict(self)


Flaw = Literal["malformed", "foreign", "wrong", "expired"]
"""What may be wrong with a solution: no solution at all, not of a challenge of ours, not the
number, too late."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A solution that was read; with a flaw it is worth nothing.

    Attributes:
        signature: names the challenge.
        expires: when that ends, in seconds since 1970.
    """

    flaw: Flaw | None
    signature: str = ""
    expires: float = 0.0


def make(key: bytes, *, number: int, maxnumber: int, nonce: str, expires: int) -> Challenge:
    """Make a challenge.

    Args:
        key: of the signature.
        number: to be found, drawn at random from 0 to `maxnumber`.
        maxnumber: twice the mean work, in hashes.
        nonce: random, in hexadecimal; makes every challenge another one.
        expires: until when it may be solved, in seconds since 1970.
    """
    salt = f"{nonce}?expires={expires}&"
    challenge = _hash(salt, number)
    return Challenge(ALGORITHM, challenge, maxnumber, salt, _sign(key, challenge))


def check(key: bytes, payload: str, *, at: float) -> Solution:
    """Check a solution: base64 of JSON with algorithm, challenge, number, salt and signature.

    Args:
        key: of the signature.
        payload: as the browser sent it.
        at: the time, in seconds since 1970.
    """
    read = _read(payload)
    if read is None:
        return Solution("malformed")
    challenge, salt, signature = read["challenge"], read["salt"], read["signature"]
    if not hmac.compare_digest(_sign(key, challenge).encode(), signature.encode()):
        return Solution("foreign")
    if not hmac.compare_digest(_hash(salt, read["number"]).encode(), challenge.encode()):
        return Solution("wrong")
    expires = float(parse_qs(salt.partition("?")[2])["expires"][0])  # ours: its hash is signed
    return Solution("expired" if at > expires else None, signature, expires)


def _read(payload: str) -> Mapping[str, Any] | None:
    """Return the fields of a payload; None: it is none."""
    if len(payload) > _LONGEST:
        return None
    try:
        read = json.loads(base64.b64decode(payload, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(read, dict) or not all(isinstance(read.get(f), str) for f in _FIELDS):
        return None
    number = read.get("number")
    if type(number) is not int or number < 0 or read["algorithm"] != ALGORITHM:
        return None
    return read if all(read[field].isascii() for field in _FIELDS) else None


def _hash(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _sign(key: bytes, challenge: str) -> str:
    return hmac.new(key, challenge.encode(), hashlib.sha256).hexdigest()
