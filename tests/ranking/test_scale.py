import numpy as np
import pytest

from blindarena.ranking import ELO_PER_NAT, to_elo

THETA = np.log([1.0, 10.0, 100.0])


def test_400_points_are_odds_of_ten_to_one() -> None:
    assert np.diff(to_elo(THETA)) == pytest.approx([400, 400])
    assert pytest.approx(173.717792761) == ELO_PER_NAT


def test_the_mean_is_1000() -> None:
    assert to_elo(THETA + 7) == pytest.approx([600, 1000, 1400])


def test_the_mean_of_some_is_1000() -> None:
    centre = np.array([True, True, False])

    assert to_elo(THETA, centre=centre) == pytest.approx([800, 1200, 1600])


def test_an_anchor_has_its_rating() -> None:
    assert to_elo(THETA, anchor=(2, 1114.0)) == pytest.approx([314, 714, 1114])
