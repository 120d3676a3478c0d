"""The owner's exclusions: what does not count and why, and the tests of voters."""

from dataclasses import asdict

from fastapi import APIRouter

from blindarena.web.api.schemas import ExcludeIn, ExclusionChange, ExclusionsOut, ReinstateIn
from blindarena.web.api.schemas.exclusions import ExcludedVoter, RulesOut, VoterTestsOut
from blindarena.web.deps import AppDep, ArenaDep, OwnerChangeDep, OwnerDep

router = APIRouter(prefix="/api/owner/arenas/{slug}", tags=["owner"])


@router.get("/exclusions")
async def read_exclusions(arena: ArenaDep, app: AppDep, owner: OwnerDep) -> ExclusionsOut:
    """Return what does not count, by reason, and the tests of voters as far as computed."""
    everyone = await app.pool.everyone(arena)
    excluded = await app.exclusions.voters(arena)
    tests = await app.voter_tests.of(arena, everyone, now=app.now())
    return ExclusionsOut(
        arena=arena.slug,
        counted=await app.boards.votes(arena, population="people"),
        by_reason=await app.exclusions.by_reason(arena),
        rules=RulesOut(**asdict(arena.rules)),
        voters=[
            ExcludedVoter(voter=app.exclusions.short(one.voter), reason=one.reason, at=one.at)
            for one in excluded
        ],
        tests=VoterTestsOut.model_validate(tests.public({one.voter for one in excluded})),
    )


@router.post("/exclude")
async def exclude(
    body: ExcludeIn, arena: ArenaDep, app: AppDep, owner: OwnerChangeDep
) -> ExclusionChange:
    """Exclude a voter, the later votes too, or single votes; no voter is told."""
    if body.voter is not None:
        changed = await app.exclusions.exclude_voter(arena, body.voter, reason=body.reason)
    else:
        changed = await app.exclusions.exclude_votes(arena, body.votes, reason=body.reason)
    return ExclusionChange(changed=changed)


@router.post("/reinstate")
async def reinstate(
    body: ReinstateIn, arena: ArenaDep, app: AppDep, owner: OwnerChangeDep
) -> ExclusionChange:
    """Let a voter's votes, or single ones, count again; a rule's exclusions of a voter stay."""
    if body.voter is not None:
        changed = await app.exclusions.reinstate_voter(arena, body.voter)
    else:
        changed = await app.exclusions.reinstate_votes(arena, body.votes)
    return ExclusionChange(changed=changed)
