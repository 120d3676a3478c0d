"""The tests of an arena's voters, computed in the background, for the owner alone."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

import numpy as np

from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.battles import VoterVote
from blindarena.leaderboard.background import Jobs, in_thread
from blindarena.leaderboard.cache import RecentlyUsed
from blindarena.leaderboard.counted import Counted, count
from blindarena.leaderboard.ports import Counts, VoterVotes
from blindarena.ranking import fit_bradley_terry, largest_component
from blindarena.ranking.arrays import IntArray
from blindarena.ranking.vote_arrays import A_WINS, B_WINS, BOTH_BAD, TIE, VoteArrays
from blindarena.ranking.voter_power import VoterTestPower, voter_test_power
from blindarena.ranking.voters import KINDS, VoterEvidence, voter_evidence

POWER = 0.85
POWER_AT = (20, 30, 50, 100)
ERROR = 0.05
SIMULATED = 200
LISTED = 100
SHORT = 8
LARGEST_E = 1e15
Status = Literal["none", "computing", "ready"]
Alternative = Literal["random-click", "never-tie", "reversed"]
_CODES = {"model_a": A_WINS, "model_b": B_WINS, "tie": TIE, "both_bad": BOTH_BAD}
_NAMES: dict[str, Alternative] = {
    "random": "random-click",
    "never_tie": "never-tie",
    "reversed": "reversed",
}


@dataclass(frozen=True, slots=True)
class Flagged:
    """A voter whose evidence has crossed the limit; `voter` is the whole pseudonym."""

    voter: str
    votes: int
    alternative: Alternative
    e_value: float
    power_at_n: float | None
    suggested: bool


@dataclass(frozen=True, slots=True)
class VoterTests:
    """What the tests gave.

    Attributes:
        voters, votes: that were tested.
        enough_votes: from how many on the test finds POWER of random clickers on this board; None
            where it does not within 100.
        power: (votes, share of random clickers found, share of honest voters flagged).
        flagged: the strongest evidence first, LISTED at most.
        sentence: the result, or why there is none.
    """

    status: Status
    sentence: str
    computed_at: datetime | None = None
    voters: int = 0
    votes: int = 0
    enough_votes: int | None = None
    power: tuple[tuple[int, float, float], ...] = ()
    flagged: tuple[Flagged, ...] = ()

    def public(self, excluded: Collection[str]) -> dict[str, object]:
        """Return the fields of the API, under short pseudonyms."""
        return {
            "status": self.status,
            "computed_at": self.computed_at,
            "voters": self.voters,
            "votes": self.votes,
            "error": ERROR,
            "flagged_by_chance": ERROR * self.voters,
            "wanted_power": POWER,
            "enough_votes": self.enough_votes,
            "power": [
                {"votes": n, "random_click": found, "honest": wrong}
                for n, found, wrong in self.power
            ],
            "flagged": [
                {
                    "voter": one.voter[:SHORT],
                    "votes": one.votes,
                    "alternative": one.alternative,
                    "e_value": one.e_value,
                    "power_at_n": one.power_at_n,
                    "suggested": one.suggested,
                    "excluded": one.voter in excluded,
                }
                for one in self.flagged
            ],
            "sentence": self.sentence,
        }


@dataclass(slots=True)
class Ballots:
    """All votes of an arena as codes, voters numbered in the order they first voted."""

    numbers: dict[str, int] = field(default_factory=dict)
    columns: list[IntArray] = field(default_factory=list)

    def add(self, page: Sequence[VoterVote], places: dict[UUID, int]) -> None:
        """Take a page; votes on contestants without a place are left out."""
        rows = [
            (self.numbers.setdefault(v.voter, len(self.numbers)), a, b, _CODES[v.outcome])
            for v in page
            if (a := places.get(v.contestant_a)) is not None
            and (b := places.get(v.contestant_b)) is not None
        ]
        if rows:
            self.columns.append(np.array(rows, dtype=np.int64).T)


class VoterTestBench:
    """Tests the voters of an arena when the owner looks, as long as something changed.

    Args:
        counts: where the votes are counted; the board's strengths come from those that count.
        votes: where single votes are read.
        simulated: see `examine`.
    """

    def __init__(self, counts: Counts, votes: VoterVotes, *, simulated: int = SIMULATED) -> None:
        self._simulated = simulated
        self._counts = counts
        self._votes = votes
        self._jobs = Jobs(most=4)
        self._known: RecentlyUsed[UUID, tuple[tuple[int, int], VoterTests]] = RecentlyUsed(8)

    async def of(
        self, arena: Arena, contestants: Sequence[Contestant], *, now: datetime
    ) -> VoterTests:
        """Return the tests of the votes there are, or what was said before until they are done."""
        mark = (await self._counts.version(arena.id), arena.version)
        known = self._known.get(arena.id)
        if known is not None and known[0] == mark:
            return known[1]

        async def work() -> None:
            tests = await self._compute(arena, contestants, now)
            self._known.put(arena.id, (mark, tests))

        self._jobs.start(arena.id, mark, work)
        if known is not None:
            return known[1]
        return VoterTests("computing", "The tests are being computed.")

    async def idle(self) -> None:
        """Return when everything asked for is computed."""
        await self._jobs.idle()

    async def close(self) -> None:
        """Drop what is being computed."""
        await self._jobs.close()

    async def _compute(
        self, arena: Arena, contestants: Sequence[Contestant], now: datetime
    ) -> VoterTests:
        pairs = await self._counts.pairs(arena.id, population="people", version=arena.version)
        ids = [contestant.id for contestant in contestants]
        counted = count(pairs, ids)
        inside = largest_component(counted.pair_counts).tolist()
        places = {ids[place]: number for number, place in enumerate(inside)}
        ballots = Ballots()
        pages: AsyncIterator[Sequence[VoterVote]] = self._votes.voter_votes(arena.id)
        async for page in pages:
            ballots.add(page, places)
        return await in_thread(
            lambda: examine(counted, ballots, now=now, simulated=self._simulated)
        )


def examine(
    counted: Counted, ballots: Ballots, *, now: datetime, simulated: int = SIMULATED
) -> VoterTests:
    """Test every voter against honest voting, with the power that the test has on this board.

    Args:
        counted: the votes that count; its largest connected group is what ballots refer to.
        ballots: the votes to test.
        now: becomes `computed_at`.
        simulated: random clickers by which the power is measured, see `voter_test_power`.
    """
    counts = counted.pair_counts
    inside = largest_component(counts)
    if len(inside) < 2 or not ballots.columns:
        return VoterTests(
            "none", "There is no board yet that votes could be compared with.", computed_at=now
        )
    theta = fit_bradley_terry(counts.among(inside)).theta
    voter, a, b, outcome = np.concatenate(ballots.columns, axis=1)
    evidence = voter_evidence(VoteArrays(len(theta), a, b, outcome), voter, theta, error=ERROR)
    ties = int((outcome >= TIE).sum())
    power = voter_test_power(
        theta,
        np.random.default_rng(0),
        tie_share=(ties + 1) / (len(outcome) + 2),
        voters=simulated,
        error=ERROR,
    )
    names = list(ballots.numbers)
    order = np.argsort(-evidence.log_e, kind="stable")
    suspects = [i for i in order.tolist() if evidence.suspect[i]]
    flagged = [_flagged(evidence, power, i, names[i]) for i in suspects]
    return VoterTests(
        status="ready",
        sentence=_sentence(len(names), flagged, power.enough(POWER)),
        computed_at=now,
        voters=len(names),
        votes=len(outcome),
        enough_votes=power.enough(POWER),
        power=tuple((n, float(power.random[n - 1]), float(power.honest[n - 1])) for n in POWER_AT),
        flagged=tuple(flagged[:LISTED]),
    )


def _flagged(evidence: VoterEvidence, power: VoterTestPower, i: int, name: str) -> Flagged:
    """Describe a suspect. The power is measured for random clicks, so only these are suggested."""
    kind, votes = KINDS[evidence.kind[i]], int(evidence.votes[i])
    measured = None
    if kind == "random":
        measured = float(power.random[min(votes, len(power.random)) - 1])
    return Flagged(
        voter=name,
        votes=votes,
        alternative=_NAMES[kind],
        e_value=float(min(np.exp(min(evidence.log_e[i], 700.0)), LARGEST_E)),
        power_at_n=measured,
        suggested=measured is not None and measured >= POWER,
    )


def _sentence(voters: int, flagged: Sequence[Flagged], enough: int | None) -> str:
    """Say in one or two sentences what was found and what that is worth."""
    chance = f"up to {ERROR * voters:.3g} may be by chance"
    found = f"{len(flagged)} of {voters} voters are flagged; {chance}."
    if enough is None:
        return f"{found} On this board the test has too little power to suggest an exclusion."
    return f"{found} From {enough} votes on the test finds {POWER:.0%} of random clickers here."
