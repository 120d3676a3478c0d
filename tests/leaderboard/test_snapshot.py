import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from vote_tables import NOW, parquet, votes

from blindarena import rank, verify_snapshot
from blindarena.errors import InputError
from blindarena.leaderboard.snapshot import digest_of

VOTES = votes()


def written(folder: Path, **options: Any) -> Path:
    path = folder / "board.json"
    path.write_text(rank(VOTES, now=NOW, **options).to_json())
    return path


def changed(path: Path, change: Any) -> Path:
    """Change a snapshot's content, with a digest that fits again."""
    content = json.loads(path.read_text())
    change(content)
    content["digest"] = digest_of(content)
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"method": "davidson"},
        {"method": "elo"},
        {"style": True},
        {"cluster": "voter"},
        {"interval": "bootstrap", "seed": 5},
        {"by": "category", "anchor": ("ada", 1100.0)},
        {"margin": 25.0, "interval": "anytime"},
        {"compat": "fastchat"},
    ],
)
def test_a_snapshot_holds_for_its_votes(tmp_path: Path, options: dict[str, Any]) -> None:
    found = verify_snapshot(written(tmp_path, **options), parquet(tmp_path, VOTES))

    assert found.differences == ()
    assert found.verdict == "The snapshot holds: every number is identical."


def test_the_order_and_the_files_of_the_votes_do_not_matter(tmp_path: Path) -> None:
    turned = VOTES.take(list(range(1199, -1, -1)))
    halves = [parquet(tmp_path, turned[:500], "1.parquet"), parquet(tmp_path, turned[500:])]

    assert verify_snapshot(written(tmp_path), halves).holds  # type: ignore[arg-type]


def test_other_votes_are_told(tmp_path: Path) -> None:
    found = verify_snapshot(written(tmp_path), VOTES[:1199])

    assert not found.holds
    assert found.differences[0] == "n: 1200 -> 1199"
    assert found.differences[1].startswith("data_hash: ")
    assert any("rating:" in line and "(by " in line for line in found.differences)
    assert "NOT" in found.verdict


def test_an_edited_number_is_told_even_with_a_new_digest(tmp_path: Path) -> None:
    def raise_it(content: dict[str, Any]) -> None:
        content["rows"][2]["rating"] += 1e-10

    (line,) = verify_snapshot(changed(written(tmp_path), raise_it), VOTES).differences

    assert line.startswith("cleo rating: ")


def test_an_edited_note_is_told_by_the_digest(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text().replace("Rank sets: all", "Rank sets: some"))

    lines = verify_snapshot(path, VOTES).differences

    assert "the file was changed after it was written: its digest does not match" in lines


def test_with_other_versions_a_billionth_of_a_point_is_allowed(tmp_path: Path) -> None:
    def another_numpy(content: dict[str, Any]) -> None:
        content["versions"]["numpy"] = "1.0"
        content["rows"][2]["rating"] += 5e-10

    path = changed(written(tmp_path), another_numpy)
    found = verify_snapshot(path, VOTES)
    assert found.holds
    assert found.changed_versions[0].startswith("numpy: 1.0 -> ")
    assert "within 1e-09 Elo" in found.verdict

    def too_far(content: dict[str, Any]) -> None:
        content["rows"][2]["rating"] += 5e-9

    assert not verify_snapshot(changed(path, too_far), VOTES).holds


def test_a_category_that_differs_is_named(tmp_path: Path) -> None:
    swapped = pa.array(
        ["code" if i == 0 else c for i, c in enumerate(VOTES["category"].to_pylist())]
    )
    path = written(tmp_path, by="category")
    first = VOTES["category"][0].as_py()

    lines = verify_snapshot(path, VOTES.set_column(4, "category", swapped)).differences

    assert bool(lines) == (first != "code")
    fewer = VOTES.filter(pa.compute.equal(VOTES["category"], "code"))
    assert any(line.startswith("categories: ") for line in verify_snapshot(path, fewer).differences)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not a snapshot"),
        ("[]", "not a snapshot"),
        ('{"snapshot": 9}', "format 9"),
        ('{"snapshot": 1, "rows": []}', "the snapshot has no boards, data_hash, digest"),
    ],
)
def test_what_is_no_snapshot_is_told(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "board.json"
    path.write_text(text)

    with pytest.raises(InputError, match=says):
        verify_snapshot(path, VOTES)
    with pytest.raises(InputError, match="cannot be read"):
        verify_snapshot(tmp_path / "none.json", VOTES)


def test_options_of_another_version_are_told(tmp_path: Path) -> None:
    path = changed(written(tmp_path), lambda content: content["options"].update(wind=1))

    with pytest.raises(InputError, match="does not know"):
        verify_snapshot(path, VOTES)


@pytest.mark.parametrize("options", [{}, {"cluster": "voter"}])
def test_a_snapshot_holds_after_voters_were_erased(tmp_path: Path, options: dict[str, Any]) -> None:
    """As the owner's export has them: the votes are there, under a label that leads to nobody."""
    voters = VOTES["voter"].to_pylist()
    gone, earlier = sorted(set(voters))[:2]
    labels = {gone: "0123456789ab-erased-20991231", earlier: "ba9876543210-erased-20200101"}
    kept = VOTES.set_column(
        VOTES.column_names.index("voter"), "voter", pa.array([labels.get(v, v) for v in voters])
    )

    found = verify_snapshot(written(tmp_path, **options), parquet(tmp_path, kept))

    assert found.differences == ()
    assert found.erased == voters.count(gone) > 0
    assert found.verdict == (
        f"The snapshot holds within 1e-09 Elo. {found.erased} votes erased since."
    )


def test_votes_that_are_missing_are_no_erasure(tmp_path: Path) -> None:
    found = verify_snapshot(written(tmp_path), parquet(tmp_path, VOTES[:1100]))
    assert not found.holds
    assert found.erased == 0
