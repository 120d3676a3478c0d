"""What keeps the fit of a board quick inside a busy server."""

from contextlib import AbstractContextManager

import numpy as np
from threadpoolctl import ThreadpoolController

BLOCK = 4 * 2**20


class QuickFits:
    """Sets two things of the process that small matrices pay for dearly.

    Memory: a fit of 200 contestants makes and drops matrices of 320 KB. By default glibc may give
    each back to the system and ask for it again, and the page faults cost more than the fit. Its
    thresholds follow the largest block that was ever freed (mallopt(3), M_MMAP_THRESHOLD), so one
    untouched block is freed here; another C library does not mind.

    Threads: OpenBLAS shares small products among threads that wait for one another spinning. Where
    a local model keeps the cores busy, a fit of 4 ms then takes several hundred. One thread is set
    for good: boards are computed in the background too, and who sets a number for a while sets the
    old one back in the middle of somebody else's sum.
    """

    def __init__(self) -> None:
        # SciPy has an OpenBLAS of its own; it is loaded now, so that its threads are known below.
        import scipy.linalg.lapack  # noqa: F401

        np.empty(BLOCK, dtype=np.uint8)
        self._blas = ThreadpoolController()
        self._blas.limit(limits=1, user_api="blas")

    def one_thread(self) -> AbstractContextManager[object]:
        """Return a context in which linear algebra has one thread."""
        context: AbstractContextManager[object] = self._blas.limit(limits=1, user_api="blas")
        return context
