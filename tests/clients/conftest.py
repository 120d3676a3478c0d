"""One gateway for all tests of clients, and the Python that has the clients installed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.stand import Stand, stand

CLIENTS_VENV = Path(__file__).resolve().parents[2] / ".venv-clients"


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A gateway in a process of its own."""
    with stand(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="session")
def clients() -> str:
    """The Python of `make .venv-clients/.made`, for programs that need what is in there."""
    python = os.environ.get("BLINDARENA_CLIENTS_PYTHON", str(CLIENTS_VENV / "bin" / "python"))
    if not Path(python).is_file():
        reason = "the clients are not installed; make test-clients installs them"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return python
