"""How a file of votes is to be ranked: everything that changes a number."""

import math
from dataclasses import dataclass, field
from typing import Literal, get_args

from blindarena.errors import InputError

Method = Literal["bt", "elo", "davidson", "rao-kupper", "four-outcome"]
Interval = Literal["sandwich", "cluster", "bootstrap", "anytime"]
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
            `cluster`, "bootstrap" for Elo and FastChat, else "sandwich".
        anchor: a model and the rating that it gets, in place of a mean of 1000.
        margin: smallest difference in Elo points that matters; with one, the board says whether
            the choice can be made yet.
        seed: of everything drawn at random.
        min_votes: votes that a model needs for a rank; fewer are preliminary.
        rank_sets: whether the ranks are given that simultaneous intervals leave open.
        costs: whether cost and speed of the answers are read and set beside the ratings.
        unconnected: "skip" leaves those without a finite rating unrated.
        on_bad_rows: "skip" counts wrong rows and leaves them out.
        columns: our name -> the file's, where a column has another name.
        compat: "fastchat" computes as FastChat does, early stopping and all.
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
    unconnected: Unconnected = "error"
    on_bad_rows: BadRows = "error"
    columns: dict[str, str] = field(default_factory=dict)
    compat: Compat | None = None

    def __post_init__(self) -> None:
        if self.interval is None:
            object.__setattr__(self, "interval", self._usual_interval())
        for name, known in _CLOSED.items():
            if (value := getattr(self, name)) is not None and value not in known:
                raise InputError(f"{name} is {value!r}; give one of {', '.join(known)}")
        for problem in self._problems():
            raise InputError(problem)

    @property
    def by_counts(self) -> bool:
        """Say whether counts of the votes are enough, so that no row is kept."""
        rows = self.style or self.by or self.cluster or self.compat or self.costs
        return not rows and self.method != "elo"

    def _usual_interval(self) -> Interval:
        if self.cluster is not None:
            return "cluster"
        return "bootstrap" if self.method == "elo" or self.compat else "sandwich"

    def _problems(self) -> list[str]:
        """Return what does not go together, with the cure."""
        found = []
        beyond = self.style or self.costs or self.interval != "bootstrap"
        if self.compat and (beyond or self.method not in ("bt", "elo")):
            found.append(
                "what FastChat computes is bt or elo with its bootstrap; leave other options out"
            )
        if self.style and self.method != "bt":
            found.append(f"style control is for the method bt, not {self.method}; leave one out")
        if self.interval == "cluster" and self.cluster is None:
            found.append("the interval 'cluster' needs a column; name it: cluster=COLUMN")
        if self.cluster is not None and self.interval != "cluster":
            found.append(
                f"the interval {self.interval!r} does not use the cluster {self.cluster!r}; take "
                "the interval 'cluster', or leave the cluster out"
            )
        if self.method == "elo" and self.interval != "bootstrap":
            found.append(
                f"online Elo has no {self.interval} interval; take 'bootstrap', or the method bt"
            )
        if self.interval == "bootstrap" and (self.style or self.method not in ("bt", "elo")):
            found.append(
                "the bootstrap is for bt without style control and for elo; take 'sandwich', "
                "'cluster' or 'anytime'"
            )
        if self.anchor is not None and not math.isfinite(self.anchor[1]):
            found.append(f"the anchor's rating is {self.anchor[1]}; give a finite number")
        if self.margin is not None and not 0 < self.margin < math.inf:
            found.append(
                f"the margin is {self.margin}; give the smallest difference that matters, in Elo "
                "points above 0"
            )
        if self.margin is not None and (self.method == "elo" or self.compat):
            found.append("a decision by margin needs a fitted model; leave elo and compat out")
        if self.min_votes < 0:
            found.append(f"min_votes is {self.min_votes}; give 0 or more")
        if self.seed < 0:
            found.append(f"seed is {self.seed}; give 0 or more")
        return found


_CLOSED: dict[str, tuple[str, ...]] = {
    "method": get_args(Method),
    "interval": get_args(Interval),
    "unconnected": get_args(Unconnected),
    "on_bad_rows": get_args(BadRows),
    "compat": get_args(Compat),
}
