"""What `[gateway]` and the environment say of logs and traces, made real."""

import importlib.util
import logging
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from blindarena.bootstrap.cards import HERE, DeploymentCard
from blindarena.bootstrap.provider_doors import COMPATIBLE
from blindarena.errors import ConfigError
from blindarena.gateway.telemetry.request_log import LogFormat, RequestLog
from blindarena.gateway.telemetry.watch import Watch
from blindarena.settings.gateway import Gateway

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

    from blindarena.gateway.telemetry.tracing import Tracing

log = logging.getLogger("blindarena.gateway")

_CONVENTIONS: Final[Mapping[str, str]] = {
    "gemini": "gcp.gemini",
    "xai": "x_ai",
    "mistral": "mistral_ai",
}
"""Names of providers that the conventions spell otherwise than our catalogue does."""
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")


class Providers:
    """Who is behind each deployment.

    Args:
        cards: of the configured deployments, by name; live.
    """

    def __init__(self, cards: Mapping[str, DeploymentCard]) -> None:
        self._cards = cards

    def name(self, deployment: str) -> str:
        """Return the provider of a deployment as OpenTelemetry's conventions call it."""
        card = self._cards.get(deployment)
        if card is None:
            return "worker" if deployment else ""
        return _CONVENTIONS.get(card.kind, card.kind)

    def own(self, deployment: str) -> bool:
        """Say whether a deployment is one's own: a worker, an engine, an address of the owner's."""
        card = self._cards.get(deployment)
        return card is None or card.runs_at == HERE or card.kind == COMPATIBLE


def watch_of(settings: Gateway, providers: Providers, *, environ: Mapping[str, str]) -> Watch:
    """Return what is told of requests.

    Raises:
        ConfigError: the environment asks for traces that we cannot send.
    """
    written = None
    if settings.log != "off":
        written = RequestLog(
            sys.stderr, format=log_format(settings), errors_only=settings.log == "errors"
        )
    return Watch(log=written, tracing=_tracing(settings, providers, environ))


def log_format(settings: Gateway) -> LogFormat:
    """Return how lines of the log look: JSON, but for a terminal."""
    if settings.log_format != "auto":
        return settings.log_format
    return "text" if sys.stderr.isatty() else "json"


def _tracing(
    settings: Gateway, providers: Providers, environ: Mapping[str, str]
) -> "Tracing | None":
    """Open what sends spans, where OpenTelemetry's own variables ask for it."""
    exporter = environ.get("OTEL_TRACES_EXPORTER", "")
    wanted = exporter or any(environ.get(name) for name in _ENDPOINTS)
    if not wanted or exporter == "none" or environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    if importlib.util.find_spec("opentelemetry") is None:
        log.warning("no traces: pip install 'blindarena[otel]', or take OTEL_* out")
        return None
    if exporter not in ("", "otlp", "console"):
        raise ConfigError(f'OTEL_TRACES_EXPORTER={exporter!r}: give "otlp", "console" or "none"')
    for name in _PROTOCOLS:
        if environ.get(name, "http/protobuf") != "http/protobuf":
            raise ConfigError(f'{name}={environ[name]!r}: only "http/protobuf" is spoken')
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from blindarena.gateway.telemetry.tracing import Tracing

    named = environ.get("OTEL_SERVICE_NAME") or "service.name=" in environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    provider = TracerProvider(
        resource=Resource.create({} if named else {"service.name": "blindarena-gateway"}),
        shutdown_on_exit=False,  # `close` does
    )
    provider.add_span_processor(BatchSpanProcessor(_exporter(exporter)))
    passes = settings.trace_upstreams
    return Tracing(
        provider,
        provider_of=providers.name,
        passes_to=lambda name: passes == "all" or (passes == "own" and providers.own(name)),
    )


def _exporter(name: str) -> "SpanExporter":
    if name == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter(out=sys.stderr)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()
