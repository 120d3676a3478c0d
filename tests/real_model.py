"""The real model, pulled once into a cache that outlives the test run."""

import asyncio
import importlib.util
import os
from pathlib import Path

import pytest

from blindarena.engines.pull import pull_model
from blindarena.errors import EngineError

MODEL = "smollm2-135m"


def _cache() -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("BLINDARENA_TEST_MODELS") or home / "blindarena-tests" / "models")


def _missing(reason: str) -> None:
    """Skip on a machine that cannot run the real model; in CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_model() -> Path:
    """The file of SmolLM2 135M."""
    if importlib.util.find_spec("xllamacpp") is None:
        _missing("xllamacpp is not installed")
    try:
        return asyncio.run(pull_model(MODEL, models_dir=_cache(), env=os.environ))
    except EngineError as error:
        _missing(f"the model cannot be pulled: {error}")
        raise
