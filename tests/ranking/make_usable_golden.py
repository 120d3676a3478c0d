"""Write tests/data/usable_answers.json, without anything of blindarena.ranking.

    python tests/ranking/make_usable_golden.py

Wilson's bounds as roots of the score equation; bounds of the ratio by the printed MOVER-R formula
in 50 digits; variances by cluster in exact fractions.
"""

import json
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

from scipy.optimize import brentq
from scipy.stats import norm, t

GOLDEN = Path(__file__).resolve().parents[1] / "data/usable_answers.json"
CASES = (
    ([7, 3, 9, 0, 5], [10, 10, 10, 10, 10], (0.0042, 0.0036, 0.0048)),
    ([1, 0, 0, 1], [30, 4, 4, 7], (0.31, 0.1, 0.52)),
    ([12, 11, 10, 12], [12, 12, 12, 12], (0.0009, 0.00088, 0.00092)),
)


def main() -> None:
    cases = [
        {
            "successes": successes,
            "n": n,
            "cost": cost,
            "wilson": wilson(sum(successes), sum(n)),
            "clustered": clustered(successes, n),
            "ratio": mover(cost, (sum(successes) / sum(n), *wilson(sum(successes), sum(n)))),
        }
        for successes, n, cost in CASES
    ]
    GOLDEN.write_text(json.dumps({"cases": cases}, indent=1) + "\n", encoding="utf-8")


def wilson(successes: float, n: float) -> tuple[float, float]:
    z, share = norm.ppf(0.975), successes / n

    def score(p: float) -> float:
        return float((share - p) ** 2 - z**2 * p * (1 - p) / n)

    ends = ((1e-300, share), (share, 1 - 1e-16))
    lower, upper = (float(brentq(score, *end, xtol=1e-15, rtol=1e-14)) for end in ends)
    return lower, upper


def clustered(successes: list[int], n: list[int]) -> tuple[float, float]:
    total, g = sum(n), len(n)
    share = Fraction(sum(successes), total)
    off = [s - share * k for s, k in zip(successes, n, strict=True)]
    variance = Fraction(g, g - 1) * sum(x * x for x in off) / total**2
    effective = min(Fraction(total), share * (1 - share) / variance)
    used = float(effective) * (norm.ppf(0.975) / t.ppf(0.975, g - 1)) ** 2
    return wilson(float(share) * used, used)


def mover(cost: tuple[float, ...], share: tuple[float, ...]) -> tuple[float, float]:
    getcontext().prec = 50
    (a, l1, u1), (b, l2, u2) = (map(Decimal, three) for three in (cost, share))
    under, over = u2 * (2 * b - u2), l2 * (2 * b - l2)
    lower = (a * b - ((a * b) ** 2 - l1 * (2 * a - l1) * under).sqrt()) / under
    upper = (a * b + ((a * b) ** 2 - u1 * (2 * a - u1) * over).sqrt()) / over
    return float(lower), float(upper)


if __name__ == "__main__":
    main()
