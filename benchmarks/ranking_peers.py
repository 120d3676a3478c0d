"""What `bench_ranking.py` has other libraries do, each by the way that its own pages show.

FastChat's `rating_systems.py` is not in the package `fschat`; it is looked for at
FASTCHAT_RATINGS and beside the interpreter's `bin` folder, where `make bench-ranking` puts it.
"""

import importlib.util
import math
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from ranking_votes import COUNTED, FEATURES, FEWER, STYLED, covariates

Ratings = dict[str, float]
Work = Callable[[], Ratings]
ELO_PER_NAT = 400 / math.log(10)
VOTES = ["model_a", "model_b", "winner"]


def _named(names: Iterable[str], ratings: Iterable[float]) -> Ratings:
    import numpy as np

    return dict(zip(names, np.asarray(ratings).tolist(), strict=True))


def _frame(path: Path, columns: list[str] | None = VOTES) -> Any:
    import pandas as pd

    return pd.read_parquet(path, columns=columns)


def _fastchat() -> ModuleType:
    path = Path(os.environ.get("FASTCHAT_RATINGS") or Path(sys.prefix) / "rating_systems.py")
    spec = importlib.util.spec_from_file_location("rating_systems", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ModuleNotFoundError(f"no {path.name} of FastChat")
    module = importlib.util.module_from_spec(spec)
    sys.modules["rating_systems"] = module  # its worker processes look for it by name
    spec.loader.exec_module(module)
    return module


def fastchat_bt(folder: Path, file: str = COUNTED) -> Work:
    """Fit Bradley-Terry by FastChat."""
    library = _fastchat()
    return lambda: dict(library.compute_bt(_frame(folder / file)))


def fastchat_first(folder: Path) -> Work:
    """Do the same with fewer votes."""
    return fastchat_bt(folder, FEWER)


def fastchat_bootstrap(folder: Path) -> Work:
    """Fit 100 resamples in as many processes as there are cores."""
    library, frame = _fastchat(), _frame(folder / FEWER)
    return lambda: dict(library.compute_bootstrap_bt(frame, 100).median())


def fastchat_style(folder: Path) -> Work:
    """Fit with covariates, its penalty off; they are made by us, faster than from its dicts."""
    library = _fastchat()

    def work() -> Ratings:
        frame = _frame(folder / STYLED, None)
        matchups, outcomes, models = library.preprocess_for_elo(frame)
        found = library.fit_contextual_bt(matchups, covariates(frame), outcomes, models, reg=0.0)
        return _named(models, 400 * found[: len(models)])

    return work


def fastchat_elo(folder: Path) -> Work:
    """Go over the votes once."""
    library, frame = _fastchat(), _frame(folder / FEWER)
    return lambda: dict(library.compute_elo(frame))


def arena_rank_bt(folder: Path, file: str = COUNTED, **options: Any) -> Work:
    """Fit by arena-rank, with sandwich intervals or those that `options` ask for."""
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    def work() -> Ratings:
        data = PairDataset.from_pandas(_frame(folder / file))
        model = BradleyTerry(n_competitors=len(data.competitors))
        if options.pop("ratings_only", False):
            model.fit(data)
            return _named(data.competitors, ELO_PER_NAT * model.params["ratings"])
        found = model.compute_ratings_and_cis(data, **options)
        return _named(data.competitors, found["ratings"])

    return work


def arena_rank_bt_only(folder: Path) -> Work:
    """Fit only."""
    return arena_rank_bt(folder, ratings_only=True)


def arena_rank_first(folder: Path) -> Work:
    """Fit only, with fewer votes."""
    return arena_rank_bt(folder, FEWER, ratings_only=True)


def arena_rank_bootstrap(folder: Path) -> Work:
    """Fit 100 resamples."""
    return arena_rank_bt(folder, FEWER, ci_method="bootstrap", num_bootstrap=100)


def arena_rank_style(folder: Path) -> Work:
    """Fit with the same covariates, its penalty and its weights off, with intervals."""
    from arena_rank.models.contextual_bradley_terry import ContextualBradleyTerry
    from arena_rank.utils.data_utils import ContextualPairDataset

    def work() -> Ratings:
        frame = _frame(folder / STYLED, None)
        for name, column in zip(FEATURES, covariates(frame).T, strict=True):
            frame[name] = column
        data = ContextualPairDataset.from_pandas(
            frame, feature_cols=list(FEATURES), reweighted=False, normalize_features=False
        )
        model = ContextualBradleyTerry(len(data.competitors), len(FEATURES), reg=0.0)
        found = model.compute_ratings_and_cis(data)
        return _named(data.competitors, found["ratings"])

    return work


def _evalica_votes(frame: Any) -> tuple[Any, Any, list[Any]]:
    from evalica import Winner

    words = {"model_a": Winner.X, "model_b": Winner.Y, "tie": Winner.Draw}
    winners = [words[word] for word in frame["winner"]]
    return frame["model_a"].to_list(), frame["model_b"].to_list(), winners


def evalica_bt(folder: Path, file: str = COUNTED) -> Work:
    """Fit by evalica."""
    import evalica

    def work() -> Ratings:
        scores = evalica.bradley_terry(*_evalica_votes(_frame(folder / file))).scores
        return {name: ELO_PER_NAT * math.log(score) for name, score in scores.items()}

    return work


def evalica_first(folder: Path) -> Work:
    """Do the same with fewer votes."""
    return evalica_bt(folder, FEWER)


def evalica_bootstrap(folder: Path) -> Work:
    """Fit 100 resamples; percentile intervals, as the default's jackknife needs a fit per vote."""
    import evalica

    frame = _frame(folder / FEWER)

    def work() -> Ratings:
        found = evalica.bootstrap(
            evalica.bradley_terry,
            *_evalica_votes(frame),
            n_resamples=100,
            bootstrap_method="percentile",
            random_state=0,
        )
        return {n: ELO_PER_NAT * math.log(s) for n, s in found.distribution.median().items()}

    return work


def evalica_elo(folder: Path) -> Work:
    """Go over the votes once."""
    import evalica

    frame = _frame(folder / FEWER)
    return lambda: dict(evalica.elo(*_evalica_votes(frame)).scores)


def choix_bt(folder: Path, file: str = COUNTED) -> Work:
    """Count wins by pandas and NumPy, a tie as half a win each, and fit the table by choix."""
    import choix
    import numpy as np
    import pandas as pd

    def work() -> Ratings:
        frame = _frame(folder / file)
        codes, names = pd.factorize(pd.concat([frame["model_a"], frame["model_b"]]))
        a, b = codes[: len(frame)], codes[len(frame) :]
        score = frame["winner"].map({"model_a": 1.0, "model_b": 0.0, "tie": 0.5}).to_numpy()
        wins = np.zeros((len(names), len(names)))
        np.add.at(wins, (a, b), score)
        np.add.at(wins, (b, a), 1 - score)
        return _named(names, ELO_PER_NAT * choix.ilsr_pairwise_dense(wins))

    return work


def choix_first(folder: Path) -> Work:
    """Do the same with fewer votes."""
    return choix_bt(folder, FEWER)
