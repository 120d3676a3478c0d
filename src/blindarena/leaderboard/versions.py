"""What the last bits of a number depend on: versions of the libraries and of linear algebra."""

import platform
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np

from blindarena import __version__


@cache
def versions() -> Mapping[str, str]:
    """Return the versions that a result was computed with."""
    import scipy

    found = {
        "blindarena": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "linear_algebra": _linear_algebra(),
    }
    return MappingProxyType(found)


def _linear_algebra() -> str:
    """Return the library under NumPy, with the processor that it chose."""
    from threadpoolctl import threadpool_info

    parts = {
        " ".join(
            str(info[key])
            for key in ("internal_api", "version", "architecture")
            if info.get(key) is not None
        )
        for info in threadpool_info()
        if info.get("user_api") == "blas" and "numpy" in str(info.get("filepath"))
    }
    return ", ".join(sorted(parts)) or "unknown"
