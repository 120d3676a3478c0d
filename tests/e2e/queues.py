"""What an owner does so that others can rate prepared pairs."""

from .steps import Api

PROMPTS = ("When does it come?", "Where is my parcel?", "May I send it back?")


def fill(owner: Api, slug: str) -> None:
    """Give an arena of the lab's queues prompts with an answer of each contestant."""
    lines = ["id,prompt,answer_Brief,answer_Polite"]
    lines += [f"T{n},{text},Soon: {n}.,Dear you: soon. {n}" for n, text in enumerate(PROMPTS)]
    staged = owner.upload(f"/owner/arenas/{slug}/imports?name=a.csv", "\r\n".join(lines))
    owner.post(f"/owner/imports/{staged['id']}/confirm")


def invite(owner: Api, slug: str, group: str | None = "Support") -> str:
    """Make an invite link."""
    body = {"group": group, "expires_days": 1}
    return str(owner.post(f"/owner/arenas/{slug}/invites", body)["link"])
