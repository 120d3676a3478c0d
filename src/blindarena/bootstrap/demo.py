"""The three demo arenas as a plan."""

from collections.abc import Mapping
from pathlib import Path

from blindarena.bootstrap.detect import detect_keys, detect_ollama
from blindarena.bootstrap.plan import ArenaPlan, Plan
from blindarena.demo.live import THIS_MACHINE, Detected, live_arena
from blindarena.demo.published import load_chatbot_arena_2024_08_14
from blindarena.demo.replay import load_parcel_support
from blindarena.domain.arenas import Recipient
from blindarena.engines.models import parse_model
from blindarena.gateway.catalog import load_catalog
from blindarena.gateway.prices import price_of
from blindarena.settings import Deployment, Server, Settings

SMALL = "smollm2"
OWN = "own-model"


async def plan_demo(
    *, data_dir: Path, host: str, port: int, model: str | None, environ: Mapping[str, str]
) -> Plan:
    """Build the demo: replay, live, published.

    Args:
        data_dir: where `demo.db` and logs lie.
        host: where to listen.
        port: 0 is any free one.
        model: a GGUF path, a pulled model or a hub repository that joins the live arena.
        environ: provider keys found here become disabled contestants.

    Raises:
        ConfigError: the model's name means nothing, or its file cannot be read.
    """
    if model is not None:
        parse_model(model)
    database = environ.get("BLINDARENA_DATABASE_URL") or f"sqlite:///{data_dir / 'demo.db'}"
    settings = Settings(
        server=Server(host=host, port=port, database=database, data_dir=data_dir),
        root=data_dir,
    )
    replay = load_parcel_support()
    published = load_chatbot_arena_2024_08_14()
    found = await detect_ollama() | detect_keys(environ)
    own = {OWN: Deployment(engine="llamacpp", model=model)} if model else {}
    live = live_arena(SMALL, [*_own(model), *(_detected(n, d) for n, d in found.items())])
    return Plan(
        settings=settings,
        arenas=(
            ArenaPlan(
                arena=replay.arena,
                contestants=replay.contestants,
                prompts=replay.prompts,
                breaches=replay.breaches,
                truth=replay.truth,
            ),
            ArenaPlan(arena=live.arena, contestants=live.contestants),
            ArenaPlan(
                arena=published.arena,
                contestants=published.contestants,
                published=tuple(published.counts),
            ),
        ),
        deployments={
            **{name: Deployment(replay=Path(name)) for name in replay.answers},
            SMALL: Deployment(engine="llamacpp", model="smollm2-135m"),
            **own,
            **found,
        },
        replays=replay.answers,
        pull=True,
    )


def _own(model: str | None) -> list[Detected]:
    if model is None:
        return []
    name = Path(model).stem if model.endswith(".gguf") else model.partition(":")[0]
    return [
        Detected(
            name=name.rpartition("/")[2],
            deployment=OWN,
            recipient=THIS_MACHINE,
            runs_at="This machine",
            enabled=True,
        )
    ]


def _detected(name: str, deployment: Deployment) -> Detected:
    provider = load_catalog()[deployment.provider or ""]
    price = price_of(provider, deployment.model)
    return Detected(
        name=f"{deployment.model} ({provider.title})",
        deployment=name,
        recipient=THIS_MACHINE
        if provider.local
        else Recipient(
            provider.title, provider.region, provider.retention, provider.trains_on_data
        ),
        runs_at=f"{provider.title} on this machine" if provider.local else provider.title,
        price=price.label,
        organization=provider.organization,
        aliases=(deployment.model,),
    )
