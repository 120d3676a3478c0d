"""All tables of a comparison, in the order of the report."""

from collections.abc import Iterator

from blindarena.analysis.comparison.comparing import Comparison
from blindarena.analysis.comparison.model_level import ModelAgreement
from blindarena.leaderboard.comparing.item_sections import (
    combination_sections,
    habit_sections,
    item_sections,
    within_sections,
)
from blindarena.leaderboard.comparing.rank_plot import RankLine, rank_svg
from blindarena.leaderboard.comparing.words import NONE, number, percent, range_of, trust_of
from blindarena.printing.section import Part, Plot, Section

SHOWN = 12


def parts_of(found: Comparison) -> tuple[Part, ...]:
    """Return the tables under their headings; a heading without a table is left out."""
    parts = (
        ("What is compared", _sources(found)),
        ("Item by item", item_sections(found)),
        (
            "Raters and judges by themselves",
            (*within_sections(found.within), *habit_sections(found.habits)),
        ),
        ("Contestant by contestant", _models(found)),
        ("People and judge together", combination_sections(found.combinations)),
    )
    made = [Part(title, tuple(sections)) for title, sections in parts]
    return tuple(part for part in made if part.sections)


def notes_of(found: Comparison) -> tuple[str, ...]:
    """Return what a reader must know: what could not be compared, names, how files were read."""
    names = tuple(
        f"{one.one!r} ({one.where[0]}) and {one.other!r} ({one.where[1]}) may be one contestant; "
        f"if so, say {one.option}. Nothing was assumed."
        for one in found.suggestions[:SHOWN]
    )
    if len(found.suggestions) > SHOWN:
        names += (f"{len(found.suggestions) - SHOWN} more such pairs of names are in the JSON.",)
    read = tuple(f"{one.name}: {note}" for one in found.sources for note in one.notes)
    aliases = tuple(f"{one!r} was taken for {other!r}." for one, other in found.aliases)
    return (*found.problems, *found.notes, *names, *aliases, *read)


def _sources(found: Comparison) -> Iterator[Section]:
    yield Section(
        title="Evaluations",
        caption=f"{len(found.contestants)} contestants are in all of them: "
        f"{', '.join(found.contestants) or 'none'}.",
        head=("Name", "Whose", "Source", "Contestants", "Votes", "Items", "Raters", "Grades"),
        rows=tuple(
            (
                one.name,
                one.kind,
                one.source,
                f"{one.contestants:,}",
                f"{one.votes:,}",
                f"{one.items:,}",
                f"{one.raters:,}" if one.raters else NONE,
                f"{one.grades:,}",
            )
            for one in found.sources
        ),
        words=3,
    )


def _models(found: Comparison) -> Iterator[Section]:
    rows, drawn = [], []
    for pair in found.models:
        for one in pair.correlations:
            both = f"{pair.one} and {pair.other}"
            kind = {"kendall": "Kendall's tau-b"}.get(one.kind, one.kind.capitalize())
            asked = dict(pair.over_questions).get(one.kind)
            over = NONE if asked is None else range_of(asked.lower, asked.upper)
            rows.append((both, kind, number(one.value), trust_of(one), over, f"{one.n}"))
            ends = one.interval
            drawn.append(
                Plot(
                    one.value,
                    None if ends is None else ends.lower,
                    None if ends is None else ends.upper,
                    "coefficient",
                )
            )
    if rows:
        yield Section(
            title="Correlation of scores",
            caption="n is the number of contestants in both. Below ten of them an exact p-value "
            "stands in the place of the interval. Over questions: with these contestants and other "
            "questions; noise draws that interval towards 0.",
            head=("Evaluations", "Coefficient", "Value", "95 % interval", "Over questions", "n"),
            rows=tuple(rows),
            words=2,
            plots=tuple(drawn) if any(one.lower is not None for one in drawn) else (),
        )
        yield _quality(found)
    for pair in found.models:
        yield _ranks(pair)
        influence = _influence(pair)
        if influence is not None:
            yield influence


def _quality(found: Comparison) -> Section:
    rows = []
    for pair in found.models:
        mine, confident = pair.separability, pair.confident
        rows.append(
            (
                pair.one,
                pair.other,
                NONE if mine is None else f"{mine.share:.1%} of {mine.pairs:,}",
                NONE
                if confident is None
                else f"{confident.half_credit:.1%} of {confident.pairs:,}",
                NONE if confident is None else number(confident.signed),
                number(pair.brier, 4) + (" (intervals)" if pair.brier_from == "intervals" else ""),
                percent(pair.same_order),
            )
        )
    return Section(
        title="How well each tells contestants apart, and in the reference's order",
        caption="Arena-Hard's measures. Separability: pairs whose intervals do not overlap. "
        "Agreement with confidence: over pairs that the reference tells apart, 1 in its order, a "
        "half where unsure, 0 in the other. Brier score: 0.25 is a coin toss, lower is better.",
        head=(
            "Evaluation",
            "Reference",
            "Separability",
            "Agreement with confidence",
            "Signed",
            "Brier score",
            "Pairs in the same order",
        ),
        rows=tuple(rows),
        words=2,
    )


def _ranks(pair: ModelAgreement) -> Section:
    lonely = [
        f"Only in {name}: {_some(names)}."
        for name, names in ((pair.one, pair.only_one), (pair.other, pair.only_other))
        if names
    ]
    return Section(
        title=f"Ranks: {pair.one} and {pair.other}",
        caption=" ".join(lonely),
        head=(
            "Contestant",
            f"Rank by {pair.other}",
            f"Rank by {pair.one}",
            "Difference",
            f"{pair.other}: {pair.other_what}",
            f"{pair.one}: {pair.what}",
        ),
        rows=tuple(
            (
                row.name,
                f"{row.rank_other:g}",
                f"{row.rank_one:g}",
                f"{row.rank_other - row.rank_one:+g}",
                f"{row.other:.4g}",
                f"{row.one:.4g}",
            )
            for row in pair.rows
        ),
        figure=rank_svg(
            [RankLine(row.name, row.rank_other, row.rank_one) for row in pair.rows],
            (pair.other, pair.one),
        ),
    )


def _some(names: tuple[str, ...]) -> str:
    """Return names, a dozen at most; JSON has them all."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _influence(pair: ModelAgreement) -> Section | None:
    found = pair.influences
    if found is None:
        return None
    return Section(
        title=f"Who drives {pair.one} and {pair.other} apart",
        caption=f"Spearman without each contestant; with all {number(found.value, 3)}, leaving one "
        f"out {number(found.lowest, 3)} to {number(found.highest, 3)}.",
        head=("Contestant", "Without it", "Influence"),
        rows=tuple(
            (
                pair.names[one.contestant],
                number(one.without, 3),
                NONE if one.influence is None else f"{one.influence:+.3f}",
            )
            for one in found.contestants[:10]
        ),
    )
