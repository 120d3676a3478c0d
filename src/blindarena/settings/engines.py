"""What `[deployments.NAME]` says of an engine that we start ourselves."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from blindarena.settings.base import Section

EngineKind = Literal["llamacpp", "vllm", "sglang", "command"]
LLAMACPP_SLOTS = 16


class EngineTable(Section):
    """The keys of an engine."""

    engine: EngineKind | None = None
    command: str = ""
    args: tuple[str, ...] = ()
    slots: Annotated[int, Field(ge=1, le=4096)] = 2
    context: Annotated[int, Field(ge=256, le=1_000_000)] = 2048

    @model_validator(mode="after")
    def _fits_engine(self) -> "EngineTable":
        if (self.engine == "command") != bool(self.command):
            raise ValueError(
                '"command" and engine = "command" go together: write both, such as '
                'command = "my-server --port {port}"'
            )
        if self.args and self.engine in (None, "llamacpp"):
            raise ValueError('"args" goes with the engines "vllm", "sglang" and "command" only')
        if self.engine in (None, "llamacpp") and self.slots > LLAMACPP_SLOTS:
            raise ValueError(f'"slots" is {self.slots}; llama.cpp takes 1 to {LLAMACPP_SLOTS}')
        return self
