"""One line for each request, beside the requests."""

import io
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from blindarena.domain.usage import UsageRow
from blindarena.gateway.telemetry.request_log import Refusal, RequestLog, json_line, text_line

ROW = UsageRow(
    id=uuid4(),
    at=datetime(2026, 3, 1, tzinfo=UTC),
    request_id="req_1",
    key_id=uuid4(),
    endpoint="chat",
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
REFUSED = Refusal(0.0, "req_2", "chat", 401, "invalid_api_key", 0.001)


def test_a_json_line_says_all() -> None:
    assert json.loads(json_line(ROW)) == {
        "at": "2026-03-01T00:00:00.000+00:00",
        "event": "request",
        "request_id": "req_1",
        "key_id": str(ROW.key_id),
        "endpoint": "chat",
        "model": "big",
        "deployment": "big-1",
        "stream": True,
        "status": 200,
        "fault": None,
        "prompt_tokens": 100,
        "completion_tokens": 11,
        "cached_tokens": 40,
        "cost_usd": 0.25,
        "ttft_s": 0.5,
        "seconds": 1.5,
    }
    assert json.loads(json_line(REFUSED))["fault"] == "invalid_api_key"


def test_a_client_cannot_break_a_line() -> None:
    row = replace(ROW, model="m\n2026-03-01 200 chat \x1b[31m status=200")

    for line in (text_line(row), json_line(row)):
        assert line.count("\n") == 1
        assert "\x1b" not in line
    assert text_line(ROW).startswith("2026-03-01T00:00:00.000+00:00 200 chat request_id=req_1 ")


def test_everything_is_written_when_it_is_closed() -> None:
    out = io.StringIO()
    log = RequestLog(out, format="json", errors_only=False)
    for _ in range(1000):
        log.add(ROW)
    log.add(REFUSED)
    log.close()

    assert len(out.getvalue().splitlines()) == 1001


def test_only_failures_where_only_those_are_wanted() -> None:
    out = io.StringIO()
    log = RequestLog(out, format="text", errors_only=True)
    for row in (ROW, replace(ROW, status=502, fault="reset"), replace(ROW, fault="reset")):
        log.add(row)
    log.add(REFUSED)
    log.close()

    assert ["status" in line or line.split()[1] for line in out.getvalue().splitlines()] == [
        "502",
        "200",
        "401",
    ]


def test_a_reader_that_has_stopped_holds_up_nobody() -> None:
    free = threading.Event()

    class Stuck(io.StringIO):
        def write(self, text: str) -> int:
            free.wait(10)
            return super().write(text)

    out = Stuck()
    log = RequestLog(out, format="json", errors_only=False, bound=10)
    for _ in range(100):
        log.add(ROW)
    free.set()
    log.close()

    written = len(out.getvalue().splitlines())
    assert log.dropped + written == 100
    assert 10 <= written <= 20  # those that were being written, and those that fitted behind them


def test_a_closed_output_is_counted_and_no_error() -> None:
    out = io.StringIO()
    out.close()
    log = RequestLog(out, format="json", errors_only=False)
    log.add(ROW)
    log.close()

    assert log.dropped == 1


def test_without_requests_there_is_no_thread() -> None:
    before = threading.active_count()
    log = RequestLog(io.StringIO(), format="json", errors_only=False)
    log.close()

    assert threading.active_count() == before
