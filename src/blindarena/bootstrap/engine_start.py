"""From a deployment's table to an engine that can be started."""

from pathlib import Path

from blindarena.engines.foreign import Launch, Wanted, foreign_launch, new_key
from blindarena.engines.llamacpp import llamacpp_command
from blindarena.engines.supervisor import Timing
from blindarena.gateway.catalog import Quirks, provider_named
from blindarena.settings import Deployment

TITLES = {
    "llamacpp": "llama.cpp",
    "vllm": "vLLM",
    "sglang": "SGLang",
    "command": "own command",
}
FOREIGN_TIMING = Timing(load=3600.0)
"""Loading may begin with a download of many gigabytes, which only the engine sees."""


def launch_of(name: str, deployment: Deployment, path: Path | None, threads: int) -> Launch:
    """Return how to start a deployment's engine, on a free port of 127.0.0.1.

    Args:
        name: what the engine calls the model.
        deployment: its table.
        path: the model's file, for llama.cpp.
        threads: for llama.cpp.

    Raises:
        ConfigError: its command cannot be used.
    """
    if deployment.engine in ("vllm", "sglang", "command"):
        written = deployment.model_fields_set
        wanted = Wanted(
            model=deployment.model,
            name=name,
            max_concurrent=deployment.slots if "slots" in written else None,
            context=deployment.context if "context" in written else None,
            args=deployment.args,
            command=deployment.command,
        )
        return foreign_launch(deployment.engine, wanted, key=new_key())
    if path is None:
        raise ValueError(f"llama.cpp needs the file of {deployment.model}")
    return Launch(
        llamacpp_command(
            path,
            alias=name,
            threads=threads,
            slots=deployment.slots,
            context=deployment.context,
        )
    )


def engine_timing(kind: str | None) -> Timing:
    """Return how patient to be with an engine."""
    return Timing() if kind == "llamacpp" else FOREIGN_TIMING


def engine_quirks(kind: str | None) -> Quirks | None:
    """Return where an engine's wire format differs; None where nobody knows."""
    return provider_named(kind).quirks if kind and kind != "command" else None
