"""How many votes of a file were cut loose from their voters after a snapshot was taken."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from blindarena.domain.privacy import erased_on


def erased_since(files: Iterable[Path | str], since: date) -> int:
    """Count the votes whose voter was erased on a day or later.

    It is told by what stands in the pseudonym's place, see `domain.privacy`.

    Only Parquet files are asked, such as the owner's export; other files tell nothing.

    Args:
        files: of votes.
        since: the day of the snapshot; an erasure later on the same day counts.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: Counter[str] = Counter()
    for file in _parquet(files):
        try:
            with pq.ParquetFile(file) as opened:
                if "voter" not in opened.schema_arrow.names:
                    continue
                for batch in opened.iter_batches(columns=["voter"]):
                    for one in batch.column(0).value_counts().to_pylist():
                        if isinstance(one["values"], str):
                            found[one["values"]] += one["counts"]
        except (OSError, pa.ArrowException):
            continue  # whoever reads the votes themselves says what is wrong
    return sum(n for voter, n in found.items() if (on := erased_on(voter)) and on >= since)


def _parquet(files: Iterable[Path | str]) -> Iterable[Path]:
    for file in map(Path, files):
        if file.is_dir():
            yield from sorted(file.rglob("*.parquet"))
        elif file.suffix in (".parquet", ".pq"):
            yield file
