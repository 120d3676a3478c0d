"""Published figures through the command's own reading (BLINDARENA_PARITY_DATA)."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from blindarena.cli import app

EXACT = 1e-9  # the published file holds ten digits


@pytest.fixture
def judge(parity_data: Path) -> Path:
    return parity_data / "judge"


@pytest.fixture
def expected(judge: Path) -> dict[str, Any]:
    return dict(json.loads((judge / "expected.json").read_text(encoding="utf-8")))


def agreement(*words: object) -> dict[str, Any]:
    found = CliRunner().invoke(app, ["agreement", *map(str, words), "--json"])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return dict(json.loads(found.output))


def counts(setups: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    return {one["setup"]: (one["share"]["count"], one["share"]["total"]) for one in setups}


@pytest.fixture(scope="module")
def mt_bench(parity_data: Path) -> dict[str, Any]:
    folder = parity_data / "judge" / "mtbench_human"
    human = folder / "human.jsonl"
    return agreement(
        f"expert=people:{human}#expert*",
        f"author=people:{human}#author*",
        f"people={human}",
        f"gpt4=judge:{folder / 'gpt4_pair.jsonl'}",
        "--score",
        "win-rate",
    )


def test_mt_bench_agreement(mt_bench: dict[str, Any], expected: dict[str, Any]) -> None:
    """886 of 1343, 727 of 859, 454 of 721, and the nine others."""
    found = {}
    for pair in mt_bench["items"]:
        for part in pair["parts"]:
            if part["by"] == "turn":
                for setup, both in counts(part["setups"]).items():
                    found[f"turn{part['name']}.{pair['one']}-{pair['other']}.{setup}"] = both
    for one in mt_bench["within"]:
        for part in one["by_turn"]:
            for setup, both in counts(part["setups"]).items():
                found[f"turn{part['name']}.{one['name']}-{one['name']}.{setup}"] = both

    assert len(expected["mtbench_agreement"]) == 12
    for key, figures in expected["mtbench_agreement"].items():
        assert found[key] == (figures["agree"], figures["total"]), key


def test_mt_bench_kappas_and_position(mt_bench: dict[str, Any], expected: dict[str, Any]) -> None:
    figures = expected["mtbench_kappa"]
    pair = next(
        one for one in mt_bench["items"] if (one["one"], one["other"]) == ("gpt4", "people")
    )
    table = pair["confusion"]
    assert pair["items"] == figures["joined_pairs"]
    assert sum(table[k][k] for k in range(3)) / pair["items"] == pytest.approx(
        figures["agreement_S1"], abs=EXACT
    )
    for kappa, setup in zip(pair["kappas"], ("S1", "S2"), strict=True):
        assert kappa["value"] == pytest.approx(figures[f"cohen_kappa_{setup}"], abs=EXACT)
    assert pair["kappas"][1]["items"] == figures["n_S2"]
    within = next(one for one in mt_bench["within"] if one["name"] == "people")
    assert within["items"] == figures["units_with_2plus_human_votes"]
    assert within["alphas"][0]["value"] == pytest.approx(
        figures["krippendorff_alpha_humans_nominal3"], abs=EXACT
    )

    figures = expected["mtbench_position"]
    habits = next(one for one in mt_bench["habits"] if one["name"] == "gpt4")
    share = habits["consistent"]
    assert share["total"] == figures["gpt4_pair_verdicts"]
    assert share["total"] - share["count"] == figures["inconsistent"]
    assert share["value"] == pytest.approx(figures["consistency_rate"], abs=EXACT)


def test_mt_bench_win_rates(mt_bench: dict[str, Any], expected: dict[str, Any]) -> None:
    figures = expected["mtbench_winrates"]
    pair = next(
        one for one in mt_bench["models"] if (one["one"], one["other"]) == ("gpt4", "expert")
    )
    for row in pair["rows"]:
        assert row["one"] == pytest.approx(figures["gpt4_pair"][row["name"]], abs=EXACT)
        assert row["other"] == pytest.approx(figures["expert"][row["name"]], abs=EXACT)
    for one in pair["correlations"]:
        if one["kind"] in figures:
            assert one["value"] == pytest.approx(figures[one["kind"]], abs=EXACT)
            assert one["n"] == 6


@pytest.mark.parametrize(
    ("key", "file", "names", "turned"),
    [
        ("arena_hard", "arena_hard", "arena_to_arena_hard", False),
        ("mt_bench", "mt_bench", "arena_to_mt_bench", False),
        ("alpaca2_lc", "alpaca_LC", "alpaca_to_arena", True),
        ("alpaca2", "alpaca", "alpaca_to_arena", True),
    ],
)
def test_arena_hards_quality_table(
    judge: Path,
    expected: dict[str, Any],
    tmp_path: Path,
    *,
    key: str,
    file: str,
    names: str,
    turned: bool,
) -> None:
    """Each benchmark against Arena of 29 March 2024, over Arena-Hard's twenty contestants."""
    folder = judge / "arena_hard_quality"

    def table(name: str) -> dict[str, str]:
        return dict(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))

    twenty = table("arena_to_arena_hard")
    of_arena = {arena: bench for bench, arena in table(names).items()} if turned else table(names)
    path = folder / f"bootstrap_stats_{file}.jsonl"
    spelled = {
        (name := json.loads(line)["model"]).lower(): name
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    wanted = {spelled[of_arena[arena].lower()]: arena for arena in twenty}
    aliases = tmp_path / "aliases.json"
    aliases.write_text(
        json.dumps({f"bench:{one}": other for one, other in wanted.items() if one != other})
    )
    kept = tmp_path / path.name
    kept.write_text(
        "".join(
            line + "\n"
            for line in path.read_text(encoding="utf-8").splitlines()
            if json.loads(line)["model"] in wanted
        )
    )
    arena = folder / "arena_elo_20240329.csv"
    found = agreement(f"people:{arena}", f"bench={kept}", "--aliases", aliases)
    pair, figures = found["models"][0], expected["benchmark_quality"][key]

    assert (pair["one"], len(pair["rows"])) == ("bench", 20)
    assert pair["separability"]["share"] == pytest.approx(figures["separability_95"], abs=EXACT)
    assert pair["confident"]["pairs"] == figures["reference_separated_pairs"]
    for name, ours in (("agreement_signed", "signed"), ("agreement_half_credit", "half_credit")):
        assert pair["confident"][ours] == pytest.approx(figures[name], abs=EXACT)
    assert pair["brier"] == pytest.approx(figures["brier_gaussian"], abs=EXACT)
    assert pair["brier_from"] == "draws"
    assert pair["same_order"] == pytest.approx(figures["strict_pair_agreement"], abs=EXACT)
    by_kind = {one["kind"]: one["value"] for one in pair["correlations"]}
    assert by_kind["spearman"] == pytest.approx(figures["spearman"], abs=EXACT)
    assert by_kind["kendall"] == pytest.approx(figures["kendall_b"], abs=EXACT)


def test_wildbenchs_correlations_with_arena(judge: Path, expected: dict[str, Any]) -> None:
    path = judge / "wildbench" / "all_stat_wildbench.-1.json"
    columns = expected["wildbench_vs_arena_hard_en"]
    arena = f"arena=people:{path}#Arena Elo (hard-en) - latest"
    found = agreement(arena, *(f"c{k}={path}#{column}" for k, column in enumerate(columns)))
    pairs = {one["one"]: one for one in found["models"] if one["other"] == "arena"}

    for k, (column, figures) in enumerate(columns.items()):
        by_kind = {one["kind"]: one for one in pairs[f"c{k}"]["correlations"]}
        assert by_kind["pearson"]["n"] == figures["n"], column
        for kind in ("pearson", "spearman"):
            assert by_kind[kind]["value"] == pytest.approx(figures[kind], abs=EXACT), column
