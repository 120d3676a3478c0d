"""What a vote may say, wherever it is cast."""

from collections.abc import Sequence

from blindarena.domain.arenas import Arena
from blindarena.domain.battles import OUTCOMES, Outcome
from blindarena.domain.usable import Usable, check_usable
from blindarena.errors import InvalidInputError


def check_ballot(
    arena: Arena,
    *,
    outcome: Outcome,
    reasons: Sequence[str],
    usable: Usable | None,
    named: bool = False,
) -> None:
    """Check a vote against what its arena asks.

    Raises:
        InvalidInputError: an unknown outcome or reason; `usable` where it is not asked, or not
            where it is.
    """
    if outcome not in OUTCOMES:
        raise InvalidInputError(f"unknown outcome {outcome!r}; it is one of {', '.join(OUTCOMES)}")
    unknown = [reason for reason in reasons if reason not in arena.reasons]
    if unknown:
        raise InvalidInputError(
            f"unknown reason {unknown[0]!r}; this arena offers {', '.join(arena.reasons) or 'none'}"
        )
    check_usable(arena.usable_answer and not named, usable)
