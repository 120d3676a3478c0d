"""What single events of a relayed stream hold."""

import msgspec

from blindarena.gateway.relay.filling import Fields, NotAReplyError, read_object


def data_of(block: bytes) -> bytes | None:
    """Return the data of one event; None where it has none, as a comment."""
    if block.startswith(b"data: ") and b"\n" not in block:
        return block[6:]
    lines = [line.strip(b"\r") for line in block.split(b"\n")]
    data = [line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:")]
    return b"\n".join(data) if data else None


def usage_of_groq(reply: Fields) -> msgspec.Raw | None:
    """Return the usage that Groq puts into a field of its own."""
    try:
        return read_object(bytes(reply["x_groq"])).get("usage")
    except NotAReplyError:
        return None
