"""Published figures from raw judgments, where their files are at hand."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from blindarena.domain.judging import FiveWay
from blindarena.judge.formats.gathering import gather
from blindarena.judge.scoring.compat import fastchat_pairs, fastchat_single
from blindarena.judge.scoring.summary import score_run
from judge.records import judgment, run_of

VERDICTS: dict[str, FiveWay] = {"1": "A>B", "2": "B>A", "3": "A=B"}
EXACT = 1e-9


@pytest.fixture
def data(parity_data: Path) -> Path:
    return parity_data / "judge"


@pytest.fixture
def expected(data: Path) -> dict[str, Any]:
    return dict(json.loads((data / "expected.json").read_text(encoding="utf-8")))


def test_show_result_of_a_small_run(data: Path) -> None:
    judgments = gather(data / "mtbench_format_small").judgments

    single = fastchat_single("gpt-4", judgments)
    assert single.first_turn == {"gpt-3.5-turbo": pytest.approx(9.6)}
    assert single.second_turn == {}
    gpt4 = fastchat_pairs("gpt-4", judgments).rows[0]
    assert (gpt4.model, gpt4.win, gpt4.loss, gpt4.tie) == ("gpt-4", 3, 1, 1)
    rates = (gpt4.win_rate, gpt4.loss_rate, gpt4.win_rate_adjusted)
    assert rates == pytest.approx((0.6, 0.2, 0.7))
    (only,) = fastchat_pairs("gpt-4", judgments, baseline="gpt-3.5-turbo").rows
    assert only == gpt4


def test_means_of_real_single_gradings(data: Path, expected: dict[str, Any]) -> None:
    found = fastchat_single("gpt-4", gather(data / "mtbench_runs").judgments)

    for name, figures in expected["mtbench_single"]["scores"].items():
        model, _, turn = name.rpartition(".")
        means = found.first_turn if turn == "turn1" else found.second_turn
        assert means[model] == pytest.approx(figures["mean"], abs=EXACT)


def test_prd_judges_from_their_raw_judgments(data: Path, expected: dict[str, Any]) -> None:
    lines = gzip.decompress((data / "prd_vicuna80" / "llm_judgments.jsonl.gz").read_bytes())
    judgments = []
    for row in map(json.loads, lines.decode("utf-8").splitlines()):
        if "answer-" in row["file"]:
            continue
        one, other = sorted((row["model_1"], row["model_2"]))
        judgments.append(
            judgment(
                str(row["question_id"]),
                (one, other),
                judge=row["judge"],
                order="ab" if one == row["model_1"] else "ba",
                verdict=VERDICTS[str(row["score"])],
            )
        )

    (scores,) = score_run(run_of(judgments)).protocols

    own = {one.judge: one.excess for one in scores.own}
    for behaviour in scores.behaviour:
        figures = expected["prd_vicuna80"]["judges"][behaviour.judge]
        assert behaviour.effort.calls == figures["verdicts"]
        assert behaviour.orders is not None
        found, cells = behaviour.orders.consistency, figures["order_cells"]
        assert found.same == cells["consistent"]
        assert found.first_both == cells["picks_first_both"]
        assert found.second_both == cells["picks_second_both"]
        assert found.tie_in_one_order == cells["tie_in_one_order"]
        assert found.consistent.value == pytest.approx(figures["consistency"], abs=EXACT)
        first = behaviour.orders.first.value
        assert first == pytest.approx(figures["first_position_rate_non_ties"], abs=EXACT)
        assert own[behaviour.judge] == pytest.approx(
            figures["self_preference_vs_other_judges"], abs=EXACT
        )
    standing = {one.judge: one.standing for one in scores.verdicts}
    assert standing["vicuna-13b"] == "broken"
    assert standing["bard"] == "weak"
    assert standing["gpt35"] == "fine"
