"""The tests of an arena's voters: who is flagged, what is suggested, when it is computed."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import numpy as np
import pytest
from board_cases import ARENA, NOW, CountsInMemory, contestants

from blindarena.domain.battles import OUTCOMES, VoterVote
from blindarena.domain.boards import PairCount
from blindarena.leaderboard.counted import count
from blindarena.leaderboard.voter_tests import Ballots, VoterTestBench, VoterTests, examine

PEOPLE = contestants(*"abcdefgh")
IDS = [c.id for c in PEOPLE]
PLACES = {one: place for place, one in enumerate(IDS)}
WIDE = np.linspace(-2.2, 2.2, 8)


def crowd(
    theta: np.ndarray, *, honest: int, clickers: int, votes: int, ties: float = 0.2
) -> list[VoterVote]:
    """Let honest voters and clickers of four buttons vote, one after the other."""
    rng = np.random.default_rng(11)
    n = (honest + clickers) * votes
    a = rng.integers(0, 8, n)
    b = (a + rng.integers(1, 8, n)) % 8
    outcome = np.where(rng.random(n) < 1 / (1 + np.exp(theta[b] - theta[a])), 0, 1)
    outcome = np.where(rng.random(n) < ties, 2, outcome)
    outcome[honest * votes :] = rng.integers(0, 4, clickers * votes)
    return [
        VoterVote(f"{i // votes:08x}{'0' * 16}", IDS[a[i]], IDS[b[i]], OUTCOMES[outcome[i]])
        for i in range(n)
    ]


def pairs_of(cast: Sequence[VoterVote]) -> list[PairCount]:
    cells: dict[tuple[UUID, UUID], list[int]] = {}
    for vote in cast:
        ends = (vote.contestant_a, vote.contestant_b)
        first, second = sorted(ends)
        cell = cells.setdefault((first, second), [0, 0, 0, 0])
        if vote.outcome in ("tie", "both_bad"):
            cell[2 if vote.outcome == "tie" else 3] += 1
        else:
            cell[0 if ends[vote.outcome == "model_b"] == first else 1] += 1
    return [PairCount(*ends, *cell) for ends, cell in cells.items()]


def examined(cast: Sequence[VoterVote], *, simulated: int = 40) -> VoterTests:
    ballots = Ballots()
    for start in range(0, len(cast), 700):
        ballots.add(cast[start : start + 700], PLACES)
    return examine(count(pairs_of(cast), IDS), ballots, now=NOW, simulated=simulated)


@pytest.fixture(scope="module")
def found() -> VoterTests:
    return examined(crowd(WIDE, honest=40, clickers=3, votes=120), simulated=100)


def test_clickers_are_flagged_and_suggested_with_the_measured_power(found: VoterTests) -> None:
    top = found.flagged[:3]

    assert sorted(one.voter[:8] for one in top) == [f"{40 + i:08x}" for i in range(3)]
    assert {one.alternative for one in top} == {"random-click"}
    assert all(one.e_value > 20 and one.votes == 120 for one in top)
    assert found.enough_votes is not None
    assert found.enough_votes <= 90
    assert all(one.suggested and one.power_at_n and one.power_at_n >= 0.85 for one in top)
    assert len(found.flagged) <= 3 + 0.15 * 40
    assert [n for n, _, _ in found.power] == [20, 30, 50, 100]
    assert (found.voters, found.votes) == (43, 43 * 120)
    assert f"From {found.enough_votes} votes on" in found.sentence


def test_nothing_is_suggested_on_a_board_that_is_too_narrow() -> None:
    narrow = examined(crowd(WIDE / 5, honest=30, clickers=6, votes=60))

    assert narrow.enough_votes is None
    assert not any(one.suggested for one in narrow.flagged)
    assert "too little power" in narrow.sentence


def test_never_tie_is_flagged_but_never_suggested() -> None:
    cast = crowd(WIDE, honest=20, clickers=0, votes=100, ties=0.4)
    stubborn = [v for v in crowd(WIDE, honest=4, clickers=0, votes=100) if v.outcome != "tie"]
    cast += [v._replace(voter="f" * 24) for v in stubborn]

    [one] = [one for one in examined(cast).flagged if one.voter == "f" * 24]

    assert (one.alternative, one.power_at_n, one.suggested) == ("never-tie", None, False)


def test_the_public_names_are_short_and_say_who_is_excluded(found: VoterTests) -> None:
    public = found.public({found.flagged[0].voter})
    flagged = public["flagged"]

    assert isinstance(flagged, list)
    assert [len(one["voter"]) for one in flagged] == [8] * len(flagged)
    assert [one["excluded"] for one in flagged] == [True] + [False] * (len(flagged) - 1)
    assert public["flagged_by_chance"] == pytest.approx(0.05 * 43)


def test_no_votes_are_no_tests() -> None:
    none = examined([])

    assert (none.status, none.flagged) == ("none", ())
    assert "no board yet" in none.sentence


class Pages:
    """The port of single votes."""

    def __init__(self, cast: Sequence[VoterVote]) -> None:
        self.cast = cast
        self.reads = 0

    async def voter_votes(self, arena_id: UUID) -> AsyncIterator[Sequence[VoterVote]]:
        self.reads += 1
        for start in range(0, len(self.cast), 50):
            yield self.cast[start : start + 50]


async def test_it_is_computed_beside_and_once_per_change() -> None:
    cast = crowd(WIDE, honest=4, clickers=0, votes=60)
    counts, pages = CountsInMemory(*pairs_of(cast)), Pages(cast)
    bench = VoterTestBench(counts, pages, simulated=20)

    assert (await bench.of(ARENA, PEOPLE, now=NOW)).status == "computing"
    await bench.idle()
    first = await bench.of(ARENA, PEOPLE, now=NOW)
    assert (first.status, first.votes, pages.reads) == ("ready", 240, 1)

    counts.changes += 1
    assert await bench.of(ARENA, PEOPLE, now=NOW) is first, "the old one until the new one is there"
    await bench.idle()
    assert pages.reads == 2
    assert (await bench.of(ARENA, PEOPLE, now=NOW)).status == "ready"
    await bench.close()


async def test_votes_on_contestants_that_are_not_rated_are_left_out() -> None:
    cast = crowd(WIDE, honest=3, clickers=0, votes=60)
    other = VoterVote("e" * 24, UUID(int=7), IDS[0], "model_a")
    bench = VoterTestBench(CountsInMemory(*pairs_of(cast)), Pages([*cast, other]), simulated=20)
    await bench.of(ARENA, PEOPLE, now=NOW)
    await bench.idle()

    assert (await bench.of(ARENA, PEOPLE, now=NOW)).voters == 3
    await bench.close()
