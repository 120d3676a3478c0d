"""All that a run's judgments say, in one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from blindarena.analysis.verdicts import Codes
from blindarena.domain.judging import Judgment, Protocol
from blindarena.judge.judged_run import JudgedRun
from blindarena.judge.scoring.behaviour import (
    Behaviour,
    behaviour_of_pairs,
    behaviour_of_scores,
    effort_of,
)
from blindarena.judge.scoring.findings import Verdict, verdict_on
from blindarena.judge.scoring.pairs import PairTable, length_of, pair_table
from blindarena.judge.scoring.ratings import Ratings, ratings_of
from blindarena.judge.scoring.several import (
    Disagreement,
    OwnAnswers,
    Repeats,
    own_answers,
    pair_disagreement,
    panel_scores,
    panel_table,
    repeats_of,
    score_disagreement,
)
from blindarena.judge.scoring.singles import ScoreBoard, score_board
from blindarena.judge.scoring.win_rates import BaselineRow, WinRow, baseline_rows, win_rows

PANEL: Final = "panel"
_ORDER: Final[tuple[Protocol, ...]] = ("baseline", "pair", "single", "rubric")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBoard:
    """Comparisons by one judge, or by the majority of a panel.

    Attributes:
        panel: the judges of a panel; empty for one judge.
        rows: win rates, highest first.
        categories: win rates by category, where there is more than one.
        ratings: Bradley-Terry.
        left_out: comparisons without a verdict in one of their orders.
        baseline: whom all are compared with; None where all pairs are.
        against: scores against the baseline.
    """

    judge: str
    rows: tuple[WinRow, ...]
    categories: Mapping[str, tuple[WinRow, ...]]
    ratings: Ratings
    left_out: int
    baseline: str | None = None
    against: tuple[BaselineRow, ...] = ()
    panel: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolScores:
    """What one protocol gave.

    Attributes:
        scores: mean grades by judge, the panel's last; empty for pairs.
        pairs: comparisons by judge, the panel's last; empty for grades.
        verdicts: what to think of each judge.
        behaviour: of each judge.
        own: how judges that are contestants rate themselves.
        disagreement: of several judges.
        repeats: of judges that were asked again.
    """

    protocol: Protocol
    scores: tuple[ScoreBoard, ...] = ()
    pairs: tuple[PairBoard, ...] = ()
    verdicts: tuple[Verdict, ...]
    behaviour: tuple[Behaviour, ...]
    own: tuple[OwnAnswers, ...] = ()
    disagreement: Disagreement | None = None
    repeats: tuple[Repeats, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScores:
    """All that a run says.

    Attributes:
        name: the folder's.
        set_name: of the questions.
        questions: how many the set has.
        contestants, judges: names.
        prompts: names of the texts that judges were asked with.
        protocols: comparisons before grades.
    """

    name: str
    set_name: str
    questions: int
    contestants: tuple[str, ...]
    judges: tuple[str, ...]
    prompts: tuple[str, ...]
    protocols: tuple[ProtocolScores, ...] = field(default=())

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What to think of each judge, the worst first."""
        order = {"broken": 0, "weak": 1, "unknown": 2, "fine": 3}
        every = [one for protocol in self.protocols for one in protocol.verdicts]
        return tuple(sorted(every, key=lambda one: order[one.standing]))


def score_run(
    run: JudgedRun, *, protocols: Sequence[Protocol] = _ORDER, baseline: str | None = None
) -> RunScores:
    """Score a run.

    Args:
        run: its records.
        protocols: only these.
        baseline: of the comparisons, only those with this contestant.
    """
    numbers = {question.id: number for number, question in enumerate(run.questions)}
    known = [one for one in run.judgments if one.question_id in numbers]
    found = []
    for protocol in _ORDER:
        judged = [one for one in known if one.protocol == protocol]
        if baseline is not None and protocol in ("pair", "baseline"):
            judged = [one for one in judged if baseline in one.contestants]
        if not judged or protocol not in protocols:
            continue
        of_judge = {
            name: mine
            for name in run.spec.judges
            if (mine := [one for one in judged if one.judge == name])
        }
        if protocol in ("pair", "baseline"):
            judging = run.spec.judgings.get(protocol)
            against = baseline or (judging.baseline if judging is not None else None)
            found.append(_compared(run, protocol, of_judge, numbers, against))
        else:
            found.append(_graded(run, protocol, of_judge, numbers))
    return RunScores(
        name=run.name,
        set_name=run.spec.set_name,
        questions=len(run.questions),
        contestants=tuple(run.spec.contestants),
        judges=tuple(run.spec.judges),
        prompts=tuple(sorted({one.prompt for one in known})),
        protocols=tuple(found),
    )


def _graded(
    run: JudgedRun,
    protocol: Protocol,
    of_judge: Mapping[str, list[Judgment]],
    numbers: Mapping[str, int],
) -> ProtocolScores:
    boards = [score_board(name, mine, numbers=numbers) for name, mine in of_judge.items()]
    every = [one for mine in of_judge.values() for one in mine]
    disagreement = None
    if len(of_judge) > 1:
        panel = panel_scores(every, PANEL)
        boards.append(score_board(PANEL, panel, numbers=numbers, panel=tuple(of_judge)))
        disagreement = score_disagreement(every, numbers=numbers)
    behaviour = []
    for name, mine in of_judge.items():
        questions = _questions(mine, numbers)
        lengths = [length_of(run.answers, one.contestants[0], one) for one in mine]
        effort = effort_of(mine, questions)
        behaviour.append(
            behaviour_of_scores(name, protocol, mine, lengths, effort, questions=questions)
        )
    widths = [_score_width(board, 9.0 if protocol == "single" else 1.0) for board in boards]
    return ProtocolScores(
        protocol=protocol,
        scores=tuple(boards),
        verdicts=tuple(
            verdict_on(each, half_width=width)
            for each, width in zip(behaviour, widths, strict=False)
        ),
        behaviour=tuple(behaviour),
        disagreement=disagreement,
        repeats=_repeats(of_judge, numbers),
    )


def _compared(
    run: JudgedRun,
    protocol: Protocol,
    of_judge: Mapping[str, list[Judgment]],
    numbers: Mapping[str, int],
    baseline: str | None,
) -> ProtocolScores:
    tables = {
        name: pair_table(mine, run.answers, numbers=numbers) for name, mine in of_judge.items()
    }
    boards = [_board(name, table, run, baseline) for name, table in tables.items()]
    disagreement = None
    if len(tables) > 1:
        panel = panel_table(list(tables.values()))
        boards.append(_board(PANEL, panel, run, baseline, panel=tuple(tables)))
        disagreement = pair_disagreement(tables)
    own = own_answers(tables)
    behaviour = [
        behaviour_of_pairs(name, protocol, tables[name], effort_of(mine, _questions(mine, numbers)))
        for name, mine in of_judge.items()
    ]
    widths = [_win_width(board) for board in boards]
    return ProtocolScores(
        protocol=protocol,
        pairs=tuple(boards),
        verdicts=tuple(
            verdict_on(
                each,
                own=next((one for one in own if one.judge == each.judge), None),
                half_width=width,
            )
            for each, width in zip(behaviour, widths, strict=False)
        ),
        behaviour=tuple(behaviour),
        own=own,
        disagreement=disagreement,
        repeats=_repeats(of_judge, numbers),
    )


def _board(
    name: str,
    table: PairTable,
    run: JudgedRun,
    baseline: str | None,
    *,
    panel: tuple[str, ...] = (),
) -> PairBoard:
    ids = {number: question.id for number, question in enumerate(run.questions)}
    by_category = {}
    if len(table.categories) > 1:
        by_category = {
            kind: win_rows(table, among=table.category == number)
            for number, kind in enumerate(table.categories)
        }
    against = baseline_rows(table, baseline) if baseline is not None and not panel else ()
    return PairBoard(
        judge=name,
        rows=win_rows(table),
        categories=by_category,
        ratings=ratings_of(table, run.answers, ids=ids),
        left_out=int((table.verdict < 0).sum()),
        baseline=baseline,
        against=against,
        panel=panel,
    )


def _repeats(
    of_judge: Mapping[str, list[Judgment]], numbers: Mapping[str, int]
) -> tuple[Repeats, ...]:
    each = (repeats_of(name, mine, numbers=numbers) for name, mine in of_judge.items())
    return tuple(one for one in each if one is not None)


def _questions(judgments: Sequence[Judgment], numbers: Mapping[str, int]) -> Codes:
    return np.array([numbers[one.question_id] for one in judgments], dtype=np.int64)


def _win_width(board: PairBoard) -> float | None:
    """Return half the widest interval of a win rate."""
    ends = [(row.adjusted.lower, row.adjusted.upper) for row in board.rows]
    widths = [(high - low) / 2 for low, high in ends if low is not None and high is not None]
    return max(widths, default=None)


def _score_width(board: ScoreBoard, scale: float) -> float | None:
    """Return half the widest interval of a mean grade, as a share of the scale."""
    ends = [(row.both.lower, row.both.upper) for row in board.rows]
    widths = [
        (high - low) / 2 / scale for low, high in ends if low is not None and high is not None
    ]
    return max(widths, default=None)
