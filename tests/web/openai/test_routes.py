"""What `/v1` answers to requests that no SDK would send."""

import asyncio
import json
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp

from web.openai.gate import KEY, gate

ASK = {"model": "m1", "messages": [{"role": "user", "content": "Hello"}]}
CHAT = "/v1/chat/completions"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "model"),
    ({"model": "m1"}, "messages"),
    ({"model": 3, "messages": []}, "model"),
    ({"model": "m1", "messages": []}, "messages"),
    ({"model": "m1", "messages": "Hello"}, "messages"),
    ({"model": "m1", "messages": [{"content": "Hello"}]}, "messages"),
    (ASK | {"stream": "yes"}, "stream"),
    (ASK | {"max_tokens": 0}, "max_tokens"),
    (ASK | {"max_tokens": "many"}, "max_tokens"),
    (ASK | {"max_completion_tokens": 1.5}, "max_completion_tokens"),
    (ASK | {"n": 1000}, "n"),
    (ASK | {"stream_options": {"include_usage": True}}, "stream_options"),
    (ASK | {"stream": True, "stream_options": []}, "stream_options"),
]
NOT_JSON = [b"", b"{", b"[]", b'"x"', b"\xff", b'{"model":"\xff"}', b"[" * 100_000]


async def test_a_field_that_is_wrong_is_named() -> None:
    async with gate() as found:
        for body, param in WRONG:
            reply, said = await found.post(CHAT, body)

            assert reply.status == 400, body
            assert said["error"]["type"] == "invalid_request_error"
            assert said["error"]["param"] == param
        for data in NOT_JSON:
            reply, said = await found.post(CHAT, data=data)

            assert reply.status == 400, data
            assert said["error"]["code"] == "invalid_json"
        assert found.upstream.requests == []


async def test_wrong_method_path_and_content_type() -> None:
    async with gate() as found, aiohttp.ClientSession() as http:
        key = {"Authorization": f"Bearer {KEY}"}
        async with http.get(found.url + CHAT, headers=key) as reply:
            assert (reply.status, reply.headers["allow"]) == (405, "POST")
            assert (await reply.json())["error"]["code"] == "method_not_allowed"
        async with http.post(found.url + "/v1/models", headers=key) as reply:
            assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
        async with http.get(found.url + "/v1/nothing", headers=key) as reply:
            assert reply.status == 404
            assert (await reply.json())["error"]["code"] == "unknown_url"
        async with http.options(found.url + CHAT, headers=key) as reply:
            assert reply.status == 405
            assert not any(name.startswith("Access-Control") for name in reply.headers)
        async with http.head(found.url + "/v1/models", headers=key) as reply:
            assert reply.status == 200
        reply, said = await found.post(CHAT, ASK, Content_Type="text/plain")
        assert (reply.status, said["error"]["code"]) == (415, "unsupported_media_type")


async def test_a_body_over_the_limit_is_refused_with_and_without_a_length() -> None:
    async with gate(max_body_mb=1) as found, aiohttp.ClientSession() as http:
        big = json.dumps(ASK | {"pad": "x" * 2**20}).encode()
        reply, said = await found.post(CHAT, data=BytesIO(big))
        assert (reply.status, said["error"]["code"]) == (413, "request_too_large")

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(big), 2**16):
                yield big[start : start + 2**16]

        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        async with http.post(found.url + CHAT, data=pieces(), headers=headers) as reply:
            assert reply.status == 413


async def test_a_large_body_is_not_read_without_a_good_key() -> None:
    began = asyncio.Event()
    async with gate() as found, aiohttp.ClientSession() as http:

        async def pieces() -> AsyncIterator[bytes]:
            yield b'{"pad": "'
            began.set()
            await asyncio.Event().wait()

        for headers in ({}, {"Content-Length": str(2**20)}):
            headers |= {"Authorization": "Bearer ba-wrong", "Content-Type": "application/json"}
            async with http.post(found.url + CHAT, data=pieces(), headers=headers) as reply:
                assert reply.status == 401
        assert began.is_set()


async def test_a_body_that_stops_coming_is_given_up() -> None:
    async with gate(stall_s=0.05) as found:
        host, _, port = found.url.removeprefix("http://").partition(":")
        for path in (CHAT, "/v1/messages/count_tokens"):
            for body in (b"", b'{"model"'):
                reader, writer = await asyncio.open_connection(host, int(port))
                head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\n"
                head += "Content-Type: application/json\r\nContent-Length: 99\r\n\r\n"
                writer.write(head.encode() + body)
                async with asyncio.timeout(5):
                    said = await reader.read()
                writer.close()

                assert said.startswith(b"HTTP/1.1 408")
                assert b"nothing of the body came" in said


async def test_without_keys_no_page_from_elsewhere_is_answered() -> None:
    for origin, open_, status in (
        ("http://evil.example:8000", False, 403),
        ("null", False, 403),
        ("http://localhost:3000", False, 200),
        ("http://[::1]:3000", False, 200),
        ("http://localhost.evil.example", False, 403),
        ("http://evil.example", True, 200),
    ):
        async with gate(require_key=False, allow_open=open_) as found:
            reply, said = await found.post(CHAT, ASK, Origin=origin)
            assert reply.status == status, origin
            if status == 403:
                assert said["error"]["code"] == "foreign_origin"
                assert found.upstream.requests == []


async def test_keys_come_as_bearer_or_x_api_key() -> None:
    async with gate() as found, aiohttp.ClientSession() as http:
        for headers, status in (
            ({"Authorization": f"bearer {KEY}"}, 200),
            ({"x-api-key": KEY}, 200),
            ({"Authorization": f"Basic {KEY}"}, 401),
            ({"Authorization": "Bearer"}, 401),
            ({}, 401),
        ):
            async with http.post(found.url + CHAT, json=ASK, headers=headers) as reply:
                assert reply.status == status, headers
            async with http.get(found.url + "/v1/models", headers=headers) as reply:
                assert reply.status == status, headers


async def test_messages_are_refused_in_anthropics_shape() -> None:
    async with gate() as found:
        reply, said = await found.post("/v1/messages", {"model": "m1", "messages": []})
        assert reply.status == 400
        assert said["type"] == "error"
        assert said["error"]["type"] == "invalid_request_error"
        assert said["request_id"] == reply.headers["x-request-id"]
        assert "messages" in said["error"]["message"]

        listed, models = await _get(found.url, "/v1/models")
        assert listed.status == 200
        assert models["data"][0]["type"] == "model"


async def test_tokens_are_counted_for_anthropics_sdk() -> None:
    async with gate() as found:
        path = "/v1/messages/count_tokens"
        parts = [{"type": "text", "text": "Where is my parcel?"}]
        image = {"type": "image", "source": {"type": "base64", "data": "aaaa"}}
        counts = []
        for content in ("Where is my parcel?", parts, [*parts, image]):
            body = {"model": "m1", "messages": [{"role": "user", "content": content}]}
            reply, said = await found.post(path, body)
            assert reply.status == 200
            counts.append(said["input_tokens"])
        assert counts == [9, 9, 1509]

        reply, said = await found.post(path, {"model": "m2", "messages": []})
        assert (reply.status, said["type"]) == (404, "error")
        reply, said = await found.post(path, {"model": "m1"})
        assert (reply.status, said["error"]["message"]) == (400, "messages: it is missing")
        reply, _ = await found.post(path, {"model": "m1"}, Authorization="Bearer no")
        assert reply.status == 401


async def _get(url: str, path: str) -> tuple[aiohttp.ClientResponse, Any]:
    headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
    async with aiohttp.ClientSession() as http, http.get(url + path, headers=headers) as reply:
        return reply, await reply.json()


async def test_unknown_fields_pass_unchanged() -> None:
    async with gate() as found:
        body = ASK | {"guided_json": {"a": [1, 2.50]}, "top_k": 5, "logit_bias": None}
        reply, _ = await found.post(CHAT, body)

        assert reply.status == 200
        sent = found.upstream.requests[0].body
        assert {name: sent[name] for name in body if name != "model"} == {
            name: value for name, value in body.items() if name != "model"
        }
