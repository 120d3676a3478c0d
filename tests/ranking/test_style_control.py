import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from method_votes import NAMES, MethodVotes, read_method_votes
from scipy.optimize import minimize
from vote_cases import from_rows, mixed_votes

from blindarena.errors import InputError, NotIdentifiedError
from blindarena.ranking import vote_blocks
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.bradley_terry import fit_bradley_terry
from blindarena.ranking.logistic import fit_logistic
from blindarena.ranking.scale import ELO_PER_NAT, to_elo
from blindarena.ranking.style_control import fit_style_control, style_covariates
from blindarena.ranking.vote_arrays import VoteArrays


@pytest.fixture(scope="module")
def simulated(root: Path) -> MethodVotes:
    return read_method_votes(root)


def fastchat_battles(folder: Path) -> tuple[list[str], VoteArrays, FloatArray, FloatArray]:
    lines = (folder / "vicuna_gpt4_battles.jsonl").read_text(encoding="utf-8").splitlines()
    battles: list[dict[str, Any]] = [json.loads(line) for line in lines]
    names = sorted({battle[side] for battle in battles for side in ("model_a", "model_b")})
    code = {"model_a": 0, "model_b": 1, "tie": 2}
    votes = from_rows(
        len(names),
        [
            (names.index(b["model_a"]), names.index(b["model_b"]), code[b["winner"]], 1)
            for b in battles
        ],
    )

    def counts(side: str) -> FloatArray:
        facts = [battle["conv_metadata"] for battle in battles]
        keys = ("header_count", "list_count", "bold_count")
        return np.array(
            [
                [f[f"sum_assistant_{side}_tokens"], *(sum(f[f"{k}_{side}"].values()) for k in keys)]
                for f in facts
            ],
            dtype=float,
        )

    return names, votes, counts("a"), counts("b")


def test_fastchat(parity_data: Path) -> None:
    """FastChat's ratings and coefficients, with its own normalisation and penalty.

    Its penalty of 0.25 on squared strengths, in units of 400 points, and on squared coefficients
    is a normal prior; it stops early, within 0.1 points.
    """
    folder = parity_data / "ranking"
    golden = json.loads((folder / "fastchat_golden.json").read_text(encoding="utf-8"))
    golden = golden["style_bt_len_list_bold_only"]
    names, votes, style_a, style_b = fastchat_battles(folder)
    used = [0, 2, 3]
    labels = [NAMES[at] for at in used]
    z = style_covariates(style_a[:, used], style_b[:, used], labels, plus=1, centred=True)

    fit = fit_logistic(
        votes,
        z,
        labels,
        prior_elo=400 * np.sqrt(2),
        coefficient_prior_elo=ELO_PER_NAT * np.sqrt(2),
    )

    ratings = dict(zip(names, to_elo(fit.theta), strict=True))
    assert ratings == pytest.approx(golden["ratings"], abs=0.1)
    assert fit.coefficients == pytest.approx(golden["coefs_len_list_bold"], abs=1e-4)


def test_where_fastchat_gives_everybody_1000_the_constant_feature_is_named(
    parity_data: Path,
) -> None:
    _, votes, style_a, style_b = fastchat_battles(parity_data / "ranking")

    with pytest.raises(NotIdentifiedError, match="'headers' differs by the same share"):
        fit_style_control(votes, style_a, style_b, NAMES)


def test_the_golden_file(simulated: MethodVotes) -> None:
    """Another algorithm, and textbook standard errors, see make_method_golden.py."""
    fit = fit_style_control(simulated.votes, simulated.style_a, simulated.style_b, NAMES)
    golden = simulated.golden["style"]

    assert fit.parameters == pytest.approx(golden["estimate"], abs=1e-7)
    assert np.sqrt(fit.covariance().diagonal()) == pytest.approx(golden["error"], abs=1e-7)
    assert fit.gradient < 1e-13
    lower, upper = fit.coefficient_interval()
    half = 1.959964 * np.array(golden["error"][5:])
    assert (upper - lower) / 2 == pytest.approx(half, rel=1e-6)
    assert (upper + lower) / 2 == pytest.approx(fit.coefficients)


def plain_fit(votes: VoteArrays, z: FloatArray) -> FloatArray:
    """Maximise the likelihood of single votes, with the first strength held at 0."""
    assert votes.count is not None
    score, m = np.array([1, 0, 0.5, 0.5])[votes.outcome], votes.m

    def loss(x: FloatArray) -> float:
        theta = np.append(0, x[: m - 1])
        odds = theta[votes.a] - theta[votes.b] + z @ x[m - 1 :]
        return float(np.sum(votes.count * (np.logaddexp(0, odds) - score * odds)))

    x = minimize(loss, np.zeros(m - 1 + z.shape[1]), method="BFGS", options={"gtol": 1e-8}).x
    theta = np.append(0, x[: m - 1])
    return np.append(theta - theta.mean(), x[m - 1 :])


@given(mixed_votes(), st.integers(0, 999))
def test_agrees_with_a_plain_likelihood(votes: VoteArrays, seed: int) -> None:
    z = np.random.default_rng(seed).normal(size=(len(votes), 2))

    assert fit_logistic(votes, z, ["one", "two"]).parameters == pytest.approx(
        plain_fit(votes, z), abs=1e-4
    )


@given(mixed_votes())
def test_without_covariates_it_is_bradley_terry(votes: VoteArrays) -> None:
    fit = fit_logistic(votes, np.zeros((len(votes), 0)), [])

    assert fit.theta == pytest.approx(fit_bradley_terry(votes.pair_counts()).theta, abs=1e-10)


@given(mixed_votes(), st.integers(0, 999), st.randoms(use_true_random=False))
def test_names_order_and_sides_do_not_matter(votes: VoteArrays, seed: int, random: object) -> None:
    z = np.random.default_rng(seed).normal(size=(len(votes), 2))
    fit = fit_logistic(votes, z, ["one", "two"])
    order = np.array(random.sample(range(votes.m), votes.m))  # type: ignore[attr-defined]
    turned = np.where(votes.outcome < 2, 1 - votes.outcome, votes.outcome)
    assert votes.count is not None
    other = VoteArrays(
        votes.m, order[votes.b][::-1], order[votes.a][::-1], turned[::-1], votes.count[::-1]
    )

    changed = fit_logistic(other, -z[::-1, ::-1], ["two", "one"])

    assert changed.theta[order] == pytest.approx(fit.theta, abs=1e-9)
    assert changed.coefficients[::-1] == pytest.approx(fit.coefficients, abs=1e-9)


@given(mixed_votes(), st.integers(0, 999), st.floats(0.01, 100))
def test_a_unit_of_a_covariate_is_a_unit(votes: VoteArrays, seed: int, times: float) -> None:
    z = np.random.default_rng(seed).normal(size=(len(votes), 2))
    fit = fit_logistic(votes, z, ["one", "two"])

    scaled = fit_logistic(votes, z * [times, 1], ["one", "two"])

    assert scaled.coefficients * [times, 1] == pytest.approx(fit.coefficients, rel=1e-7, abs=1e-9)
    assert scaled.theta == pytest.approx(fit.theta, abs=1e-9)


@settings(max_examples=20)
@given(seed=st.integers(0, 999), block=st.sampled_from([1, 7, 64, 10_000]))
def test_the_size_of_blocks_does_not_matter(simulated: MethodVotes, seed: int, block: int) -> None:
    z = np.random.default_rng(seed).normal(size=(600, 3))
    whole = fit_logistic(simulated.votes, z, "abc")
    before = vote_blocks.BLOCK
    try:
        vote_blocks.BLOCK = block
        parts = fit_logistic(simulated.votes, z, "abc")
    finally:
        vote_blocks.BLOCK = before

    assert parts.parameters == pytest.approx(whole.parameters, abs=1e-12)
    assert parts.meat == pytest.approx(whole.meat, abs=1e-9)


def test_more_pairs_than_16_bits_hold_are_sorted_right() -> None:
    rng = np.random.default_rng(3)
    m, n = 400, 200_000
    a = rng.integers(0, m, n)
    votes = VoteArrays(m, a, (a + rng.integers(1, m, n)) % m, rng.integers(0, 4, n))

    pairs = vote_blocks.sort_by_pair(votes, np.zeros((n, 0)), None)

    low, high = np.minimum(votes.a, votes.b), np.maximum(votes.a, votes.b)
    assert len(pairs.first) > 1 << 16
    assert (low[pairs.order] == np.repeat(pairs.first, pairs.sizes)).all()
    assert (high[pairs.order] == np.repeat(pairs.second, pairs.sizes)).all()
    same = np.diff(low[pairs.order] * m + high[pairs.order]) == 0
    assert (np.diff(pairs.order)[same] > 0).all()


def test_covariates_are_shares_over_their_deviation() -> None:
    z = style_covariates(
        np.array([[300.0, 0], [100, 0], [0, 5]]), np.array([[100.0, 0], [300, 4], [0, 5]]), "ab"
    )

    shares = np.array([[0.5, 0], [-0.5, -1], [0, 0]])
    assert z == pytest.approx(shares / np.sqrt((shares**2).mean(axis=0)))


def test_swapping_sides_turns_covariates_round(simulated: MethodVotes) -> None:
    one = style_covariates(simulated.style_a, simulated.style_b, NAMES)
    other = style_covariates(simulated.style_b, simulated.style_a, NAMES)

    assert np.array_equal(one, -other)


def test_a_penalty_shrinks_and_none_is_silent(simulated: MethodVotes) -> None:
    free = fit_style_control(simulated.votes, simulated.style_a, simulated.style_b, NAMES)
    held = fit_style_control(
        simulated.votes, simulated.style_a, simulated.style_b, NAMES, coefficient_prior_elo=10
    )

    assert abs(held.coefficients[0]) < 0.7 * abs(free.coefficients[0])


def test_what_style_is_worth_is_taken_out(simulated: MethodVotes) -> None:
    """Contestant 0 wins by writing more; with style controlled the two are equal."""
    rng = np.random.default_rng(8)
    n = 20_000
    longer = np.exp(rng.normal(0.7, 0.5, n))
    share = (longer - 1) / (longer + 1)
    outcome = np.where(rng.random(n) < 1 / (1 + np.exp(-2 * share)), 0, 1)
    votes = VoteArrays(2, np.zeros(n, dtype=int), np.ones(n, dtype=int), outcome)
    style = (longer[:, np.newaxis] * 100, np.full((n, 1), 100.0))

    plain = fit_bradley_terry(votes.pair_counts()).theta
    fit = fit_style_control(votes, *style, ["tokens"])

    error = np.sqrt(fit.covariance()[0, 0])
    assert plain[0] - plain[1] > 0.5
    assert abs(fit.theta[0]) < 4 * error < 0.1


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (lambda z, votes: [z[:, 0], 0 * z[:, 0]], "'two' is 0 in every vote"),
        (lambda z, votes: [z[:, 0], 3 * z[:, 0]], "'two' is determined by the covariates before"),
        (
            lambda z, votes: [z[:, 0], np.isin(votes.a, [1, 2]) - 1.0 * np.isin(votes.b, [1, 2])],
            "'two' is determined by who meets whom",
        ),
    ],
)
def test_a_covariate_that_says_nothing_of_its_own_is_named(
    simulated: MethodVotes, columns: Any, says: str
) -> None:
    z = np.random.default_rng(0).normal(size=(600, 1))
    covariates = np.stack(columns(z, simulated.votes), axis=1)

    with pytest.raises(NotIdentifiedError) as caught:
        fit_logistic(simulated.votes, covariates, ["one", "two"])
    fit = fit_logistic(simulated.votes, covariates, ["one", "two"], coefficient_prior_elo=100)

    assert says in str(caught.value)
    assert np.isfinite(fit.parameters).all()


def test_a_covariate_that_foretells_every_vote_is_named() -> None:
    votes = from_rows(3, [(i, (i + 1) % 3, o, 1) for i in range(3) for o in (0, 1, 0, 1)])
    z = np.stack([1.0 - 2 * votes.outcome, np.arange(12) % 5 - 2.0], axis=1)

    with pytest.raises(NotIdentifiedError, match="'oracle' foretells"):
        fit_logistic(votes, z, ["oracle", "noise"])


def test_who_cannot_be_compared_is_named(simulated: MethodVotes) -> None:
    votes = simulated.votes
    more = VoteArrays(6, votes.a, votes.b, votes.outcome)

    with pytest.raises(NotIdentifiedError, match=r"1 of 6 contestants \(5\)"):
        fit_style_control(more, simulated.style_a, simulated.style_b, NAMES)
    fit = fit_style_control(more, simulated.style_a, simulated.style_b, NAMES, prior_elo=300)
    assert fit.theta[5] == pytest.approx(0, abs=1e-12)


def test_no_contestants_are_told() -> None:
    with pytest.raises(NotIdentifiedError, match="no contestants"):
        fit_logistic(from_rows(0, []), np.zeros((0, 0)), [], prior_elo=100)


@pytest.mark.parametrize(
    ("z", "names", "says"),
    [
        (np.zeros((599, 1)), ["a"], "shape"),
        (np.zeros((600, 2)), ["a"], "shape"),
        (np.full((600, 1), np.nan), ["long"], "'long' of vote 0 is nan"),
        (np.full((600, 1), np.inf), ["long"], "'long' of vote 0 is inf"),
    ],
)
def test_useless_covariates_are_told(
    simulated: MethodVotes, z: FloatArray, names: list[str], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        fit_logistic(simulated.votes, z, names)


def test_useless_style_counts_are_told() -> None:
    good, bad = np.ones((2, 1)), np.array([[1.0], [-3.0]])

    with pytest.raises(InputError, match=r"'tokens' of side b in vote 1 is -3\.0"):
        style_covariates(good, bad, ["tokens"])
    with pytest.raises(InputError, match="'tokens' of side a in vote 0 is nan"):
        style_covariates(good * np.nan, good, ["tokens"])
    with pytest.raises(InputError, match="style_b has shape"):
        style_covariates(good, np.ones((3, 1)), ["tokens"])
    with pytest.raises(NotIdentifiedError, match="'tokens'"):
        style_covariates(np.zeros((0, 1)), np.zeros((0, 1)), ["tokens"])
