"""Tables of a comparison by item."""

from collections.abc import Iterator

from blindarena.analysis.clusters import Estimated, Share
from blindarena.analysis.comparison.combining import Combination
from blindarena.analysis.comparison.comparing import Comparison
from blindarena.analysis.comparison.item_level import ItemAgreement
from blindarena.analysis.comparison.within import JudgeHabits, Within
from blindarena.leaderboard.comparing.words import (
    NONE,
    SETUPS,
    corrected_cells,
    percent,
    points,
    setup_cells,
    share_cells,
)
from blindarena.printing.section import Plot, Section

SETUP_HEAD = (
    "Setup",
    "Agreement",
    "95 % interval",
    "Pairs of ratings",
    "Dice",
    "By chance",
    "Items",
)


def item_sections(found: Comparison) -> Iterator[Section]:
    """Yield agreement of every two evaluations on items, in one table, then in detail."""
    rows, drawn = [], []
    for pair in found.items:
        for setup in pair.setups:
            rows.append((f"{pair.one} and {pair.other}", *setup_cells(setup)))
            drawn.append(_drawn(setup.share))
    if not rows:
        return
    yield Section(
        title="Agreement on items",
        caption="How often two ratings of the same question, turn and pair say the same. Intervals "
        "are clustered by question.",
        head=("Evaluations", *SETUP_HEAD),
        rows=tuple(rows),
        words=2,
        plots=tuple(drawn),
    )
    yield _kappas(found)
    for pair in found.items:
        yield from _details(pair)


def _kappas(found: Comparison) -> Section:
    rows, drawn = [], []
    for pair in found.items:
        for setup, kappa in zip(pair.setups, pair.kappas, strict=True):
            pairs = f"{pair.one} and {pair.other}"
            rows.append((pairs, SETUPS[setup.setup], *corrected_cells(kappa)))
            drawn.append(Plot(kappa.value, kappa.lower, kappa.upper, "coefficient"))
    return Section(
        title="Cohen's kappa",
        caption="Agreement of the majority verdicts beyond chance: 1 is agreement, 0 chance.",
        head=("Evaluations", "Setup", "Kappa", "95 % interval", "Items"),
        rows=tuple(rows),
        words=2,
        plots=tuple(drawn),
    )


def _details(pair: ItemAgreement) -> Iterator[Section]:
    both = f"{pair.one} and {pair.other}"
    names = ("first", "tie", "second")
    yield Section(
        title=f"Who said what: {both}",
        caption=f"Majority verdicts on {pair.items:,} items; of the two contestants by name. Rows: "
        f"{pair.one}; columns: {pair.other}.",
        head=(pair.one, *names),
        rows=tuple(
            (name, *(f"{n:,}" for n in row))
            for name, row in zip(names, pair.confusion, strict=True)
        ),
    )
    if pair.beside:
        yield Section(
            title=f"{pair.one} beside people",
            caption="On the items that several people rated, each item weighing the same: how "
            "often the judge, and how often another person, says what a person says.",
            head=("Setup", "Judge", "Person", "Difference, points", "95 % interval", "Items"),
            rows=tuple(
                (
                    SETUPS[beside.setup],
                    percent(beside.judge_human.value),
                    percent(beside.human_human.value),
                    *points(beside.difference),
                    f"{beside.items:,}",
                )
                for beside in pair.beside
            ),
        )
    parts = [part for part in pair.parts if part.setups is not None]
    if parts:
        rows, drawn = [], []
        for part in parts:
            for setup in part.setups or ():
                rows.append((part.by, part.name, *setup_cells(setup)))
                drawn.append(_drawn(setup.share))
        yield Section(
            title=f"Where they agree: {both}",
            head=("By", "Value", *SETUP_HEAD),
            rows=tuple(rows),
            words=3,
            plots=tuple(drawn),
        )
    yield from _judging(pair)


def _judging(pair: ItemAgreement) -> Iterator[Section]:
    test = pair.replacement
    if test is not None and test.annotators:
        yield Section(
            title=f"May {pair.one} replace people?",
            caption=f"Alternative Annotator Test: {test.verdict}. Each annotator in turn is left "
            f"out; epsilon {test.epsilon:g}, false discovery rate {test.false_discovery_rate:.0%}.",
            head=("Annotator", "Judge as close", "Annotator as close", "p", "Judge wins", "Items"),
            rows=tuple(
                (
                    pair.annotators[one.annotator],
                    percent(one.judge_advantage),
                    percent(one.human_advantage),
                    f"{one.p_value:.3g}",
                    "yes" if one.judge_wins else "no",
                    f"{one.items:,}",
                )
                for one in test.annotators
            ),
        )
    if pair.biases:
        yield Section(
            title=f"What {pair.one} likes more than people do",
            caption="Share of decided verdicts for the answer with more of it, on the same items.",
            head=("More", "Judge", "People", "Excess, points", "95 % interval", "Items"),
            rows=tuple(
                (
                    named.feature,
                    percent(named.bias.judge.value),
                    percent(named.bias.human.value),
                    *points(named.bias.excess),
                    f"{named.bias.items:,}",
                )
                for named in pair.biases
            ),
        )
    calibration = pair.calibration
    if calibration is not None:
        yield Section(
            title=f"Do gaps in {pair.one}'s grades say how often people prefer the better one?",
            caption=f"Expected calibration error {percent(calibration.error)} over "
            f"{calibration.votes:,} votes; {calibration.undecided:,} items without a gap.",
            head=("Predicted", "Mean", "Observed", "95 % interval", "Votes", "Items"),
            rows=tuple(
                (
                    f"{one.lower:.0%} to {one.upper:.0%}",
                    percent(one.predicted),
                    *share_cells(one.observed),
                    f"{one.items:,}",
                )
                for one in calibration.bins
            ),
            plots=tuple(_drawn(one.observed) for one in calibration.bins),
        )


def within_sections(found: tuple[Within, ...]) -> Iterator[Section]:
    """Yield how the raters of one evaluation agree among themselves."""
    rows, coefficients, drawn = [], [], []
    for one in found:
        for setup in one.setups:
            rows.append((one.name, "all", *setup_cells(setup)))
            drawn.append(_drawn(setup.share))
        for part in one.by_turn:
            for setup in part.setups:
                rows.append((one.name, f"turn {part.name}", *setup_cells(setup)))
                drawn.append(_drawn(setup.share))
        named = zip(("Krippendorff's alpha, nominal", "ordinal"), one.alphas, strict=True)
        coefficients += [(one.name, name, *corrected_cells(alpha)) for name, alpha in named]
        if one.fleiss is not None:
            coefficients.append((one.name, "Fleiss' kappa", *corrected_cells(one.fleiss)))
    if rows:
        yield Section(
            title="Raters among themselves",
            caption="Pairs of ratings of one item within one evaluation.",
            head=("Evaluation", "Items of", *SETUP_HEAD),
            rows=tuple(rows),
            words=3,
            plots=tuple(drawn),
        )
        yield Section(
            title="The same beyond chance",
            head=("Evaluation", "Coefficient", "Value", "95 % interval", "Items"),
            rows=tuple(coefficients),
            words=2,
        )


def habit_sections(found: tuple[JudgeHabits, ...]) -> Iterator[Section]:
    """Yield what judges do whoever answers."""
    rows = []
    for one in found:
        if one.consistent is not None:
            rows.append((one.name, "same verdict in both orders", *share_cells(one.consistent)))
        if one.first is not None:
            rows.append((one.name, "first shown wins, ties left out", *share_cells(one.first)))
        if one.position is not None:
            counts = one.position
            total = counts.consistent.total
            for name, n in (
                ("always the first", counts.first_both),
                ("always the second", counts.second_both),
                ("a tie in one order only", counts.tie_in_one_order),
            ):
                share = percent(n / total) if total else NONE
                rows.append((one.name, name, share, NONE, f"{n:,} of {total:,.0f}"))
        if one.self_preference is not None:
            own = one.self_preference
            excess = Estimated(
                value=own.excess, lower=own.lower, upper=own.upper, n=own.verdicts, clusters=0
            )
            rows.append(
                (
                    one.name,
                    "rates itself above what the others give it, points",
                    *points(excess),
                    f"{own.verdicts:,} verdicts",
                )
            )
    if rows:
        yield Section(
            title="Habits of judges",
            head=("Judge", "Habit", "Value", "95 % interval", "Of"),
            rows=tuple(rows),
            words=2,
        )


def combination_sections(found: tuple[Combination, ...]) -> Iterator[Section]:
    """Yield ratings from people and a judge together."""
    for one in found:
        yield Section(
            title=f"Ratings from {one.people} with the help of {one.judge}",
            caption=f"{one.sentence} Elo points, mean 1000; what the judge gets wrong on the "
            f"{one.labels:,} items that people rated is taken off everywhere. Holds if people "
            "looked at items drawn at random.",
            head=("Contestant", "Combined", "95 % interval", "People alone", "95 % interval"),
            rows=tuple(
                (
                    row.name,
                    f"{row.combined:.0f}",
                    f"{row.combined_lower:.0f} to {row.combined_upper:.0f}",
                    f"{row.people:.0f}",
                    f"{row.people_lower:.0f} to {row.people_upper:.0f}",
                )
                for row in one.rows
            ),
            plots=tuple(
                Plot(row.combined, row.combined_lower, row.combined_upper, "Elo")
                for row in one.rows
            ),
        )
        yield Section(
            title="Human labels for a stated precision",
            caption="For an interval no wider than this for every contestant. A rough forecast.",
            head=("Half width", "With the judge", "Without", "Items needed where these do not do"),
            rows=tuple(
                (
                    f"{need.half_width:g} Elo",
                    NONE if need.with_judge is None else f"{need.with_judge:,}",
                    NONE if need.without_judge is None else f"{need.without_judge:,}",
                    NONE if need.items_needed is None else f"{need.items_needed:,}",
                )
                for need in one.needed
            ),
        )


def _drawn(share: Share) -> Plot:
    return Plot(share.value, share.lower, share.upper, "share")
