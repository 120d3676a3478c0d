"""When an arena's deadline has passed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from blindarena.arena.closing import check_not_closed, has_closed
from blindarena.errors import ArenaClosedError
from storage.builders import arena

LAST_DAY = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("at", "closed"),
    [
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2027, 1, 1, tzinfo=UTC), True),
        (datetime(2027, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), False),
        (datetime(2026, 12, 31, 20, tzinfo=timezone(timedelta(hours=-5))), True),
    ],
)
def test_the_last_day_ends_in_utc(at: datetime, closed: bool) -> None:
    one = arena(deadline=LAST_DAY)

    assert has_closed(one, at) is closed
    assert not has_closed(replace(one, deadline=None), at)


def test_the_error_is_one_sentence_with_the_day() -> None:
    with pytest.raises(ArenaClosedError) as raised:
        check_not_closed(arena(deadline=LAST_DAY), datetime(2027, 1, 1, tzinfo=UTC))

    assert str(raised.value) == (
        "'Support' closed on 2026-12-31 (UTC); nothing new can be voted on here"
    )
