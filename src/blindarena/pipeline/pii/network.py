"""E-mail and IP addresses, and links that carry a token, a login or a long number."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

from blindarena.pipeline.pii.findings import Finding

_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]")
_LONGEST_LOCAL = 64
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# anna (at) example (dot) org, in four languages; words need their brackets or blanks around them.
_SPELT = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:[(\[{]\s?(?:at|arroba|arobase|ät)\s?[)\]}]|\sarroba\s|\sarobase\s)"
    r"\s?[\w-]{1,63}(?:\s?(?:[(\[{]\s?(?:dot|punkt|point|punto)\s?[)\]}]|\.)\s?[\w-]{1,63}){1,5}",
    re.IGNORECASE,
)
_V4 = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?!\.?\w)")
_VERSION = re.compile(r"(?:\bv|version|firmware|release|build)\.?\s?$", re.IGNORECASE)
_V6 = re.compile(
    r"(?<![\w:.])(?=[0-9a-fA-F:]{2,45}(?!\w))[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,8}"
)
_URL = re.compile(r"(?<!\w)(?:https?://|www\.)[^\s<>\"“”«»]{4,2000}", re.IGNORECASE)
_PERSONAL_KEY = re.compile(
    r"[?&#;](?:[\w.-]{0,20}(?:token|jeton|key|clave|code|id|mail|user|usuario|kunde|customer|client"
    r"|cliente|session|sig|auth|hash|pass|order|pedido|commande|bestell|track|name|phone|tel)"
    r"[\w.-]{0,20})=[^&#]",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"://[^/\s@]{1,200}@")
_LONG_NUMBER = re.compile(r"[0-9]{6}")
_LONG_CODE = re.compile(r"[/=](?=[\w-]{0,60}[0-9])(?=[\w-]{0,60}[A-Za-z])[\w-]{16,}")


def emails(text: str) -> Iterator[Finding]:
    """Find e-mail addresses, also spelt as "anna (at) example (dot) org"."""
    for at in _signs(text, "@＠"):
        start = at
        while start > max(at - _LONGEST_LOCAL, 0) and _LOCAL.match(text[start - 1]):
            start -= 1
        while start < at and not text[start].isalnum() and text[start] != "_":
            start += 1
        domain = _DOMAIN.match(text, at + 1)
        if start < at and domain:
            yield Finding(start, domain.end(), "email")
    for match in _SPELT.finditer(text):
        yield Finding(*match.span(), "email")


def _signs(text: str, signs: str) -> Iterator[int]:
    for sign in signs:
        at = text.find(sign)
        while at >= 0:
            yield at
            at = text.find(sign, at + 1)


def ips(text: str) -> Iterator[Finding]:
    """Find IPv4 and IPv6 addresses; "version 1.2.3.4" is none."""
    for pattern in (_V4, _V6):
        for match in pattern.finditer(text):
            if _VERSION.search(text[max(match.start() - 10, 0) : match.start()]):
                continue
            try:
                address = ip_address(match[0])
            except ValueError:
                continue
            if not address.is_unspecified and not address.is_loopback:
                yield Finding(*match.span(), "ip")


def urls(text: str) -> Iterator[Finding]:
    """Find links with a login, a telling parameter, a long number or a long code."""
    for match in _URL.finditer(text):
        url = match[0].rstrip(".,;:!?)]}'»")
        if (
            _PERSONAL_KEY.search(url)
            or _LOGIN.search(url)
            or _LONG_NUMBER.search(url)
            or _LONG_CODE.search(url, 8)
        ):
            yield Finding(match.start(), match.start() + len(url), "url")
