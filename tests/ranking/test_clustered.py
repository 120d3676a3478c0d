import numpy as np
import pytest
from simulated_votes import outcomes, random_pairs, random_votes

from blindarena.errors import InputError
from blindarena.ranking import fit_bradley_terry, sandwich_covariance
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.clustered import Correction, clustered_covariance
from blindarena.ranking.vote_arrays import A_WINS, B_WINS, VoteArrays
from blindarena.ranking.weighted import fit_weighted_bradley_terry

THETA = np.linspace(-0.8, 0.8, 5)


def drawn(seed: int, *, n: int = 300, clusters: int = 20) -> tuple[VoteArrays, IntArray]:
    rng = np.random.default_rng(seed)
    return random_votes(rng, THETA, n, tie_share=0.2), rng.integers(0, clusters, n)


def textbook(votes: VoteArrays, cluster: IntArray, *, power: float) -> FloatArray:
    """Bell and McCaffrey's estimator on the votes, with whole hat matrices per cluster."""
    theta = fit_weighted_bradley_terry(votes).theta
    design = np.zeros((len(votes), votes.m))
    design[np.arange(len(votes)), votes.a] = 1
    design[np.arange(len(votes)), votes.b] = -1
    chance = 1 / (1 + np.exp(-design @ theta))
    weight = chance * (1 - chance)
    bread = np.linalg.pinv(design.T @ (design * weight[:, np.newaxis]), hermitian=True)
    half = design * np.sqrt(weight)[:, np.newaxis]
    pearson = (votes.scores - chance) / np.sqrt(weight)
    meat = np.zeros((votes.m, votes.m))
    for group in np.unique(cluster):
        rows = half[cluster == group]
        values, vectors = np.linalg.eigh(np.eye(len(rows)) - rows @ bread @ rows.T)
        adjust = vectors @ np.diag(values**-power) @ vectors.T
        score = rows.T @ adjust @ pearson[cluster == group]
        meat += np.outer(score, score)
    return np.asarray(bread @ meat @ bread)


@pytest.mark.parametrize("clusters", [4, 20, 150])
@pytest.mark.parametrize(("correction", "power"), [("cr2", 0.5), ("jackknife", 1.0)])
def test_equals_the_textbook(correction: Correction, power: float, clusters: int) -> None:
    """4 clusters have met more pairs than there are contestants, 150 only one or two."""
    votes, cluster = drawn(1, clusters=clusters)
    fit = fit_weighted_bradley_terry(votes)

    found = clustered_covariance(fit, votes, cluster, correction=correction)

    assert found.covariance == pytest.approx(textbook(votes, cluster, power=power), rel=1e-7)
    assert found.clusters == len(np.unique(cluster)) > 0.8 * clusters


def test_the_jackknife_is_close_to_leaving_each_cluster_out() -> None:
    votes, cluster = drawn(2, n=2000, clusters=40)
    fit = fit_weighted_bradley_terry(votes)
    moves = []
    for group in range(40):
        rest = cluster != group
        left = VoteArrays(votes.m, votes.a[rest], votes.b[rest], votes.outcome[rest])
        moves.append(fit_bradley_terry(left.pair_counts()).theta - fit.theta)

    found = clustered_covariance(fit, votes, cluster, correction="jackknife")

    assert found.covariance == pytest.approx(
        np.array(moves).T @ np.array(moves), rel=0.02, abs=1e-5
    )


def test_independent_votes_give_about_the_sandwich() -> None:
    votes, cluster = drawn(3, n=40_000, clusters=4000)
    counts = votes.pair_counts()
    fit = fit_weighted_bradley_terry(votes)

    found = clustered_covariance(fit, votes, cluster)

    plain = sandwich_covariance(counts, fit.theta).diagonal()
    assert found.covariance.diagonal() == pytest.approx(plain, rel=0.1)
    assert found.taste < 0.15
    assert found.warning is None


def test_equal_clusters_have_one_less_degree_of_freedom_than_there_are() -> None:
    n, each = 30, 12
    outcome = np.where(np.arange(n * each) % each < 7, A_WINS, B_WINS)
    outcome[: each * 4] = A_WINS
    ones = np.zeros(n * each, dtype=np.int64)
    votes = VoteArrays(2, ones, ones + 1, outcome)

    found = clustered_covariance(
        fit_weighted_bradley_terry(votes), votes, np.repeat(np.arange(n), each)
    )

    assert found.effective == pytest.approx([n, n])
    assert found.df == pytest.approx([n - 1, n - 1])
    assert found.warning is not None
    assert "only 30 effective clusters (of 30)" in found.warning


def test_a_heavy_voter_with_a_taste_leaves_few_effective_clusters() -> None:
    rng = np.random.default_rng(5)
    cluster = np.concatenate([np.repeat(np.arange(4), 500), np.repeat(np.arange(4, 104), 10)])
    a, b = random_pairs(rng, 5, len(cluster))
    taste = rng.normal(0, 0.8, (104, 5))
    lead = THETA[a] - THETA[b] + taste[cluster, a] - taste[cluster, b]
    votes = VoteArrays(5, a, b, outcomes(rng, lead))

    found = clustered_covariance(fit_weighted_bradley_terry(votes), votes, cluster)

    assert found.clusters == 104
    assert found.effective.max() < 20
    assert found.taste == pytest.approx(0.8, abs=0.4)


def test_counts_are_votes_and_names_of_clusters_do_not_matter() -> None:
    votes, cluster = drawn(6)
    count = np.random.default_rng(6).integers(1, 4, len(votes))
    repeated = VoteArrays(5, *(np.repeat(x, count) for x in (votes.a, votes.b, votes.outcome)))
    counted = VoteArrays(5, votes.a, votes.b, votes.outcome, count)

    one = clustered_covariance(fit_weighted_bradley_terry(counted), counted, 7 * cluster + 3)
    other = clustered_covariance(
        fit_weighted_bradley_terry(repeated), repeated, np.repeat(cluster, count)
    )

    assert one.covariance == pytest.approx(other.covariance)
    assert one.effective == pytest.approx(other.effective)


def test_weights_of_the_fit_are_weights_of_the_leverage() -> None:
    """A weight of k counts like k votes of the same voter."""
    votes, cluster = drawn(7)
    count = np.random.default_rng(7).integers(1, 4, len(votes))
    counted = VoteArrays(5, votes.a, votes.b, votes.outcome, count)
    weighted = fit_weighted_bradley_terry(votes, weights=count.astype(float))

    one = clustered_covariance(weighted, votes, cluster, weights=count.astype(float))
    other = clustered_covariance(fit_weighted_bradley_terry(counted), counted, cluster)

    assert one.covariance == pytest.approx(other.covariance)


def test_a_cluster_that_alone_met_a_contestant_has_a_finite_width() -> None:
    votes, cluster = drawn(8)
    cluster[(votes.a == 0) | (votes.b == 0)] = 99

    found = clustered_covariance(fit_weighted_bradley_terry(votes), votes, cluster)

    assert np.isfinite(found.covariance).all()
    assert found.effective[0] < 2
    assert found.warning is not None


def test_the_interval_is_wider_than_the_normal_one() -> None:
    votes, cluster = drawn(9)
    fit = fit_weighted_bradley_terry(votes)
    found = clustered_covariance(fit, votes, cluster)

    lower, upper = found.interval(fit.theta)

    half = 1.959964 * np.sqrt(found.covariance.diagonal())
    assert (upper - lower > 2 * half).all()
    assert (lower + upper) / 2 == pytest.approx(fit.theta)


def test_one_cluster_tells_nothing_about_clusters() -> None:
    votes, _ = drawn(10)
    fit = fit_weighted_bradley_terry(votes)

    with pytest.raises(InputError, match="all votes are in one cluster"):
        clustered_covariance(fit, votes, np.zeros(len(votes), dtype=np.int64))
    with pytest.raises(InputError, match=r"cluster has shape \(3,\)"):
        clustered_covariance(fit, votes, np.arange(3))
