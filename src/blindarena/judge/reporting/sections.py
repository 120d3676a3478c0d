"""A judge report as titled tables that every format shows alike."""

from collections.abc import Iterator
from typing import Final

from blindarena.judge.reporting.judge_tables import judge_sections
from blindarena.judge.reporting.words import (
    PROTOCOLS,
    UNKNOWN,
    between,
    elo,
    grade,
    grade_interval,
    percent,
    percent_interval,
)
from blindarena.judge.scoring.ratings import Rating
from blindarena.judge.scoring.singles import ScoreBoard
from blindarena.judge.scoring.summary import PairBoard, ProtocolScores, RunScores
from blindarena.judge.scoring.win_rates import STRONG
from blindarena.printing.section import Part, Plot, Section

_INTERVAL: Final = "95 % interval"


def parts_of(scores: RunScores) -> Iterator[Part]:
    """Yield the tables: each protocol's results, then what the judges did."""
    for protocol in scores.protocols:
        yield Part(PROTOCOLS[protocol.protocol], tuple(_results(protocol)))
    if scores.protocols:
        yield Part("The judges themselves", tuple(judge_sections(scores)))


def _results(protocol: ProtocolScores) -> Iterator[Section]:
    doubted = {one.judge for one in protocol.verdicts if one.standing == "broken"}
    for pairs in protocol.pairs:
        yield from _pairs(pairs, doubted)
    for board in protocol.scores:
        yield from _scores(board, doubted, rubric=protocol.protocol == "rubric")


def _doubt(judge: str, panel: tuple[str, ...], doubted: set[str]) -> str:
    bad = sorted(doubted & {judge, *panel})
    if not bad:
        return ""
    return f"{' and '.join(bad)} cannot be relied on, see above: so these numbers mean nothing."


def _whose(judge: str, panel: tuple[str, ...], how: str) -> str:
    return f"{how} of {', '.join(panel)}" if panel else f"judged by {judge}"


def _pairs(board: PairBoard, doubted: set[str]) -> Iterator[Section]:
    whose = _whose(board.judge, board.panel, "the majority")
    doubt = _doubt(board.judge, board.panel, doubted)
    left_out = (
        f"{board.left_out:,} comparisons are left out, as an order has no verdict."
        if board.left_out
        else ""
    )
    if board.against:
        yield Section(
            title=f"Score against {board.baseline}, {whose}",
            caption=f"Share of games won, a tie counting half. In the score a strong verdict "
            f"counts as {STRONG:g} games, as in Arena-Hard; beside it, as one. Intervals are by "
            f"question: however strong a verdict, its question is one question.",
            note=doubt,
            head=(
                "Contestant",
                "Score",
                _INTERVAL,
                "Strong as one",
                _INTERVAL,
                "A>>B",
                "A>B",
                "A=B",
                "B>A",
                "B>>A",
                "Left out",
            ),
            rows=tuple(
                (
                    row.contestant,
                    percent(row.weighted.value),
                    percent_interval(row.weighted),
                    percent(row.plain.value),
                    percent_interval(row.plain),
                    *(
                        f"{n:,}"
                        for n in (
                            row.strong_wins,
                            row.wins,
                            row.ties,
                            row.losses,
                            row.strong_losses,
                            row.unparsed,
                        )
                    ),
                )
                for row in board.against
            ),
            plots=tuple(
                Plot(row.weighted.value, row.weighted.lower, row.weighted.upper, "share")
                for row in board.against
            ),
        )
    rated = board.ratings
    yield Section(
        title=f"Win rates, {whose}",
        caption="A win needs both orders; where they differ, it is a tie. The adjusted win rate "
        "counts a tie as half a win.",
        note=f"{left_out} {doubt}".strip(),
        head=("Contestant", "Wins", "Ties", "Losses", "Win rate", "Adjusted", _INTERVAL),
        rows=tuple(
            (
                row.contestant,
                f"{row.wins:,}",
                f"{row.ties:,}",
                f"{row.losses:,}",
                percent(row.win_rate.value),
                percent(row.adjusted.value),
                percent_interval(row.adjusted),
            )
            for row in board.rows
        ),
        plots=tuple(
            Plot(row.adjusted.value, row.adjusted.lower, row.adjusted.upper, "share")
            for row in board.rows
        ),
    )
    order = sorted(rated.plain, key=lambda name: rated.plain[name].value, reverse=True)
    yield Section(
        title=f"Ratings, {whose}",
        caption="Bradley-Terry over the pairs, in Elo points, mean 1000; intervals clustered by "
        "question. Beside it, with the answers' length and style taken out.",
        note=" ".join((*rated.notes, doubt)).strip(),
        head=(
            "Contestant",
            "Rating",
            _INTERVAL,
            "Length-controlled",
            _INTERVAL,
            "Style-controlled",
            _INTERVAL,
        ),
        rows=tuple(
            (
                name,
                *_rating(rated.plain.get(name)),
                *_rating(rated.length.get(name)),
                *_rating(rated.style.get(name)),
            )
            for name in order
        ),
        plots=tuple(
            Plot(rated.plain[name].value, rated.plain[name].lower, rated.plain[name].upper, "Elo")
            for name in order
        ),
    )
    if rated.effects:
        yield Section(
            title=f"What style is worth, {whose}",
            caption="Elo points for one standard deviation more of it; an interval that holds 0 "
            "says that none is shown. Length may be a merit, so it is not proof of a bias.",
            head=("Style", "Worth", _INTERVAL),
            rows=tuple(
                (one.name, f"{one.value:+.0f}", between(one.lower, one.upper))
                for one in rated.effects
            ),
        )
    if board.categories:
        kinds = list(board.categories)
        found = {
            kind: {row.contestant: row for row in rows} for kind, rows in board.categories.items()
        }
        yield Section(
            title=f"Adjusted win rates by category, {whose}",
            caption="",
            head=("Contestant", *kinds),
            rows=tuple(
                (
                    row.contestant,
                    *(
                        percent(found[kind][row.contestant].adjusted.value)
                        if row.contestant in found[kind]
                        else UNKNOWN
                        for kind in kinds
                    ),
                )
                for row in board.rows
            ),
        )


def _rating(rating: Rating | None) -> tuple[str, str]:
    if rating is None:
        return UNKNOWN, UNKNOWN
    return elo(rating.value), between(rating.lower, rating.upper)


def _scores(board: ScoreBoard, doubted: set[str], *, rubric: bool) -> Iterator[Section]:
    whose = _whose(board.judge, board.panel, "the mean")
    doubt = _doubt(board.judge, board.panel, doubted)
    turns = sorted({turn for row in board.rows for turn in row.turns})
    by_turn = len(turns) > 1
    kind = "weighted share of the items fulfilled" if rubric else "mean score"
    heads = [name for turn in turns for name in (f"Turn {turn}", _INTERVAL)] if by_turn else []
    last = ("Items fulfilled", _INTERVAL) if rubric else ()
    yield Section(
        title=f"Scores, {whose}",
        caption=f"The {kind} over all judgments; intervals clustered by question.",
        note=doubt,
        head=("Contestant", "Score", _INTERVAL, *heads, *last, "Unparsed"),
        rows=tuple(
            (
                row.contestant,
                grade(row.both.value),
                grade_interval(row.both),
                *(
                    cell
                    for turn in turns
                    if by_turn
                    for cell in (
                        (grade(row.turns[turn].value), grade_interval(row.turns[turn]))
                        if turn in row.turns
                        else (UNKNOWN, UNKNOWN)
                    )
                ),
                *(
                    (percent(row.items.value), percent_interval(row.items))
                    if row.items is not None
                    else (UNKNOWN, UNKNOWN)
                )[: len(last)],
                f"{row.unparsed:,}",
            )
            for row in board.rows
        ),
        plots=tuple(
            Plot(row.both.value, row.both.lower, row.both.upper, "share" if rubric else "grade")
            for row in board.rows
        ),
    )
    kinds = sorted({kind for row in board.rows for kind in row.categories})
    if len(kinds) > 1:
        yield Section(
            title=f"Scores by category, {whose}",
            caption="Over all turns.",
            head=("Contestant", *kinds),
            rows=tuple(
                (
                    row.contestant,
                    *(
                        grade(row.categories[kind].value) if kind in row.categories else UNKNOWN
                        for kind in kinds
                    ),
                )
                for row in board.rows
            ),
        )
