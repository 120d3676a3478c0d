"""What a judge run is made of: who is named, which questions, which deployments, what was begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from blindarena.bootstrap.beside import only
from blindarena.bootstrap.plan import Plan
from blindarena.domain.arenas import Contestant
from blindarena.domain.judging import Question
from blindarena.errors import ConfigError
from blindarena.judge.keys import Digest, digest_of
from blindarena.judge.planning import Answers
from blindarena.judge.questions import QuestionSet, load_questions
from blindarena.judge.run_folder import RunFolder, RunSpec
from blindarena.judge.running import good_answers


@dataclass(frozen=True, slots=True)
class Named:
    """A contestant or a judge as the command line names it: `NAME` or `NAME=DEPLOYMENT`."""

    name: str
    deployment: str

    @classmethod
    def parse(cls, text: str, *, option: str) -> "Named":
        """Read one.

        Raises:
            ConfigError: a part is missing.
        """
        name, equals, deployment = (part.strip() for part in text.partition("="))
        if not name or (equals and not deployment):
            raise ConfigError(f"{option} {text!r}: write NAME=DEPLOYMENT, or a deployment's name")
        return cls(name, deployment or name)


def deployments_of(plan: Plan, named: Sequence[Named], arena: str | None) -> set[str]:
    """Return the deployments of those named and of an arena's contestants.

    Raises:
        ConfigError: no such arena, or nobody at all.
    """
    found = {one.deployment for one in named}
    for contestant in enabled(plan, arena) if arena else ():
        found |= set(contestant.deployments)
    if not found:
        raise ConfigError("nobody to ask: give --model NAME=DEPLOYMENT or --arena SLUG")
    return found


def questions_for(plan: Plan, where: str | None, arena: str | None) -> QuestionSet:
    """Return a set by name or file; without one the prompts of an arena.

    Raises:
        InputError: it cannot be read.
        ConfigError: neither was given, or the arena has no prompts.
    """
    if where is not None:
        return load_questions(where)
    if arena is None:
        raise ConfigError('give --questions: "starter", "customer-service" or a file')
    found = only(plan, arena).arenas[0]
    if not found.prompts:
        raise ConfigError(f"the arena {arena!r} has no prompts; give --questions")
    return QuestionSet(
        arena,
        tuple(
            Question(
                id=prompt.key,
                category=prompt.category or "general",
                turns=(prompt.text,),
                system=prompt.policy or None,
            )
            for prompt in found.prompts
        ),
    )


def read_run(root: Path) -> tuple[RunFolder, RunSpec, tuple[Question, ...]]:
    """Return a run that has begun, with its questions.

    Raises:
        ConfigError: there is none in the folder.
        InputError: a file of it cannot be read.
    """
    folder = RunFolder(root)
    spec = folder.read()
    if spec is None:
        raise ConfigError(f"{root}: no run here; begin one with `blindarena judge answer`")
    return folder, spec, load_questions(str(folder.questions_path)).questions


def answers_in(folder: RunFolder, contestants: Sequence[str]) -> Answers:
    """Return the good answers of contestants, in their order; those without any are left out."""
    found = good_answers(folder, contestants)
    return {name: each for name, each in found.items() if each}


def enabled(plan: Plan, slug: str) -> list[Contestant]:
    """Return the contestants of an arena that are switched on.

    Raises:
        ConfigError: there is no such arena.
    """
    return [each for each in only(plan, slug).arenas[0].contestants if each.enabled]


def identity_of(plan: Plan, deployments: Sequence[str]) -> Digest:
    """Return a digest of what answers at these deployments."""
    return digest_of([_what(plan, name) for name in deployments])


def _what(plan: Plan, name: str) -> tuple[object, ...]:
    deployment = plan.deployments[name]
    replay = plan.replays.get(name)
    return (
        deployment.provider,
        deployment.engine,
        deployment.base_url,
        deployment.model,
        digest_of(dict(replay)) if replay is not None else None,
    )
