"""From a deployment's table to an engine that can be started."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from blindarena.bootstrap.findings import Finding
from blindarena.engines.foreign import Launch, Wanted, foreign_launch, new_key, own_arguments
from blindarena.engines.llamacpp import llamacpp_command
from blindarena.engines.supervisor import Engine, StatusCallback, Timing
from blindarena.errors import ConfigError
from blindarena.gateway.catalog import Provider, provider_named
from blindarena.settings import Deployment
from blindarena.settings.engines import EngineKind

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


def engine_of(
    name: str,
    kind: EngineKind | None,
    *,
    launch: Launch,
    on_status: StatusCallback,
    log_path: Path | None,
) -> Engine:
    """Return the supervisor of an engine, not yet started."""
    return Engine(
        name=name,
        command=launch.command,
        on_status=on_status,
        log_path=log_path,
        timing=Timing() if kind == "llamacpp" else FOREIGN_TIMING,
        env=launch.env,
        key=launch.key,
    )


def engine_found(what: str, deployment: Deployment) -> Finding:
    """Say whether the program of an engine that is not ours is installed."""
    if deployment.engine == "sglang":
        if find_spec("sglang") is None:
            return Finding(what, False, "SGLang is not installed", "pip install sglang")
        return Finding(what, True, "sglang.launch_server")
    program, cure = "vllm", "pip install vllm"
    if deployment.engine == "command":
        try:
            wanted = Wanted(deployment.model, "name", command=deployment.command)
            program, cure = own_arguments(wanted)[0], 'change "command", or PATH'
        except ConfigError as error:
            return Finding(what, False, str(error), 'change "command"')
    found = shutil.which(program)
    if found is None:
        return Finding(what, False, f"there is no program {program}", cure)
    return Finding(what, True, found)


def engine_row(kind: str | None) -> Provider | None:
    """Return an engine's row in the catalogue; a command of the owner's has none."""
    return provider_named(kind) if kind and kind != "command" else None
