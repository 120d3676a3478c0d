"""Postal addresses: street with number, postcode with town, in four languages."""

import re
from collections.abc import Iterator

from blindarena.pipeline.pii.findings import Finding
from blindarena.pipeline.pii.words import CAPITALISED, CAPITALS, SPACE

_FLAGS = re.UNICODE
_CAP = CAPITALISED
_S = SPACE
_SMALL = (
    r"(?:d[eu]|des|de la|de los|de las|del|la|las|los|le|les|l['’]|d['’]|of|the|der|den|dem|am|im|"
    r"y|et|und)"
)
_NAME = rf"(?:{_SMALL}{_S}?){{0,2}}{_CAP}(?:{_S}(?:{_SMALL}{_S}?){{0,2}}{_CAP}){{0,3}}"
_NUMBER = r"[0-9]{1,5}(?:[ ]?[a-zA-Z](?!\w))?(?:[ ]?[-/–][ ]?[0-9]{1,4}[a-z]?)?"

_ENGLISH_KIND = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Ct|Way|Place|Pl|Square|Sq|"
    r"Terrace|"
    r"Gardens|Crescent|Boulevard|Blvd|Hill|Grove|Row|Mews|Park|Quay|Walk|Rise|View|Highway|Hwy|"
    r"Parkway)"
)
_UNIT = rf"(?:(?:Flat|Apt|Apartment|Unit|Suite|Room|Floor)\.?{_S}[0-9]{{1,5}}[A-Za-z]?)"
_ENGLISH = (
    rf"(?:{_UNIT},?{_S})?[0-9]{{1,5}}[A-Za-z]?,?{_S}{_CAP}(?:{_S}{_CAP}){{0,3}}?{_S}{_ENGLISH_KIND}\b\.?"
    rf"(?:,?\s{_UNIT}|,?{_S}#[0-9]{{1,5}}[A-Z]?)?"
)
_GERMAN_END = (
    r"(?:stra(?:ß|ss)e|str\.|weg|gasse|allee|platz|ring|damm|ufer|steig|stieg|chaussee|halde|pfad|"
    r"markt|"
    r"graben|wall|kamp|twiete|promenade)"
)
_GERMAN = (
    rf"(?:[{CAPITALS}][\w’'.-]{{0,30}}{_GERMAN_END}|{_CAP}(?:er|-){_S}?(?:Stra(?:ß|ss)e|Str\.|"
    rf"Platz|Allee|"
    rf"Ring|Weg|Damm|Chaussee)|(?:{_CAP}[ -])?(?:Straße|Strasse|Str\.)|"
    rf"(?:Am|An der|An den|Auf der|Auf dem|Im|In der|In den|Zum|Zur|Unter den|Hinter der|"
    rf"Große[rn]?|"
    rf"Kleine[rn]?|Alte[rn]?|Neue[rn]?|Hohe[rn]?|Lange[rn]?|Obere[rn]?|Untere[rn]?){_S}{_CAP}"
    rf"(?:{_S}{_CAP})?){_S}{_NUMBER}(?!\w)"
)
_FRENCH = (
    rf"[0-9]{{1,4}}(?:{_S}?(?:bis|ter|quater)|{_S}?[A-D](?!\w))?,?{_S}"
    r"(?:rue|avenue|av\.|boulevard|bd\.?|place|chemin|impasse|allée|quai|route|cours|square|"
    r"passage|"
    rf"résidence|faubourg|sentier|ruelle|esplanade|promenade|villa|montée){_S}{_NAME}"
    rf"(?:,?\s(?:b[âa]t(?:iment|\.)|esc(?:alier|\.)|appt?\.?|appartement|"
    rf"étage){_S}\w{{1,4}}){{0,2}}"
)
_SPANISH = (
    r"(?<!\w)(?:C/|c/|Calle|calle|Avda\.?|Avenida|avenida|Av\.|Plaza|plaza|Pza\.?|Paseo|paseo|P\.º|"
    r"Carretera|carretera|Ctra\.|Camino|camino|Ronda|ronda|Travesía|travesía|Glorieta|Rambla)"
    rf"{_S}?{_NAME},?{_S}(?:{_S}?n\.?º{_S}?|núm\.{_S})?[0-9]{{1,4}}(?![0-9])"
    rf"(?:,?{_S}[0-9]{{1,2}}\.?[ºª°]?{_S}?(?:[A-Z]\b|izq\.?|dcha\.?|izquierda|derecha|"
    rf"pta\.?{_S}?\w{{1,2}}))?"
)
_STREETS = tuple(
    re.compile(pattern, _FLAGS)
    for pattern in (
        rf"(?<!\w)(?:{_ENGLISH})",
        rf"(?<!\w)(?:{_GERMAN})",
        rf"(?<!\w)(?:{_FRENCH})",
        _SPANISH,
    )
)

_TOWN = (
    rf"{_CAP}(?:(?:{_S}|-)(?:(?:am|an der|im|in|ob der|sur|sous|en|les|lès|de|del|la|le|el|"
    rf"y){_S}){{0,2}}"
    rf"{_CAP}){{0,2}}(?:/{_CAP})?(?:{_S}\([A-Z][\w]{{0,20}}\))?(?:{_S}[0-9]{{1,2}}(?![0-9]))?"
)
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|"
    "NM|NY|"
    "NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY"
)
_BRITISH_CODE = r"[A-Z]{1,2}[0-9][0-9A-Z]?[ ]?[0-9][ABD-HJLNP-UW-Z]{2}(?!\w)"
_PLACES = tuple(
    re.compile(pattern, _FLAGS)
    for pattern in (
        rf"(?<![\w.,=/&?#-])(?:[A-Z]{{1,2}}-)?[0-9]{{5}}{_S}{_TOWN}",
        rf"(?<!\w)(?:{_CAP}(?:{_S}{_CAP}){{0,2}},?{_S})?(?:{_STATES}){_S}[0-9]{{5}}(?:-[0-9]{{4}})?(?!\w)",
        rf"(?<!\w){_BRITISH_CODE}",
        rf"(?<!\w)[0-9]{{4}}{_S}?[A-Z]{{2}}{_S}{_CAP}",
    )
)
# Between street and place: commas, blanks, one line break, perhaps the town's name before its code.
_BETWEEN = re.compile(
    rf"[\s,;·-]{{1,4}}(?:{_CAP}(?:{_S}{_CAP}){{0,2}}[\s,]{{1,3}})?"
    rf"(?:(?:Bâtiment|Bât\.?|Haus|Portal|Piso){_S}\w{{1,4}}[\s,]{{1,3}})?"
)
_AUSTRIAN = re.compile(rf"[\s,]{{1,3}}(?:[A-Z]{{1,2}}-)?[1-9][0-9]{{3}}{_S}{_TOWN}")
_PLAIN_TOWN = re.compile(rf",{_S}{_CAP}(?:{_S}{_CAP}){{0,1}}(?=[.,\n]|$)")
_FAR = 60


def addresses(text: str) -> Iterator[Finding]:
    """Find streets with a number and postcodes with a town; neighbours become one finding."""
    spans = sorted(
        match.span()
        for patterns in (_STREETS, _PLACES)
        for pattern in patterns
        for match in pattern.finditer(text)
    )
    at = 0
    while at < len(spans):
        start, end = spans[at]
        at += 1
        while at < len(spans) and _belong_together(text, end, spans[at][0]):
            end = max(end, spans[at][1])
            at += 1
        austrian = _AUSTRIAN.match(text, end)
        yield Finding(start, austrian.end() if austrian else end, "address")


def _belong_together(text: str, end: int, start: int) -> bool:
    if start <= end:
        return True
    return start - end <= _FAR and _BETWEEN.fullmatch(text, end, start) is not None
