"""Everything that can be said of two or more evaluations of the same contestants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from blindarena.analysis.alternative_annotator import SKILLED
from blindarena.analysis.comparison.combining import HALF_WIDTHS, Combination, combine
from blindarena.analysis.comparison.evaluations import (
    Evaluation,
    Kind,
    aliases_for,
    renamed,
)
from blindarena.analysis.comparison.explaining import no_common_ground, no_item, shared_raters
from blindarena.analysis.comparison.grading import rated_by_grades
from blindarena.analysis.comparison.item_level import (
    ItemAgreement,
    item_agreement,
    rating_gap,
)
from blindarena.analysis.comparison.items import Items, Rated, join
from blindarena.analysis.comparison.model_level import ModelAgreement, model_agreement
from blindarena.analysis.comparison.names import Suggestion, suggest
from blindarena.analysis.comparison.within import JudgeHabits, Within, judge_habits, within
from blindarena.errors import (
    AnalysisError,
    InputError,
    NothingInCommonError,
    NotIdentifiedError,
    RankingError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An evaluation as the report lists it.

    Attributes:
        name: of the evaluation.
        kind: people, judge or benchmark.
        source: where it was read.
        contestants: how many.
        votes: on items.
        items: that it rated.
        raters: who gave them; 0 where unknown.
        grades: of single answers.
        scores: what its scores are; None where there are none.
        notes: on how it was read.
    """

    name: str
    kind: Kind
    source: str
    contestants: int
    votes: int
    items: int
    raters: int
    grades: int
    scores: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two or more evaluations of the same contestants, compared.

    Attributes:
        sources: in the order given.
        aliases: names that were taken for others.
        contestants: in all of them.
        suggestions: names that may stand for one contestant, for people to decide.
        notes: how items were joined, and raters whom two evaluations share.
        problems: what could not be compared and why, one line each.
        within: agreement of the raters of one evaluation.
        habits: of judges.
        items: evaluations compared item by item.
        models: evaluations compared contestant by contestant.
        combinations: of people and a judge.
        level: of all intervals.
        seed: of all draws.
    """

    sources: tuple[Source, ...]
    aliases: tuple[tuple[str, str], ...]
    contestants: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    within: tuple[Within, ...]
    habits: tuple[JudgeHabits, ...]
    items: tuple[ItemAgreement, ...]
    models: tuple[ModelAgreement, ...]
    combinations: tuple[Combination, ...]
    level: float
    seed: int


def compare(
    evaluations: Sequence[Evaluation],
    *,
    aliases: Mapping[str, str] | None = None,
    epsilon: float = SKILLED,
    half_widths: tuple[float, ...] = HALF_WIDTHS,
    seed: int = 0,
    level: float = 0.95,
) -> Comparison:
    """Compare every two evaluations as far as what they hold allows.

    Args:
        evaluations: two or more, with names of their own.
        aliases: names of contestants that stand for others; `EVALUATION:name` is a name in that
            evaluation only.
        epsilon: of the Alternative Annotator Test.
        half_widths: precisions to state the labels needed for, Elo points.
        seed: of all draws.
        level: of all intervals.

    Raises:
        NothingInCommonError: no two of them can be compared; says why, in one line.
        InputError: fewer than two, a name twice, or an alias that names nobody.
    """
    given = dict(aliases or {})
    _check(evaluations, given)
    named = [renamed(one, aliases_for(one.name, given)) for one in evaluations]
    items = join(named)
    rated = {one.evaluation.name: one for one in items.rated}
    graded = {one.name: rated_by_grades(one, items) for one in named if one.name not in rated}
    rated |= {name: one for name, one in graded.items() if one is not None}
    problems: list[str] = []
    item_pairs: list[ItemAgreement] = []
    model_pairs: list[ModelAgreement] = []
    combined: list[Combination] = []
    suggestions: list[Suggestion] = []
    for one, other in combinations(named, 2):
        suggestions += suggest(one.name, one.contestants, other.name, other.contestants)
        first, reference = _sorted(one, other)
        if first.name in rated and reference.name in rated:
            try:
                item_pairs.append(
                    item_agreement(
                        rated[first.name],
                        rated[reference.name],
                        items,
                        gap=rating_gap(reference, items),
                        epsilon=epsilon,
                        level=level,
                    )
                )
            except NothingInCommonError:
                problems.append(no_item(first, reference, items))
            else:
                _combine(
                    combined,
                    problems,
                    rated[first.name],
                    rated[reference.name],
                    items,
                    half_widths,
                    level,
                )
        if first.scores is not None and reference.scores is not None:
            try:
                model_pairs.append(model_agreement(first, reference, seed=seed, level=level))
            except AnalysisError as error:
                problems.append(str(error))
        elif not (first.name in rated and reference.name in rated):
            problems.append(no_common_ground(first, reference))
    if not item_pairs and not model_pairs:
        hint = f"; did you mean {suggestions[0].option}?" if suggestions else ""
        raise NothingInCommonError("; ".join(dict.fromkeys(problems)) + hint)
    return Comparison(
        sources=tuple(_source(one, rated.get(one.name)) for one in named),
        aliases=tuple(sorted(given.items())),
        contestants=_in_all(named),
        suggestions=tuple(dict.fromkeys(suggestions)),
        notes=(*items.notes, *shared_raters(items)),
        problems=tuple(dict.fromkeys(problems)),
        within=tuple(found for one in rated.values() if (found := within(one, items, level=level))),
        habits=tuple(
            habit
            for one in items.rated
            if one.evaluation.kind == "judge" and (habit := judge_habits(one, items, level=level))
        ),
        items=tuple(item_pairs),
        models=tuple(model_pairs),
        combinations=tuple(combined),
        level=level,
        seed=seed,
    )


def _check(evaluations: Sequence[Evaluation], aliases: Mapping[str, str]) -> None:
    if len(evaluations) < 2:
        raise InputError(f"{len(evaluations)} evaluation is given; a comparison needs two or more")
    names = [one.name for one in evaluations]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two evaluations are called {name!r}; name them: OTHER=PATH")
    everybody = {name for one in evaluations for name in one.contestants}
    scoped = {f"{one.name}:{name}" for one in evaluations for name in one.contestants}
    for alias in aliases:
        if alias not in everybody and alias not in scoped:
            some = ", ".join(sorted(everybody)[:8])
            raise InputError(
                f"--alias {alias!r}: no evaluation has a contestant of that name; there are: {some}"
            )


def _sorted(one: Evaluation, other: Evaluation) -> tuple[Evaluation, Evaluation]:
    """Return what is examined and the reference: people, or else what was named first."""
    if other.kind == "people" and one.kind != "people":
        return one, other
    return other, one


def _combine(
    combined: list[Combination],
    problems: list[str],
    judge: Rated,
    people: Rated,
    items: Items,
    half_widths: tuple[float, ...],
    level: float,
) -> None:
    if judge.evaluation.kind != "judge" or people.evaluation.kind != "people":
        return
    try:
        combined.append(combine(judge, people, items, half_widths=half_widths, level=level))
    except NotIdentifiedError:
        why = "people's votes on these items leave a contestant without a finite rating"
    except (AnalysisError, RankingError) as error:
        why = str(error)
    else:
        return
    problems.append(
        f"{judge.evaluation.name} and {people.evaluation.name} cannot be combined: {why}"
    )


def _source(evaluation: Evaluation, rated: Rated | None) -> Source:
    votes = evaluation.votes
    raters = votes.rater.codes if votes is not None else np.zeros(0, dtype=np.int64)
    return Source(
        name=evaluation.name,
        kind=evaluation.kind,
        source=evaluation.source,
        contestants=len(evaluation.contestants),
        votes=0 if votes is None else len(votes.first),
        items=0 if rated is None else int(rated.counts.any(axis=1).sum()),
        raters=len(np.unique(raters[raters >= 0])),
        grades=0 if evaluation.grades is None else len(evaluation.grades.score),
        scores=None if evaluation.scores is None else evaluation.scores.what,
        notes=evaluation.notes,
    )


def _in_all(evaluations: Sequence[Evaluation]) -> tuple[str, ...]:
    common = set(evaluations[0].contestants)
    for one in evaluations[1:]:
        common &= set(one.contestants)
    return tuple(sorted(common))
