"""What requests add up to, and how Prometheus reads it."""

import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics
from prometheus_client.parser import text_string_to_metric_families

from blindarena.domain.usage import UsageRow
from blindarena.errors import ProviderError
from blindarena.gateway.routing.breaker import Breaker
from blindarena.gateway.routing.entry import Attempt, Entry
from blindarena.gateway.telemetry import counts
from blindarena.gateway.telemetry.counts import Histogram, RequestCounts
from blindarena.gateway.telemetry.exposition import Snapshot, render

DASHBOARD = Path(__file__).parents[3] / "docs" / "grafana" / "gateway.json"
ROW = UsageRow(
    id=uuid4(),
    at=datetime(2026, 3, 1, tzinfo=UTC),
    request_id="req_1",
    key_id=uuid4(),
    endpoint="messages",
    model="big",
    deployment="big-1",
    stream=True,
    prompt_tokens=100,
    completion_tokens=11,
    cached_tokens=40,
    reported=True,
    cost_usd=0.25,
    ttft_s=0.5,
    seconds=1.5,
    status=200,
)


def read(page: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return every sample by name and labels that say something."""
    return {
        (sample.name, tuple(sorted((k, v) for k, v in sample.labels.items() if v))): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def shown(counted: RequestCounts, **more: object) -> dict[tuple[str, tuple[object, ...]], float]:
    snapshot = Snapshot(
        version="1.2.3",
        outcomes=counted.outcomes(),
        answered=counted.answered(),
        refusals=counted.refusals(),
        providers={"big-1": "openai"},
    )
    page, content_type = render(replace(snapshot, **more))  # type: ignore[arg-type]
    assert content_type.startswith("text/plain")
    return read(page)


def test_a_value_equal_to_a_bound_lies_within_it() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 9.0):
        histogram.add(value)

    assert (histogram.counts, histogram.total) == ([2, 2, 1], 14.0)


def test_an_answered_stream_is_in_every_family() -> None:
    counted = RequestCounts()
    counted.add(ROW)
    counted.add(ROW)

    found = shown(counted)

    asked = (
        ("deployment", "big-1"),
        ("endpoint", "messages"),
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", "openai"),
        ("gen_ai_request_model", "big"),
    )
    ended = (*asked, ("status_class", "2xx"))
    assert found["gen_ai_server_request_duration_seconds_sum", ended] == pytest.approx(3.0)
    assert found["gen_ai_server_request_duration_seconds_bucket", _with(ended, le="1.28")] == 0
    assert found["gen_ai_server_request_duration_seconds_bucket", _with(ended, le="2.56")] == 2
    assert found["gen_ai_server_request_duration_seconds_bucket", _with(ended, le="+Inf")] == 2
    assert found["gen_ai_server_time_to_first_token_seconds_sum", asked] == pytest.approx(1.0)
    per_token = found["gen_ai_server_time_per_output_token_seconds_sum", asked]
    assert per_token == pytest.approx(2 * (1.5 - 0.5) / 10)
    tokens = "gen_ai_client_token_usage_sum"
    assert found[tokens, _with(asked, gen_ai_token_type="input")] == 200
    assert found[tokens, _with(asked, gen_ai_token_type="output")] == 22
    assert found["blindarena_gateway_cached_tokens_total", asked] == 80
    assert found["blindarena_gateway_spend_usd_total", asked] == pytest.approx(0.5)
    assert found["blindarena_gateway_unpriced_requests_total", asked] == 0
    assert found["blindarena_build_info", (("version", "1.2.3"),)] == 1


def test_failures_say_why_and_count_no_first_token() -> None:
    counted = RequestCounts()
    counted.add(replace(ROW, status=502, fault="reset", cost_usd=None))
    counted.refused("chat", 401, "invalid_api_key")

    found = shown(counted)

    failed = [labels for name, labels in found if name.endswith("request_duration_seconds_count")]
    assert {("error_type", "reset"), ("status_class", "5xx")} <= set(failed[0])
    assert not any(v for (n, _), v in found.items() if n.endswith("first_token_seconds_count"))
    refused = (("endpoint", "chat"), ("error_type", "invalid_api_key"), ("status", "401"))
    assert found["blindarena_gateway_refused_requests_total", refused] == 1
    unpriced = [v for (n, _), v in found.items() if n.endswith("unpriced_requests_total")]
    assert unpriced == [1]


def test_names_that_clients_make_up_collapse() -> None:
    counted = RequestCounts()
    for number in range(50):
        row = replace(ROW, model=f"made-up-{number}", deployment=None, status=404)
        counted.add(replace(row, fault="model_not_found"))

    (outcome,) = counted.outcomes()
    assert (outcome.model, outcome.deployment) == (counts.UNKNOWN, "")
    assert not counted.answered()


def test_there_is_a_most_of_series() -> None:
    counted = RequestCounts()
    for number in range(counts.MAX_SERIES + 20):
        counted.add(replace(ROW, deployment=f"worker-{number}"))

    assert len(counted.outcomes()) == len(counted.answered()) == counts.MAX_SERIES + 1
    other = counted.answered()[counts.OTHER, counts.OTHER, "messages"]
    assert other.prompt.total == 20 * 100


def test_deployments_are_told_with_their_circuit() -> None:
    breaker = Breaker(failures_to_open=1, open_s=15.0)
    entry = Entry("a", breaker=breaker)
    entry.slots.resize(limit=8, queue=5)
    entry.slots.take()
    attempt = Attempt(entry, time=lambda: 100.0, clock=lambda: datetime.now(UTC), again=True)
    entry.slots.take()
    attempt.end(ProviderError("a: HTTP 500", fault="server", status=500))

    found = shown(
        RequestCounts(),
        deployments={"a": entry.state(100.0)},
        fallbacks={"big": 3},
        usage=(1, 2, 3),
        log_dropped=4,
        workers={"small": 2},
        arena={"support": (7, 5)},
    )

    a = (("deployment", "a"),)
    assert found["blindarena_deployment_in_flight_requests", a] == 1
    assert found["blindarena_deployment_places", a] == 8
    assert found["blindarena_deployment_up", a] == 1
    assert found["blindarena_deployment_circuit_state", (*a, ("state", "open"))] == 1
    assert found["blindarena_deployment_circuit_state", (*a, ("state", "closed"))] == 0
    assert found["blindarena_deployment_attempts_total", a] == 1
    assert found["blindarena_deployment_retries_total", a] == 1
    assert found["blindarena_deployment_failures_total", (*a, ("error_type", "server"))] == 1
    assert found["blindarena_gateway_fallbacks_total", (("gen_ai_request_model", "big"),)] == 3
    assert found["blindarena_gateway_usage_rows_waiting", ()] == 1
    assert found["blindarena_gateway_usage_rows_spilled_total", ()] == 2
    assert found["blindarena_gateway_usage_rows_lost_total", ()] == 3
    assert found["blindarena_gateway_log_lines_dropped_total", ()] == 4
    assert found["blindarena_gateway_workers", (("model", "small"),)] == 2
    assert found["blindarena_battles_total", (("arena", "support"),)] == 7
    assert found["blindarena_votes_total", (("arena", "support"),)] == 5


def test_the_names_are_those_of_the_conventions() -> None:
    counted = RequestCounts()
    counted.add(ROW)
    ours = {name.rpartition("_")[0] for name, _ in shown(counted) if name.startswith("gen_ai_")}

    assert ours == {
        gen_ai_metrics.GEN_AI_SERVER_REQUEST_DURATION.replace(".", "_") + "_seconds",
        gen_ai_metrics.GEN_AI_SERVER_TIME_TO_FIRST_TOKEN.replace(".", "_") + "_seconds",
        gen_ai_metrics.GEN_AI_SERVER_TIME_PER_OUTPUT_TOKEN.replace(".", "_") + "_seconds",
        gen_ai_metrics.GEN_AI_CLIENT_TOKEN_USAGE.replace(".", "_"),
    }


def test_the_dashboard_asks_for_what_there_is() -> None:
    counted = RequestCounts()
    counted.add(ROW)
    counted.add(replace(ROW, status=502, fault="reset"))
    counted.refused("chat", 401, "invalid_api_key")
    entry = Entry("a", breaker=Breaker(failures_to_open=1, open_s=15.0))
    entry.errors["server"] += 1
    states = {"a": entry.state(0.0)}
    labels: dict[str, set[str]] = {}
    for name, found in shown(counted, deployments=states, fallbacks={"big": 1}):
        labels.setdefault(name, set()).update(str(label[0]) for label in found)  # type: ignore[index]
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked += [
        variable["query"]["query"]
        for variable in board["templating"]["list"]
        if variable["type"] == "query"
    ]

    assert len(asked) >= 15
    for expr in asked:
        names = re.findall(r"\b(?:gen_ai|blindarena|process)_[a-z_]+\b", expr)
        metric = next(name for name in names if name in labels)
        grouped = re.findall(r"by \(([^)]*)\)", expr)
        used = {label.strip() for group in grouped for label in group.split(",")}
        used |= set(re.findall(r"([a-z_]+)(?:=~|!=|=)\"", expr))
        assert used <= labels[metric], expr
        assert set(names) <= {metric} | labels[metric], expr


def test_bounds_rise() -> None:
    for bounds in (counts.DURATION_S, counts.FIRST_TOKEN_S, counts.PER_TOKEN_S, counts.TOKENS):
        assert list(bounds) == sorted(set(bounds))
        assert math.isfinite(bounds[-1])


def _with(labels: tuple[tuple[str, str], ...], **more: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((*labels, *more.items())))
