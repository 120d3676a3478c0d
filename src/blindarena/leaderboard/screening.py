"""Which voters' votes count: the test of voters, and the cap on the votes of one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from blindarena.errors import InputError
from blindarena.leaderboard.board import Row
from blindarena.leaderboard.offline_votes import among, part_of, present
from blindarena.leaderboard.options import Options
from blindarena.ranking import fit_bradley_terry, largest_component
from blindarena.ranking.arrays import BoolArray, IntArray
from blindarena.ranking.exclusions import beyond_cap
from blindarena.ranking.vote_arrays import TIE
from blindarena.ranking.voter_power import VoterTestPower, exclude_voters, voter_test_power
from blindarena.ranking.voters import KINDS, VoterEvidence, voter_evidence
from blindarena.votes.table import VoteTable

POWER = 0.85
POWER_AT = (20, 30, 50, 100)
SIMULATED = 200
FLAGGED = "flagged by the voter test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A voter whose votes speak against honest voting.

    Attributes:
        voter: as the votes call them.
        votes: that were tested.
        kind: "random", "never_tie" or "reversed": what the votes fit best.
        log10_e: evidence: the e-value's highest power of ten.
        flagged: whether there are votes enough for the test's measured power.
    """

    voter: str
    votes: int
    kind: str
    log10_e: float
    flagged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One model with all votes, and without those of flagged voters."""

    contestant: str
    rating: float | None
    rank: int | None
    rating_without: float | None
    rank_without: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterCheck:
    """What testing the voters of a board gave.

    Attributes:
        voters: how many were tested.
        error: share of honest voters that may be suspected, wrongly.
        enough: votes from which the test finds POWER of random clickers, measured on this board;
            None where it does not within 100, so that nobody is flagged.
        power: share of simulated random clickers found, by number of votes.
        honest: share of simulated honest voters suspected within 100 votes.
        suspects: the strongest evidence first.
        flagged_votes: votes of those who are flagged.
        excluded: whether the board leaves these out.
        rows: the board with all votes and without those; empty where nobody is flagged.
    """

    voters: int
    error: float
    enough: int | None
    power: Mapping[int, float]
    honest: float
    suspects: tuple[Suspect, ...]
    flagged_votes: int
    excluded: bool
    rows: tuple[Compared, ...] = ()

    @property
    def flagged(self) -> int:
        """How many voters are flagged."""
        return sum(one.flagged for one in self.suspects)

    def with_rows(self, all_votes: tuple[Row, ...], without: tuple[Row, ...]) -> "VoterCheck":
        """Return the check with both boards beside one another."""
        other = {row.contestant: row for row in without}
        return replace(
            self,
            rows=tuple(
                Compared(
                    contestant=row.contestant,
                    rating=row.rating,
                    rank=row.rank,
                    rating_without=other[row.contestant].rating
                    if row.contestant in other
                    else None,
                    rank_without=other[row.contestant].rank if row.contestant in other else None,
                )
                for row in all_votes
            ),
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Screened:
    """The votes of a board after testing and capping.

    Attributes:
        table: the votes that count.
        check: what the test gave; None where it was not asked for.
        all_votes, without: capped votes of all, and without flagged voters; only where some are.
    """

    table: VoteTable
    check: VoterCheck | None = None
    all_votes: VoteTable | None = None
    without: VoteTable | None = None


def screened(table: VoteTable, options: Options) -> Screened:
    """Test the voters and cap their votes, as the options say.

    Raises:
        InputError: the votes do not say who voted, or are counts.
    """
    if not options.by_voter:
        return Screened(table=table)
    if "voter" not in table.labels:
        raise InputError(
            "the voter test and caps need a column 'voter'; say which it is: map voter=COLUMN"
        )
    if table.votes.count is not None:
        raise InputError(
            "the voter test and caps need single votes, in the order they were cast; these are "
            "counts: leave voter_test and max_votes_per_voter out"
        )
    check, flagged = None, np.zeros(len(table.votes), dtype=np.bool_)
    if options.voter_test:
        check, flagged = _tested(table, options)
    everything = _capped(table, options)
    if not flagged.any():
        return Screened(table=everything, check=check)
    without = _capped(_without(table, flagged, FLAGGED), options)
    return Screened(
        table=without if options.exclude_flagged else everything,
        check=check,
        all_votes=everything,
        without=without,
    )


def _tested(table: VoteTable, options: Options) -> tuple[VoterCheck, BoolArray]:
    """Return what the test gives, and (n,) the votes of those whom it flags."""
    voter = table.labels["voter"]
    inside = largest_component(table.votes.pair_counts())
    if len(inside) < 2:
        raise InputError(
            "the voter test needs a board to compare with, and no chain of wins connects these "
            "models; leave voter_test out"
        )
    part = among(table, inside)
    theta = fit_bradley_terry(part.votes.pair_counts()).theta
    known = part_of(part, part.labels["voter"].codes >= 0)
    codes = known.labels["voter"].codes.astype(np.int64)
    evidence = voter_evidence(known.votes, codes, theta)
    ties = int((known.votes.outcome >= TIE).sum())
    power = voter_test_power(
        theta,
        np.random.default_rng(options.seed),
        tie_share=(ties + 1) / (len(codes) + 2),
        voters=SIMULATED,
    )
    enough = power.enough(POWER)
    out = exclude_voters(evidence, enough=enough)
    flagged = np.append(out, np.zeros(len(voter.names) + 1 - len(out), dtype=np.bool_))
    of_flagged = flagged[voter.codes]  # a missing voter, -1, is the last, which is never flagged
    return _check(evidence, power, out, voter.names, options, int(of_flagged.sum())), of_flagged


def _check(
    evidence: VoterEvidence,
    power: VoterTestPower,
    out: BoolArray,
    names: tuple[str, ...],
    options: Options,
    flagged_votes: int,
) -> VoterCheck:
    order = np.argsort(-evidence.log_e, kind="stable")
    return VoterCheck(
        voters=int((evidence.votes > 0).sum()),
        error=evidence.error,
        enough=power.enough(POWER),
        power={n: float(power.random[n - 1]) for n in POWER_AT},
        honest=float(power.honest[-1]),
        suspects=tuple(
            Suspect(
                voter=names[i],
                votes=int(evidence.votes[i]),
                kind=KINDS[evidence.kind[i]],
                log10_e=float(evidence.log_e[i] / np.log(10)),
                flagged=bool(out[i]),
            )
            for i in order.tolist()
            if evidence.suspect[i]
        ),
        flagged_votes=flagged_votes,
        excluded=options.exclude_flagged,
    )


def _capped(table: VoteTable, options: Options) -> VoteTable:
    most = options.max_votes_per_voter
    if most is None:
        return table
    reason = f"beyond the first {most} of their voter"
    return _without(table, beyond_cap(_each(table), most), reason)


def _each(table: VoteTable) -> IntArray:
    """Return (n,) the voter of each vote; a vote without one is a voter of its own."""
    voter = table.labels["voter"]
    missing = voter.codes < 0
    if not missing.any():
        return voter.codes
    return np.where(missing, np.arange(len(voter.codes)) + len(voter.names), voter.codes)


def _without(table: VoteTable, out: BoolArray, reason: str) -> VoteTable:
    """Leave votes out and count them; the hash is that of the others."""
    if not out.any():
        return table
    skipped = {**table.report.skipped, reason: int(out.sum())}
    return present(replace(part_of(table, ~out), report=replace(table.report, skipped=skipped)))
