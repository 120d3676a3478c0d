"""Runs of judges: what they say, judged pairs one by one, and people's votes; for staff."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from blindarena.judge.browsing.filtering import Wanted
from blindarena.web.api.judged_views import item_out, row_out, run_out, summary_out
from blindarena.web.api.schemas.judge_runs import (
    Flag,
    JudgedItem,
    JudgedItems,
    JudgedVoteIn,
    JudgeRunsOut,
    JudgeRunSummary,
    VotesDeleted,
)
from blindarena.web.deps import AppDep, OwnerChangeDep, ReviewerChangeDep, ReviewerDep

router = APIRouter(prefix="/api/judge-runs", tags=["judges"])
BlindQuery = Annotated[bool, Query(description="hide names and verdicts until the vote")]


@router.get("")
async def list_judge_runs(app: AppDep, session: ReviewerDep) -> JudgeRunsOut:
    """List the runs of judges in the server's folder, also those that are being written."""
    runs = await app.judge_runs.runs()
    return JudgeRunsOut(
        folder=str(app.judge_runs.folder) if session.is_owner else app.judge_runs.folder.name,
        runs=[run_out(one) for one in runs],
        role=session.role,
    )


@router.get("/{run}")
async def read_judge_run(run: str, app: AppDep, session: ReviewerDep) -> JudgeRunSummary:
    """Return what a run says of contestants and judges, and what people say of the judges."""
    return summary_out(await app.judge_runs.summary(run))


@router.get("/{run}/items")
async def list_judged_items(
    run: str,
    app: AppDep,
    session: ReviewerDep,
    category: Annotated[str, Query(max_length=200)] = "",
    contestant: Annotated[
        list[str] | None, Query(description="must be among the two; may be given twice")
    ] = None,
    judge: Annotated[
        str, Query(max_length=200, description="must have judged; flags are then about its words")
    ] = "",
    flag: Annotated[
        list[Flag] | None,
        Query(
            description="any of: orders that differ, judges that differ, texts without a verdict, "
            "calls that failed, answers that hold what looks like a verdict"
        ),
    ] = None,
    voted: Annotated[
        Literal["yes", "no", ""], Query(description="whether you voted; empty is both")
    ] = "",
    q: Annotated[
        str, Query(max_length=200, description="words in question, answers or judges' texts")
    ] = "",
    blind: BlindQuery = True,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JudgedItems:
    """List judged turns, by question; of two contestants each, or of one that was graded alone."""
    wanted = Wanted(
        category=category,
        contestants=tuple(contestant or ()),
        judge=judge,
        flags=tuple(flag or ()),
        words=q,
        voted=None if not voted else voted == "yes",
    )
    found, look = await app.judge_runs.items(run, session, wanted, open_=not blind)
    return JudgedItems(
        total=len(found),
        offset=offset,
        items=[row_out(look(item)) for item in found[offset : offset + limit]],
    )


@router.get("/{run}/items/{item}")
async def read_judged_item(
    run: str, item: str, app: AppDep, session: ReviewerDep, blind: BlindQuery = True
) -> JudgedItem:
    """Return one item; who looks at it openly does not vote on it blind any more."""
    return item_out(await app.judge_runs.item(run, item, session, open_=not blind))


@router.post("/{run}/items/{item}/vote")
async def vote_on_judged_item(
    run: str, item: str, body: JudgedVoteIn, app: AppDep, session: ReviewerChangeDep
) -> JudgedItem:
    """Store a vote, durably, and reveal; a changed vote is a new row, and the latest counts."""
    view = await app.judge_runs.vote(run, item, session, body.outcome, blind=body.blind)
    return item_out(view)


@router.delete("/{run}/votes")
async def delete_judged_votes(run: str, app: AppDep, owner: OwnerChangeDep) -> VotesDeleted:
    """Delete all people's votes on a run; the audit log says so. It cannot be undone."""
    return VotesDeleted(deleted=await app.judge_runs.delete_votes(run))
