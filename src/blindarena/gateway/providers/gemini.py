"""One upstream that speaks Gemini's generateContent format."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from yarl import URL

from blindarena.gateway.providers.native import NativeUpstream
from blindarena.gateway.translate.chat_format import ChatBody
from blindarena.gateway.translate.chat_to_gemini import gemini_body
from blindarena.gateway.translate.gemini_reader import GeminiReader
from blindarena.gateway.translate.pieces import Reader

_UNSIGNED: Final = re.compile(r"(models/)?gemini-[12]\b")
"""Models before Gemini 3 want no signature at a tool's call."""


class GeminiUpstream(NativeUpstream):
    """One deployment at the Gemini API."""

    title = "Gemini's format"

    def _headers(self, key: str | None) -> Mapping[str, str]:
        return {} if key is None else {"x-goog-api-key": key}

    def _url(self, *, stream: bool) -> URL:
        model = quote(self.model.removeprefix("models/"), safe="")
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return URL(f"{self.base_url}/models/{model}:{verb}", encoded=True)

    def _body(self, body: ChatBody, *, cap: int, stream: bool) -> bytes:
        return gemini_body(body, cap=cap, sign=_UNSIGNED.match(self.model) is None)

    def _reader(self, id: str) -> Reader:
        return GeminiReader(deployment=self._name, id=id)
