"""Check digits: published examples, and that a changed digit is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.pipeline.pii import checksums

# Examples that the issuers, or the articles on the formats, print.
RIGHT = [
    (checksums.is_iban, "DE89370400440532013000"),
    (checksums.is_iban, "GB82WEST12345698765432"),
    (checksums.is_iban, "FR1420041010050500013M02606"),
    (checksums.is_card, "4111111111111111"),
    (checksums.is_card, "378282246310005"),
    (checksums.is_german_tax_id, "86095742719"),
    (checksums.is_german_pension_id, "15070649C103"),
    (checksums.is_german_health_id, "A123456780"),
    (checksums.is_french_social_id, "255081416802538"),
    (checksums.is_french_tax_id, "3023217600053"),
    (checksums.is_spanish_id, "12345678Z"),
    (checksums.is_spanish_id, "X1234567L"),
    (checksums.is_nhs_number, "9434765919"),
]


@pytest.mark.parametrize(("check", "code"), RIGHT)
def test_published_examples_are_right(check, code: str) -> None:
    assert check(code)


# The French tax number (modulo 511) and the German pension number (digit sums of products with 5
# and 7) notice most changes, the others all.
NOTICING = [
    (check, code)
    for check, code in RIGHT
    if check not in (checksums.is_french_tax_id, checksums.is_german_pension_id)
]


@given(st.sampled_from(NOTICING), st.data())
def test_one_changed_digit_is_noticed(example, data) -> None:
    check, code = example
    places = [at for at, sign in enumerate(code) if sign.isdigit()]
    at = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from(sorted(set("0123456789") - {code[at]})))
    changed = code[:at] + other + code[at + 1 :]

    assert not check(changed)


@pytest.mark.parametrize("code", ["", "DE", "ZZ89370400440532013000", "DE8937040044053201300"])
def test_an_iban_has_a_country_and_its_length(code: str) -> None:
    assert not checksums.is_iban(code)


@pytest.mark.parametrize("digits", ["0000000000000000", "1111111111111117", "411111111111111"])
def test_a_card_begins_as_cards_do(digits: str) -> None:
    assert not checksums.is_card(digits)


@pytest.mark.parametrize(
    "digits", ["000121234", "666121234", "219001234", "219120000", "901121234"]
)
def test_ranges_that_no_social_security_number_has(digits: str) -> None:
    assert checksums.is_us_social_id("219094821")
    assert not checksums.is_us_social_id(digits)
