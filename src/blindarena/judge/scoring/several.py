"""What several judges, or one judge several times, say of the same."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from blindarena.analysis.agreement import Counts, cohen_kappa, krippendorff_alpha, share_equal
from blindarena.analysis.clusters import Estimated, mean_of
from blindarena.analysis.self_preference import SelfPreference, self_preference
from blindarena.analysis.verdicts import (
    MISSING,
    SECOND,
    Codes,
    count_verdicts,
    majority,
)
from blindarena.domain.judging import Judgment
from blindarena.judge.scoring.pairs import PairTable


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAnswers:
    """How a judge rates the contestant that it is itself; see `SelfPreference`."""

    judge: str
    own: float
    others: float
    excess: float
    lower: float | None
    upper: float | None
    verdicts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """How far judges say the same of the same.

    Attributes:
        judges: names.
        items: comparisons, or answers, that two of them judged.
        same: share of pairs of verdicts that are the same; None for grades.
        alpha: Krippendorff's for nominal verdicts; None for grades.
        spread: standard deviation of the judges' grades of an answer; None for verdicts.
        kappa: Cohen's of two judges; None where there are more or fewer.
    """

    judges: tuple[str, ...]
    items: int
    same: float | None
    alpha: float | None
    spread: Estimated | None
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How far a judge says the same when it is asked again.

    Attributes:
        repeats: how often at most.
        items: calls that were repeated.
        same: share of pairs of verdicts, or grades, that are the same.
        spread: standard deviation of the grades of a call; None for verdicts.
    """

    judge: str
    repeats: int
    items: int
    same: float | None
    spread: Estimated | None


def own_answers(tables: Mapping[str, PairTable]) -> tuple[OwnAnswers, ...]:
    """Return for each judge that is a contestant how it rates itself beside how others do.

    Args:
        tables: comparisons by judge, over the same questions.
    """
    judges = list(tables)
    names = sorted({name for table in tables.values() for name in table.contestants})
    place = {name: number for number, name in enumerate(names)}
    rows: list[tuple[Codes, ...]] = []
    for number, table in enumerate(tables.values()):
        here = np.array([place[name] for name in table.contestants], dtype=np.int64)
        first, second = here[table.first], here[table.second]
        who = np.full(len(table), number)
        alone = np.where(table.ordered, MISSING, table.verdict)
        rows += [
            (who, first, second, table.shown, table.question),
            (who, second, first, table.swapped, table.question),
            (who, first, second, alone, table.question),
        ]
    if not rows:
        return ()
    judge, one, other, verdict, question = (
        np.concatenate(column) for column in zip(*rows, strict=True)
    )
    found = self_preference(
        judge,
        one,
        other,
        verdict,
        own=np.array([place.get(name, -1) for name in judges]),
        question=question,
        contestants=len(names),
    )
    return tuple(_own(judges[each.judge], each) for each in found)


def panel_table(tables: Sequence[PairTable]) -> PairTable:
    """Return the verdict of most judges per comparison; a tie where no single one is.

    Only the combined verdicts are kept, which both orders of each judge gave.
    """
    first = tables[0]
    items, counts = _counted(tables)
    names = sorted({name for table in tables for name in table.contestants})
    kinds = sorted({name for table in tables for name in table.categories})
    category = {
        (table.question[i].item()): kinds.index(table.categories[table.category[i]])
        for table in tables
        for i in range(len(table))
    }
    place = {name: number for number, name in enumerate(names)}
    n = len(items)
    none = np.full(n, MISSING)

    def column(values: Sequence[int]) -> Codes:
        return np.array(values, dtype=np.int64)

    return replace(
        first,
        contestants=tuple(names),
        categories=tuple(kinds),
        question=column([item[0] for item in items]),
        category=column([category[item[0]] for item in items]),
        turn=column([item[1] for item in items]),
        repeat=column([item[2] for item in items]),
        first=column([place[item[3]] for item in items]),
        second=column([place[item[4]] for item in items]),
        shown=none,
        swapped=none,
        verdict=majority(counts),
        strength=np.full((n, 2), np.nan),
        preferred=np.full(n, np.nan),
        ordered=np.ones(n, dtype=np.bool_),
        length=np.full((n, 2), np.nan),
    )


def pair_disagreement(tables: Mapping[str, PairTable]) -> Disagreement:
    """Return how far judges agree on comparisons."""
    _, counts = _counted(list(tables.values()))
    kept = counts[counts.sum(axis=1) > 1]
    kappa = None
    if len(tables) == 2:
        kappa = cohen_kappa(_table_of_two(list(tables.values())))
    return Disagreement(
        judges=tuple(tables),
        items=len(kept),
        same=share_equal(kept),
        alpha=krippendorff_alpha(kept) if len(kept) else None,
        spread=None,
        kappa=kappa,
    )


def panel_scores(judgments: Sequence[Judgment], name: str) -> list[Judgment]:
    """Return the mean of the judges' grades of each answer as judgments of a panel."""
    groups: dict[tuple[object, ...], list[Judgment]] = defaultdict(list)
    for one in judgments:
        if one.score is not None:
            groups[one.question_id, one.contestants, one.turn, one.repeat].append(one)
    return [
        replace(
            given[0],
            judge=name,
            items=(),
            score=float(np.mean([one.score for one in given if one.score is not None])),
        )
        for given in groups.values()
    ]


def score_disagreement(
    judgments: Sequence[Judgment], *, numbers: Mapping[str, int]
) -> Disagreement:
    """Return how far judges' grades of the same answer are apart."""
    groups: dict[tuple[object, ...], dict[str, list[float]]] = defaultdict(dict)
    for one in judgments:
        if one.score is not None:
            key = (one.question_id, one.contestants, one.turn)
            groups[key].setdefault(one.judge, []).append(one.score)
    items = [
        (key, [float(np.mean(each)) for each in given.values()])
        for key, given in groups.items()
        if len(given) > 1
    ]
    return Disagreement(
        judges=tuple(sorted({one.judge for one in judgments})),
        items=len(items),
        same=None,
        alpha=None,
        spread=_spread([(numbers[str(key[0])], values) for key, values in items]),
        kappa=None,
    )


def repeats_of(
    judge: str, judgments: Sequence[Judgment], *, numbers: Mapping[str, int]
) -> Repeats | None:
    """Return how far repeated calls of one judge say the same; None where nothing was repeated."""
    groups: dict[tuple[object, ...], list[Judgment]] = defaultdict(list)
    for one in judgments:
        if one.error is None and not one.unparsed:
            groups[one.question_id, one.contestants, one.turn, one.order].append(one)
    again = [given for given in groups.values() if len(given) > 1]
    if not again:
        return None
    said = [[one.verdict if one.verdict is not None else one.score for one in g] for g in again]
    values = sorted({str(value) for given in said for value in given})
    counts = np.zeros((len(said), len(values)), dtype=np.int64)
    for row, given in enumerate(said):
        for value in given:
            counts[row, values.index(str(value))] += 1
    graded = again[0][0].verdict is None
    return Repeats(
        judge=judge,
        repeats=max(map(len, again)),
        items=len(again),
        same=share_equal(counts),
        spread=_spread(
            [
                (numbers[g[0].question_id], [one.score for one in g if one.score is not None])
                for g in again
            ]
        )
        if graded
        else None,
    )


def _own(judge: str, found: SelfPreference) -> OwnAnswers:
    return OwnAnswers(
        judge=judge,
        own=found.own,
        others=found.others,
        excess=found.excess,
        lower=found.lower,
        upper=found.upper,
        verdicts=found.verdicts,
    )


def _items(table: PairTable) -> dict[tuple[int, int, int, str, str], int]:
    """Return the verdict by question, turn, repeat and contestants in alphabetical order."""
    found = {}
    for i in range(len(table)):
        one, other = table.contestants[table.first[i]], table.contestants[table.second[i]]
        verdict = int(table.verdict[i])
        if one > other:
            one, other = other, one
            verdict = MISSING if verdict == MISSING else SECOND - verdict
        where = (int(table.question[i]), int(table.turn[i]), int(table.repeat[i]))
        found[*where, one, other] = verdict
    return found


def _counted(
    tables: Sequence[PairTable],
) -> tuple[list[tuple[int, int, int, str, str]], Counts]:
    said = [_items(table) for table in tables]
    items = sorted({item for each in said for item in each})
    place = {item: number for number, item in enumerate(items)}
    item = np.array([place[one] for each in said for one in each], dtype=np.int64)
    verdict = np.array([one for each in said for one in each.values()], dtype=np.int64)
    return items, count_verdicts(item, verdict, items=len(items))


def _table_of_two(tables: Sequence[PairTable]) -> Counts:
    one, other = map(_items, tables)
    table = np.zeros((3, 3), dtype=np.int64)
    for item in one.keys() & other.keys():
        if MISSING not in (one[item], other[item]):
            table[one[item], other[item]] += 1
    return table


def _spread(items: Sequence[tuple[int, Sequence[float]]]) -> Estimated | None:
    """Return the mean standard deviation of grades of the same, clustered by question."""
    if not items:
        return None
    deviations = np.array([float(np.std(values, ddof=1)) for _, values in items])
    return mean_of(deviations, np.array([number for number, _ in items], dtype=np.int64))
