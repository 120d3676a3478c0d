"""The answers to "starter"'s riddles, found anew by trying every case."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from .starter import begins, reference


def test_order_calendar_and_sequence() -> None:
    def tall(people: str, *above: tuple[str, str]) -> list[tuple[str, ...]]:
        orders = itertools.permutations(people.split())
        return [o for o in orders if all(o.index(x) < o.index(y) for x, y in above)]

    first = (("Ana", "Ben"), ("Ben", "Chloe"))
    assert {order[-1] for order in tall("Ana Ben Chloe", *first)} == {"Chloe"}
    assert begins("reasoning-01", 1, "Chloe")
    orders = tall("Ana Ben Chloe Dev", *first, ("Ana", "Dev"), ("Dev", "Ben"))
    assert [", ".join(order) + "." for order in orders] == [reference("reasoning-01", 2)]

    wednesday = next(d for d in map(datetime(2030, 1, 1).__add__, map(timedelta, range(7)))
                     if f"{d:%A}" == "Wednesday")  # fmt: skip
    then = wednesday + timedelta(10)
    assert reference("reasoning-02", 1).startswith(f"{then:%A}")
    assert reference("reasoning-02", 2).startswith(f"{then - timedelta(100):%A}")

    terms = [3]
    while terms[-1] <= 1000:
        terms.append(2 * terms[-1] - 1)
    assert terms[:5] == [3, 5, 9, 17, 33]
    assert begins("reasoning-03", 1, terms[5])
    assert reference("reasoning-03", 2).startswith(str(terms[-1]))
    assert str(terms[-2]) in reference("reasoning-03", 2)


def followed(*, bakers_sing: bool) -> set[str]:
    """Which of (a), (b), (c) hold in every village: a set of kinds of people."""
    kinds = list(itertools.product((False, True), repeat=4))  # baker, early, sings, owns a cat
    kinds = [(b, e, s, c) for b, e, s, c in kinds if (not b or e) and not (s and c)]
    if bakers_sing:
        kinds = [kind for kind in kinds if not kind[0] or kind[2]]
    holding = {"a", "b", "c"}
    for chosen in itertools.product((False, True), repeat=len(kinds)):
        people = list(itertools.compress(kinds, chosen))
        if not any(e and s for _, e, s, _ in people):
            continue
        if bakers_sing and not any(b for b, _, _, _ in people):
            continue
        if not any(b and s for b, _, s, _ in people):
            holding.discard("a")
        if any(b and c for b, _, _, c in people):
            holding.discard("b")
        if not any(e and not c for _, e, _, c in people):
            holding.discard("c")
    return holding


def test_syllogisms() -> None:
    assert followed(bakers_sing=False) == {"c"}
    assert reference("reasoning-05", 1).startswith("Only (c)")
    assert followed(bakers_sing=True) == {"a", "b", "c"}
    assert reference("reasoning-05", 2).startswith("All three, (a), (b) and (c)")


def test_liars() -> None:
    def worlds(*, more: bool) -> list[tuple[bool, bool, bool]]:
        found = []
        for a, b, c in itertools.product((True, False), repeat=3):
            said = [(a, not b), (b, a == c)] + ([(c, b)] if more else [])
            if all(speaker == claim for speaker, claim in said):
                found.append((a, b, c))
        return found

    assert worlds(more=False) == [(True, False, False), (False, True, False)]
    assert reference("reasoning-06", 1).startswith("Only that C is a liar.")
    assert worlds(more=True) == [(True, False, False)]
    told = "A tells the truth, B is a liar and C is a liar"
    assert reference("reasoning-06", 2).startswith(told)


def test_arrangement() -> None:
    rules: dict[str, Callable[[dict[str, int]], bool]] = {
        "Quinn left of Rosa": lambda s: s["Quinn"] + 1 == s["Rosa"],
        "Sam at an end": lambda s: s["Sam"] in (1, 5),
        "Tom right of Rosa": lambda s: s["Tom"] > s["Rosa"],
        "Pia next to both": lambda s: abs(s["Pia"] - s["Sam"]) == abs(s["Pia"] - s["Quinn"]) == 1,
    }
    rows = [
        seats
        for order in itertools.permutations(range(1, 6))
        for seats in [dict(zip(("Pia", "Quinn", "Rosa", "Sam", "Tom"), order, strict=True))]
        if all(rule(seats) for rule in rules.values())
    ]
    assert len(rows) == 1
    seats = rows[0]
    told = ", ".join(f"{name} {seat}" for name, seat in sorted(seats.items(), key=lambda x: x[1]))
    assert reference("reasoning-07", 1).startswith(f"{told}.")

    for one, other in (("Tom", "Sam"), ("Pia", "Rosa")):
        seats[one], seats[other] = seats[other], seats[one]
    told = ", ".join(f"{name} {seat}" for name, seat in sorted(seats.items(), key=lambda x: x[1]))
    assert f"The row is now {told}," in reference("reasoning-07", 2)
    held = [name for name, rule in rules.items() if rule(seats)]
    assert held == ["Sam at an end", "Pia next to both"]
    assert reference("reasoning-07", 2).startswith("Two hold: Sam still sits at an end, and Pia")


@cache
def weighings(coins: int) -> int:
    """The least number of weighings that always suffices for one heavier coin."""
    if coins == 1:
        return 0
    return 1 + min(
        max(weighings(pan), weighings(coins - 2 * pan) if coins > 2 * pan else 0)
        for pan in range(1, coins // 2 + 1)
    )


def crossing(minutes: tuple[int, ...]) -> int:
    """The shortest time over the bridge: a search over all states."""
    best = {(frozenset(minutes), True): 0}
    ahead = [(frozenset(minutes), True)]
    while ahead:
        here, lamp = ahead.pop()
        side = here if lamp else frozenset(minutes) - here
        groups = [*itertools.combinations(side, 1), *itertools.combinations(side, 2)]
        for group in groups:
            new = (here - set(group) if lamp else here | set(group), not lamp)
            cost = best[here, lamp] + max(group)
            if cost < best.get(new, 1000):
                best[new] = cost
                ahead.append(new)
    return best[frozenset(), False]


def test_weighing_and_crossing() -> None:
    assert begins("reasoning-08", 1, f"{weighings(9)} weighings")
    told = f"{weighings(12)} weighings for 12 coins and {weighings(30)} weighings for 30 coins"
    assert reference("reasoning-08", 2).startswith(told)
    assert begins("reasoning-09", 1, f"{crossing((1, 3, 6, 8))} minutes")
    assert begins("reasoning-09", 2, f"{crossing((1, 3, 6, 8, 9))} minutes")


def test_self_reference() -> None:
    def consistent(rule: Callable[[int, int], bool]) -> list[list[int]]:
        return [
            [number for number, true in enumerate(truth, 1) if true]
            for truth in itertools.product((True, False), repeat=4)
            if all(true == rule(truth.count(False), n) for n, true in enumerate(truth, 1))
        ]

    assert consistent(lambda false, n: false == n) == [[3]]
    assert reference("reasoning-10", 1).startswith("Only statement 3 is true.")
    assert consistent(lambda false, n: false >= n) == [[1, 2]]
    assert reference("reasoning-10", 2).startswith("Statements 1 and 2 are true, statements 3 and")
