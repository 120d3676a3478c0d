"""Write tests/data/methods_20240814.json and method_votes.json, without blindarena.ranking.

    python tests/ranking/make_method_golden.py

Each likelihood is written by its definition and its score solved by MINPACK's hybrid method, from
where L-BFGS stops; standard errors come from single scores and Moore-Penrose pseudo-inverses.
"""

import csv
import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize, root

ROOT = Path(__file__).resolve().parents[2]
COUNTS = ROOT / "src/blindarena/demo/data/chatbot_arena_20240814_counts.csv"
BOARD = ROOT / "tests/data/methods_20240814.json"
VOTES = ROOT / "tests/data/method_votes.json"
ELO = 400 / np.log(10)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def solve(loss_and_score, start):
    """Return where the score is 0."""
    best = minimize(
        lambda x: loss_and_score(x)[0],
        start,
        jac=lambda x: loss_and_score(x)[1],
        method="L-BFGS-B",
        options={"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-16, "gtol": 1e-10},
    ).x
    return root(lambda x: loss_and_score(x)[1], best, method="hybr", options={"xtol": 1e-14}).x


def spread(values, index, m):
    return np.bincount(index, values, minlength=m)


def board():
    with COUNTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row[column] for row in rows for column in ("model_1", "model_2")})
    m = len(names)
    f = np.array([names.index(row["model_1"]) for row in rows])
    s = np.array([names.index(row["model_2"]) for row in rows])
    columns = ("wins_1", "wins_2", "ties", "both_bad")
    n = np.array([[float(row[column]) for column in columns] for row in rows]).T
    total = n.sum()

    def logits(x, outcomes, counts):
        """Davidson for three outcomes, with acceptabilities for four."""
        theta, nu, accept = x[:m], x[m], x[m + 1 :]
        level = (theta[f] + theta[s]) / 2
        utility = [theta[f], theta[s], nu + level]
        if outcomes == 4:
            utility.append(level - (accept[f] + accept[s]) / 2)
        utility = np.stack(utility)
        log = utility - np.log(np.exp(utility).sum(axis=0))
        off = counts - counts.sum(axis=0) * np.exp(log)
        half = off[2:].sum(axis=0) / 2
        score = [spread(off[0] + half, f, m) + spread(off[1] + half, s, m), [off[2].sum()]]
        if outcomes == 4:
            score.append(-spread(off[3] / 2, f, m) - spread(off[3] / 2, s, m))
        score = np.concatenate(score)
        score[:m] -= theta.mean() * total / m  # holds the mean at 0
        loss = -np.sum(counts * log) + total / 2 * theta.mean() ** 2
        return loss / total, -score / total

    def ordered(x, counts):
        """Rao and Kupper: an ordered logit."""
        theta, h = x[:m], x[m]
        ahead = theta[f] - theta[s]
        win, loss = sigmoid(ahead - h), sigmoid(-ahead - h)
        tie = 1 - win - loss
        value = -np.sum(
            counts[0] * np.log(win) + counts[1] * np.log(loss) + counts[2] * np.log(tie)
        )
        slope_win, slope_loss = win * (1 - win), loss * (1 - loss)
        by_ahead = counts[0] * (1 - win) - counts[1] * (1 - loss)
        by_ahead -= counts[2] * (slope_win - slope_loss) / tie
        by_h = -counts[0] * (1 - win) - counts[1] * (1 - loss)
        by_h += counts[2] * (slope_win + slope_loss) / tie
        score = spread(by_ahead, f, m) - spread(by_ahead, s, m) - theta.mean() * total / m
        value += total / 2 * theta.mean() ** 2
        return value / total, -np.append(score, by_h.sum()) / total

    tied = np.stack([n[0], n[1], n[2] + n[3]])
    start = np.zeros(m)
    davidson = solve(lambda x: logits(x, 3, tied), np.append(start, 0.0))
    rao_kupper = solve(lambda x: ordered(x, tied), np.append(start, 0.5))
    four = solve(lambda x: logits(x, 4, n), np.concatenate([start, [0.0], start]))

    ratings = dict.fromkeys(names, 1000.0)
    for row in rows:
        one, two = row["model_1"], row["model_2"]
        for column, score in zip(columns, (1.0, 0.0, 0.5, 0.5), strict=True):
            for _ in range(int(row[column])):
                chance = 1 / (1 + 10 ** ((ratings[two] - ratings[one]) / 400))
                ratings[one] += 4 * (score - chance)
                ratings[two] -= 4 * (score - chance)
    golden = {
        "davidson": {"nu": np.exp(davidson[m]), "elo": named(names, davidson)},
        "rao_kupper": {"threshold_elo": rao_kupper[m] * ELO, "elo": named(names, rao_kupper)},
        "four_outcome": {
            "nu": np.exp(four[m]),
            "elo": named(names, four),
            "acceptability": dict(zip(names, four[m + 1 :].round(9).tolist(), strict=True)),
        },
        "online_elo": {name: round(rating, 9) for name, rating in ratings.items()},
    }
    BOARD.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


def named(names, x):
    return dict(zip(names, (x[: len(names)] * ELO + 1000).round(9).tolist(), strict=True))


def votes():
    rng = np.random.default_rng(20_240_814)
    m, n, categories = 5, 600, 3
    theta = np.array([0.6, 0.2, 0.0, -0.3, -0.5])
    a = rng.integers(0, m, n)
    b = (a + rng.integers(1, m, n)) % m
    category = rng.choice(categories, n, p=[0.6, 0.3, 0.1])
    style = rng.poisson(np.array([300, 3, 5, 4]) * rng.gamma(2, 0.5, (2, n, 4)))
    z = (style[0] - style[1]) / np.maximum(style.sum(axis=0), 1)
    offset = rng.normal(0, 0.4, (categories, m))
    odds = theta[a] - theta[b] + z @ [0.9, 0.2, 0, -0.3] + 0.15
    odds += offset[category, a] - offset[category, b]
    outcome = np.where(rng.random(n) < sigmoid(odds), 0, 1)
    outcome[rng.random(n) < 0.25] = 2
    outcome[rng.random(n) < 0.1] = 3

    score = np.array([1, 0, 0.5, 0.5])[outcome]
    design = np.zeros((n, m))
    design[np.arange(n), a] = 1
    design[np.arange(n), b] = -1
    z = np.where(style.sum(axis=0) > 0, z, 0)
    z /= np.sqrt((z**2).mean(axis=0))

    def logit(extra, penalty=None):
        """Fit by the score alone; return estimates and sandwich standard errors."""
        x = np.hstack([design, extra])
        ridge = np.zeros(x.shape[1]) if penalty is None else penalty

        def loss_and_score(beta):
            odds = x @ beta
            hold = beta[:m].mean()
            value = np.sum(np.logaddexp(0, odds) - score * odds) + ridge @ beta**2 / 2
            slope = x.T @ (sigmoid(odds) - score) + ridge * beta
            slope[:m] += n * hold / m
            return value + n / 2 * hold**2, slope

        beta = solve(loss_and_score, np.zeros(x.shape[1]))
        chance = sigmoid(x @ beta)
        bread = np.linalg.pinv(x.T @ (x * (chance * (1 - chance))[:, None]), rcond=1e-12)
        each = x * (score - chance)[:, None]
        errors = np.sqrt(np.diag(bread @ each.T @ each @ bread))
        return {"estimate": beta.round(9).tolist(), "error": errors.round(9).tolist()}

    one_hot = np.zeros((n, categories, m))
    one_hot[np.arange(n), category] = design
    precision = (ELO / 60) ** 2
    penalty = np.repeat([0.0, precision], [m, categories * m])
    golden = {
        "columns": "a, b, outcome, category, 4 style counts of side a, 4 of side b",
        "votes": np.column_stack([a, b, outcome, category, *style[0].T, *style[1].T]).tolist(),
        "style": logit(z),
        "first_position": logit(np.ones((n, 1))),
        "contextual_spread_60": logit(one_hot.reshape(n, -1), penalty)["estimate"],
    }
    text = json.dumps(golden).replace("], [", "],\n [").replace('"style"', '\n"style"')
    VOTES.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    board()
    votes()
