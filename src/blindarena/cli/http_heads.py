"""Bound what a request's head may be, which uvicorn's faster reader does not.

Without it anybody could send a header that never ends, all of which would be kept in memory.
"""

from typing import Literal

MOST_BYTES = 64 * 1024
"""Of all headers together; h11, the slower reader, has the same bound."""


def http_reader() -> "type | Literal['h11']":
    """Return what reads HTTP: httptools within a bound, or h11 where there is no httptools."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return "h11"

    class BoundedHeads(HttpToolsProtocol):
        """Answers 400 to a head over the bound and closes the connection.

        Of a head that does not end only what came after its first packet is counted: that packet
        may have held the end of another request.
        """

        _in_head = False
        _waited = 0

        def data_received(self, data: bytes) -> None:
            """Read bytes."""
            began_before = self._in_head
            super().data_received(data)
            if began_before and self._in_head and not self.transport.is_closing():
                self._waited += len(data)
                if self._waited > MOST_BYTES:
                    self.send_400_response("The headers of the request are too long.")

        def on_message_begin(self) -> None:
            """Begin a head."""
            self._in_head = True
            self._waited = 0
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            """End a head; an error here makes the reader answer 400."""
            self._in_head = False
            if sum(len(name) + len(value) for name, value in self.headers) > MOST_BYTES:
                raise ValueError("the headers are too long")
            super().on_headers_complete()

    return BoundedHeads
