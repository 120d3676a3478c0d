"""Our proof of work against ALTCHA's own library, and against who would cheat."""

import base64
import datetime
import json
from typing import Any

import pytest
from altcha import v1 as altcha

from blindarena.domain.challenges import Challenge, check, make

KEY = b"a key of thirty-two bytes or so."
NOW = 1_790_000_000


def challenge(number: int = 1234, **given: Any) -> Challenge:
    values: dict[str, Any] = {"maxnumber": 5_000, "nonce": "0a" * 12, "expires": NOW + 300}
    return make(KEY, number=number, **(values | given))


def payload(of: Challenge, number: int, /, **given: Any) -> str:
    fields = {name: getattr(of, name) for name in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps(fields | {"number": number} | given).encode()).decode()


def test_altchas_library_solves_and_accepts_ours() -> None:
    soon = int(datetime.datetime.now(datetime.UTC).timestamp()) + 300
    ours = challenge(expires=soon)

    found = altcha.solve_challenge(ours.challenge, ours.salt, "SHA-256", ours.maxnumber, 0)

    assert found is not None
    assert found.number == 1234
    assert altcha.verify_solution(payload(ours, 1234), KEY.decode(), True) == (True, None)
    assert check(KEY, payload(ours, 1234), at=soon - 1).flaw is None


def test_we_accept_what_altchas_library_made() -> None:
    expires = datetime.datetime.fromtimestamp(NOW + 300, datetime.UTC)
    theirs = altcha.create_challenge(
        altcha.ChallengeOptions(hmac_key=KEY.decode(), number=77, max_number=99, expires=expires)
    )
    made = Challenge(
        theirs.algorithm, theirs.challenge, theirs.max_number, theirs.salt, theirs.signature
    )

    solution = check(KEY, payload(made, 77), at=NOW)

    assert (solution.flaw, solution.expires) == (None, NOW + 300)
    assert check(KEY, payload(made, 78), at=NOW).flaw == "wrong"


def test_flaws_are_told_apart() -> None:
    ours = challenge()

    assert check(KEY, payload(ours, 1234), at=NOW).flaw is None
    assert check(KEY, payload(ours, 1235), at=NOW).flaw == "wrong"
    assert check(KEY, payload(ours, 1234), at=NOW + 301).flaw == "expired"
    assert check(b"another", payload(ours, 1234), at=NOW).flaw == "foreign"
    easier = challenge(number=0, maxnumber=1, nonce="00")
    swapped = payload(ours, 0, challenge=easier.challenge, salt=easier.salt)
    assert check(KEY, swapped, at=NOW).flaw == "foreign"


def test_an_expiry_cannot_be_moved() -> None:
    """Digits moved from the number to the salt leave time and signature as they were."""
    ours = challenge()
    later = payload(ours, 1234, salt=ours.salt.replace(str(NOW + 300), str(NOW + 999)))
    spliced = payload(ours, 34, salt=ours.salt + "12")

    assert check(KEY, later, at=NOW).flaw == "wrong"
    assert check(KEY, spliced, at=NOW).expires == NOW + 300
    assert check(KEY, spliced, at=NOW).signature == ours.signature
    assert check(KEY, spliced, at=NOW + 301).flaw == "expired"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "no base64!",
        base64.b64encode(b"no json").decode(),
        base64.b64encode(b"[1]").decode(),
        base64.b64encode(b"[" * 3_000).decode(),
        payload(challenge(), 1234, number="1234"),
        payload(challenge(), 1234, number=True),
        payload(challenge(), -1),
        payload(challenge(), 1234, algorithm="SHA-1"),
        payload(challenge(), 1234, salt=None),
        payload(challenge(), 1234, signature="ä"),
        payload(challenge(), 1234, salt="x" * 4_000),
    ],
)
def test_rubbish_is_malformed(given: str) -> None:
    assert check(KEY, given, at=NOW).flaw == "malformed"
