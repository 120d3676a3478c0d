"""Published figures on judges, where their files are at hand (BLINDARENA_PARITY_DATA)."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blindarena.analysis.agreement import cohen_kappa, krippendorff_alpha, share_equal
from blindarena.analysis.correlation import correlation
from blindarena.analysis.fleiss import fleiss_kappa
from blindarena.analysis.kappa import cohen_with_interval, confusion_matrix
from blindarena.analysis.position import first_position_rate, position_consistency, share_with
from blindarena.analysis.self_preference import self_preference, win_rates
from blindarena.analysis.separability import (
    agreement_with_confidence,
    pair_agreement,
    pair_rank_brier,
    separability,
    separated_pairs,
)
from blindarena.analysis.setups import SetupAgreement, agreement_between, agreement_within
from blindarena.analysis.verdicts import FIRST, SECOND, both_orders, count_verdicts, majority

from . import judge_data
from .judge_data import PRD, Shown, Votes

EXACT = 1e-9  # the published file holds ten digits


@pytest.fixture
def judge(parity_data: Path) -> Path:
    return parity_data / "judge"


@pytest.fixture
def expected(judge: Path) -> dict[str, Any]:
    return dict(json.loads((judge / "expected.json").read_text(encoding="utf-8")))


read_mt_bench = cache(judge_data.mt_bench)
read_prd_judges = cache(judge_data.prd_judges)
read_prd_humans = cache(judge_data.prd_humans)
read_arena_hard = cache(judge_data.arena_hard)


def mt_bench_agreement(data: Votes, key: str) -> SetupAgreement:
    turn, groups, setup = key.split(".")
    here = np.array([item[1] == int(turn[-1]) for item in data.items])
    one, other = ({"gpt4": "gpt4_pair"}.get(name, name) for name in groups.split("-"))
    where = {"question": data.question[here], "setup": setup}
    if one == other:
        return agreement_within(data.counts(one)[here], **where)
    return agreement_between(data.counts(one)[here], data.counts(other)[here], **where)


def test_mt_bench_agreement(judge: Path, expected: dict[str, Any]) -> None:
    """886 of 1343, 727 of 859, 454 of 721, ...: table 5 of the paper, counted."""
    data = read_mt_bench(judge)
    for key, figures in expected["mtbench_agreement"].items():
        share = mt_bench_agreement(data, key).share
        assert (share.count, share.total) == (figures["agree"], figures["total"]), key
        assert share.lower is not None
        assert share.upper is not None
        assert share.lower < figures["ratio"] < share.upper


def test_mt_bench_position(judge: Path, expected: dict[str, Any]) -> None:
    data = read_mt_bench(judge)
    by_judge = data.rater == "gpt4_pair"
    consistent = data.label[by_judge] != "tie (inconsistent)"
    share = share_with(consistent, data.question[data.item[by_judge]])
    figures = expected["mtbench_position"]

    assert share.total == figures["gpt4_pair_verdicts"]
    assert share.total - share.count == figures["inconsistent"]
    assert share.value == pytest.approx(figures["consistency_rate"], abs=EXACT)


def test_mt_bench_kappas(judge: Path, expected: dict[str, Any]) -> None:
    data, figures = read_mt_bench(judge), expected["mtbench_kappa"]
    human = data.counts("expert", "author")
    people, machine = majority(human), majority(data.counts("gpt4_pair"))
    for setup, n in (("S1", figures["joined_pairs"]), ("S2", figures["n_S2"])):
        table = confusion_matrix(machine, people, setup=setup)
        kappa = cohen_with_interval(machine, people, question=data.question, setup=setup)
        assert table.sum() == kappa.items == n
        assert np.trace(table) / n == pytest.approx(figures[f"agreement_{setup}"], abs=EXACT)
        assert kappa.value == pytest.approx(figures[f"cohen_kappa_{setup}"], abs=EXACT)
        assert cohen_kappa(table) == pytest.approx(kappa.value, abs=1e-12)

    assert (human.sum(axis=1) > 1).sum() == figures["units_with_2plus_human_votes"]
    assert krippendorff_alpha(human) == pytest.approx(
        figures["krippendorff_alpha_humans_nominal3"], abs=EXACT
    )


def test_mt_bench_win_rates(judge: Path, expected: dict[str, Any]) -> None:
    data, figures = read_mt_bench(judge), expected["mtbench_winrates"]
    names = sorted(figures["expert"])
    sides = np.array([[names.index(name) for name in item[2:]] for item in data.items])
    rates = []
    for rater in ("expert", "gpt4_pair"):
        mine = np.array([name.startswith(rater) for name in data.rater])
        first, second = sides[data.item[mine]].T
        nobody = np.zeros(mine.sum(), dtype=int)
        found = win_rates(nobody, first, second, data.verdict[mine], judges=1, contestants=6)[0]
        assert found == pytest.approx([figures[rater][name] for name in names], abs=EXACT)
        rates.append(found)

    for kind in ("pearson", "spearman"):
        assert correlation(*rates, kind=kind) == pytest.approx(figures[kind], abs=EXACT)


def test_arena_hards_quality_table(judge: Path, expected: dict[str, Any]) -> None:
    """Touching intervals overlap for separability and do not for agreement, as in the source."""
    arena, benches = read_arena_hard(judge)
    figures = expected["benchmark_quality"]
    counts = figures["arena_overlap_pairs"]
    for touching, key in (("overlap", "degenerate_counts"), ("apart", "positive_length_only")):
        assert (~separated_pairs(arena.lower, arena.upper, touching=touching)).sum() == counts[key]

    for name, bench in benches.items():
        row = figures[name]
        apart = separability(bench.lower, bench.upper)
        found = agreement_with_confidence(
            (bench.score, bench.lower, bench.upper),
            (arena.score, arena.lower, arena.upper),
            touching="apart",
        )
        brier = pair_rank_brier(
            np.array([draws.mean() for draws in bench.draws]),
            np.array([draws.var() for draws in bench.draws]),
            arena.score,
        )
        assert apart.pairs == counts["pairs"]
        assert apart.pairs - apart.separated == row["overlap_pairs_95"]
        assert apart.share == pytest.approx(row["separability_95"], abs=EXACT)
        assert found is not None
        assert found.pairs == row["reference_separated_pairs"]
        assert found.signed == pytest.approx(row["agreement_signed"], abs=EXACT)
        assert found.half_credit == pytest.approx(row["agreement_half_credit"], abs=EXACT)
        assert brier == pytest.approx(row["brier_gaussian"], abs=EXACT)
        assert pair_agreement(bench.score, arena.score) == pytest.approx(
            row["strict_pair_agreement"], abs=EXACT
        )
        for kind, key in (("spearman", "spearman"), ("kendall", "kendall_b")):
            assert correlation(bench.score, arena.score, kind=kind) == pytest.approx(
                row[key], abs=EXACT
            )


def in_both_orders(data: Shown, number: int) -> dict[tuple[int, int, int], tuple[int, int]]:
    """Give the verdicts of one judge in both orders, by question and pair."""
    mine = data.judge == number
    columns = zip(
        data.question[mine], data.first[mine], data.second[mine], data.verdict[mine], strict=True
    )
    said = {(int(q), int(a), int(b)): int(v) for q, a, b, v in columns}
    return {(q, a, b): (v, said[q, b, a]) for (q, a, b), v in said.items() if a < b}


def test_prd_judges(judge: Path, expected: dict[str, Any]) -> None:
    data = read_prd_judges(judge)
    rates = win_rates(data.judge, data.first, data.second, data.verdict, judges=5, contestants=5)
    own = {
        found.judge: found
        for found in self_preference(
            data.judge,
            data.first,
            data.second,
            data.verdict,
            own=np.arange(5),
            question=data.question,
            contestants=5,
        )
    }
    for number, name in enumerate(PRD):
        figures = expected["prd_vicuna80"]["judges"][name]
        mine = data.judge == number
        first = first_position_rate(data.verdict[mine], question=data.question[mine])
        pairs = in_both_orders(data, number)
        shown, swapped = np.array(list(pairs.values())).T
        found = position_consistency(
            shown, swapped, question=np.array([question for question, _, _ in pairs])
        )
        cells = figures["order_cells"]

        assert mine.sum() == figures["verdicts"]
        assert first.value == pytest.approx(figures["first_position_rate_non_ties"], abs=EXACT)
        assert found.same == cells["consistent"]
        assert found.first_both == cells["picks_first_both"]
        assert found.second_both == cells["picks_second_both"]
        assert found.tie_in_one_order == cells["tie_in_one_order"]
        assert found.consistent.value == pytest.approx(figures["consistency"], abs=EXACT)
        assert rates[number] == pytest.approx([figures["win_rates"][m] for m in PRD], abs=EXACT)
        assert own[number].excess == pytest.approx(
            figures["self_preference_vs_other_judges"], abs=EXACT
        )
        assert own[number].lower is not None
        assert own[number].upper is not None
        assert own[number].lower < own[number].excess < own[number].upper


def test_prd_judges_against_people(judge: Path, expected: dict[str, Any]) -> None:
    people, data = read_prd_humans(judge), read_prd_judges(judge)
    turned = people.first > people.second
    verdict = np.where(turned, SECOND - people.verdict, people.verdict)
    low, high = np.minimum(people.first, people.second), np.maximum(people.first, people.second)
    items, item = np.unique(
        np.column_stack([people.question, low, high]), axis=0, return_inverse=True
    )
    human = majority(count_verdicts(item.ravel(), verdict, items=len(items)))
    for number, name in enumerate(PRD):
        figures = expected["prd_vicuna80"]["judges"][name]["vs_human_majority"]
        said = in_both_orders(data, number)
        shown, swapped = np.array([said[q, a, b] for q, a, b in items.tolist()]).T
        combined = both_orders(shown, swapped)
        table = confusion_matrix(combined, human)
        decided = confusion_matrix(combined, human, setup="S2")

        assert table.sum() == figures["pairs"]
        assert np.trace(table) / table.sum() == pytest.approx(figures["agreement_S1"], abs=EXACT)
        assert cohen_kappa(table) == pytest.approx(figures["cohen_kappa_S1"], abs=EXACT)
        assert decided.sum() == figures["n_S2"]
        assert np.trace(decided) / decided.sum() == pytest.approx(
            figures["agreement_S2"], abs=EXACT
        )


def test_prd_people(judge: Path, expected: dict[str, Any]) -> None:
    people, figures = read_prd_humans(judge), expected["prd_vicuna80"]
    items, item = np.unique(
        np.column_stack([people.question, people.first, people.second]), axis=0, return_inverse=True
    )
    counts = count_verdicts(item.ravel(), people.verdict, items=len(items))
    rates = win_rates(
        people.judge, people.first, people.second, people.verdict, judges=1, contestants=5
    )[0]
    first = first_position_rate(people.verdict, question=people.question)

    assert len(people.verdict) == figures["human_votes"]
    assert (counts.sum(axis=1) == 3).sum() == figures["human_shown_pairs_with_3_votes"]
    assert fleiss_kappa(counts) == pytest.approx(figures["human_fleiss_kappa_3way"], abs=EXACT)
    assert share_equal(counts) == pytest.approx(figures["human_pairwise_agreement"], abs=EXACT)
    assert krippendorff_alpha(counts) == pytest.approx(
        figures["human_krippendorff_alpha_nominal"], abs=EXACT
    )
    assert first.value == pytest.approx(figures["human_first_position_rate_non_ties"], abs=EXACT)
    for name, rate in figures["human_win_rates"].items():
        assert rates[PRD.index(name)] == pytest.approx(rate, abs=EXACT)
    assert (people.verdict == FIRST).any()


def test_wildbenchs_correlations_with_arena(judge: Path, expected: dict[str, Any]) -> None:
    path = judge / "wildbench" / "all_stat_wildbench.-1.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    arena = "Arena Elo (hard-en) - latest"
    for key, figures in expected["wildbench_vs_arena_hard_en"].items():
        both = [
            (float(row[key]), float(row[arena]))
            for row in table.values()
            if row.get(key, "-") not in ("-", None) and row.get(arena, "-") not in ("-", None)
        ]
        one, other = np.array(both).T
        assert len(one) == figures["n"], key
        for kind in ("pearson", "spearman"):
            assert correlation(one, other, kind=kind) == pytest.approx(figures[kind], abs=EXACT)
