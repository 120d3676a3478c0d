"""How a file of votes is to be ranked: everything that changes a number."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from blindarena.errors import InputError
from blindarena.votes.judges import JudgeVotes

Method = Literal["bt", "elo", "davidson", "rao-kupper", "four-outcome", "contextual"]
Interval = Literal["sandwich", "cluster", "bootstrap", "anytime", "posterior"]
Unconnected = Literal["error", "skip"]
BadRows = Literal["error", "skip"]
Compat = Literal["fastchat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `rank`, checked; `interval` is never None.

    Attributes:
        method: the model.
        style: whether style counts of the answers are taken into account; Bradley-Terry only.
        by: a column of text: one more board for each of its values.
        cluster: a column of text: votes with the same value hang together.
        interval: how uncertainty is estimated; without a choice, "cluster" where there is a
            `cluster`, "bootstrap" for Elo and FastChat, "posterior" for contextual, else
            "sandwich".
        anchor: a model and the rating that it gets, in place of a mean of 1000.
        margin: smallest difference in Elo points that matters; with one, the board says whether
            the choice can be made yet.
        seed: of everything drawn at random.
        min_votes: votes that a model needs for a rank; fewer are preliminary.
        rank_sets: whether the ranks are given that simultaneous intervals leave open.
        costs: whether cost and speed of the answers are read and set beside the ratings.
        value_of_100_elo: what 100 Elo points more are worth in an answer, in USD; makes rating and
            cost one order.
        votes_to_flip: whether the board says how few votes, taken away, change the order of two
            neighbours.
        first_position: whether the advantage of side a is estimated and taken out.
        weights: a column of numbers: how much each vote counts.
        propensity: a column of numbers: the probability with which each vote's pair was drawn; a
            vote weighs one over it.
        voter_test: whether voters are tested for voting without looking; see `voter` in `votes`.
        exclude_flagged: whether the votes of those whom the test flags are left out.
        max_votes_per_voter: the first so many votes of a voter count; None is all.
        unconnected: "skip" leaves those without a finite rating unrated.
        on_bad_rows: "skip" counts wrong rows and leaves them out.
        columns: our name -> the file's, where a column has another name.
        compat: "fastchat" computes as FastChat does, early stopping and all.
        judge_votes: what becomes of votes of judges where there are others too; None is an error
            then.
    """

    method: Method = "bt"
    style: bool = False
    by: str | None = None
    cluster: str | None = None
    interval: Interval | None = None
    anchor: tuple[str, float] | None = None
    margin: float | None = None
    seed: int = 0
    min_votes: int = 0
    rank_sets: bool = True
    costs: bool = False
    value_of_100_elo: float | None = None
    votes_to_flip: bool = False
    first_position: bool = False
    weights: str | None = None
    propensity: str | None = None
    voter_test: bool = False
    exclude_flagged: bool = False
    max_votes_per_voter: int | None = None
    unconnected: Unconnected = "error"
    on_bad_rows: BadRows = "error"
    columns: dict[str, str] = field(default_factory=dict)
    compat: Compat | None = None
    judge_votes: JudgeVotes | None = None

    def __post_init__(self) -> None:
        if self.interval is None:
            object.__setattr__(self, "interval", self._usual_interval())
        for name, known in _CLOSED.items():
            if (value := getattr(self, name)) is not None and value not in known:
                raise InputError(f"{name} is {value!r}; give one of {', '.join(known)}")
        from blindarena.leaderboard.option_checks import problems_of

        for problem in problems_of(self):
            raise InputError(problem)

    @property
    def weighted(self) -> bool:
        """Say whether votes count differently."""
        return self.weights is not None or self.propensity is not None

    @property
    def by_voter(self) -> bool:
        """Say whether it matters who voted."""
        return self.voter_test or self.max_votes_per_voter is not None

    @property
    def covariates(self) -> bool:
        """Say whether more than the two models bears on a vote."""
        return self.style or self.first_position

    @property
    def reads_costs(self) -> bool:
        """Say whether cost and speed of the answers are needed."""
        return self.costs or self.value_of_100_elo is not None

    @property
    def by_counts(self) -> bool:
        """Say whether counts of the votes are enough, so that no row is kept."""
        columns = self.by or self.cluster or self.weighted or self.by_voter or self.reads_costs
        return not (columns or self.covariates or self.compat) and self.method != "elo"

    def _usual_interval(self) -> Interval:
        if self.method == "contextual":
            return "posterior"
        if self.cluster is not None:
            return "cluster"
        return "bootstrap" if self.method == "elo" or self.compat else "sandwich"


_CLOSED: dict[str, tuple[str, ...]] = {
    "method": get_args(Method),
    "interval": get_args(Interval),
    "unconnected": get_args(Unconnected),
    "on_bad_rows": get_args(BadRows),
    "compat": get_args(Compat),
    "judge_votes": get_args(JudgeVotes),
}
