"""What `blindarena serve` is asked for, and whether that can work."""

import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from blindarena.engines.foreign import KEY_VARIABLE, is_loopback, takes_key
from blindarena.errors import ConfigError
from blindarena.gateway.catalog import check_base_url
from blindarena.settings.engines import EngineKind


@dataclass(frozen=True, slots=True)
class Serving:
    """What to serve, where, and for whom.

    Attributes:
        model: a pulled model, a GGUF file or a hub repository; with another engine, its own name.
        name: what clients ask for.
        worker: the deployment's name at the gateway.
        slots: answers at the same time; None leaves it to the engine.
        context: tokens of one answer and its prompt; None leaves it to the engine.
        args: passed on to the engine.
        command: for the engine "command".
        join: the gateway's address; None serves without one.
        token: the worker token.
        advertise: the engine's address for the gateway; None is found out.
        key: what clients must send where no gateway is joined; None asks for nothing.
        drain_s: longest wait for running answers when it is stopped.
    """

    model: str
    engine: EngineKind
    name: str
    worker: str
    host: str = "127.0.0.1"
    port: int = 0
    slots: int | None = None
    context: int | None = None
    args: tuple[str, ...] = ()
    command: str = ""
    join: str | None = None
    token: str = field(default="", repr=False)
    advertise: str | None = None
    key: str | None = field(default=None, repr=False)
    cost_per_hour: float | None = None
    drain_s: float = 60.0
    log: Path | None = None


def model_name(model: str) -> str:
    """Return the name clients use for a model that was given none: its last part, as FastChat."""
    last = model.rstrip("/").rpartition("/")[2].partition(":")[0].removesuffix(".gguf")
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", last).strip("-._+") or "model"


def worker_name(model: str) -> str:
    """Return a deployment's name of this machine and this run."""
    host = re.sub(r"[^A-Za-z0-9.-]+", "-", socket.gethostname()).strip("-.") or "worker"
    return f"{model}@{host}-{uuid4().hex[:4]}"


def check(serving: Serving) -> None:
    """Refuse what cannot work, before anything is started.

    Raises:
        ConfigError: one line: what is wrong, and the cure.
    """
    if (serving.engine == "command") != bool(serving.command):
        raise ConfigError('--engine command and --command "..." go together; give both')
    if serving.engine == "llamacpp" and serving.args:
        raise ConfigError(
            f"llama.cpp takes no extra arguments ({serving.args[0]!r}); use --slots and --context"
        )
    open_host = not is_loopback(serving.host)
    if serving.command and not takes_key(serving.command) and (open_host or serving.advertise):
        raise ConfigError(
            f"at {serving.host} everybody could use the engine: write {{key}} or ${KEY_VARIABLE} "
            "into the command, where it takes its API key"
        )
    if serving.join is None:
        if open_host and not serving.key:
            raise ConfigError(
                f"at {serving.host} everybody could use the engine: name a variable that holds "
                "its key with --key-env, or serve at 127.0.0.1"
            )
        return
    check_base_url(serving.join, where="--join")
    if len(serving.token) < 1:
        raise ConfigError(
            "--join needs the gateway's worker token: set BLINDARENA_WORKER_TOKEN, or name "
            "another variable with --token-env"
        )
    if serving.advertise is not None:
        check_base_url(serving.advertise, where="--advertise")
    elif not open_host and not is_loopback(urlsplit(serving.join).hostname or ""):
        raise ConfigError(
            f"the gateway {serving.join} cannot reach an engine at {serving.host}; give --host "
            "with an address of this machine, or --advertise with the way to it"
        )
