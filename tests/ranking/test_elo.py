import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vote_cases import from_rows, mixed_votes, published_votes, single, swapped

from blindarena.errors import InputError
from blindarena.ranking import elo
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.bradley_terry import fit_bradley_terry
from blindarena.ranking.elo import bootstrap_elo, rate_elo
from blindarena.ranking.scale import to_elo
from blindarena.ranking.vote_arrays import VoteArrays


def by_the_book(votes: VoteArrays, k: float, initial: float = 1000.0) -> FloatArray:
    """Compute both sides' expected scores with powers of ten, as Elo's book has it."""
    ratings = [initial] * votes.m
    for a, b, outcome in zip(votes.a, votes.b, votes.outcome, strict=True):
        score = (1, 0, 0.5, 0.5)[outcome]
        expected_a = 1 / (1 + 10 ** ((ratings[b] - ratings[a]) / 400))
        expected_b = 1 / (1 + 10 ** ((ratings[a] - ratings[b]) / 400))
        ratings[a] += k * (score - expected_a)
        ratings[b] += k * (1 - score - expected_b)
    return np.array(ratings)


def test_worked_example() -> None:
    """Wikipedia's "Elo rating system": 1613 meets five players, K = 32."""
    rivals = [1609.0, 1477, 1388, 1586, 1720]
    won = [1, 2, 0, 0, 1]  # lost, drew, won, won, lost
    changes = 0.0
    for rival, outcome in zip(rivals, won, strict=True):
        rated = rate_elo(
            VoteArrays(2, np.array([0]), np.array([1]), np.array([outcome])),
            k=32,
            initial=np.array([1613.0, rival]),
        )
        changes += rated.ratings[0] - 1613

    assert 1613 + changes == pytest.approx(1601, abs=0.5)


def test_fastchat(parity_data: Path) -> None:
    folder = parity_data / "ranking"
    golden = json.loads((folder / "fastchat_golden.json").read_text(encoding="utf-8"))
    lines = (folder / "vicuna_gpt4_battles.jsonl").read_text(encoding="utf-8").splitlines()
    battles = [json.loads(line) for line in lines]
    names = sorted(golden["elo_online_k4"])
    code = {"model_a": 0, "model_b": 1, "tie": 2}
    votes = from_rows(
        len(names),
        [
            (names.index(b["model_a"]), names.index(b["model_b"]), code[b["winner"]], 1)
            for b in battles
        ],
    )

    ratings = dict(zip(names, rate_elo(votes).ratings, strict=True))

    assert ratings == pytest.approx(golden["elo_online_k4"], abs=1e-6)


@pytest.mark.parametrize("name", ["evalica_simple", "evalica_food", "evalica_llmfao"])
def test_evalica(parity_data: Path, name: str) -> None:
    folder = parity_data / "ranking"
    file = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    rows = file["votes"]
    if isinstance(rows, str):
        with (folder / rows).open(encoding="utf-8", newline="") as lines:
            rows = [(row["left"], row["right"], row["winner"]) for row in csv.DictReader(lines)]
    golden = file["golden"]["elo"]
    place = {name: at for at, name in enumerate(golden)}
    code = {"left": 0, "right": 1, "tie": 2}
    votes = from_rows(len(golden), [(place[a], place[b], code[o], 1) for a, b, o in rows])

    assert dict(zip(golden, rate_elo(votes).ratings, strict=True)) == pytest.approx(
        golden, rel=1e-9
    )


def test_evalica_rust_units(parity_data: Path) -> None:
    file = json.loads(
        (parity_data / "ranking/evalica_rust_units.json").read_text(encoding="utf-8")
    )["elo"]
    rows = zip(file["xs"], file["ys"], ("XYT".index(w) for w in file["winners"]), strict=True)
    votes = from_rows(file["total"], [(x, y, w, 1) for x, y, w in rows])

    rated = rate_elo(
        votes, k=file["k"], initial=file["initial"], base=file["base"], scale=file["scale"]
    )

    assert rated.ratings[:4] == pytest.approx(file["expected_first4"], abs=file["eps"])


def test_the_golden_file(root: Path) -> None:
    """1.67 million real votes by a plain loop, see make_method_golden.py."""
    golden = json.loads((root / "tests/data/methods_20240814.json").read_text())["online_elo"]
    names, votes = published_votes(root)

    ratings = dict(zip(names, rate_elo(votes, compiled=False).ratings, strict=True))

    assert ratings == pytest.approx(golden, abs=1e-6)


@given(mixed_votes(), st.floats(0.5, 64))
def test_agrees_with_the_book(votes: VoteArrays, k: float) -> None:
    rated = rate_elo(votes, k=k)

    assert rated.ratings == pytest.approx(by_the_book(single(votes), k), abs=1e-9)
    assert rated.votes.sum() == 2 * votes.n


@given(mixed_votes(), st.floats(0.5, 64))
def test_the_compiled_pass_agrees_bit_for_bit(votes: VoteArrays, k: float) -> None:
    pytest.importorskip("numba")

    compiled, plain = (rate_elo(votes, k=k, compiled=each).ratings for each in (True, False))

    assert np.array_equal(compiled, plain)


@given(mixed_votes(), st.floats(0.5, 64), st.randoms(use_true_random=False))
def test_names_and_sides_do_not_matter(votes: VoteArrays, k: float, random: object) -> None:
    order = np.array(random.sample(range(votes.m), votes.m))  # type: ignore[attr-defined]
    ratings = rate_elo(votes, k=k).ratings
    named = VoteArrays(votes.m, order[votes.a], order[votes.b], votes.outcome, votes.count)

    assert rate_elo(named, k=k).ratings[order] == pytest.approx(ratings, abs=1e-12)
    assert rate_elo(swapped(votes), k=k).ratings == pytest.approx(ratings, abs=1e-9)


@given(mixed_votes(), st.floats(-500, 3000), st.floats(0.1, 10))
def test_points_are_kept_and_their_zero_and_unit_are_free(
    votes: VoteArrays, initial: float, unit: float
) -> None:
    usual = rate_elo(votes, initial=0).ratings

    assert usual.sum() == pytest.approx(0, abs=1e-9)
    assert rate_elo(votes, initial=initial).ratings - initial == pytest.approx(usual, abs=1e-8)
    assert rate_elo(votes, initial=0, k=4 * unit, scale=400 * unit).ratings == pytest.approx(
        usual * unit, abs=1e-8
    )


@given(mixed_votes(), st.integers(0, 200))
def test_it_can_be_continued(votes: VoteArrays, cut: int) -> None:
    votes = single(votes)
    early, late = (
        VoteArrays(votes.m, votes.a[part], votes.b[part], votes.outcome[part])
        for part in (slice(None, cut), slice(cut, None))
    )

    continued = rate_elo(late, initial=rate_elo(early).ratings).ratings

    assert np.array_equal(continued, rate_elo(votes).ratings)


def test_the_order_matters() -> None:
    rows = [(0, 1, 0, 20), (0, 1, 1, 20)]

    early, late = (rate_elo(from_rows(2, each)).ratings for each in (rows, rows[::-1]))

    assert early[0] < 1000 < late[0]


def test_in_the_long_run_it_is_near_bradley_terry() -> None:
    rng = np.random.default_rng(5)
    m, n = 6, 200_000
    theta = np.linspace(1, -1, m)
    a = rng.integers(0, m, n)
    b = (a + rng.integers(1, m, n)) % m
    outcome = np.where(rng.random(n) < 1 / (1 + np.exp(theta[b] - theta[a])), 0, 1)
    votes = VoteArrays(m, a, b, outcome)

    ratings = rate_elo(votes, k=0.5).ratings

    assert ratings == pytest.approx(to_elo(fit_bradley_terry(votes.pair_counts()).theta), abs=12)


def test_who_has_no_votes_keeps_the_initial_rating_and_says_so() -> None:
    rated = rate_elo(from_rows(3, [(0, 1, 0, 1)]))

    assert (rated.ratings[2], rated.votes.tolist()) == (1000, [1, 1, 0])


def test_the_bootstrap_is_around_the_middle_and_repeats() -> None:
    rng = np.random.default_rng(6)
    a = rng.integers(0, 4, 3000)
    votes = VoteArrays(4, a, (a + rng.integers(1, 4, 3000)) % 4, rng.integers(0, 4, 3000))

    one, two = (bootstrap_elo(votes, rounds=40, rng=np.random.default_rng(7)) for _ in range(2))

    assert one.shape == (40, 4)
    assert np.array_equal(one, two)
    assert one.mean() == pytest.approx(1000)
    assert 1 < one.std(axis=0).min() < one.std(axis=0).max() < 30


@pytest.mark.parametrize(
    "options",
    [
        {"k": 0},
        {"k": -1},
        {"k": 1e6},
        {"k": np.nan},
        {"base": 1},
        {"scale": 0},
        {"scale": np.inf},
        {"initial": np.nan},
        {"initial": np.array([0.0, 1e7])},
    ],
)
def test_useless_options_are_told(options: dict[str, float]) -> None:
    with pytest.raises(InputError):
        rate_elo(from_rows(2, [(0, 1, 0, 1)]), **options)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        bootstrap_elo(
            from_rows(2, [(0, 1, 0, 1)]),
            rounds=1,
            rng=np.random.default_rng(0),
            **options,  # type: ignore[arg-type]
        )


def test_no_rounds_are_told() -> None:
    with pytest.raises(InputError, match="rounds"):
        bootstrap_elo(from_rows(2, []), rounds=0, rng=np.random.default_rng(0))


def test_without_numba_it_is_plain_and_says_so_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elo, "find_spec", lambda name: None)
    votes = from_rows(2, [(0, 1, 0, 1)])

    assert rate_elo(votes).ratings.tolist() == [1002, 998]
    with pytest.raises(InputError, match=r"blindarena\[speed\]"):
        rate_elo(votes, compiled=True)


def test_few_votes_do_not_load_numba() -> None:
    code = (
        "import sys, numpy as np\n"
        "from blindarena.ranking.elo import rate_elo\n"
        "from blindarena.ranking.vote_arrays import VoteArrays\n"
        "one = np.array([0, 1])\n"
        "rate_elo(VoteArrays(2, one, 1 - one, one))\n"
        "assert 'numba' not in sys.modules and 'scipy' not in sys.modules\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
