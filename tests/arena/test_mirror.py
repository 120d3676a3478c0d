"""The mirror counts habits, and says what chance alone would give."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.arena.mirror import Seen, chance_range, mirror_of
from blindarena.domain.battles import Outcome
from blindarena.domain.replay import Breach
from blindarena.domain.style import Style

SHORT, LONG = Style(10, 0, 0, 0), Style(90, 1, 2, 3)
BREACH = Breach(policy="Never promise a date.", quote="by Friday")


def seen(outcome: Outcome, a: Style = SHORT, b: Style = LONG, **breach: Breach) -> Seen:
    return Seen(ticket="T01", outcome=outcome, style_a=a, style_b=b, **breach)


def test_counts_left_longer_and_formatted() -> None:
    mirror = mirror_of([seen("model_a"), seen("model_b"), seen("model_b"), seen("tie")])

    assert mirror.votes == 3
    assert (mirror.left.count, mirror.left.of) == (1, 3)
    assert (mirror.longer.count, mirror.longer.of) == (2, 3)
    assert (mirror.formatted.count, mirror.formatted.of) == (2, 3)


def test_equal_answers_say_nothing_about_length() -> None:
    assert mirror_of([seen("model_a", LONG, LONG)]).longer.of == 0


@pytest.mark.parametrize(
    ("outcome", "noticed"), [("model_a", 1), ("both_bad", 1), ("model_b", 0), ("tie", 0)]
)
def test_a_breach_is_missed_when_its_answer_was_called_good(outcome: Outcome, noticed: int) -> None:
    mirror = mirror_of([seen(outcome, breach_b=BREACH)])

    assert mirror.breaches_noticed.count == noticed
    assert len(mirror.missed) == 1 - noticed


def test_ten_throws_land_between_three_and_seven() -> None:
    """C(10, 3..7) / 2**10 = 912 / 1024 = 89 %, the range of the design's mock-up."""
    assert chance_range(10) == (3, 7)


@given(st.integers(1, 100))
def test_no_symmetric_range_is_closer_to_90_percent(n: int) -> None:
    def inside(low: int) -> float:
        return sum(comb(n, k) for k in range(low, n - low + 1)) / 2**n

    low, high = chance_range(n)
    assert high == n - low
    assert all(
        abs(inside(low) - 0.9) <= abs(inside(other) - 0.9) + 1e-12 for other in range(n // 2 + 1)
    )
