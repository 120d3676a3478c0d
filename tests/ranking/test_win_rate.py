import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vote_cases import from_rows, from_tables, mixed_votes, multiplied, renamed, single, swapped

from blindarena.ranking.bradley_terry import fit_bradley_terry
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.win_rate import expected_mean_win_rates, mean_win_rates


def test_worked_example() -> None:
    """0 beats 1 three times of four, and ties with 2: the mean of 75 % and 50 %."""
    counts = from_tables(4, [(0, 1, 3, 1, 0), (0, 2, 0, 0, 1)]).pair_counts()

    rates = mean_win_rates(counts)

    assert rates.rate[:3] == pytest.approx([0.625, 0.25, 0.5])
    assert np.isnan(rates.rate[3])
    assert rates.opponents.tolist() == [2, 1, 1, 0]
    assert rates.variance[1] == pytest.approx(0.75 * 0.25 / 3)
    assert np.isnan(rates.variance[[0, 2, 3]]).all()


@pytest.mark.parametrize("name", ["evalica_simple", "evalica_food", "evalica_llmfao"])
def test_evalica(parity_data: Path, name: str) -> None:
    folder = parity_data / "ranking"
    file = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    rows = file["votes"]
    if isinstance(rows, str):
        with (folder / rows).open(encoding="utf-8", newline="") as lines:
            rows = [(row["left"], row["right"], row["winner"]) for row in csv.DictReader(lines)]
    golden = file["golden"]["average_win_rate"]
    place = {name: at for at, name in enumerate(golden)}
    code = {"left": 0, "right": 1, "tie": 2}
    votes = from_rows(len(golden), [(place[a], place[b], code[o], 1) for a, b, o in rows])

    rates = mean_win_rates(votes.pair_counts()).rate

    assert dict(zip(golden, rates, strict=True)) == pytest.approx(golden, rel=1e-9)


@given(mixed_votes())
def test_agrees_with_a_plain_loop(votes: VoteArrays) -> None:
    scores: dict[tuple[int, int], list[float]] = {}
    alone = single(votes)
    for a, b, outcome in zip(alone.a, alone.b, alone.outcome, strict=True):
        score = (1, 0, 0.5, 0.5)[outcome]
        scores.setdefault((a, b), []).append(score)
        scores.setdefault((b, a), []).append(1 - score)

    rates = mean_win_rates(votes.pair_counts())

    for i in range(votes.m):
        met = [values for (one, _), values in scores.items() if one == i]
        assert rates.rate[i] == pytest.approx(np.mean([np.mean(values) for values in met]))
        if min(map(len, met)) == 1:
            assert np.isnan(rates.variance[i])
        else:
            assert rates.variance[i] == pytest.approx(
                sum(np.var(values, ddof=1) / len(values) for values in met) / len(met) ** 2
            )


@given(mixed_votes(), st.randoms(use_true_random=False), st.integers(2, 9))
def test_names_sides_and_scale_do_not_matter(votes: VoteArrays, random: object, times: int) -> None:
    order = np.array(random.sample(range(votes.m), votes.m))  # type: ignore[attr-defined]
    rate = mean_win_rates(votes.pair_counts()).rate

    assert mean_win_rates(renamed(votes, order).pair_counts()).rate[order] == pytest.approx(rate)
    assert mean_win_rates(swapped(votes).pair_counts()).rate == pytest.approx(rate)
    assert mean_win_rates(multiplied(votes, times).pair_counts()).rate == pytest.approx(rate)


def test_where_the_model_holds_it_expects_what_was_seen() -> None:
    """Counts in the very proportions of three strengths."""
    counts = from_tables(3, [(0, 1, 400, 200, 0), (1, 2, 400, 200, 0), (0, 2, 400, 100, 0)])

    expected = expected_mean_win_rates(
        counts.pair_counts(), fit_bradley_terry(counts.pair_counts()).theta
    )

    assert expected == pytest.approx(mean_win_rates(counts.pair_counts()).rate)


def test_where_tastes_go_in_circles_it_disagrees() -> None:
    counts = from_tables(
        3, [(0, 1, 900, 100, 0), (1, 2, 90, 10, 0), (0, 2, 10, 90, 0)]
    ).pair_counts()

    rates = mean_win_rates(counts)
    expected = expected_mean_win_rates(counts, fit_bradley_terry(counts).theta)

    assert rates.rate == pytest.approx([0.5] * 3)
    assert np.abs(rates.rate - expected).max() > 5 * np.sqrt(rates.variance.max())


def test_no_votes_have_no_rates() -> None:
    rates = mean_win_rates(from_rows(2, []).pair_counts())

    assert np.isnan(rates.rate).all()
    assert np.isnan(rates.variance).all()
