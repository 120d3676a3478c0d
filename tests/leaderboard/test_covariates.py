"""Style covariates of a board: the order of the counts in memory changes no number."""

import numpy as np
from vote_tables import votes

from blindarena.leaderboard.covariates import STYLE, fit_covariates
from blindarena.leaderboard.options import Options
from blindarena.ranking.style_control import fit_style_control
from blindarena.votes import read_votes


def test_a_board_with_style_control_is_the_fit_on_counts_side_by_side() -> None:
    drawn = votes(600)
    rng = np.random.default_rng(2)
    for side in "ab":
        drawn = drawn.append_column(f"lists_{side}", [rng.integers(0, 9, 600)])
    table = read_votes(drawn)
    names = [name for name in STYLE if f"{name}_a" in table.numbers]
    assert names == ["tokens", "lists"]
    side_by_side = [
        np.column_stack([table.numbers[f"{name}_{side}"] for name in names]) for side in "ab"
    ]

    board = fit_covariates(table, table.votes.pair_counts(), Options(style=True))

    expected = fit_style_control(table.votes, side_by_side[0], side_by_side[1], names)
    assert board.theta.tolist() == expected.theta.tolist()
    assert [c.name for c in board.coefficients] == names
