"""schemathesis: requests made from OpenAPI documents, good and bad, and what is answered."""

import asyncio
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from clients.stand import COMPLIANT, PROGRAMS, Stand, run
from web.server import serving
from web.test_queue import replay_plan
from web.test_routes import become

pytestmark = [pytest.mark.clients, pytest.mark.timeout(900)]
CHECKS = "not_a_server_error,content_type_conformance,response_schema_conformance"
MODELS = ("plain", "bare", COMPLIANT, "plain-anthropic", "able-gemini")
LONG = pytest.param(30, marks=pytest.mark.slow)


def tried(
    python: str,
    document: Path,
    url: str,
    *,
    headers: Mapping[str, str],
    examples: int,
    checks: str = CHECKS,
    without: str = "",
) -> str:
    """Make requests from a document, the same ones at each run, and return the summary.

    Args:
        python: of the environment that has schemathesis.
        document: OpenAPI, as JSON.
        url: of the server, up to where the document's paths begin.
        headers: of every request.
        examples: for each operation, beside those that cover its schema.
        checks: of every reply.
        without: a pattern of paths that are left out.
    """
    command = [
        str(Path(python).parent / "st"), "run", str(document), "--url", url, "--checks", checks,
        "--phases", "examples,coverage,fuzzing", "--max-examples", str(examples),
        "--generation-deterministic", "--no-shrink", "--continue-on-failure", "--no-color",
        "--request-timeout", "20",
    ]  # fmt: skip
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    if without:
        command += ["--exclude-path-regex", without]
    done = subprocess.run(
        command, cwd=document.parent, capture_output=True, text=True, check=False, timeout=850
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("examples", [5, LONG])
def test_openais_own_document(gate: Stand, clients: str, tmp_path: Path, examples: int) -> None:
    document = tmp_path / "openai.json"
    run([clients, str(PROGRAMS / "official_document.py"), str(document), *MODELS])
    before = len(gate.upstream.requests)

    said = tried(
        clients,
        document,
        f"{gate.url}/v1",
        headers={"Authorization": f"Bearer {gate.key}"},
        examples=examples,
        checks=f"{CHECKS},ignored_auth,unsupported_method,allow_header_conformance",
    )

    assert "5 selected / 5 total" in said
    assert len(gate.upstream.requests) > before + 20
    assert "Traceback" not in gate.log


def test_every_event_of_a_stream_is_as_openais_document_says(gate: Stand, clients: str) -> None:
    done = run([clients, str(PROGRAMS / "official_stream.py"), *MODELS], **gate.environ)

    counts = json.loads(done.stdout)
    assert counts.keys() == set(MODELS)
    assert all(count > 1 for found in counts.values() for count in found)


@pytest.mark.parametrize("examples", [1, LONG])
async def test_our_own_document(root: Path, clients: str, tmp_path: Path, examples: int) -> None:
    described = json.loads((root / "openapi.json").read_text())
    document = tmp_path / "document" / "openapi.json"
    document.parent.mkdir()
    document.write_text(json.dumps(described))
    async with serving(replay_plan(tmp_path)) as server, server.browser() as owner:
        await owner.consent()
        await become(server, owner, "owner")
        (cookie,) = [c for c in owner.http.cookie_jar if c.key == "blindarena_session"]

        said = await asyncio.to_thread(
            tried,
            clients,
            document,
            owner.url,
            headers={"Cookie": f"{cookie.key}={cookie.value}", "X-CSRF-Token": owner.csrf},
            examples=examples,
            without="(logout|/me/erase)$",
        )

    assert f"{sum(len(methods) for methods in described['paths'].values())} total" in said
