"""One upstream of OpenAI's format behind `/v1`: its replies are passed on as they come."""

import asyncio

import aiohttp
import msgspec
from yarl import URL

from blindarena.errors import GatewayError
from blindarena.gateway.calls import Call, Reply
from blindarena.gateway.catalog import Quirks, check_base_url
from blindarena.gateway.faults import provider_errors
from blindarena.gateway.http import Timeouts
from blindarena.gateway.posting import Poster
from blindarena.gateway.prices import Price
from blindarena.gateway.relay.body import upstream_body
from blindarena.gateway.relay.streamed import begin_stream
from blindarena.gateway.relay.whole import read_whole

_PATHS = {"chat": "chat/completions", "completions": "completions", "embeddings": "embeddings"}


class OpenAIUpstream:
    """One upstream of OpenAI's format.

    Args:
        name: the deployment's, for errors and logs.
        http: the session of `open_session()`; whoever made it closes it.
        base_url: what comes before `/chat/completions`.
        model: the upstream's name of the model.
        price: turns usage and seconds into a cost.
        key: sent as a bearer token; None sends none.
        timeouts: how long to wait for what.
        quirks: where its wire format differs; those of its row in the catalogue.

    Raises:
        ConfigError: the base URL or the key cannot be used.
    """

    def __init__(
        self,
        *,
        name: str,
        http: aiohttp.ClientSession,
        base_url: str,
        model: str,
        price: Price,
        key: str | None = None,
        timeouts: Timeouts | None = None,
        quirks: Quirks | None = None,
    ) -> None:
        base_url = check_base_url(base_url, where=f"deployment {name!r}")
        self.base_url = base_url
        self.model = model
        self._name = name
        self._price = price
        self._model = msgspec.Raw(msgspec.json.encode(model))
        self._quirks = quirks or Quirks()
        self._urls = {kind: URL(f"{base_url}/{path}") for kind, path in _PATHS.items()}
        self._poster = Poster(name=name, http=http, key=key, timeouts=timeouts or Timeouts())

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self._name

    @property
    def price(self) -> Price:
        """Turns usage and seconds into a cost."""
        return self._price

    async def send(self, call: Call) -> Reply:
        """Send the request; wait for the whole reply, or for the first event of a stream.

        Raises:
            ProviderError: no reply, one that is none, or a refusal.
            GatewayError: Anthropic's format, which this upstream does not speak.
        """
        url = self._urls.get(call.endpoint)
        if url is None:
            raise GatewayError(
                f"the model {call.model!r} cannot be asked in Anthropic's format",
                status=400,
                type="invalid_request_error",
                code="unsupported_endpoint",
            )
        poster = self._poster
        timeouts = poster.timeouts
        body = upstream_body(call, model=self._model, quirks=self._quirks)
        began = asyncio.get_running_loop().time()
        with provider_errors(self._name, secret=poster.key):
            # A whole answer's headers come when it is written: only a stream has a first token.
            wait_s = timeouts.first_token_s if call.stream else timeouts.total_s
            response = await poster.post(
                url, body, began=began, wait_s=wait_s, more=call.trace_headers
            )
            try:
                if call.stream:
                    return await begin_stream(
                        response, call, poster=poster, began=began, prompt_bytes=len(body)
                    )
                return await read_whole(response, call, poster=poster, began=began)
            except BaseException:
                response.close()
                raise
