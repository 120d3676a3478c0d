"""The answers to "starter"'s mathematics, computed anew."""

import itertools
import math
from datetime import datetime, timedelta
from fractions import Fraction

from .starter import begins, reference


def one_of(*divisors: int) -> list[int]:
    return [n for n in range(1, 1001) if sum(n % d == 0 for d in divisors) == 1]


def throws(total: int) -> Fraction:
    """The expected number of further throws until the sum is 4 or more."""
    if total >= 4:
        return Fraction(0)
    return 1 + sum((throws(total + pips) for pips in range(1, 7)), Fraction(0)) / 6


def exactly_four(total: int) -> Fraction:
    if total >= 4:
        return Fraction(total == 4)
    return sum((exactly_four(total + pips) for pips in range(1, 7)), Fraction(0)) / 6


def test_arithmetic_and_percentages() -> None:
    assert begins("math-01", 1, 7 * 12)
    assert begins("math-01", 2, (7 * 12 - 19) // 5)
    assert begins("math-02", 1, 240 * 15 // 100)
    assert begins("math-02", 2, f"{Fraction(45 - 36, 36) * 100} %")


def test_geometry_and_algebra() -> None:
    sides = next((x, x + 5) for x in range(1, 17) if 2 * (x + x + 5) == 34)
    assert begins("math-03", 1, f"{math.prod(sides)} cm²")
    assert begins("math-03", 2, f"{math.hypot(*sides):.1f} cm")
    assert begins("math-04", 1, next(x for x in range(-50, 50) if 3 * (x - 4) + 7 == 2 * x + 9))
    k = next(k for k in range(-50, 50) if 2 * 2 + k == 3 * (2 - 4) + 7)
    assert f"k = {k}".replace("-", "−") in reference("math-04", 2)


def test_rates() -> None:
    def clock(start: str, hours: float) -> str:
        return f"{datetime.strptime(start, '%H:%M') + timedelta(hours=hours):%H:%M}"

    assert reference("math-05", 1).startswith(clock("09:40", 210 / 84))
    assert reference("math-05", 2).startswith(clock("13:00", 90 / 60 + (210 - 90) / 96))


def test_probability() -> None:
    bag = "r" * 5 + "g" * 3 + "b" * 2
    pairs = list(itertools.combinations(bag, 2))
    same = [pair for pair in pairs if pair[0] == pair[1]]
    assert begins("math-06", 1, Fraction(len(same), len(pairs)))
    assert begins("math-06", 2, Fraction(same.count(("r", "r")), len(same)))


def test_divisors() -> None:
    divisors = [n for n in range(1, 721) if 720 % n == 0]
    squares = [n for n in divisors if math.isqrt(n) ** 2 == n]
    assert begins("math-07", 1, len(divisors))
    assert begins("math-07", 2, len(squares))
    assert ", ".join(map(str, squares[:-1])) in reference("math-07", 2)
    assert reference("math-07", 2).endswith(f"sum is {sum(squares)}.")


def test_extrema() -> None:
    def f(x: float) -> float:
        return x**3 - 6 * x**2 + 9 * x + 2

    grid = [n / 8 for n in range(-40, 80)]
    tops = [x for x in grid if f(x - 0.125) < f(x) > f(x + 0.125)]
    lows = [x for x in grid if f(x - 0.125) > f(x) < f(x + 0.125)]
    assert (tops, lows) == ([1.0], [3.0])
    told = f"maximum f(1) = {f(1):g} and local minimum f(3) = {f(3):g}"
    assert told in reference("math-08", 1)
    assert reference("math-08", 2).startswith(f"{f(3):g} < k < {f(1):g}")


def test_counting_and_expectation() -> None:
    found = one_of(4, 6, 9)
    assert begins("math-09", 1, len(found))
    assert reference("math-09", 1).endswith(f"= {len(found)}.")
    assert begins("math-09", 2, sum(found))
    assert begins("math-10", 1, throws(0))
    assert begins("math-10", 2, exactly_four(0))
