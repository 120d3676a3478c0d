"""The version that a start compares with is that of the newest migration."""

from blindarena.storage import schema


def test_head_is_the_newest_migration() -> None:
    assert schema.newest() == schema.HEAD
