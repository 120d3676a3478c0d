"""The answers to "starter"'s science, computed anew."""

import itertools
import math
from fractions import Fraction

from .starter import begins, reference


def test_physics() -> None:
    fall = math.sqrt(2 * 45 / 10)
    assert begins("stem-03", 1, f"{fall:g} s", f"{10 * fall:g} m/s")
    assert begins("stem-03", 2, f"{12 * fall:g} m", f"{math.hypot(12, 10 * fall):.1f} m/s")
    pair = 1 / (1 / 6 + 1 / 3)
    assert begins("stem-06", 1, f"{pair:g} Ω", f"{12 / pair:g} A")
    current = 12 / (pair + 4)
    assert begins("stem-06", 2, f"{current:g} A", f"{current * pair:g} V")
    assert f"{current**2 * 4:g} W:" in reference("stem-06", 2)


def test_chemistry_and_genetics() -> None:
    propane, oxygen, dioxide, water = 1, 5, 3, 4
    assert propane * 3 == dioxide
    assert propane * 8 == water * 2
    assert oxygen * 2 == dioxide * 2 + water
    assert reference("stem-04", 1) == f"C3H8 + {oxygen} O2 → {dioxide} CO2 + {water} H2O"
    assert begins("stem-04", 2, f"{22 / (3 * 12 + 8) * dioxide * (12 + 2 * 16):g} g")

    children = ["".join(sorted(pair)) for pair in itertools.product("Pp", "Pp")]
    purple = [child for child in children if "P" in child]
    assert begins("stem-05", 1, Fraction(len(purple), 4))
    assert f"{Fraction(children.count('pp'), 4)} (25 %) are pp" in reference("stem-05", 1)
    assert begins("stem-05", 2, Fraction(children.count("pp"), 4) ** 2)
    carriers = Fraction(sum("p" in child for child in purple), len(purple))
    assert f"{carriers} that a purple one carries p" in reference("stem-05", 2)


def test_statistics_and_dating() -> None:
    for turn in (1, 2):
        ill, well = 0.01 * 0.9**turn, 0.99 * 0.05**turn
        assert begins("stem-08", turn, f"{100 * ill / (ill + well):.1f} %")
    assert begins("stem-10", 1, f"{5730 * math.log2(1 / 0.125):g} years")
    age = 5730 * math.log2(1 / ((0.125 - 0.01) / 0.99))
    assert begins("stem-10", 2, f"{round(age, -2):.0f} years")
    assert f"{age:.0f}" in reference("stem-10", 2)
