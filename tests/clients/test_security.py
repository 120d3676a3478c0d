"""What a stranger, or a client with a key and bad intentions, gets out of a running gateway."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from blindarena.web.openai.app import COUNT, ENDPOINTS, MODELS
from blindarena.web.openai.workers import PREFIX
from clients.stand import FORMATS, TEXT, Stand

pytestmark = pytest.mark.clients
SAID = "my-secret-prompt-of-the-tests"
CHAT: dict[str, Any] = {"model": "plain", "messages": [{"role": "user", "content": SAID}]}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/completions": {"model": "plain", "prompt": SAID},
    "/v1/embeddings": {"model": "plain", "input": SAID},
}
WORKERS = [PREFIX + what for what in ("join", "heartbeat", "leave")]
ROUTES = [*ENDPOINTS, COUNT, MODELS, f"{MODELS}/plain", *WORKERS]


def body_of(path: str) -> dict[str, Any]:
    return BODIES.get(path, CHAT | {"max_tokens": 5})


@pytest.mark.parametrize("key", ["", "ba-made-up", "null", "' OR 1=1 --", "é", "x" * 5000])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_nobody_without_a_key_gets_anywhere(gate: Stand, key: str, method: str) -> None:
    before = len(gate.upstream.requests)
    for path in ROUTES:
        body = None if method in ("GET", "HEAD", "OPTIONS") else body_of(path)
        status, _, text = gate.ask(path, body, key=key, method=method)

        assert status in (401, 404, 405), (method, path, status, text)
        assert path in WORKERS or status != 404, (method, path)
        assert TEXT not in text
        assert not key[5:] or key not in text
    assert len(gate.upstream.requests) == before


def test_the_first_key_of_two_counts(gate: Stand) -> None:
    body = body_of("/v1/chat/completions")
    status, _, _ = gate.ask(
        "/v1/chat/completions", body, key="ba-wrong", headers={"x-api-key": gate.key}
    )

    assert status == 401


@dataclass
class Elsewhere:
    """A port at which nobody should knock."""

    port: int = 0
    knocks: list[bytes] = field(default_factory=list)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    found = Elsewhere()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found.port = listener.getsockname()[1]

        def listen() -> None:
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:
                    return
                with caller:
                    found.knocks.append(caller.recv(10))

        thread = threading.Thread(target=listen)
        thread.start()
        yield found
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.mark.parametrize("end", FORMATS)
def test_we_fetch_nothing_that_a_client_names(gate: Stand, elsewhere: Elsewhere, end: str) -> None:
    for scheme in ("https", "http", "file", "gopher"):
        url = f"{scheme}://127.0.0.1:{elsewhere.port}/latest/meta-data"
        part = {"type": "image_url", "image_url": {"url": url}}
        status, _, text = gate.ask(
            "/v1/chat/completions",
            {"model": f"plain{end}", "messages": [{"role": "user", "content": [part]}]},
        )
        assert status == 200 or (status == 400 and "error" in json.loads(text)), text
        if status == 200:
            assert url in json.dumps(gate.upstream.requests[-1].body)
        source = {"type": "url", "url": url}
        status, _, text = gate.ask(
            "/v1/messages",
            {
                "model": f"plain{end}",
                "max_tokens": 5,
                "messages": [{"role": "user", "content": [{"type": "image", "source": source}]}],
            },
        )
        assert status == 200 or (status == 400 and "error" in json.loads(text)), text
    named = dict.fromkeys(("base_url", "api_base"), f"http://127.0.0.1:{elsewhere.port}/v1")
    assert gate.ask("/v1/chat/completions", CHAT | named | {"model": f"plain{end}"})[0] == 200

    assert elsewhere.knocks == []


def test_a_model_is_never_part_of_an_address_or_a_header(gate: Stand) -> None:
    before = len(gate.upstream.requests)
    for name in ("a\r\nX-Evil: 1", "../../admin", "plain?key=1", "http://127.0.0.1/", "\x00", "é"):
        status, headers, text = gate.ask("/v1/chat/completions", CHAT | {"model": name})

        assert (status, json.loads(text)["error"]["code"]) == (404, "model_not_found"), name
        assert "x-evil" not in headers
    for path in (f"{MODELS}/..%2f..%2fadmin", f"{MODELS}/a%0d%0aX-Evil:%201"):
        status, headers, _ = gate.ask(path)
        assert status == 404
        assert "x-evil" not in headers
    assert len(gate.upstream.requests) == before


def test_a_requests_number_is_ours(gate: Stand) -> None:
    given = {"x-request-id": "evil-number\tX", "traceparent": "evil", "X-Forwarded-For": "evil"}
    status, headers, _ = gate.ask("/v1/chat/completions", CHAT, headers=given)

    assert status == 200
    assert headers["x-request-id"].startswith("req_")
    assert "evil" not in json.dumps(dict(gate.upstream.requests[-1].headers))
    assert gate.key not in json.dumps(dict(gate.upstream.requests[-1].headers))
    assert "evil" not in gate.log


def raw(gate: Stand, head: str, body: bytes = b"") -> bytes:
    """Send bytes as they are and read what comes until the connection ends or is silent."""
    host, _, port = gate.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=3) as line:
        got = b""
        try:
            line.sendall(head.replace("\n", "\r\n").replace("KEY", gate.key).encode() + body)
            while piece := line.recv(65536):
                got += piece
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            pass
    return got


HEAD = "POST /v1/chat/completions HTTP/1.1\nHost: h\nAuthorization: Bearer KEY\n"
JSON_TYPE = "Content-Type: application/json\n"
BODY = json.dumps(CHAT).encode()
SMUGGLED = b"POST /v1/embeddings HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
LENGTH = f"Content-Length: {len(BODY)}\n"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f"{HEAD}{JSON_TYPE}{LENGTH}Transfer-Encoding: chunked\n\n", b"0\r\n\r\n" + SMUGGLED),
        (f"{HEAD}{JSON_TYPE}Transfer-Encoding: chunked\n{LENGTH}\n", b"0\r\n\r\n" + SMUGGLED),
        (f"{HEAD}{JSON_TYPE}{LENGTH}Content-Length: 5\n\n", BODY),
        (f"{HEAD}{JSON_TYPE}Content-Length: +{len(BODY)}\n\n", BODY),
        (f"{HEAD}{JSON_TYPE}Content-Length: -1\n\n", BODY),
        (f"{HEAD}{JSON_TYPE}Transfer-Encoding: chunked, identity\n\n", b"0\r\n\r\n" + SMUGGLED),
        (f"{HEAD}{JSON_TYPE}Transfer-Encoding: chunked\n\n", b"zz\r\n" + BODY),
        (f"{HEAD}{JSON_TYPE}Transfer-Encoding : chunked\n\n", b"0\r\n\r\n" + SMUGGLED),
        (f"{HEAD}{JSON_TYPE}X-Long: {'a' * 200_000}\n{LENGTH}\n", BODY),
        (HEAD + JSON_TYPE + "X-Many: 0123456789\n" * 8000 + f"{LENGTH}\n", BODY),
        (f"{HEAD}{JSON_TYPE}X-Endless: {'a' * 5_000_000}", b""),
        (f"{HEAD}{JSON_TYPE}X-Nul: a\x00b\n{LENGTH}\n", BODY),
    ],
    ids=[
        "both", "both-turned", "two-lengths", "signed-length", "negative-length",
        "not-chunked-last", "no-chunk-size", "space-before-colon", "long-header",
        "many-headers", "endless-header", "nul-in-header",
    ],
)  # fmt: skip
def test_a_request_that_can_be_read_in_two_ways_is_refused(
    gate: Stand, head: str, body: bytes
) -> None:
    before = len(gate.upstream.requests)
    got = raw(gate, head, body)

    assert not got or got.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431")), got[:200]
    assert got.count(b"HTTP/1.1") <= 1
    assert len(gate.upstream.requests) == before
    assert gate.ask("/v1/chat/completions", CHAT)[0] == 200


def test_keys_and_prompts_are_nowhere_in_clear(gate: Stand) -> None:
    for end in FORMATS:
        for model in ("plain", "wrong", "down", "limited", "breaks", "none"):
            for path in ("/v1/chat/completions", "/v1/messages"):
                for stream in (False, True):
                    body = CHAT | {"model": model + end, "max_tokens": 5, "stream": stream}
                    status, headers, text = gate.ask(path, body)
                    told = text + json.dumps(headers)
                    assert not any(key in told for key in gate.clear_keys), (status, told)
    wrong = "ba-wrong-key-of-the-tests"
    assert gate.ask("/v1/chat/completions", CHAT, key=wrong)[0] == 401
    metrics = gate.ask("/metrics")[2] + gate.ask("/metrics", key="")[2]
    kept = b"".join(path.read_bytes() for path in gate.folder.glob("test.db*"))
    usage = b"".join(path.read_bytes() for path in gate.folder.glob("**/*.jsonl"))
    everything = kept + usage + gate.log.encode() + metrics.encode()

    assert len(kept) > 10_000
    for secret in (*gate.clear_keys, wrong, SAID):
        assert secret.encode() not in everything, secret
    assert "Traceback" not in gate.log
