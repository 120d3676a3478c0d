"""Arenas in which things go wrong on purpose, answered by the fake upstream."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from blindarena.bootstrap import ArenaPlan, Plan
from blindarena.domain.arenas import Arena, Consent, Contestant, Prompt, VoterGroup
from blindarena.domain.ids import uuid7
from blindarena.domain.queue import QueueRules
from blindarena.settings import Deployment, Limits, Server, Settings
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

BATTLES_PER_MINUTE = 20
"""Of one session, and how many it may start at once: enough for a test, soon used up on purpose."""

LONG = "\n\n".join(
    f"## Step {n}\n\nFirst **look** at part {n}, then write down `value_{n}` and what it means for "
    f"the next step; a table may help.\n\n- one thing\n- another thing\n\n"
    f"| part | value |\n| --- | ---: |\n| {n} | {n * 7} |\n\n```python\nvalue_{n} = {n} * 7\n```"
    for n in range(1, 7)
)
HOSTILE_NAMES = (
    '<img src=x onerror="window.pwned=1">',
    "</script><script>window.pwned=1</script>[x](javascript:alert(1))",
)


@dataclass(frozen=True)
class LabArena:
    """One arena of the lab: contestant -> what the upstream does for it."""

    models: Mapping[str, Behaviour]
    prompts: tuple[str, ...] = ()
    enabled: bool = True
    images: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


ARENAS: dict[str, LabArena] = {
    "lab": LabArena(
        {
            "Redwood": Behaviour(text="Red says **hello** and stops.", delay_s=0.01),
            "Bluebell": Behaviour(text="Blue says hi.\n\n- briefly\n- politely", delay_s=0.01),
        },
        more={"suggested_prompts": ("Say hello.",), "min_votes": 1},
    ),
    "named": LabArena(
        {
            "Redwood": Behaviour(text="Red says **hello** and stops.", delay_s=0.01),
            "Bluebell": Behaviour(text="Blue says hi.", delay_s=0.01),
        },
        more={"modes": ("battle", "side_by_side", "direct")},
    ),
    "guarded": LabArena(
        {"Redwood": Behaviour(text="Red says hello."), "Bluebell": Behaviour(text="Blue says hi.")},
        more={"challenge": True},
    ),
    "long": LabArena(
        {
            "Oak": Behaviour(text=LONG, chunk_size=12, delay_s=0.02),
            "Elm": Behaviour(text=LONG.replace("Step", "Part"), chunk_size=12, delay_s=0.016),
        }
    ),
    "stuck": LabArena(
        {
            name: Behaviour(text=LONG, fault="hang", after=20, delay_s=0.005)
            for name in ("Snail", "Sloth")
        }
    ),
    "broken": LabArena(
        {"Sound": Behaviour(text="All is well here."), "Faulty": Behaviour(fault="server_error")}
    ),
    "tickets": LabArena(
        {
            "Quick": Behaviour(text="Your parcel is on its way."),
            "Kind": Behaviour(text="Dear customer, your parcel is on its way, with our thanks."),
        },
        prompts=("Where is my parcel?",),
    ),
    "asking": LabArena(
        {
            "Quick": Behaviour(text="Your parcel is on its way."),
            "Kind": Behaviour(text="Dear customer, your parcel is on its way, with our thanks."),
        },
        prompts=("Where is my parcel?", "Where is my money?"),
        more={"usable_answer": True, "min_votes": 1},
    ),
    "over": LabArena(
        {"Redwood": Behaviour(text="Red says hello."), "Bluebell": Behaviour(text="Blue says hi.")},
        more={"deadline": date(2024, 8, 14), "modes": ("battle", "queue", "side_by_side")},
    ),
    "members": LabArena(
        {"Brief": Behaviour(text="Tomorrow."), "Polite": Behaviour(text="Tomorrow, I am sure.")},
        more={"require_login": True, "modes": ("battle", "queue", "side_by_side")},
    ),
    "seeing": LabArena(
        {
            "Redwood": Behaviour(text="Red sees it.", delay_s=0.01),
            "Bluebell": Behaviour(text="Blue sees it.", delay_s=0.01),
            "Mole": Behaviour(text="I see nothing.", delay_s=0.01),
        },
        images=("Redwood", "Bluebell"),
        more={"min_votes": 1, "pii": "redact"},
    ),
    "quiet": LabArena(
        {"Brief": Behaviour(text="Tomorrow."), "Polite": Behaviour(text="Tomorrow, I am sure.")},
        more={"modes": ("queue",), "queue": QueueRules(open_to_all=True)},
    ),
    "asleep": LabArena(
        {"Dozing": Behaviour(text="Good morning."), "Napping": Behaviour(text="Morning.")},
        enabled=False,
    ),
    "hostile": LabArena(
        dict.fromkeys(HOSTILE_NAMES, Behaviour(text="Tame so far.")),
        more={
            "min_votes": 1,
            "reasons": ("<b onclick=alert(1)>bold</b>", "${alert(1)}"),
            "notice": "<img src=//evil.example/notice.png>",
            "suggested_prompts": ("<svg onload=alert(1)>",),
        },
    ),
}


QUEUES = {f"queue-{n}": 1.0 if n < 3 else 0.0 for n in range(1, 7)}
"""Arenas with a review queue, one for each test, and the share of pairs that two raters rate."""

ARENAS |= {
    slug: LabArena(
        {"Brief": Behaviour(text="Tomorrow."), "Polite": Behaviour(text="Tomorrow, I am sure.")},
        more={
            "modes": ("battle", "queue"),
            "groups": (VoterGroup("Support", 3), VoterGroup("Legal", None)),
            "queue": QueueRules(overlap=overlap),
        },
    )
    for slug, overlap in QUEUES.items()
}


def lab_plan(root: Path, upstream: FakeUpstream) -> Plan:
    """Plan every arena of the lab; the upstream's behaviours are set accordingly."""
    deployments: dict[str, Deployment] = {}
    arenas = []
    for slug, lab in ARENAS.items():
        names = {name: f"{slug}-{n}" for n, name in enumerate(lab.models)}
        for name, behaviour in lab.models.items():
            upstream.behaviours[names[name]] = behaviour
            deployments[names[name]] = Deployment(
                provider="openai-compatible", base_url=upstream.url, model=names[name]
            )
        arenas.append(_arena(slug, lab, names))
    return Plan(
        settings=Settings(
            server=Server(database=f"sqlite:///{root / 'lab.db'}", data_dir=root),
            limits=Limits(
                battles_per_session=BATTLES_PER_MINUTE,
                battles_per_address=0,
                sessions_per_address=0,
                logins_per_address=0,
                same_prompt_per_session=0,
                challenge_difficulty=1_500_000,
            ),
            root=root,
        ),
        arenas=tuple(arenas),
        deployments=deployments,
        replays={},
    )


def _arena(slug: str, lab: LabArena, names: Mapping[str, str]) -> ArenaPlan:
    fixed: dict[str, Any] = {"reasons": ("Correct", "Clear", "Kind"), "start_together_s": 0.5}
    if lab.prompts:
        fixed["prompt_mode"] = "prepared"
    arena = Arena(
        id=uuid7(),
        slug=slug,
        title=f"Arena {slug}",
        kind="live",
        question="Which answer would you send?",
        consent=Consent(version="", text="Answers come from a fake upstream. Nothing leaves here."),
        **(fixed | dict(lab.more)),
    )
    contestants = tuple(
        Contestant(
            id=uuid7(),
            arena_id=arena.id,
            name=name,
            deployments=(names[name],),
            organization=f"Makers of {name}",
            enabled=lab.enabled,
            images=name in lab.images,
        )
        for name in lab.models
    )
    prompts = tuple(
        Prompt(id=uuid7(), arena_id=arena.id, key=f"T{i}", text=text, title="Late", position=i)
        for i, text in enumerate(lab.prompts)
    )
    return ArenaPlan(arena=arena, contestants=contestants, prompts=prompts)
