from collections.abc import AsyncIterator

import aiohttp
import pytest

from blindarena.gateway.http import open_session
from blindarena.testing import FakeUpstream


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream() as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as session:
        yield session
