"""How a judge behaves, whoever wins: what it says twice, where it looks, and what it leaves out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blindarena.analysis.clusters import Estimated, Share, difference_of, share_of, sum_by
from blindarena.analysis.coefficient import ChanceCorrected
from blindarena.analysis.kappa import cohen_with_interval
from blindarena.analysis.position import (
    PositionConsistency,
    first_position_rate,
    position_consistency,
    share_with,
)
from blindarena.analysis.verdicts import FIRST, MISSING, SECOND, TIE, Codes, flip
from blindarena.domain.judging import Judgment, Protocol
from blindarena.judge.scoring.implied import Implied, implied_by_pairs, implied_by_scores
from blindarena.judge.scoring.pairs import PairTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What a judge's calls took; None where a provider told nothing.

    Attributes:
        calls: made, failed ones included.
        failed: without any text.
        unparsed: of the texts, those without a verdict.
        flagged: judgments on an answer that holds what looks like a verdict, unfenced.
        cost_usd: of all calls whose cost is known.
        costs_known: of how many calls that is.
        seconds: mean per call.
        prompt_tokens, completion_tokens: of all.
    """

    calls: int
    failed: int
    unparsed: Share
    flagged: int
    cost_usd: float | None
    costs_known: int
    seconds: float | None
    prompt_tokens: int | None
    completion_tokens: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoOrders:
    """What a judge says of the same pairs in both orders.

    Attributes:
        consistency: how often it says the same, a tie included.
        by_chance: how often it would, if it did not read the answers, but liked a place and ties
            as much.
        kappa: agreement of the orders beyond that; None where there is nothing but ties.
        first: how often what was shown first wins, among verdicts that are no tie.
        follows: share of pairs in which both orders name the same contestant, less the share in
            which they name the same place.
    """

    consistency: PositionConsistency
    by_chance: float | None
    kappa: ChanceCorrected | None
    first: Share
    follows: Estimated


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbosity:
    """Whether length alone foretells a judge's verdicts.

    Attributes:
        longer: how often the longer answer wins, among verdicts that are no tie; length may be a
            merit, so this alone proves nothing.
        beyond: agreement of the judge's two orders beyond what length and place foretell: 0 where
            each verdict depends on these and on chance; None for grades, where there
            is one order, and where it always says the same of the longer answer.
        varies: of some two contestants now the one, now the other has the longer answer; else
            length cannot be told from who answered.
    """

    longer: Share
    beyond: ChanceCorrected | None
    varies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How one judge behaves with one protocol.

    Attributes:
        judge, protocol: which.
        questions: that it was asked about.
        ties: verdicts that are ties, in single orders; of grades, pairs of equal ones.
        orders: None where pairs were not asked in both orders.
        verbosity: None where lengths are not known.
        scores: distinct grades that it gave; empty for pairs.
        answers: graded texts that differ; 0 for pairs.
    """

    judge: str
    protocol: Protocol
    questions: int
    effort: Effort
    ties: Share
    orders: TwoOrders | None
    verbosity: Verbosity | None
    scores: tuple[float, ...]
    answers: int


def behaviour_of_pairs(
    judge: str, protocol: Protocol, table: PairTable, effort: Effort
) -> Behaviour:
    """Return how a judge behaves that compares."""
    both = np.concatenate([table.shown, table.swapped])
    twice = np.concatenate([table.question, table.question])
    alone = ~table.ordered
    said = np.concatenate([both, np.where(alone, table.verdict, MISSING)])
    where = np.concatenate([twice, table.question])
    kept = said != MISSING
    return Behaviour(
        judge=judge,
        protocol=protocol,
        questions=len(np.unique(table.question)),
        effort=effort,
        ties=share_with(said[kept] == TIE, where[kept]),
        orders=_orders(table) if table.ordered.any() else None,
        verbosity=_verbosity(implied_by_pairs(table)),
        scores=(),
        answers=0,
    )


def behaviour_of_scores(
    judge: str,
    protocol: Protocol,
    judgments: Sequence[Judgment],
    lengths: Sequence[float],
    effort: Effort,
    *,
    questions: Codes,
) -> Behaviour:
    """Return how a judge behaves that grades; two grades on a question are taken as a verdict.

    Args:
        judge: its name.
        protocol: "single" or "rubric".
        judgments: its own.
        lengths: of the answer of each.
        effort: what the calls took.
        questions: number of each judgment's question.
    """
    implied = implied_by_scores(judgments, lengths, questions)
    graded = [one for one in judgments if one.score is not None]
    return Behaviour(
        judge=judge,
        protocol=protocol,
        questions=len(np.unique(questions)),
        effort=effort,
        ties=share_with(implied.verdicts[:, 0] == TIE, implied.question),
        orders=None,
        verbosity=_verbosity(implied),
        scores=tuple(sorted({one.score for one in graded if one.score is not None})),
        answers=len({(one.question_id, one.contestants, one.turn) for one in graded}),
    )


def effort_of(judgments: Sequence[Judgment], questions: Codes) -> Effort:
    """Return what calls took.

    Args:
        judgments: of one judge.
        questions: number of each one's question.
    """
    made = np.array([one.error is None for one in judgments], dtype=np.bool_)
    unparsed = np.array([one.unparsed for one in judgments], dtype=np.bool_)
    costs = [one.cost_usd for one in judgments if one.cost_usd is not None]
    seconds = [one.seconds for one in judgments if one.seconds is not None]
    prompt = [one.prompt_tokens for one in judgments if one.prompt_tokens is not None]
    completion = [one.completion_tokens for one in judgments if one.completion_tokens is not None]
    return Effort(
        calls=len(judgments),
        failed=int((~made).sum()),
        unparsed=share_with(unparsed[made], questions[made]),
        flagged=sum(one.flagged for one in judgments),
        cost_usd=sum(costs) if costs else None,
        costs_known=len(costs),
        seconds=float(np.mean(seconds)) if seconds else None,
        prompt_tokens=sum(prompt) if prompt else None,
        completion_tokens=sum(completion) if completion else None,
    )


def _orders(table: PairTable) -> TwoOrders:
    shown, swapped, question = (
        values[table.ordered] for values in (table.shown, table.swapped, table.question)
    )
    both = (shown != MISSING) & (swapped != MISSING)
    one, other, where = shown[both], flip(swapped[both]), question[both]
    # Which contestant is called first is arbitrary, so each pair is taken both ways round: else a
    # judge that rightly prefers one of two throughout would have no kappa. What is left in the
    # margins, and counts as chance, is its liking for a place and for ties.
    kappa, chance = None, None
    if len(one):
        ways = np.concatenate([one, flip(other)]), np.concatenate([other, flip(one)])
        kappa = cohen_with_interval(*ways, question=np.concatenate([where, where]), setup="S1")
        share = [float((ways[0] == code).mean()) for code in (FIRST, TIE, SECOND)]
        chance = 2 * share[0] * share[2] + share[1] ** 2
    same = (one == other) & (one != TIE)
    place = (one != other) & (one != TIE) & (other != TIE)
    sums = sum_by(np.column_stack([same, place, np.ones(len(one))]).astype(float), where)
    return TwoOrders(
        consistency=position_consistency(shown, swapped, question=question),
        by_chance=chance,
        kappa=kappa if kappa is not None and kappa.value is not None else None,
        first=first_position_rate(
            np.concatenate([shown, swapped]), question=np.concatenate([question, question])
        ),
        follows=difference_of(sums[:, 0], sums[:, 2], sums[:, 1], sums[:, 2]),
    )


def _verbosity(implied: Implied) -> Verbosity | None:
    known = ~np.isnan(implied.longer)
    verdicts, question = implied.verdicts[known], implied.question[known]
    if not len(verdicts):
        return None
    first = implied.longer[known][:, np.newaxis] > 0
    of_longer = np.where(first, verdicts, flip(verdicts))
    decided = (of_longer == FIRST) | (of_longer == SECOND)
    wins = np.column_stack([((of_longer == FIRST) & decided).sum(axis=1), decided.sum(axis=1)])
    sums = sum_by(wins.astype(np.float64), question)
    beyond = None
    if implied.twice and (of_longer != MISSING).all(axis=1).any():
        # The longer answer is called first throughout, and the order in which it was shown first
        # comes first, so what length and place foretell is in the margins, and counts as chance.
        one, other = (np.where(first[:, 0], of_longer[:, i], of_longer[:, 1 - i]) for i in (0, 1))
        found = cohen_with_interval(one, other, question=question, setup="S1")
        beyond = found if found.value is not None else None
    pairs, places = np.unique(implied.pair[known], return_inverse=True)
    of_first = np.bincount(places, first[:, 0], minlength=len(pairs))
    varies = (of_first > 0) & (of_first < np.bincount(places, minlength=len(pairs)))
    return Verbosity(
        longer=share_of(sums[:, 0], sums[:, 1]), beyond=beyond, varies=bool(varies.any())
    )
