"""What ranking a file of votes gives: a board that can be computed again, and exported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from blindarena.leaderboard.board import Pairs, Row
from blindarena.leaderboard.costs import Front
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.decision import Decided
from blindarena.leaderboard.fitting import Coefficient
from blindarena.leaderboard.offline_votes import contestants_of
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.robustness import CrossCheck, Flip
from blindarena.leaderboard.rows import make_pairs
from blindarena.leaderboard.screening import VoterCheck
from blindarena.leaderboard.utility import UtilityOrder

if TYPE_CHECKING:
    import pandas
    import polars


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """How well category boards predict votes that they have not seen, against the one board.

    Attributes:
        category: "" is all of them together.
        votes: how many held-out votes both could predict.
        one_board: mean log loss of the one global board, in nats per vote.
        category_board: that of the category's own.
        gain, lower, upper: by how much the category's own is better, with a 95 % interval.
        folds, seed: how the votes were parted.
    """

    category: str
    votes: int
    one_board: float
    category_board: float
    gain: float
    lower: float
    upper: float
    folds: int
    seed: int

    @property
    def wins(self) -> bool:
        """Say whether the category's own board predicts better for certain."""
        return self.lower > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """A leaderboard of a file of votes, with all that is needed to compute it again.

    Attributes:
        method: the model, in words.
        interval: how uncertainty was estimated, in words.
        n: votes that it is computed from.
        excluded: rows left out, by reason.
        data_hash: of the votes; see `votes.hashing`.
        seed: of everything drawn at random; None where nothing was.
        tolerance: largest gradient over curvature asked for, in nats; one more Newton step
            follows, which squares it. None for Elo.
        iterations: Newton steps, or votes gone over by Elo.
        rows: by rating, highest first; those without one last.
        models, counted: the votes per pair of models.
        options: what was asked for.
        versions: of Python, the libraries and the machine's linear algebra.
        computed_at: when.
        files: what was read.
        category: the value of the column `options.by` that these votes have; "" is all.
        notes: the model's own parameters, limits and warnings, each a sentence.
        coefficients: of style control and of the first position.
        decision: whether a model can be chosen yet, with `options.margin`.
        fronts: rating against cost and speed, with `options.costs`.
        utility: rating and cost as one order, with `options.value_of_100_elo`.
        flips: how few votes change the order of neighbours, with `options.votes_to_flip`.
        cross_check: mean win rates beside what plain Bradley-Terry expects of them.
        voters: what testing them gave, with `options.voter_test`.
        boards: one per category, with `options.by`.
        held_out: whether they predict better than the one board; all together first.
    """

    method: str
    interval: str
    n: int
    excluded: Mapping[str, int]
    data_hash: str
    seed: int | None
    tolerance: float | None
    iterations: int
    rows: tuple[Row, ...]
    models: tuple[str, ...] = field(repr=False)
    counted: Counted = field(repr=False, compare=False)
    options: Options = field(repr=False)
    versions: Mapping[str, str] = field(repr=False)
    computed_at: datetime
    files: tuple[str, ...] = ()
    category: str = ""
    notes: tuple[str, ...] = ()
    coefficients: tuple[Coefficient, ...] = ()
    decision: Decided | None = None
    fronts: tuple[Front, ...] = ()
    utility: UtilityOrder | None = None
    flips: tuple[Flip, ...] = ()
    cross_check: tuple[CrossCheck, ...] = ()
    voters: VoterCheck | None = None
    boards: "tuple[Leaderboard, ...]" = field(default=(), repr=False)
    held_out: tuple[HeldOut, ...] = ()

    @property
    def enough(self) -> bool:
        """Say whether there is a ranking: two models with a rank."""
        return sum(row.rank is not None for row in self.rows) > 1

    @property
    def pairs(self) -> Pairs:
        """Return the win matrix, in the order of the rows."""
        return make_pairs(contestants_of(self.models), self.counted, self.rows)

    @property
    def shown(self) -> bool:
        """Say whether the table is worth showing; a category without a ranking only says so."""
        return self.enough or not self.category

    def to_json(self) -> str:
        """Return the board as a snapshot: JSON that `blindarena rank --verify` can check."""
        from blindarena.leaderboard.snapshot import snapshot_of

        return snapshot_of(self)

    def to_csv(self) -> str:
        """Return the rows of this board and of its categories as CSV for spreadsheets."""
        from blindarena.leaderboard.text_tables import csv_of

        return csv_of(self)

    def to_markdown(self) -> str:
        """Return the board as Markdown."""
        from blindarena.leaderboard.text_tables import markdown_of

        return markdown_of(self)

    def to_html(self) -> str:
        """Return the board as one HTML file that needs no network and no script."""
        from blindarena.leaderboard.html import html_of

        return html_of(self)

    def to_svg(self) -> str:
        """Return the interval plot as one SVG file."""
        from blindarena.leaderboard.plot import interval_plot

        return interval_plot(self)

    def _repr_html_(self) -> str:
        """Show the interval plot in a notebook."""
        return self.to_svg()

    def to_polars(self) -> "polars.DataFrame":
        """Return the rows of this board and of its categories as a Polars frame.

        Raises:
            InputError: Polars is not installed.
        """
        from blindarena.leaderboard.frames import polars_of

        return polars_of(self)

    def to_pandas(self) -> "pandas.DataFrame":
        """Return the rows of this board and of its categories as a pandas frame.

        Raises:
            InputError: pandas is not installed.
        """
        from blindarena.leaderboard.frames import pandas_of

        return pandas_of(self)
