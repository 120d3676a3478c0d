"""How the figures of a comparison are written."""

from blindarena.analysis.clusters import Estimated, Share
from blindarena.analysis.coefficient import ChanceCorrected
from blindarena.analysis.correlation import Correlation
from blindarena.analysis.setups import SetupAgreement

NONE = "-"
SETUPS = {"S1": "with ties", "S2": "without ties"}


def percent(value: float | None) -> str:
    """Return a share as per cent."""
    return NONE if value is None else f"{value:.1%}"


def number(value: float | None, digits: int = 2) -> str:
    """Return a coefficient."""
    return NONE if value is None else f"{value:.{digits}f}"


def range_of(lower: float | None, upper: float | None, *, share: bool = False) -> str:
    """Return an interval."""
    if lower is None or upper is None:
        return NONE
    if share:
        return f"{100 * lower:.1f} to {100 * upper:.1f} %"
    return f"{lower:.2f} to {upper:.2f}"


def share_cells(share: Share) -> tuple[str, str, str]:
    """Return a share, its interval, and of how many."""
    count = f"{share.count:,.0f}" if share.count == round(share.count) else f"{share.count:,.1f}"
    return (
        percent(share.value),
        range_of(share.lower, share.upper, share=True),
        f"{count} of {share.total:,.0f}",
    )


def setup_cells(found: SetupAgreement) -> tuple[str, ...]:
    """Return agreement in one setup: which, share, interval, counts, random, chance, items."""
    return (
        SETUPS[found.setup],
        *share_cells(found.share),
        percent(found.random),
        percent(found.by_chance),
        f"{found.items:,}",
    )


def points(found: Estimated) -> tuple[str, str]:
    """Return a difference of shares in points, and its interval."""
    if found.value is None:
        return NONE, NONE
    low, high = found.lower, found.upper
    ends = NONE if low is None or high is None else f"{100 * low:+.1f} to {100 * high:+.1f}"
    return f"{100 * found.value:+.1f}", ends


def corrected_cells(found: ChanceCorrected) -> tuple[str, str, str]:
    """Return a kappa or an alpha, its interval and n."""
    return number(found.value), range_of(found.lower, found.upper), f"{found.items:,}"


def trust_of(found: Correlation) -> str:
    """Return what tells how far a correlation may be trusted."""
    if found.interval is not None:
        return range_of(found.interval.lower, found.interval.upper)
    if found.p_value is not None:
        return f"p = {found.p_value:.2g} (exact)"
    return NONE
