"""`blindarena gateway`."""

from pathlib import Path
from typing import Annotated

import typer

from blindarena.cli.serve import HostOption, PortOption


def gateway(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The server's configuration file.")
    ] = Path("blindarena.toml"),
    host: HostOption = None,
    port: PortOption = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the port.")] = 1,
    reuse_port: Annotated[
        bool,
        typer.Option("--reuse-port", help="Let other processes listen at the same port."),
    ] = False,
) -> None:
    """Serve models to programs under /v1, without arenas and pages.

    Example: blindarena gateway --config blindarena.toml --workers 2
    """
    from blindarena.cli import gateway_server

    gateway_server.run_gateway(
        config=config, host=host, port=port, workers=workers, reuse_port=reuse_port
    )
