"""Whether covariates and strengths together foretell votes, so that no estimate is finite."""

from collections.abc import Sequence

import numpy as np

from blindarena.errors import SeparationError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.laplacian import grounded

FORETOLD = 1e-8
"""Curvature over a parameter's own at which a direction has run off, or has few votes."""

CLOSED = 0.05
"""Share of a direction's curvature at the start: below it, it has run off for certain."""

ROUNDS = 8


def check_open(
    start: FloatArray,
    hessian: FloatArray,
    at: FloatArray,
    names: Sequence[str],
    *,
    largest: FloatArray,
) -> None:
    """Raise SeparationError where the fit went on towards infinity until its tolerance stopped it.

    Along a direction in which the likelihood rises for ever, all votes that the direction moves are
    certain in the end: nearly none of the curvature is left that was there at the start, and nearly
    none beside what each parameter has of its own. Both are asked for: a direction that few votes
    determine has little curvature from the start on.

    Args:
        start: (p, p) minus the second derivatives where the fit began, covariates counting nothing.
        hessian: (p, p) the same where it ended.
        at: (p,) the parameters where it ended.
        names: (F,) of the covariates, whose coefficients come last.
        largest: (F,) largest value of each covariate, either way.

    Raises:
        SeparationError: names the covariates and the contestants that have run off.

    Source: Albert and Anderson (1984), Biometrika 71(1), 1-10, for what separation is; that a
        vanishing curvature shows it is theirs too (section 5).
    """
    if not names:
        return
    m = len(start) - len(names)
    ground = int(start.diagonal()[:m].argmax())
    begun, ended = grounded(start, ground), grounded(hessian, ground)
    scale = 1 / np.sqrt(begun.diagonal())
    scaled = scale[:, np.newaxis] * ended * scale
    along = _flattest(scaled)
    least = float(along @ scaled @ along)
    direction = scale * along
    if least > FORETOLD or direction @ ended @ direction > CLOSED * (direction @ begun @ direction):
        return
    moved = np.abs(np.append(at[:m] - np.median(at[:m]), at[m:] * largest))
    raise SeparationError(_told(moved, m, names))


def _flattest(matrix: FloatArray) -> FloatArray:
    """Return the direction of least curvature, of length 1, by inverse iteration.

    It is exact where it matters: where that curvature is far below any other.
    """
    # SciPy's linear algebra takes 0.2 s to import: only those who fit covariates pay for it.
    from scipy.linalg.lapack import dpotrf, dpotrs

    factor, failed = dpotrf(matrix, lower=1, clean=0)
    if failed:
        return np.asarray(np.linalg.eigh(matrix)[1][:, 0])
    along = np.cos(np.arange(len(matrix), dtype=np.float64))
    for _ in range(ROUNDS):
        along = dpotrs(factor, along, lower=1)[0]
        along /= np.linalg.norm(along)
    return np.asarray(along)


def _told(moved: FloatArray, m: int, names: Sequence[str]) -> str:
    """Say who has run off, with which covariates."""
    far = moved.max() / 10
    slopes = moved[m:]
    features = ", ".join(
        repr(name)
        for name, slope in zip(names, slopes, strict=True)
        if slope >= min(far, slopes.max())
    )
    cure = f"leave {features} out, state coefficient_prior_elo, or collect more votes"
    certain = np.flatnonzero(moved[:m] > moved.max() / 3)
    if not len(certain):
        return (
            f"{features} foretells votes without exception, so the larger its coefficient the "
            f"better: no finite estimate; {cure}"
        )
    shown = ", ".join(map(str, certain[:10])) + (", ..." if len(certain) > 10 else "")
    return (
        f"no finite estimate with {features}: contestants ({shown}) have won or lost all that "
        f"{features} does not foretell; {cure} on them"
    )
