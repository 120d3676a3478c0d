"""Hostile text stays text: as an answer, a prompt, a comment, a contestant's name."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, expect

from blindarena.testing.upstream_behaviour import Behaviour

from .conftest import DESK, PHONE
from .corpus import ANSWERS, COMMENT, FLAG
from .lab import HOSTILE_NAMES
from .served import Served
from .steps import ask, consent, log_in, overflow, reveal, wait_votable
from .watch import Watch

pytestmark = pytest.mark.browser
TURNS = 12
"""The most that one battle takes."""
# What no answer may hold; KaTeX draws roots and braces as SVG of its own, without scripts or links.
_FORBIDDEN = """() => {
  const bad = (e) => e.matches('script, img, iframe, object, embed, video, audio, source, link,'
    + 'style, meta, base, form, input, button, textarea, select, template, use, image, svg a,'
    + 'foreignObject, [src], [srcset], [action], [formaction], [background], [id], [name]')
    || [...e.attributes].some((a) => /^on/i.test(a.name))
    || e.matches('a') && !(/^(https?|mailto):$/.test(e.protocol) && e.target === '_blank'
      && e.relList.contains('noopener'))
    || e.matches('[style]') && !(e.closest('.katex') && !/url|fixed/.test(e.getAttribute('style')));
  return [...document.querySelectorAll('main .read *')].filter(bad).map((e) => e.outerHTML);
}"""


def _assert_inert(page: Page, where: str) -> None:
    assert page.evaluate("window.pwned") is None, f"a script ran on {where}"
    assert page.evaluate(_FORBIDDEN) == [], where


def _battles(texts: Sequence[str]) -> list[list[tuple[str, str]]]:
    """Deal the texts out: two sides each turn, as many turns as a battle takes."""
    pairs = [(texts[i], texts[(i + 1) % len(texts)]) for i in range(0, len(texts), 2)]
    return [pairs[i : i + TURNS] for i in range(0, len(pairs), TURNS)]


@pytest.mark.parametrize("turns", _battles(ANSWERS), ids=lambda turns: f"{len(turns)}-turns")
def test_answers_and_prompts(
    page: Page, lab: Served, watch: Watch, turns: list[tuple[str, str]]
) -> None:
    """Each text once as an answer, streamed in small pieces, and once as the voter's message."""
    page.goto(f"{lab.url}/a/hostile")
    consent(page)
    for number, (left, right) in enumerate(turns, 1):
        for name, text in (("hostile-0", left), ("hostile-1", right)):
            size = max(7, len(text) // 60)
            lab.upstream.behaviours[name] = Behaviour(text=text, chunk_size=size, delay_s=0.002)
        ask(page, left)
        expect(page.get_by_test_id("answer-b")).to_have_attribute("dir", "auto")
        expect(page.locator(".answers")).to_have_count(number)
        wait_votable(page)
        _assert_inert(page, f"{left[:60]!r} and {right[:60]!r}")
    # Drawing of formulas and code goes on for a moment after the last word.
    page.wait_for_timeout(200)
    _assert_inert(page, "the whole battle")
    page.set_viewport_size(PHONE)
    assert overflow(page) <= 0
    address = page.url
    page.reload()
    wait_votable(page)
    _assert_inert(page, "the battle read back")
    assert page.url == address
    reveal(page, "both_bad")
    page.get_by_role("button", name="Read both again").click()
    expect(page.get_by_test_id("answer-a")).to_be_attached()
    _assert_inert(page, "the answers after the vote")


def test_names_reasons_and_comments(page: Page, lab: Served) -> None:
    """On the card, on every board and on the owner's page; the words are there, as words."""
    page.goto(f"{lab.url}/a/hostile")
    consent(page)
    page.get_by_role("button", name="<svg onload=alert(1)>").click()
    page.get_by_test_id("send").click()
    wait_votable(page)
    page.get_by_test_id("vote-tie").click()
    page.get_by_label("${alert(1)}").check()
    page.get_by_label("Comment").fill(COMMENT)
    page.get_by_test_id("reveal").click()
    card = page.get_by_test_id("reveal-card")
    for name in HOSTILE_NAMES:
        expect(card).to_contain_text(name)
    _assert_inert(page, "reveal card")
    for path in ("/a/hostile/leaderboard", "/a/hostile/about", "/plain/hostile", "/plain", "/"):
        page.goto(lab.url + path)
        expect(page.locator("main")).to_contain_text("evil.example/notice.png")
        if "leaderboard" in path or path == "/plain/hostile":
            expect(page.locator("main")).to_contain_text(HOSTILE_NAMES[0])
        _assert_inert(page, path)
    page.goto(f"{lab.url}/owner")
    log_in(page, lab.password)
    expect(page.locator("#votes")).to_contain_text(COMMENT)
    _assert_inert(page, "owner's page")


def test_formulas_are_drawn_all_the_same(page: Page, lab: Served) -> None:
    """The guard does not consist in drawing nothing."""
    for name in ("hostile-0", "hostile-1"):
        lab.upstream.behaviours[name] = Behaviour(
            text="The mean is $\\frac{a+b}{2}$.\n\n```python\nx = 1  # one\n```\n\n[docs](https://ok.example)"
        )
    page.goto(f"{lab.url}/a/hostile")
    consent(page)
    ask(page)
    wait_votable(page)
    answer = page.get_by_test_id("answer-a")
    expect(answer.locator(".katex .mfrac")).to_be_visible()
    expect(answer.locator(".hljs-comment")).to_have_text("# one")
    link = answer.get_by_role("link", name="docs")
    expect(link).to_have_attribute("href", "https://ok.example")
    expect(link).to_have_attribute("target", "_blank")


def test_a_wide_formula_scrolls_alone(phone: Page, lab: Served) -> None:
    """It can be read to its end at 320 px, on either side; the page stays as it is."""
    terms = "+".join(f"a_{{{n}}}" for n in range(14))
    wide = rf"So $\frac{{{terms}}}{{2}}$ is wide, $b^2$ is not."
    for name in ("hostile-0", "hostile-1"):
        lab.upstream.behaviours[name] = Behaviour(text=wide)
    phone.goto(f"{lab.url}/a/hostile")
    consent(phone)
    ask(phone)
    wait_votable(phone)
    for side in "ab":
        phone.get_by_role("radio", name=f"Answer {side.upper()}").tap()
        answer = phone.get_by_test_id(f"answer-{side}")
        expect(answer.locator(".tex")).to_have_count(2)
        formula = answer.get_by_role("group", name="Formula")
        expect(formula).to_have_count(1)
        expect(formula.locator(".mfrac")).to_be_visible()
        formula.focus()
        assert formula.evaluate("e => { e.scrollBy(9999, 0); return e.scrollLeft }") > 9
        assert overflow(phone) <= 0
    phone.set_viewport_size(DESK)
    expect(formula).to_have_count(0)


def test_the_witness_sees(page: Page, lab: Served, watch: Watch) -> None:
    """What the other tests rely on: each kind of fault is noticed when it happens."""
    page.goto(f"{lab.url}/")
    page.evaluate("fetch('http://evil.example/').catch(() => 0)")
    page.evaluate(
        f"document.body.append(Object.assign(document.createElement('script'), {{text: '{FLAG}'}}))"
    )
    page.evaluate("setTimeout(() => alert(1))")
    page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    page.evaluate("console.error('printed')")
    page.wait_for_timeout(300)
    noticed = "\n".join(watch.faults)
    for sign in ("CSP connect-src", "CSP script-src", "dialog: 1", "exception: thrown", "printed"):
        assert sign in noticed
    assert page.evaluate("window.pwned") is None
    watch.faults.clear()
