"""What is found, and what only looks like it."""

import pytest

from blindarena.errors import InputError
from blindarena.pipeline.pii import Detection, Kind, NumberPattern, find


def found(text: str, **options) -> list[tuple[Kind, str]]:
    return [(f.kind, text[f.start : f.end]) for f in find(text, **options)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("mail anna.berg+shop@example.org, please", "email", "anna.berg+shop@example.org"),
        ("an jürgen@müller.example.", "email", "jürgen@müller.example"),
        ("anna (at) example (dot) org", "email", "anna (at) example (dot) org"),
        ("from 203.0.113.9 today", "ip", "203.0.113.9"),
        ("from 2001:db8::1 today", "ip", "2001:db8::1"),
        ("see https://x.example/reset?token=abc.", "url", "https://x.example/reset?token=abc"),
        ("IBAN: de89 3704 0044 0532 0130 00 danke", "iban", "de89 3704 0044 0532 0130 00"),
        ("IBAN: DE89 3704 0044 0532 0130 02 (?)", "iban", "DE89 3704 0044 0532 0130 02"),
        ("card 4111-1111-1111-1111!", "card", "4111-1111-1111-1111"),
        ("meine Steuer-ID 86 095 742 719", "national_id", "86 095 742 719"),
        ("my SSN is 219-09-4821", "national_id", "219-09-4821"),
        ("NHS no. 943 476 5919", "national_id", "943 476 5919"),
        ("Reisepass: C01X00T47", "national_id", "C01X00T47"),
        ("DNI 12345678Z", "national_id", "12345678Z"),
        ("born on 12 March 1985", "birth_date", "12 March 1985"),
        ("geb. 3.4.1971", "birth_date", "3.4.1971"),
        ("née le 1er mars 1980", "birth_date", "1er mars 1980"),
        ("Fecha de nacimiento: 05/06/1990", "birth_date", "05/06/1990"),
        ("+49 (0)30 901820", "phone", "+49 (0)30 901820"),
        ("0033 1 99 00 12 34", "phone", "0033 1 99 00 12 34"),
        ("(512) 555-0143 is mine", "phone", "(512) 555-0143"),
        ("llame al 612 34 56 78", "phone", "612 34 56 78"),
        ("Rufnummer 4711 99", "phone", "4711 99"),
        ("12 High Street, York YO1 8QT", "address", "12 High Street, York YO1 8QT"),
        ("wohne Marktstraße 3a, 04109 Leipzig", "address", "Marktstraße 3a, 04109 Leipzig"),
        ("Musterweg 5, 1010 Wien", "address", "Musterweg 5, 1010 Wien"),
        ("5, rue de la Paix, 75002 Paris", "address", "5, rue de la Paix, 75002 Paris"),
        ("Calle Mayor 7, 2º A, 28013 Madrid", "address", "Calle Mayor 7, 2º A, 28013 Madrid"),
        ("order 48213 is late", "reference", "48213"),
        ("Kundennr.: 88-21-G7", "reference", "88-21-G7"),
        ("tracking RR123456785DE", "reference", "RR123456785DE"),
        ("My name is Nguyen Thi Lan.", "name", "Nguyen Thi Lan"),
        ("Sehr geehrte Frau von der Heide,", "name", "von der Heide"),
        ("Merci, Anaïs", "name", "Anaïs"),
        ("Hola Íñigo, ¿qué tal?", "name", "Íñigo"),
        ("Şule here, same problem", "name", "Şule"),
        ("Kind regards\n\nJ. van der Berg", "name", "J. van der Berg"),
        ("yesterday Maria Lopez rang", "name", "Maria Lopez"),
    ],
)
def test_found_to_the_letter(text: str, kind: Kind, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "It costs 1,250.00 euros, not 1.199,99.",
        "version 5.2.1.4 of the app",
        "at 10:42:17 on 2024-05-12",
        "from 3.5.2024 to 4.6.2024",
        "opening hours 9-12 and 14-18",
        "an iPhone 15 with 256 GB, a WM-1400 and a PS5",
        "Regal DE89 3704 0044 0532 0130 02",  # one digit is wrong
        "follow @blindarena on the site",
        "a@b",
        "see https://example.org/help/returns for the terms",
        "127.0.0.1 is this computer",
        "Hello team, Dear Sir or Madam, Hallo zusammen,",
        "Kind regards",
        "Thanks for the quick answer",
        "The Street was 12 miles long. Room 4 was cold.",
        "Ich bin Kunde seit 2015",
        "100 % of 24 months",
        "call me when it is there",
    ],
)
def test_only_looks_like_it(text: str) -> None:
    assert found(text) == []


def test_a_name_from_the_greeting_is_found_everywhere() -> None:
    text = "My name is Noor. Tell the driver that Noor waits. Noordwijk is a town."

    assert [value for _, value in found(text)] == ["Noor", "Noor"]


def test_a_title_is_no_name() -> None:
    assert found("Estimada Sra. Gómez: gracias. Dear Prof. Dr. Li,") == [
        ("name", "Gómez"),
        ("name", "Li"),
    ]


def test_overlaps_are_resolved_and_nothing_found_is_lost() -> None:
    text = "https://shop.example/?mail=anna@example.org&id=1, anna@example.org"

    assert found(text) == [
        ("url", "https://shop.example/?mail=anna@example.org&id=1"),
        ("email", "anna@example.org"),
    ]


def test_placeholders_are_left_alone() -> None:
    assert found("My name is [NAME_1], call [PHONE_2]") == []


def test_an_arena_adds_its_own_numbers() -> None:
    detection = Detection(numbers=(NumberPattern("locker", "L@-##"),))
    text = "It lies in LQ-07 or lq-08, not in XLQ-07."

    assert found(text, detection=detection) == [("reference", "LQ-07"), ("reference", "lq-08")]
    assert {f.label for f in find(text, detection=detection)} == {"LOCKER"}


@pytest.mark.parametrize(("name", "shape"), [("x", "###"), ("no1", "###"), ("order", "#-#"),
                                             ("order", "#" * 81)])  # fmt: skip
def test_a_wrong_number_pattern_is_named(name: str, shape: str) -> None:
    with pytest.raises(InputError, match=name):
        NumberPattern(name, shape)
