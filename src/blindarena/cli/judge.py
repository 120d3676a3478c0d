"""`blindarena judge answer|run`: ask contestants, then judges; every call once."""

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from blindarena.errors import ConfigError

if TYPE_CHECKING:
    from blindarena.bootstrap.judge_inputs import Named
    from blindarena.bootstrap.judging import Estimate
    from blindarena.bootstrap.plan import Plan
    from blindarena.cli.judge_progress import JudgeReport
    from blindarena.domain.chat import Parameters
    from blindarena.judge.planning import JudgingPlan
    from blindarena.judge.questions import QuestionSet
    from blindarena.judge.running import Outcome

app = typer.Typer(
    help="Let models judge models: ask, judge, show, report.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RunArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the run.")]
ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", help="The server's configuration file.")
]
SpendOption = Annotated[
    float | None, typer.Option(min=0, metavar="USD", help="Stop before this is exceeded.")
]
ConcurrencyOption = Annotated[
    int, typer.Option(min=1, max=512, help="Calls under way at the same time.")
]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Say how many calls it would be and what they may cost.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
FormatOption = Annotated[Literal["table", "json"], typer.Option("--format", help="How to print.")]


@app.command()
def answer(
    run: RunArgument,
    questions: Annotated[
        str | None,
        typer.Option(help="A set of ours (starter, customer-service) or a file of questions."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=DEPLOYMENT", help="Whom to ask; may be given again."),
    ] = None,
    arena: Annotated[
        str | None,
        typer.Option(metavar="SLUG", help="Ask its contestants, and its prompts by default."),
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Only questions of this category; may be given again.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest answer of a turn.")] = 1024,
    max_spend: SpendOption = None,
    concurrency: ConcurrencyOption = 8,
    dry_run: DryOption = False,
    config: ConfigOption = Path("blindarena.toml"),
    output: FormatOption = "table",
    as_json: JsonOption = False,
) -> None:
    """Ask contestants the questions of a set; go on where an earlier run stopped.

    Example: blindarena judge answer runs/support --questions customer-service --model large
    """
    from blindarena.bootstrap.judge_inputs import Named
    from blindarena.cli.judge_progress import JudgeReport
    from blindarena.domain.chat import Parameters

    named = [Named.parse(text, option="--model") for text in model or []]
    if questions is not None and Path(questions).exists():
        questions = str(Path(questions).resolve())
    run = run.resolve()
    plan = _plan(config)
    with JudgeReport(quiet=as_json or output == "json", what="answers") as report:
        told = asyncio.run(
            _answer(
                plan,
                run,
                _chosen(plan, questions, arena, category or [], limit),
                named,
                arena,
                Parameters(max_tokens=max_tokens),
                report,
                spend=max_spend,
                concurrency=concurrency,
                dry_run=dry_run,
            )
        )
    _end(told, plain=as_json or output == "json")


@app.command("run")
def run_(
    run: RunArgument,
    judge: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=DEPLOYMENT", help="Who judges; given again, all of them judge all."
        ),
    ],
    protocol: Annotated[
        Literal["single", "pair", "baseline", "rubric"],
        typer.Option(
            help="Grade from 1 to 10; compare in pairs, both orders; compare on five steps with a "
            "baseline, both orders; check a list."
        ),
    ] = "single",
    baseline: Annotated[
        str | None, typer.Option(metavar="NAME", help="Compare all others with this contestant.")
    ] = None,
    contestant: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only these; may be given again.")
    ] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="FastChat's judge_prompts.jsonl, in place of our texts."),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, max=20, help="How often each is judged.")] = 1,
    structured: Annotated[
        bool, typer.Option("--structured", help="Ask for JSON by a schema; the judge must know it.")
    ] = False,
    temperature: Annotated[float, typer.Option(min=0, max=2, help="Of the judges.")] = 0.0,
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest text of a judge.")] = 2048,
    max_spend: SpendOption = None,
    concurrency: ConcurrencyOption = 8,
    dry_run: DryOption = False,
    config: ConfigOption = Path("blindarena.toml"),
    output: FormatOption = "table",
    as_json: JsonOption = False,
) -> None:
    """Let judges judge the answers of a run; go on where an earlier run stopped.

    Example: blindarena judge run runs/support --judge gpt --protocol pair --max-spend 5
    """
    from blindarena.bootstrap.judge_inputs import Named
    from blindarena.cli.judge_progress import JudgeReport
    from blindarena.domain.chat import Parameters
    from blindarena.judge.planning import JudgingPlan
    from blindarena.judge.prompting import own_prompts, read_fastchat_prompts

    texts = read_fastchat_prompts(prompts) if prompts is not None else own_prompts()
    judging = JudgingPlan(protocol, tuple(texts.values()), baseline, repeats)
    named = [Named.parse(text, option="--judge") for text in judge]
    run = run.resolve()
    plan = _plan(config)
    with JudgeReport(quiet=as_json or output == "json", what="judgments") as report:
        told = asyncio.run(
            _judge(
                plan,
                run,
                judging,
                named,
                contestant or [],
                Parameters(temperature=temperature, max_tokens=max_tokens),
                report,
                structured=structured,
                spend=max_spend,
                concurrency=concurrency,
                dry_run=dry_run,
            )
        )
    _end(told, plain=as_json or output == "json")


async def _answer(
    plan: "Plan",
    root: Path,
    chosen: "QuestionSet",
    named: "list[Named]",
    arena: str | None,
    parameters: "Parameters",
    report: "JudgeReport",
    *,
    spend: float | None,
    concurrency: int,
    dry_run: bool,
) -> dict[str, Any]:
    from blindarena.bootstrap.judge_inputs import deployments_of
    from blindarena.bootstrap.judge_opening import open_judging

    used = deployments_of(plan, named, arena)
    async with open_judging(
        plan, root, deployments=used, max_spend=spend, concurrency=concurrency, start=not dry_run
    ) as desk:
        contestants = desk.contestants(named, arena=arena, parameters=parameters)
        estimate = desk.estimate_answers(chosen.questions, contestants)
        report.estimate(estimate)
        if dry_run:
            return {"estimate": _told(estimate)}
        with desk.folder.locked():
            desk.begin_answers(chosen, contestants)
            outcome = await desk.answer(chosen.questions, contestants, watch=report.progress)
        report.outcome(outcome)
    return {"estimate": _told(estimate), "outcome": _told(outcome)}


async def _judge(
    plan: "Plan",
    root: Path,
    judging: "JudgingPlan",
    named: "list[Named]",
    only: list[str],
    parameters: "Parameters",
    report: "JudgeReport",
    *,
    structured: bool,
    spend: float | None,
    concurrency: int,
    dry_run: bool,
) -> dict[str, Any]:
    from blindarena.bootstrap.judge_inputs import answers_in, read_run
    from blindarena.bootstrap.judge_opening import open_judging

    folder, spec, questions = read_run(root)
    for name in only:
        if name not in spec.contestants:
            known = ", ".join(spec.contestants)
            raise ConfigError(f"--contestant {name!r} is not in this run; there are: {known}")
    answers = answers_in(folder, only or list(spec.contestants))
    async with open_judging(
        plan,
        root,
        deployments=[one.deployment for one in named],
        max_spend=spend,
        concurrency=concurrency,
        start=not dry_run,
    ) as desk:
        judges = desk.judges(named, parameters=parameters, structured=structured)
        estimate = desk.estimate_judging(questions, answers, judges, judging)
        report.estimate(estimate)
        if not estimate.calls and not estimate.done:
            raise ConfigError(
                f"{root}: nothing to judge: no question is answered by all of those to be judged"
                + (" and has a rubric" if judging.protocol == "rubric" else "")
            )
        if dry_run:
            return {"estimate": _told(estimate)}
        with desk.folder.locked():
            desk.begin_judging(spec, judges, judging)
            outcome = await desk.judge(questions, answers, judges, judging, watch=report.progress)
        report.outcome(outcome)
    return {"estimate": _told(estimate), "outcome": _told(outcome)}


def _plan(config: Path) -> "Plan":
    """Read the server's files; its relative file names are meant from its folder, ours are not."""
    from blindarena.bootstrap.configured import plan_of
    from blindarena.settings import load_settings

    plan = plan_of(load_settings(config.resolve(), environ=os.environ))
    os.chdir(plan.settings.root)
    return plan


def _chosen(
    plan: "Plan", questions: str | None, arena: str | None, categories: list[str], limit: int | None
) -> "QuestionSet":
    from blindarena.bootstrap.judge_inputs import questions_for
    from blindarena.judge.questions import QuestionSet

    whole = questions_for(plan, questions, arena)
    there = {question.category for question in whole.questions}
    for category in categories:
        if category not in there:
            known = ", ".join(sorted(there))
            raise ConfigError(f"--category {category!r}: there is none; there are: {known}")
    kept = [q for q in whole.questions if not categories or q.category in categories]
    return QuestionSet(whole.name, tuple(kept[:limit]))


def _told(what: "Estimate | Outcome") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(what)


def _end(told: dict[str, Any], *, plain: bool) -> None:
    if plain:
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
    outcome = told.get("outcome")
    if outcome and (outcome["progress"]["failed"] or not outcome["complete"]):
        raise typer.Exit(1)
