"""The fast vote route takes and gives exactly what its OpenAPI description says."""

from dataclasses import asdict

from blindarena.arena.reveals import Reveal, RevealedSide
from blindarena.web.api.ballots import Ballot, SideBallot, UsableBallot, ballot_schemas
from blindarena.web.api.schemas import RevealOut, SideUseIn, UsableIn, VoteIn
from blindarena.web.api.votes import _encode
from blindarena.web.app import create_api

from .server import Browser


def test_ballot_and_schema_have_the_same_fields() -> None:
    pairs = ((Ballot, VoteIn), (UsableBallot, UsableIn), (SideBallot, SideUseIn))
    for struct, model in pairs:
        assert list(struct.__struct_fields__) == list(model.model_fields)


def test_the_reply_is_the_schema() -> None:
    side = RevealedSide(
        "x", "", None, None, 1, 2, True, 0.5, 0.1, None, None, 3, 0, 0, 0, False, None
    )
    reveal = Reveal(side, side, "tie", True, None)

    assert RevealOut.model_validate_json(_encode(reveal)).model_dump() == asdict(reveal)


def test_openapi_describes_it() -> None:
    described = create_api(None).openapi()
    route = described["paths"]["/api/battles/{battle_id}/vote"]["post"]

    assert [p["name"] for p in route["parameters"]] == ["battle_id", "x-csrf-token"]
    assert "VoteIn" in str(route["requestBody"])
    schemas = described["components"]["schemas"]
    assert ballot_schemas(VoteIn).items() <= schemas.items()
    assert "#/components/schemas/UsableIn" in str(schemas["VoteIn"])
    assert {"UsableIn", "SideUseIn"} <= schemas.keys()
    assert "RevealOut" in str(route["responses"]["200"])


async def test_bad_bodies(browser: Browser) -> None:
    battle = await browser.battle()
    await browser.turn(battle)
    url = f"{browser.url}/api/battles/{battle}/vote"
    headers = {"X-CSRF-Token": browser.csrf, "Content-Type": "application/json"}
    for body in (b"", b"{", b"[]", b"null", b'{"outcome": 1}', b"\xff\xfe", b'{"reasons": []}'):
        async with browser.http.post(url, data=body, headers=headers) as reply:
            assert reply.status == 422, body
            assert (await reply.json(content_type=None))["code"] == "invalid-input"
    assert (await browser.post("/api/battles/nonsense/vote", {"outcome": "tie"})).status == 404
    assert (await browser.vote(battle, "tie")).status == 200
