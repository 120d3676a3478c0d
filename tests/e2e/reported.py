"""A pilot with seeded votes in a database, for a picture of its report."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from blindarena.bootstrap.reports import report_beside
from blindarena.demo.simulate import outcome_probabilities
from blindarena.domain.arenas import Arena, Consent, Contestant, Prompt, VoterGroup
from blindarena.domain.battles import OUTCOMES
from blindarena.domain.ids import uuid7
from blindarena.domain.usable import JudgedSide, SideUse
from blindarena.leaderboard.reporting.page import html_of
from blindarena.settings import Server, Settings
from blindarena.storage import Database
from storage.builders import World, answer, record, turn, vote

TRUTH = {
    "Large, strict prompt": (110.0, 0.93, 0.012),
    "Large, friendly prompt": (50.0, 0.84, 0.012),
    "Small, strict prompt": (20.0, 0.78, 0.004),
    "Local model": (-160.0, 0.42, None),
}
"""Strength in Elo points, share that can be sent, mean cost in USD."""
CATEGORIES = ("refund", "delay", "damage")


async def write_report(folder: Path, *, votes: int = 700, seed: int = 7) -> Path:
    """Write `report.html` of an arena with so many votes into a folder; return where it is."""
    settings = Settings(server=Server(database=f"sqlite:///{folder / 'pilot.db'}"), root=folder)
    database = await Database.open(settings.server.database)
    await database.migrate()
    await _vote(await _arena(database), np.random.default_rng(seed), votes)
    await database.close()
    page = folder / "report.html"
    page.write_text(html_of(await report_beside("parcel-pilot", settings)), encoding="utf-8")
    return page


async def _arena(database: Database) -> World:
    arena = Arena(
        id=uuid7(),
        slug="parcel-pilot",
        title="Parcel support",
        question="Which assistant may draft our replies to customers?",
        kind="live",
        consent=Consent("1", "Agree?"),
        owner="support@example.org",
        kpi="sendable_rate",
        kpi_margin=0.05,
        kpi_since=datetime(2025, 12, 30, tzinfo=UTC),
        deadline=date(2026, 2, 1),
        usable_answer=True,
        min_votes=30,
        reasons=("accurate", "friendly", "too long"),
        groups=(VoterGroup("day shift", 8), VoterGroup("night shift", 6)),
        languages=("en", "de"),
        prompt_source="tickets of October",
    )
    contestants = [Contestant(id=uuid7(), arena_id=arena.id, name=name) for name in TRUTH]
    prompts = [
        Prompt(
            id=uuid7(),
            arena_id=arena.id,
            key=f"t{n}",
            text=f"Ticket {n}",
            language="de" if n % 4 == 0 else "en",
            position=n,
        )
        for n in range(24)
    ]
    await database.arenas.put(arena, contestants, prompts)
    return World(database, arena, contestants, prompts)


async def _vote(w: World, rng: np.random.Generator, votes: int) -> None:
    """Let twelve voters vote; outcomes and shares follow TRUTH."""
    planted = list(TRUTH.values())
    odds = outcome_probabilities([one[0] for one in planted], tie_share=0.3, both_bad_share=0.3)
    for n in range(votes):
        a, b = rng.choice(len(planted), size=2, replace=False).tolist()
        asked = int(rng.integers(len(w.prompts)))
        shift = int(rng.integers(12))
        battle = await w.battle(
            a,
            b,
            voter=f"{shift}",
            voter_group="day shift" if shift < 7 else "night shift",
            prompt_id=w.prompts[asked].id,
            probability=1 / 6,
        )
        made = turn(battle)
        await w.database.battles.start_turn(made)
        answers, judged = [], []
        for side, who in (("a", a), ("b", b)):
            _, sent, cost = planted[who]
            spread = float(rng.uniform(0.6, 1.4))
            answers.append(
                answer(
                    made,
                    battle,
                    side,
                    cost_usd=None if cost is None else cost * spread,
                    ttft_s=0.3 + 0.4 * spread,
                    seconds=2.0 + spread,
                    completion_tokens=int(120 * spread),
                )
            )
            send = "never" if rng.random() > sent else rng.choice(["as_is", "after_edits"])
            use = SideUse(send, breaks_policy=bool(rng.random() > 0.5 + sent / 2))
            judged.append(JudgedSide(side, w.contestants[who].id, use))
        await w.database.battles.end_turn(
            made.id, answers, status="complete", battle_status="votable"
        )
        cast = vote(
            battle,
            OUTCOMES[rng.choice(4, p=odds[a, b])],
            category=CATEGORIES[asked % 3],
            reasons=tuple(word for word in w.arena.reasons if rng.random() < 0.2),
            excluded="identity-leak" if n % 40 == 7 else None,
        )
        await record(w.database, battle, cast, usable=judged)
