"""How far evaluations agree, for staff: what may be compared, the answer, and the report."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import msgspec
from fastapi import APIRouter, Response

from blindarena.analysis.comparison.comparing import Comparison
from blindarena.bootstrap.agreement_desk import MAX_EVALUATIONS, MAX_VOTES, Table, Wanted, plain
from blindarena.errors import InvalidInputError
from blindarena.web.api.schemas.agreement import (
    AgreementChoices,
    AgreementIn,
    AgreementReport,
    AliasIn,
    AliasSuggestion,
    AnswerOut,
    ArenaChoice,
    RunChoice,
)
from blindarena.web.api.schemas.judge_runs import ReportPart
from blindarena.web.deps import AppDep, ReviewerChangeDep, ReviewerDep

router = APIRouter(prefix="/api/agreement", tags=["agreement"])
Suffix = Literal["html", "json", "md"]
_KINDS: dict[Suffix, str] = {
    "html": "text/html",
    "json": "application/json",
    "md": "text/markdown",
}
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""A report has no script, and its styles are in it."""


@router.get("")
async def list_agreement_choices(app: AppDep, session: ReviewerDep) -> AgreementChoices:
    """List the arenas and the runs of judges that may be compared."""
    found = await app.agreement.choices()
    return AgreementChoices(
        arenas=[ArenaChoice(slug=one.slug, title=one.title) for one in found.arenas],
        runs=[
            RunChoice(
                name=one.name,
                judges=list(one.judges),
                contestants=list(one.contestants),
                blind_votes=found.people[one.name],
            )
            for one in found.runs
        ],
        max_evaluations=MAX_EVALUATIONS,
        max_votes=MAX_VOTES,
    )


@router.post("")
async def compare_evaluations(
    body: AgreementIn, app: AppDep, session: ReviewerChangeDep
) -> AgreementReport:
    """Compare evaluations; one comparison at a time, others get 429. Nothing is stored."""
    wanted = Wanted(
        arenas=tuple(dict.fromkeys(body.arenas)),
        runs=tuple(dict.fromkeys(body.runs)),
        people=tuple(dict.fromkeys(body.people)),
        tables=tuple(Table(one.name, one.text) for one in body.tables),
        aliases=_aliases(body.aliases),
    )
    key, found = await app.agreement.compare(wanted)
    return await asyncio.to_thread(_out, key, found)


@router.get("/{report}/report.{suffix}", response_class=Response)
async def read_agreement_report(
    report: str, suffix: Suffix, app: AppDep, session: ReviewerDep, download: bool = False
) -> Response:
    """Return a report that was made lately, as the command writes it."""
    found = app.agreement.kept(report)
    text = await asyncio.to_thread(_writer(suffix), found)
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    if download:
        headers["Content-Disposition"] = f'attachment; filename="agreement.{suffix}"'
    return Response(text, media_type=_KINDS[suffix], headers=headers)


def _writer(suffix: Suffix) -> Callable[[Comparison], str]:
    from blindarena.leaderboard.comparing.page import html_of
    from blindarena.leaderboard.comparing.texts import json_of, markdown_of

    return {"html": html_of, "json": json_of, "md": markdown_of}[suffix]


def _aliases(given: list[AliasIn]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        if found.get(one.this, one.that) != one.that:
            raise InvalidInputError(
                f"the alias {one.this} is {found[one.this]} already and cannot be {one.that}"
            )
        found[one.this] = one.that
    for this, that in found.items():
        if found.get(that, that) != that:
            raise InvalidInputError(
                f"the aliases {this}={that} and {that}={found[that]} form a chain; name the last "
                "one in both"
            )
    return found


def _out(key: str, found: Comparison) -> AgreementReport:
    from blindarena.leaderboard.comparing.answers import answers_of
    from blindarena.leaderboard.comparing.sections import notes_of, parts_of

    return AgreementReport(
        id=key,
        names=[one.name for one in found.sources],
        answers=[
            AnswerOut(
                about=one.about,
                standing=one.standing,
                sentence=one.sentence,
                findings=list(one.findings),
            )
            for one in answers_of(found)
        ],
        # Suggestions have a list of their own here.
        notes=[plain(note) for note in notes_of(replace(found, suggestions=()))],
        suggestions=[
            AliasSuggestion(this=one.one, that=one.other, where=list(one.where))
            for one in found.suggestions
        ],
        parts=[ReportPart.model_validate(msgspec.to_builtins(one)) for one in parts_of(found)],
    )
