"""Labels of erased voters, and the retention clock's days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from blindarena.domain.arenas import Recipient
from blindarena.domain.consent import consent_of
from blindarena.domain.privacy import Erased, cutoff, erased_label, erased_on


def test_a_label_says_when_and_nothing_else() -> None:
    label = erased_label("0123456789ab", date(2026, 3, 1))
    assert label == "0123456789ab-erased-20260301"
    assert erased_on(label) == date(2026, 3, 1)


@pytest.mark.parametrize(
    "voter", ["", "f" * 24, "0123456789ab-erased-20260231", "0123456789ab-erased-2026030", "ann"]
)
def test_what_is_no_label(voter: str) -> None:
    assert erased_on(voter) is None


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_a_text_is_never_deleted_early_and_at_most_a_day_late(hour: int) -> None:
    written = datetime(2026, 3, 1, hour, 30, tzinfo=UTC)
    kept = written + timedelta(days=7)
    assert not written < cutoff(kept - timedelta(seconds=1), 7)
    assert written < cutoff(kept + timedelta(days=1), 7)


def test_what_was_deleted_in_words() -> None:
    assert str(Erased(1, 2, 1) + Erased(1_200, 0, 3)) == "1,201 battles and 2 votes of 4 voters"


def test_a_consent_is_a_new_one_whatever_the_voter_is_told() -> None:
    eu, unknown = Recipient("X", "EU"), Recipient("X")
    told = {
        consent_of("s", text="Agree?", recipients=recipients, handling=handling).version
        for recipients in ((), (eu,), (unknown,), (eu, unknown))
        for handling in (None, ("warn", False, None), ("warn", False, 90), ("redact", True, 90))
    }
    assert len(told) == 16
    again = consent_of("s", text="Agree?", recipients=(unknown, eu))
    assert again.version == consent_of("s", text="Agree?", recipients=(eu, unknown)).version
