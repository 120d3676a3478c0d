"""Random verdicts and scores, and a search for what may never be in a result."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

verdicts = arrays(np.int64, st.integers(2, 14), elements=st.integers(-1, 2))


def tables() -> st.SearchStrategy[Any]:
    """Return (items, 3) counts with empty items, all ties and single votes among them."""
    return arrays(np.int64, st.tuples(st.integers(1, 10), st.just(3)), elements=st.integers(0, 3))


def pairs_of_tables() -> st.SearchStrategy[Any]:
    """Return counts of two groups on the same items, and their questions."""

    def of(items: int) -> st.SearchStrategy[Any]:
        table = arrays(np.int64, (items, 3), elements=st.integers(0, 2))
        return st.tuples(table, table, arrays(np.int64, items, elements=st.integers(0, 3)))

    return st.integers(1, 10).flatmap(of)


def pairs_of_scores(fewest: int = 1, most: int = 7) -> st.SearchStrategy[Any]:
    """Return two evaluations of the same contestants, with ties."""

    def of(m: int) -> st.SearchStrategy[Any]:
        return st.tuples(*[arrays(np.float64, m, elements=st.integers(-3, 3))] * 2)

    return st.integers(fewest, most).flatmap(of)


def not_numbers(result: object, where: str = "result") -> list[str]:
    """Return the places in a result that hold a number that is none."""
    if isinstance(result, float) and not np.isfinite(result):
        return [where]
    if is_dataclass(result):
        parts = [(field.name, getattr(result, field.name)) for field in fields(result)]
        return [place for name, value in parts for place in not_numbers(value, f"{where}.{name}")]
    if isinstance(result, tuple | list):
        return [p for k, value in enumerate(result) for p in not_numbers(value, f"{where}[{k}]")]
    return []
