"""Check digits of bank accounts, payment cards and national ids: text in, yes or no out.

Each function takes the characters without blanks and separators, in capitals.
"""

import re

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28,
    "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
    "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30,
    "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
    "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_SVNR_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def is_iban(code: str) -> bool:
    """Check length and the two digits of ISO 13616 (mod 97)."""
    if len(code) != IBAN_LENGTHS.get(code[:2]) or not (code.isascii() and code.isalnum()):
        return False
    return int("".join(str(int(sign, 36)) for sign in code[4:] + code[:4])) % 97 == 1


def is_card(digits: str) -> bool:
    """Check first digit, length and Luhn digit of a payment card (ISO/IEC 7812)."""
    if not (13 <= len(digits) <= 19 and digits[0] in "23456" and len(set(digits)) > 1):
        return False
    return luhn(digits)


def luhn(digits: str) -> bool:
    """Check the last digit by Luhn's rule."""
    doubled = (int(d) * (1 + at % 2) for at, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def is_german_tax_id(digits: str) -> bool:
    """Check the Steuer-ID: 11 digits, ISO 7064 MOD 11,10."""
    if not re.fullmatch(r"[1-9][0-9]{10}", digits):
        return False
    product = 10
    for digit in digits[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def is_german_pension_id(code: str) -> bool:
    """Check the Rentenversicherungsnummer, such as 15070649C103."""
    if not re.fullmatch(r"[0-9]{8}[A-Z][0-9]{3}", code):
        return False
    digits = f"{code[:8]}{ord(code[8]) - 64:02d}{code[9:11]}"
    products = (int(d) * w for d, w in zip(digits, _SVNR_WEIGHTS, strict=True))
    return sum(n // 10 + n % 10 for n in products) % 10 == int(code[11])


def is_german_health_id(code: str) -> bool:
    """Check the Krankenversichertennummer, such as A123456780."""
    if not re.fullmatch(r"[A-Z][0-9]{9}", code):
        return False
    digits = f"{ord(code[0]) - 64:02d}{code[1:9]}"
    products = (int(d) * (1 + at % 2) for at, d in enumerate(digits))
    return sum(n - 9 if n > 9 else n for n in products) % 10 == int(code[9])


def is_french_social_id(code: str) -> bool:
    """Check the NIR: 13 digits (2A and 2B for Corsica) and a key of two."""
    if not re.fullmatch(r"[1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{8}", code):
        return False
    number = code[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(number) % 97 == int(code[13:])


def is_french_tax_id(digits: str) -> bool:
    """Check the numéro fiscal: 13 digits, the last three being the first ten modulo 511."""
    return bool(re.fullmatch(r"[0-3][0-9]{12}", digits)) and int(digits[:10]) % 511 == int(
        digits[10:]
    )


def is_spanish_id(code: str) -> bool:
    """Check the letter of a DNI or NIE."""
    if not re.fullmatch(r"[0-9XYZ][0-9]{7}[A-Z]", code):
        return False
    number = int(code[:8].translate(str.maketrans("XYZ", "012")))
    return _DNI_LETTERS[number % 23] == code[8]


def is_nhs_number(digits: str) -> bool:
    """Check the number of a patient in England: 10 digits, modulo 11."""
    if not re.fullmatch(r"[0-9]{10}", digits):
        return False
    rest = 11 - sum(int(d) * w for d, w in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return rest % 11 == int(digits[9]) and rest != 10


def is_us_social_id(digits: str) -> bool:
    """Check the ranges of a social security number: it has no check digit."""
    return (
        bool(re.fullmatch(r"[0-8][0-9]{8}", digits))
        and digits[:3] not in ("000", "666")
        and digits[3:5] != "00"
        and digits[5:] != "0000"
    )
