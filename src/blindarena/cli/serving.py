"""`blindarena serve`: run one engine, and let it join a gateway."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from blindarena.errors import ConfigError

if TYPE_CHECKING:
    from blindarena.settings.engines import EngineKind

TOKEN_VARIABLE = "BLINDARENA_WORKER_TOKEN"  # noqa: S105 - the name of a variable
_ENGINES = ("llamacpp", "vllm", "sglang", "command")


def serve(
    model: Annotated[
        str,
        typer.Argument(
            help="A model to pull, a GGUF file or a hub repository; with another engine, what it "
            "takes."
        ),
    ],
    args: Annotated[
        list[str] | None, typer.Argument(help="After --: passed on to the engine.")
    ] = None,
    engine: Annotated[str, typer.Option(help="llamacpp, vllm, sglang or command.")] = "llamacpp",
    command: Annotated[
        str,
        typer.Option(
            help="With --engine command: its command line, with {port}, {host}, {model}, {name} "
            "and {key}."
        ),
    ] = "",
    name: Annotated[
        str | None, typer.Option(help="What clients ask for [default: from MODEL].")
    ] = None,
    host: Annotated[str, typer.Option(help="Address the engine listens at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Its port; 0 takes any free one.")
    ] = 0,
    slots: Annotated[
        int | None, typer.Option(min=1, help="Answers at the same time [llamacpp: 2].")
    ] = None,
    context: Annotated[
        int | None,
        typer.Option(min=256, help="Tokens of a prompt and its answer [llamacpp: 2048]."),
    ] = None,
    join: Annotated[
        str | None, typer.Option(help="The gateway to join, such as https://arena.example.org.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(help="The worker token; others may read it here, so prefer --token-env."),
    ] = None,
    token_env: Annotated[
        str, typer.Option(help="The variable that holds the worker token.")
    ] = TOKEN_VARIABLE,
    worker: Annotated[
        str | None,
        typer.Option(help="The deployment's name at the gateway [default: NAME@machine-xxxx]."),
    ] = None,
    advertise: Annotated[
        str | None, typer.Option(help="The engine's base URL as the gateway reaches it.")
    ] = None,
    key_env: Annotated[
        str | None,
        typer.Option(help="Without --join: the variable that holds the key to ask clients for."),
    ] = None,
    cost_per_hour: Annotated[
        float | None, typer.Option(min=0, help="USD per hour of this machine.")
    ] = None,
    drain: Annotated[
        float, typer.Option(min=0, help="Seconds that running answers may take when it stops.")
    ] = 60.0,
    log: Annotated[Path | None, typer.Option(help="A file for the engine's output.")] = None,
) -> None:
    """Run a model's engine, watch it, and let it join a gateway.

    Example: blindarena serve smollm2-135m --join http://127.0.0.1:8000
    """
    import asyncio

    from blindarena.bootstrap.serving import serve as run
    from blindarena.bootstrap.serving_options import Serving, model_name, worker_name

    if engine not in _ENGINES:
        raise ConfigError(f"--engine {engine!r}: give one of {', '.join(_ENGINES)}")
    called = name or model_name(model)
    serving = Serving(
        model=model,
        engine=cast("EngineKind", engine),
        name=called,
        worker=worker or worker_name(called),
        host=host,
        port=port,
        slots=slots,
        context=context,
        args=tuple(args or ()),
        command=command,
        join=join,
        token=token or os.environ.get(token_env, ""),
        advertise=advertise,
        key=_key(key_env),
        cost_per_hour=cost_per_hour,
        drain_s=drain,
        log=log,
    )
    status = asyncio.run(run(serving, environ=os.environ, say=_say))
    raise typer.Exit(status)


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise ConfigError(f"--key-env {variable}: the variable is not set")
    return key


def _say(line: str) -> None:
    typer.echo(line)
