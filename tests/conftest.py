"""What all tests share: how a missing thing of the machine is treated, and the parity data."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from postgres import (  # noqa: F401
    _migrated_template,
    empty_postgres_url,
    postgres_server,
    postgres_url,
)
from real_model import real_model  # noqa: F401

# How long one example takes says more about what else the machine does than about our code.
# A property is tried on a few cases at each run, and on many where somebody asks for it:
# HYPOTHESIS_PROFILE=thorough.
settings.register_profile("blindarena", deadline=None, print_blob=True, max_examples=30)
settings.register_profile("thorough", deadline=None, print_blob=True, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "blindarena"))

ROOT = Path(__file__).resolve().parent.parent
Require = Callable[[str], NoReturn]


class Groups(LoadScopeScheduling):
    """Give the browser's tests to one worker, and what uses much of the machine to another."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if "tests/e2e/" in nodeid else "heavy"


# In place of xdist's own groups, which it writes into an attribute that pytest 9.2 does not read.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Schedule `--dist loadgroup`."""
    return Groups(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the top folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def require() -> Require:
    """Give `require(reason)`, for a system package that is missing: a skip, but in CI a failure.

    A machine that runs CI installs what the tests need; a skip there would hide that they no
    longer run.
    """

    def missing(reason: str) -> NoReturn:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}; .ci/run must install it", pytrace=False)
        pytest.skip(reason)

    return missing


@pytest.fixture(scope="session")
def parity_data() -> Path:
    """Give the folder of published vote files to compare with, where there is one."""
    folder = os.environ.get("BLINDARENA_PARITY_DATA")
    if not folder:
        pytest.skip("BLINDARENA_PARITY_DATA is not set")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"BLINDARENA_PARITY_DATA={folder} is not a folder", pytrace=False)
    return path
