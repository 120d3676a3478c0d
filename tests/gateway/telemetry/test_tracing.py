"""Spans of requests and attempts, with OpenTelemetry's own exporter in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from blindarena.bootstrap.telemetry import Providers, watch_of
from blindarena.errors import ConfigError
from blindarena.gateway.routing.routes import ModelRoute
from blindarena.gateway.telemetry.tracing import Tracing
from blindarena.gateway.telemetry.watch import Watch
from blindarena.settings.gateway import Gateway
from blindarena.testing import Behaviour
from web.openai.gate import Gate, gate

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
ASK = {"model": "big", "messages": [{"role": "user", "content": "tell nobody"}], "max_tokens": 9}
CHAT = "/v1/chat/completions"


@asynccontextmanager
async def traced(*, own: str) -> AsyncIterator[tuple[Gate, InMemorySpanExporter]]:
    """Serve two deployments of which one is our own."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = Tracing(
        provider, provider_of=lambda name: f"of-{name}", passes_to=lambda name: name == own
    )
    async with gate(
        models={"big": ModelRoute(("bad",), fallbacks=("good",))},
        upstreams={"bad": "", "good": ""},
        watch=Watch(tracing=tracing),
        retries=0,
    ) as found:
        found.upstream.behaviours["up-bad"] = Behaviour(fault="server_error")
        yield found, exporter


async def test_a_request_and_its_attempts_are_one_trace() -> None:
    async with traced(own="good") as (found, exporter):
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=1"}
        reply, _ = await found.post(CHAT, ASK, **headers)
        assert reply.status == 200
        await found.row()
        first, second, whole = _spans(exporter, 3)

        assert {f"{span.context.trace_id:032x}" for span in (first, second, whole)} == {TRACE}
        assert whole.parent is not None
        assert f"{whole.parent.span_id:016x}" == PARENT
        for attempt in (first, second):
            assert attempt.parent is not None
            assert attempt.parent.span_id == whole.context.span_id
            assert attempt.kind == SpanKind.CLIENT
        assert whole.kind == SpanKind.SERVER
        assert whole.name == "chat big"
        assert (
            dict(whole.attributes or {}).items()
            >= {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "of-good",
                "gen_ai.request.model": "big",
                "gen_ai.request.max_tokens": 9,
                "gen_ai.usage.input_tokens": 12,
                "http.response.status_code": 200,
                "blindarena.deployment": "good",
                "blindarena.key_id": str(found.keys.key_id),
            }.items()
        )
        assert (
            dict(first.attributes or {}).items()
            >= {
                "blindarena.deployment": "bad",
                "blindarena.attempt": 1,
                "error.type": "server",
            }.items()
        )
        assert first.status.status_code == StatusCode.ERROR
        assert second.status.status_code != StatusCode.ERROR
        assert "tell nobody" not in exporter_text(exporter)

        to_vendor, to_own = found.upstream.requests
        assert "traceparent" not in to_vendor.headers
        sent = to_own.headers["traceparent"]
        assert sent == f"00-{TRACE}-{second.context.span_id:016x}-01"
        assert to_own.headers["tracestate"] == "vendor=1"


async def test_a_failed_stream_and_an_unknown_model() -> None:
    async with traced(own="") as (found, exporter):
        found.upstream.behaviours["up-good"] = Behaviour(fault="reset")
        async with found.http.post(
            found.url + CHAT,
            json=ASK | {"stream": True},
            headers={"Authorization": "Bearer ba-test-key"},
        ) as reply:
            await reply.read()
        await found.row()
        *_, whole = _spans(exporter, 3)
        assert whole.attributes is not None
        assert whole.attributes["error.type"] == "reset"
        assert whole.status.status_code == StatusCode.ERROR

        exporter.clear()
        await found.post(CHAT, ASK | {"model": "made up by a client"})
        await found.row(2)
        (unknown,) = _spans(exporter, 1)
        assert unknown.name == "chat"
        assert unknown.status.status_code != StatusCode.ERROR


async def test_without_tracing_no_upstream_is_told_anything() -> None:
    async with gate() as found:
        await found.post(CHAT, ASK | {"model": "m1"}, traceparent=f"00-{TRACE}-{PARENT}-01")
        assert "traceparent" not in found.upstream.requests[0].headers


def test_the_environment_says_whether_there_are_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    def tracing(**environ: str) -> Tracing | None:
        found = watch_of(Gateway(log="off"), Providers({}), environ=environ).tracing
        if found is not None:
            found.close()
        return found

    endpoint = "http://127.0.0.1:9"
    assert tracing() is None
    assert tracing(OTEL_TRACES_EXPORTER="none", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) is None
    assert tracing(OTEL_SDK_DISABLED="true", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) is None
    assert tracing(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) is not None
    assert tracing(OTEL_TRACES_EXPORTER="console") is not None
    with pytest.raises(ConfigError, match="OTEL_TRACES_EXPORTER='zipkin': give \"otlp\""):
        tracing(OTEL_TRACES_EXPORTER="zipkin")
    with pytest.raises(ConfigError, match='only "http/protobuf" is spoken'):
        tracing(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_EXPORTER_OTLP_PROTOCOL="grpc")


def _spans(exporter: InMemorySpanExporter, count: int) -> tuple[ReadableSpan, ...]:
    """Return the spans in the order in which they ended."""
    spans = exporter.get_finished_spans()
    assert len(spans) == count
    return spans


def exporter_text(exporter: InMemorySpanExporter) -> str:
    return "".join(span.to_json() for span in exporter.get_finished_spans())
