"""`blindarena demo` and `blindarena up`."""

from pathlib import Path
from typing import Annotated

import typer

HostOption = Annotated[str | None, typer.Option(help="Address to listen at.")]
PortOption = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port to listen at; 0 takes any free one.")
]


def demo(
    host: HostOption = None,
    port: PortOption = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Where demo.db and logs lie [default: the user's data directory]."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="A GGUF file or a hub repository (ORG/REPO) that joins the live arena."),
    ] = None,
) -> None:
    """Serve three ready arenas: a replay, a small live model, a published board.

    Example: blindarena demo --port 8001
    """
    from blindarena.cli import server

    server.run_demo(host=host or "127.0.0.1", port=port, data_dir=data_dir, model=model)


def up(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The server's configuration file.")
    ] = Path("blindarena.toml"),
    host: HostOption = None,
    port: PortOption = None,
) -> None:
    """Serve your own arenas from blindarena.toml and arenas/*.toml.

    Example: blindarena up --config blindarena.toml
    """
    from blindarena.cli import server

    server.run_up(config=config, host=host, port=port)
