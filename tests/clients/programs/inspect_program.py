"""What `inspect_ai` sees of the gateway: evaluations by tasks; prints it as one line of JSON."""

import asyncio
import json
import os
import tempfile
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")
URL, KEY = os.environ["BASE_URL"], os.environ["KEY"]
FOLDER = tempfile.mkdtemp()
os.environ |= {"INSPECT_LOG_DIR": FOLDER, "INSPECT_DISPLAY": "none"}

from inspect_ai import Task  # noqa: E402
from inspect_ai import eval as evaluate  # noqa: E402
from inspect_ai.dataset import Sample  # noqa: E402
from inspect_ai.model import (  # noqa: E402
    ChatMessageUser,
    ContentImage,
    ContentText,
    GenerateConfig,
    Model,
    ResponseSchema,
    get_model,
)
from inspect_ai.scorer import includes  # noqa: E402
from inspect_ai.solver import generate, use_tools  # noqa: E402
from inspect_ai.tool import Tool, tool  # noqa: E402
from inspect_ai.util import json_schema  # noqa: E402
from pydantic import BaseModel  # noqa: E402

PIXEL = "data:image/png;base64,iVBORw0KGgo="


class Place(BaseModel):
    """Where a parcel is."""

    city: str
    days: int


@tool
def where() -> Tool:
    """Make the tool."""

    async def execute(parcel: int) -> str:
        """Say where a parcel is.

        Args:
            parcel: Its number.
        """
        return "Graz"

    return execute


def model(name: str, door: str = "openai-api/gate", **config: object) -> Model:
    url = URL if door.startswith("openai") else URL.removesuffix("/v1")
    limits = GenerateConfig(max_retries=0, timeout=20, max_tokens=50, **config)
    return get_model(f"{door}/{name}", base_url=url, api_key=KEY, config=limits)


def task(*, tools: bool = False, target: str = "Graz") -> Task:
    solvers = [use_tools(where()), generate()] if tools else [generate()]
    samples = [Sample(input="Where is parcel 7?", target=target)]
    return Task(dataset=samples, solver=solvers, scorer=includes())


def run(one: Model, *, tools: bool = False) -> dict[str, object]:
    (log,) = evaluate(task(tools=tools), model=one, log_dir=FOLDER, display="none")
    sample = log.samples[0] if log.samples else None
    said = sample.error if sample else log.error
    return {
        "status": log.status,
        "score": sample.scores["includes"].value if sample and sample.scores else None,
        "text": sample.output.completion if sample and sample.output.choices else "",
        "roles": [message.role for message in sample.messages] if sample else [],
        "tokens": sum(one.total_tokens for one in log.stats.model_usage.values()),
        "error": said.message[:300] if said else "",
    }


async def failure(name: str) -> str:
    try:
        await model(name).generate("Where is parcel 7?")
    except Exception as error:  # whatever it makes of the status
        return repr(error)
    return "none"


async def more() -> tuple[str, str, dict[str, str]]:
    schema = ResponseSchema(name="place", json_schema=json_schema(Place))
    shaped = await model("schema", response_schema=schema).generate("Where?")
    parts = [ContentText(text="What is this?"), ContentImage(image=PIXEL)]
    picture = await model("plain").generate([ChatMessageUser(content=parts)])
    failures = {name: await failure(name) for name in ("limited", "wrong", "down")}
    return shaped.completion, picture.completion, failures


shaped, picture, failures = asyncio.run(more())
print(
    json.dumps(
        {
            "version": version("inspect_ai"),
            "plain": run(model("plain")),
            "tools": run(model("tools"), tools=True),
            "streamed": run(
                get_model(
                    "openai-api/gate/plain", base_url=URL, api_key=KEY, stream=True, memoize=False
                )
            ),
            "anthropic": run(model("tools", "anthropic"), tools=True),
            "schema": json.loads(shaped),
            "picture": picture,
            "unknown": run(model("none")),
            "failures": failures,
        }
    )
)
