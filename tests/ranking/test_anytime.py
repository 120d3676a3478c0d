"""Confidence sequences, and by simulation how often they hold at every look.

The figures are in docs/methods/anytime.md.
"""

import numpy as np
import pytest
from test_coverage import M, cells, counts_of

from blindarena.errors import InputError
from blindarena.ranking import (
    ELO_PER_NAT,
    fit_bradley_terry,
    is_strongly_connected,
    normal_interval,
    sandwich_covariance,
)
from blindarena.ranking.anytime import (
    anytime_differences,
    anytime_half_widths,
    anytime_interval,
)
from blindarena.ranking.differences import (
    difference_intervals,
    difference_variances,
    differences,
)

REPLICATES = 300
FIRST_LOOK = 20
"""Votes per contestant at the first look."""


def test_brownian_motion_is_left_as_seldom_as_promised() -> None:
    """The mixture is exact for Brownian motion; 4000 paths seen at 2000 times."""
    rng = np.random.default_rng(1)
    times = np.geomspace(1, 1e5, 2000)
    steps = np.sqrt(np.diff(times, prepend=0))
    half = anytime_half_widths(1 / times, sharpest=0.05)
    one_sided = anytime_half_widths(1 / times, sharpest=0.05, one_sided=True)
    left = passed = 0
    for _ in range(4000):
        mean = np.cumsum(steps * rng.standard_normal(2000)) / times
        left += bool((np.abs(mean) > half).any())
        passed += bool((mean > one_sided).any())

    assert 0.02 < left / 4000 <= 0.055
    assert 0.02 < passed / 4000 <= 0.055


def test_robbins_formula_by_hand() -> None:
    """With V = rho the half-width is sqrt(2 log(2 / alpha^2) / rho)."""
    log = -2 * np.log(0.05)
    rho = 400 / (log + np.log(log) + 1)

    found = anytime_half_widths(np.array([1 / rho]), sharpest=1 / 20)

    assert found == pytest.approx([np.sqrt(2 * np.log(2 / 0.05**2) / rho)])


def test_it_is_narrowest_where_it_was_asked_to_be() -> None:
    variance = np.array([0.0025])
    widths = [anytime_half_widths(variance, sharpest=s)[0] for s in np.geomspace(0.005, 0.5, 201)]

    best = np.geomspace(0.005, 0.5, 201)[int(np.argmin(widths))]

    assert best == pytest.approx(0.05, rel=0.05)
    assert anytime_half_widths(variance, sharpest=0.05)[0] / 0.05 == pytest.approx(3.1, abs=0.1)


def test_more_comparisons_one_side_and_no_variance() -> None:
    variance = np.array([0.01, 0.0])
    alone = anytime_half_widths(variance)

    assert (anytime_half_widths(variance, comparisons=10)[0] > alone)[0]
    assert anytime_half_widths(variance, one_sided=True)[0] < alone[0]
    assert alone[1] == np.inf


def test_differences_are_wider_than_single_intervals_and_antisymmetric() -> None:
    theta = np.array([0.3, 0.0, -0.3])
    covariance = 0.01 * np.eye(3)

    lower, upper = anytime_differences(theta, covariance)

    assert (lower == -upper.T).all()
    assert (lower.diagonal() == 0).all()
    variance = difference_variances(covariance)
    one, _ = anytime_interval(differences(theta), np.where(variance > 0, variance, 0.02))
    assert (lower[~np.eye(3, dtype=bool)] < one[~np.eye(3, dtype=bool)]).all()


@pytest.mark.parametrize("sharpest", [0.0, -1.0, np.inf, np.nan])
def test_a_sharpest_error_that_is_none_is_told(sharpest: float) -> None:
    with pytest.raises(InputError, match="sharpest"):
        anytime_half_widths(np.ones(1), sharpest=sharpest)


@pytest.mark.parametrize("level", [0.2, 1.0, np.nan])
def test_a_level_that_is_none_is_told(level: float) -> None:
    with pytest.raises(InputError, match="level"):
        anytime_half_widths(np.ones(1), level=level)


def looks(*, votes_each: int, fits: bool, seed: int) -> tuple[float, float, float, float]:
    """Look after every 3 % more votes, and count who held at all looks.

    Returns:
        The share of boards on which all differences held at all looks; of contestants whose
        rating did; of differences that did, each for itself; of differences whose usual 95 %
        interval did.
    """
    rng = np.random.default_rng(seed)
    chances = cells(rng, fits=fits, tie_share=0.3)
    truth = fit_bradley_terry(counts_of(np.rint(chances * 1e12))).theta
    gaps = differences(truth)
    upper_half = np.triu_indices(M, 1)
    times = np.unique(
        np.geomspace(FIRST_LOOK, votes_each, int(np.log(votes_each / FIRST_LOOK) / 0.03))
        .astype(np.int64)
    ) * M // 2  # fmt: skip
    together = np.zeros(REPLICATES)
    single = np.zeros((REPLICATES, M))
    pairs, plain = np.zeros((2, REPLICATES, len(upper_half[0])))
    for replicate in range(REPLICATES):
        drawn = rng.multinomial(np.diff(times, prepend=0), chances.ravel()).cumsum(axis=0)
        held_all, held, held_pair, held_plain = True, np.ones(M, bool), True, True
        theta = None
        for votes in drawn:
            counts = counts_of(votes.reshape(3, -1))
            if theta is None and not is_strongly_connected(counts):
                continue
            theta = fit_bradley_terry(counts, start=theta).theta
            covariance = sandwich_covariance(counts, theta)
            lower, upper = anytime_differences(theta, covariance)
            held_all &= bool(((lower <= gaps) & (gaps <= upper)).all())
            lower, upper = anytime_interval(theta, covariance.diagonal())
            held &= (lower <= truth) & (truth <= upper)
            half = anytime_half_widths(difference_variances(covariance))
            held_pair &= (np.abs(differences(theta) - gaps) <= half)[upper_half]
            lower, upper = difference_intervals(theta, covariance)
            held_plain &= ((lower <= gaps) & (gaps <= upper))[upper_half]
        together[replicate], single[replicate] = held_all, held
        pairs[replicate], plain[replicate] = held_pair, held_plain
    return (
        float(together.mean()),
        float(single.mean()),
        float(pairs.mean()),
        float(plain.mean()),
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("fits", [True, False])
def test_every_look(fits: bool) -> None:
    together, single, pairs, plain = looks(votes_each=5000, fits=fits, seed=20240814)

    print(f"{fits=} {together=:.4f} {single=:.4f} {pairs=:.4f} {plain=:.4f}")
    assert min(together, single, pairs) >= 0.95
    assert plain < 0.8


def test_every_look_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Usual intervals, looked at again and again, miss the truth of most boards."""
    monkeypatch.setattr("test_anytime.REPLICATES", 12)

    together, single, pairs, plain = looks(votes_each=1000, fits=True, seed=3)

    assert min(together, single, pairs) >= 0.9
    assert plain < 0.85


def test_the_default_is_ten_points() -> None:
    widths = [
        anytime_half_widths(np.array([(10 / ELO_PER_NAT) ** 2]), sharpest=s / ELO_PER_NAT)[0]
        for s in (5, 10, 20)
    ]
    default = anytime_half_widths(np.array([(10 / ELO_PER_NAT) ** 2]))[0]

    assert default == widths[1] == min(widths)
    lower, upper = normal_interval(np.zeros(1), np.array([(10 / ELO_PER_NAT) ** 2]))
    assert default < 1.7 * (upper - lower)[0] / 2
