"""Whether what a configuration names could be asked: its key is there, its address answers."""

import asyncio
import importlib.util
from collections.abc import Mapping
from urllib.parse import urlsplit

from blindarena.bootstrap.findings import Finding
from blindarena.bootstrap.provider_doors import ANY_LLM, Host
from blindarena.settings import Deployment

_CONNECT_S = 3.0


def unset_key(what: str, variable: str | None, environ: Mapping[str, str]) -> Finding | None:
    """Say that a key's variable is not set; None where it is, or no key is wanted."""
    if variable is None or environ.get(variable):
        return None
    return Finding(what, False, f"the key {variable} is not set", f"export {variable}=...")


def opens(what: str, deployment: Deployment, host: Host) -> Finding | None:
    """Say what is missing of a plug-in or of any-llm; None where nothing is."""
    if deployment.provider == ANY_LLM and importlib.util.find_spec("any_llm") is None:
        return Finding(what, False, "any-llm is missing", "pip install 'blindarena[any-llm]'")
    if host.plugin is not None:
        try:
            host.plugin.load()
        except Exception as error:  # foreign code may raise anything
            detail = f"{host.plugin.value}: {type(error).__name__}: {error}"
            return Finding(what, False, detail, "install the plug-in again, or ask its maker")
    return None


async def reached(what: str, url: str, *, unsent: str, cure: str) -> Finding:
    """Connect to an address and send nothing.

    Args:
        what: what is looked at.
        url: its host and port are used; the port follows from the scheme where it has none.
        unsent: what was not sent, as "no text".
        cure: what to do where nothing answers.
    """
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(_CONNECT_S):
            _, writer = await asyncio.open_connection(parts.hostname, port)
        writer.close()
    except (OSError, TimeoutError) as error:
        reason = getattr(error, "strerror", None) or "no connection"
        return Finding(what, False, f"{parts.hostname}:{port}: {reason}", cure)
    return Finding(what, True, f"{parts.hostname}:{port} can be reached; {unsent} was sent")
