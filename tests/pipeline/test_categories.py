"""Categories by the file, else by keywords, else none."""

import pytest

from blindarena.errors import InputError
from blindarena.pipeline.categories import Categories, Category

CATEGORIES = Categories(
    {"delivery": ["parcel*", "courier", "not arrived"], "refund": ["refund*", "money back"]}
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My PARCELS are late", "delivery"),
        ("It has not  arrived.", "delivery"),
        ("I want my money back, a refund, not the parcel", "refund"),
        ("refund for a parcel", "delivery"),  # as many: the earlier one
        ("parcel, parcel, parcel: money back and refunds", "refund"),  # different keywords count
        ("a couriered aparcel", None),
        ("", None),
    ],
)
def test_keywords(text: str, name: str | None) -> None:
    assert CATEGORIES.of(text).name == name


def test_the_file_decides_where_it_says_something() -> None:
    assert CATEGORIES.of("my parcel", given=" Billing ") == Category("Billing", "given")
    assert CATEGORIES.of("my parcel", given=" ") == Category("delivery", "keyword")
    assert CATEGORIES.of("hello", given=None) == Category(None, "none")


def test_a_category_needs_a_keyword() -> None:
    with pytest.raises(InputError, match="'empty'"):
        Categories({"empty": ["*", " "]})
