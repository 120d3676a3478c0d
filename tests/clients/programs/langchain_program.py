"""What `langchain-openai` sees of the gateway; prints it as one line of JSON."""

import json
import os
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")

import openai  # noqa: E402
from langchain_core.messages import HumanMessage, ToolMessage  # noqa: E402
from langchain_core.tools import tool  # noqa: E402
from langchain_openai import ChatOpenAI, OpenAIEmbeddings  # noqa: E402
from pydantic import BaseModel  # noqa: E402

URL, KEY = os.environ["BASE_URL"], os.environ["KEY"]
PIXEL = "data:image/png;base64,iVBORw0KGgo="


class Place(BaseModel):
    """Where a parcel is."""

    city: str
    days: int


@tool
def where(parcel: int) -> str:
    """Say where a parcel is."""
    return "Graz"


def model(name: str, **more: object) -> ChatOpenAI:
    return ChatOpenAI(model=name, base_url=URL, api_key=KEY, max_retries=0, **more)


def failure(name: str) -> str:
    try:
        model(name).invoke("Where is my parcel?")
    except openai.APIStatusError as error:
        return f"{error.status_code} {error.response.headers.get('retry-after', '')}".strip()
    return "none"


def broken() -> str:
    try:
        list(model("breaks").stream("Where is my parcel?"))
    except openai.APIError as error:
        return str(error)
    return "none"


whole = model("plain").invoke("Where is my parcel?")
pieces = list(model("plain", stream_usage=True).stream("Where is my parcel?"))
streamed = pieces[0]
for piece in pieces[1:]:
    streamed += piece
asked = [HumanMessage("Where is my parcel?")]
bound = model("tools").bind_tools([where])
called = bound.invoke(asked)
call = called.tool_calls[0]
result = ToolMessage(where.invoke(call["args"]), tool_call_id=call["id"])
picture = [{"type": "image_url", "image_url": {"url": PIXEL}}]
embeddings = OpenAIEmbeddings(
    model="plain", base_url=URL, api_key=KEY, check_embedding_ctx_length=False
)
print(
    json.dumps(
        {
            "version": version("langchain-openai"),
            "whole": whole.content,
            "usage": whole.usage_metadata["total_tokens"],
            "streamed": streamed.content,
            "streamed_usage": streamed.usage_metadata["total_tokens"],
            "call": [call["name"], call["args"]],
            "after": bound.invoke([*asked, called, result]).content,
            "schema": model("schema").with_structured_output(Place).invoke("Where?").model_dump(),
            "picture": model("plain").invoke([HumanMessage(picture)]).content,
            "vectors": len(embeddings.embed_documents(["a", "b"])),
            "failures": {name: failure(name) for name in ("none", "limited", "wrong", "down")},
            "broken": broken(),
        }
    )
)
