"""The one streaming contract every model fulfils."""

from collections.abc import AsyncIterator
from typing import Protocol

from blindarena.domain.chat import ChatRequest, StreamEvent


class ChatModel(Protocol):
    """One deployment that answers chat requests."""

    @property
    def name(self) -> str:
        """The deployment's name, for logs and the owner."""
        ...

    def stream(self, request: ChatRequest) -> AsyncIterator[StreamEvent]:
        """Yield text deltas, then exactly one Finished; closing the iterator closes the upstream.

        Raises:
            ProviderError: every failure, also a stream that ends without any text.
        """
        ...
