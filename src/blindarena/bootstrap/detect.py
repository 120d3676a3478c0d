"""What else could join the demo: a local Ollama, provider keys in the environment."""

from collections.abc import Mapping

import aiohttp

from blindarena.gateway.catalog import load_catalog
from blindarena.settings import Deployment, KeySource

OLLAMA = "http://127.0.0.1:11434"
_DEMO_MODELS: Mapping[str, str] = {
    "openai": "gpt-5-mini",
    "xai": "grok-3-mini",
    "deepseek": "deepseek-chat",
    "qwen": "qwen-plus",
    "mistral": "mistral-small-latest",
    "groq": "llama-3.1-8b-instant",
    "together": "meta-llama/Llama-3.3-70B-Instruct-Turbo",
    "openrouter": "openai/gpt-5-mini",
}
"""One inexpensive model of each provider; the owner may name another in blindarena.toml."""


def detect_keys(environ: Mapping[str, str]) -> dict[str, Deployment]:
    """Return a deployment for each provider whose key is in the environment."""
    found: dict[str, Deployment] = {}
    for name, model in _DEMO_MODELS.items():
        provider = load_catalog().get(name)
        if provider is not None and provider.key_env and environ.get(provider.key_env):
            found[f"{name}-{model.rpartition('/')[2]}"] = Deployment(
                provider=name, model=model, key=KeySource(env=provider.key_env)
            )
    return found


async def detect_ollama(
    base_url: str = OLLAMA, *, timeout_s: float = 0.5, most: int = 3
) -> dict[str, Deployment]:
    """Return a deployment for each model of a local Ollama; none where it does not answer."""
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as http,
            http.get(f"{base_url}/api/tags", allow_redirects=False) as reply,
        ):
            listed = await reply.json() if reply.status == 200 else {}
        names = [str(model["name"]) for model in listed.get("models", [])][:most]
    except (
        aiohttp.ClientError,
        TimeoutError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ):
        return {}
    return {
        f"ollama-{name}": Deployment(provider="ollama", base_url=f"{base_url}/v1", model=name)
        for name in names
    }
