"""One upstream that speaks Anthropic's Messages format."""

from collections.abc import Mapping
from typing import Final

import msgspec
from yarl import URL

from blindarena.gateway.calls import Call, Reply
from blindarena.gateway.providers.anthropic_relay import relay_events, relay_whole
from blindarena.gateway.providers.native import NativeUpstream
from blindarena.gateway.translate.chat_format import ChatBody
from blindarena.gateway.translate.chat_to_messages import messages_body
from blindarena.gateway.translate.messages_reader import MessagesReader
from blindarena.gateway.translate.pieces import Reader

VERSION: Final = "2023-06-01"
"""The only version of the format; sent with each request."""


class AnthropicUpstream(NativeUpstream):
    """One deployment at Anthropic, or at any other host of its format.

    A call in the same format is relayed as bytes: only the model's name is put in.
    """

    title = "Anthropic's format"

    def _headers(self, key: str | None) -> Mapping[str, str]:
        version = {"anthropic-version": VERSION}
        return version if key is None else version | {"x-api-key": key}

    def _url(self, *, stream: bool) -> URL:
        return URL(f"{self.base_url}/messages")

    def _body(self, body: ChatBody, *, cap: int, stream: bool) -> bytes:
        return messages_body(body, model=self.model, cap=cap, stream=stream)

    def _reader(self, id: str) -> Reader:
        return MessagesReader(deployment=self._name)

    async def send(self, call: Call) -> Reply:
        """Send the request; wait for the whole reply, or for the first token of a stream."""
        if call.endpoint != "messages":
            return await super().send(call)
        fields = call.fields | {"model": msgspec.Raw(msgspec.json.encode(self.model))}
        if call.max_tokens is not None and "max_tokens" not in fields:
            fields["max_tokens"] = msgspec.Raw(b"%d" % call.max_tokens)
        sent = msgspec.json.encode(fields)
        source = await self._open(sent, stream=call.stream, more=call.trace_headers)
        relay = relay_events if call.stream else relay_whole
        return await relay(source, deployment=self._name)
