"""Errors as `application/problem+json` (RFC 9457)."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from blindarena import errors
from blindarena.web.api.schemas.base import Problem

log = logging.getLogger("blindarena.web")

_SECRET = re.compile(r"/api/owner/(keys|login)\b")
"""What is sent there is never repeated in a reply."""

_STATUS: Mapping[type[errors.BlindArenaError], tuple[int, str]] = {
    errors.NotFoundError: (404, "Not found"),
    errors.ReadOnlyError: (409, "This arena is read-only"),
    errors.ArenaClosedError: (409, "This arena is closed"),
    errors.DuplicateVoteError: (409, "This battle has its vote"),
    errors.BattleStateError: (409, "Not possible in this state of the battle"),
    errors.PromptsExhaustedError: (409, "All prompts are done"),
    errors.NotReadyError: (503, "Not ready yet"),
    errors.LoginError: (403, "Not logged in"),
    errors.BoardHeldError: (403, "The board is held back"),
    errors.LoginRequiredError: (403, "A login is needed"),
    errors.ConsentError: (403, "Consent is needed"),
    errors.ForbiddenError: (403, "Not allowed"),
    errors.InvalidInputError: (422, "The input is not valid"),
    errors.PersonalDataError: (422, "Personal data in the message"),
    errors.ModerationError: (422, "The message is held back"),
    errors.ChallengeError: (428, "A proof of work is needed"),
    errors.RateLimitError: (429, "Too many requests"),
    errors.ChangedMeanwhileError: (409, "Changed meanwhile"),
    errors.ArenaFileError: (422, "The arena file is not valid"),
    errors.SecretError: (503, "Keys can't be read"),
    errors.StorageError: (503, "The database can't be reached"),
}
_PLAIN = {400: "bad-request", 401: "no-session", 403: "forbidden", 404: "not-found"}
_PLAIN |= {405: "method-not-allowed", 413: "too-large", 415: "unsupported-media-type"}


class ProblemResponse(Response):
    """A problem; `code` is stable, `detail` is one line for a person."""

    media_type = "application/problem+json"

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        headers: dict[str, str] | None = None,
        *,
        problems: Sequence[errors.FileProblem] = (),
        found: Mapping[str, int] | None = None,
        challenge: Mapping[str, object] | None = None,
    ) -> None:
        body: dict[str, object] = {
            "type": f"urn:blindarena:problem:{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
        }
        if problems:
            body["errors"] = problems
        if found is not None:
            body["found"] = found
        if challenge is not None:
            body["challenge"] = challenge
        super().__init__(msgspec.json.encode(body), status_code=status, headers=headers)


def problem_of(error: errors.BlindArenaError) -> ProblemResponse:
    """Turn one of our errors into a problem; nothing of a provider or a traceback gets out."""
    for kind in type(error).__mro__:
        if kind in _STATUS:
            status, title = _STATUS[kind]
            code = getattr(error, "code", "storage")
            problems = error.problems if isinstance(error, errors.ArenaFileError) else ()
            found = error.found if isinstance(error, errors.PersonalDataError) else None
            challenge = error.challenge if isinstance(error, errors.ChallengeError) else None
            detail = str(error)
            if isinstance(error, errors.StorageError):
                log.error("storage: %s", error)
                detail = "The database can't be reached at the moment. Please try again."
            headers = {}
            if isinstance(error, errors.RateLimitError):
                headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
            if isinstance(error, errors.NotReadyError | errors.StorageError):
                headers["Retry-After"] = "2"
            return ProblemResponse(
                status,
                code,
                title,
                detail,
                headers,
                problems=problems,
                found=found,
                challenge=challenge,
            )
    log.error("unforeseen error: %s", error, exc_info=error)
    return ProblemResponse(500, "internal", "Internal error", "Something went wrong on our side.")


def install(app: FastAPI) -> None:
    """Register the handlers."""

    @app.exception_handler(errors.BlindArenaError)
    async def _ours(request: Request, error: errors.BlindArenaError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
        value = first.get("input")
        told = isinstance(value, str | int | float | bool) and not _SECRET.match(request.url.path)
        shown = f" (got {value!r:.80})" if told else ""
        detail = f"{where}: {first['msg']}{shown}"
        return ProblemResponse(422, "invalid-input", "The input is not valid", detail)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        code = _PLAIN.get(error.status_code, "http")
        return ProblemResponse(
            error.status_code, code, str(error.detail), str(error.detail), dict(error.headers or {})
        )

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> Response:
        log.error("unforeseen error at %s", request.url.path, exc_info=error)
        return ProblemResponse(
            500, "internal", "Internal error", "Something went wrong on our side."
        )


def describe(described: dict[str, Any]) -> None:
    """Put problems where FastAPI's own description has errors of its own kind."""
    schemas = described["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    for methods in described["paths"].values():
        for operation in methods.values():
            for status, reply in operation["responses"].items():
                content = reply.get("content", {})
                if status >= "400" and "application/json" in content:
                    said = content.pop("application/json")
                    if status == "422":
                        said = {"schema": {"$ref": "#/components/schemas/Problem"}}
                    content[ProblemResponse.media_type] = said
