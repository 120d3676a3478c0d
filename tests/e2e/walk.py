"""A walk past every page and state; whoever walks looks at each stop: axe, a ruler, a camera."""

from collections.abc import Callable, Iterator

from playwright.sync_api import Page, expect

from domain.image_builders import picture

from .lab import BATTLES_PER_MINUTE
from .queues import fill, invite
from .served import Served
from .steps import (
    PATIENCE_MS,
    Api,
    ask,
    consent,
    log_in,
    reveal,
    wait_revealed,
    wait_votable,
)

Walk = Callable[[Page, Served], Iterator[str]]
"""Goes from stop to stop on a page and yields the name of each."""

PARCEL = "parcel-support"
PUBLISHED = "chatbot-arena-2024-08-14"


def first_visit(page: Page, demo: Served) -> Iterator[str]:
    """Arena picker, the pages before any consent, help."""
    page.goto(demo.url)
    expect(page.get_by_test_id(f"arena-card-{PARCEL}")).to_be_visible()
    yield "picker"
    page.get_by_role("button", name="Help and keys").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "help"
    page.keyboard.press("Escape")
    page.goto(f"{demo.url}/a/{PARCEL}")
    expect(page.get_by_test_id("consent-agree")).to_be_visible()
    yield "consent-replay"
    page.goto(f"{demo.url}/a/live-small-model")
    expect(page.get_by_test_id("consent-agree")).to_be_visible()
    yield "consent-live"
    consent(page)
    expect(page.get_by_role("heading", name="not ready")).to_be_visible()
    yield "not-ready"
    for name, path, heading in (
        ("method", f"/a/{PARCEL}/about", "These numbers"),
        ("method-published", f"/a/{PUBLISHED}/about", "These numbers"),
        ("missing-page", "/no/such/page", "There is no such page"),
        ("missing-arena", "/a/no-such-arena", "There is no such page"),
    ):
        page.goto(demo.url + path)
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        yield name


def replay_battle(page: Page, demo: Served) -> Iterator[str]:
    """A battle on a prepared ticket, its reveal, and the mirror."""
    Api(page.context, demo.url).consent(PARCEL)
    page.goto(f"{demo.url}/a/{PARCEL}")
    wait_votable(page)
    yield "battle"
    page.get_by_test_id("vote-model_a").click()
    page.locator(".chip").first.click()
    yield "battle-chosen"
    page.get_by_test_id("reveal").click()
    wait_revealed(page)
    yield "reveal"
    page.get_by_role("button", name="Read both again").click()
    expect(page.get_by_test_id("answer-a")).to_be_attached()
    yield "reveal-reread"


def boards(page: Page, demo: Served) -> Iterator[str]:
    """Leaderboards: with few votes, simulated with the planted truth, published, plain."""
    Api(page.context, demo.url).consent(PARCEL)
    page.goto(f"{demo.url}/a/{PARCEL}/leaderboard")
    expect(page.get_by_test_id("board")).to_be_visible()
    yield "board-few"
    page.get_by_test_id("simulate").click()
    expect(page.get_by_test_id("truth")).to_be_visible()
    expect(page.get_by_test_id("pair").first).to_be_visible()
    yield "board-simulated"
    for table in page.get_by_role("radio", name="Table").all():
        table.check(force=True)
    yield "board-tables"
    page.goto(f"{demo.url}/a/{PARCEL}/leaderboard?method=magic&interval=anytime")
    expect(page.get_by_test_id("refused")).to_be_visible()
    expect(page.get_by_test_id("decide")).to_be_visible()
    yield "board-options"
    page.goto(f"{demo.url}/a/{PUBLISHED}/leaderboard")
    expect(page.get_by_test_id("board-row").first).to_be_visible()
    yield "board-published"
    slider = page.get_by_test_id("thin-slider")
    slider.fill(slider.get_attribute("min") or "0")
    expect(page.get_by_role("button", name="Draw again")).to_be_enabled()
    page.get_by_label("Find a contestant").fill("gpt-4")  # a few rows show it as well as all
    yield "board-thinned"
    for name, path in (("index", ""), ("board", f"/{PARCEL}"), ("terms", f"/{PARCEL}/terms")):
        page.goto(f"{demo.url}/plain{path}")
        yield f"plain-{name}"


def owner(page: Page, demo: Served) -> Iterator[str]:
    """The owner's page: login, refused login, tables, the question before enabling."""
    page.goto(f"{demo.url}/owner")
    expect(page.get_by_test_id("owner-login")).to_be_visible()
    yield "login"
    page.get_by_test_id("owner-password").fill("wrong")
    page.get_by_test_id("owner-login").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "login-wrong"
    log_in(page, demo.password)
    yield "owner"
    for section, sign in (
        ("prompts", "import-file"),
        ("file", "file-read-only"),
        ("privacy", "privacy"),
        ("gateway", "gateway-deployments"),
        ("apikeys", "new-key"),
        ("usage", "usage-none"),
        ("playground", "playground"),
        ("audit", "audit-lines"),
    ):
        page.locator(f"#{section}").scroll_into_view_if_needed()
        expect(page.get_by_test_id(sign)).to_be_attached()
    yield "owner-sections"
    toggle = page.get_by_role("switch").first
    toggle.click(force=True)
    expect(toggle).not_to_be_checked()
    toggle.click(force=True)
    expect(page.get_by_test_id("confirm-enable")).to_be_visible()
    yield "owner-confirm"
    page.get_by_test_id("confirm-enable").click()
    expect(toggle).to_be_checked()


def shut(page: Page, lab: Served) -> Iterator[str]:
    """Where nothing can be begun: after the deadline, and before a login."""
    page.goto(f"{lab.url}/a/over")
    expect(page.get_by_test_id("arena-closed")).to_be_visible()
    yield "closed"
    page.goto(f"{lab.url}/a/members/queue")
    expect(page.get_by_test_id("login-first-go")).to_be_visible()
    yield "login-first"


def live_battle(page: Page, lab: Served) -> Iterator[str]:
    """A battle on the voter's own question: composing, writing, complete, revealed, skipped."""
    Api(page.context, lab.url).consent("lab", "stuck")
    page.goto(f"{lab.url}/a/lab")
    expect(page.get_by_test_id("composer")).to_be_visible()
    yield "compose"
    page.get_by_test_id("send").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "compose-empty"
    ask(page)
    wait_votable(page)
    yield "battle-live"
    reveal(page, "tie")
    yield "reveal-live"
    page.goto(f"{lab.url}/a/stuck")
    ask(page)
    expect(page.get_by_test_id("answer-a")).to_contain_text("then write", timeout=PATIENCE_MS)
    yield "battle-writing"


def pictures(page: Page, lab: Served) -> Iterator[str]:
    """Pictures beside a message: attached, refused, shown above the answers, after the vote."""
    Api(page.context, lab.url).consent("seeing")
    page.goto(f"{lab.url}/a/seeing")
    photo = {
        "name": "photo.jpg",
        "mimeType": "image/jpeg",
        "buffer": picture("JPEG", size=(640, 420)),
    }
    page.get_by_test_id("attach-file").set_input_files([photo] * 5)
    expect(page.get_by_test_id("attach").locator("img")).to_have_count(4)
    expect(page.get_by_test_id("attach").get_by_role("alert")).to_be_visible()
    yield "pictures-attached"
    ask(page)
    wait_votable(page)
    page.get_by_test_id("attach-file").set_input_files([photo])
    expect(page.get_by_test_id("attach").locator("img")).to_have_count(1)
    yield "pictures-battle"
    reveal(page, "tie")
    page.get_by_role("button", name="Read both again").click()
    expect(page.locator(".ticket img")).to_have_count(4)
    yield "pictures-reread"


def trouble(page: Page, lab: Served) -> Iterator[str]:
    """What can go wrong: failed side, interruption, no ticket left, too many, foreign battle."""
    api = Api(page.context, lab.url)
    api.consent("broken", "stuck", "tickets", "asleep", "lab")
    page.goto(f"{lab.url}/a/broken")
    ask(page)
    expect(page.get_by_test_id("next")).to_be_visible(timeout=PATIENCE_MS)
    yield "failed"
    page.goto(f"{lab.url}/a/stuck")
    ask(page)
    expect(page.get_by_test_id("answer-a")).to_contain_text("then write", timeout=PATIENCE_MS)
    page.reload()
    expect(page.get_by_test_id("again")).to_be_visible(timeout=PATIENCE_MS)
    yield "interrupted"
    page.goto(f"{lab.url}/a/tickets")
    wait_votable(page)
    reveal(page, "model_b")
    page.get_by_test_id("next").click()
    expect(page.get_by_role("heading", name="The only ticket is done")).to_be_visible()
    yield "exhausted"
    page.goto(f"{lab.url}/a/asleep")
    expect(page.get_by_role("heading", name="not ready")).to_be_visible()
    yield "asleep"
    page.goto(f"{lab.url}/a/lab/b/01900000-0000-7000-8000-000000000000")
    expect(page.get_by_role("heading", name="This battle is not here")).to_be_visible()
    yield "gone"
    page.goto(f"{lab.url}/a/long/leaderboard")
    expect(page.get_by_test_id("board")).to_be_visible()
    yield "board-empty"
    page.goto(f"{lab.url}/a/lab")
    page.get_by_test_id("composer").fill("Hello?")
    use_up_battles(api)
    page.get_by_test_id("send").click()
    expect(page.get_by_text("Too many requests").first).to_be_visible()
    yield "rate-limited"


def review_queue(page: Page, lab: Served) -> Iterator[str]:
    """An invite, pairs to be rated, the end; a bad link; what the owner sees of it."""
    api = Api(page.context, lab.url)
    api.log_in(lab.password)
    fill(api, "queue-6")
    link = invite(api, "queue-6")
    page.goto(link)
    expect(page.get_by_test_id("invite-start")).to_be_visible()
    yield "invite"
    page.get_by_test_id("invite-start").click()
    consent(page)
    expect(page.get_by_test_id("answer-a")).not_to_be_empty()
    yield "queue"
    page.get_by_test_id("at-once").uncheck(force=True)
    page.get_by_test_id("vote-tie").click()
    expect(page.get_by_test_id("queue-send")).to_be_enabled()
    yield "queue-chosen"
    while not page.get_by_role("heading", name="Thank you").count():
        page.get_by_test_id("queue-send").click()
        page.wait_for_timeout(400)  # it takes no vote for a pair that has only just come up
        if page.get_by_test_id("vote-tie").count():
            page.get_by_test_id("vote-tie").click()
    yield "queue-finished"
    page.goto(f"{lab.url}/q/no-such-link")
    expect(page.get_by_role("heading", name="There is no such invite")).to_be_visible()
    yield "invite-unknown"
    page.goto(f"{lab.url}/owner")
    page.get_by_test_id("voters-arena").get_by_role("combobox").select_option("queue-6")
    page.get_by_test_id("make-invite").click()
    expect(page.get_by_test_id("invite-link")).to_be_visible()
    expect(page.get_by_test_id("queue-groups")).to_be_visible()
    page.locator("#voters summary").click()
    yield "owner-voters"


def use_up_battles(api: Api) -> None:
    """Start battles until the session may not start another one."""
    for _ in range(BATTLES_PER_MINUTE + 5):
        if api.refused("/arenas/lab/battles", {"mode": "battle"}) == 429:
            return
    raise AssertionError("no rate limit was met")


DEMO_WALKS: tuple[Walk, ...] = (first_visit, replay_battle, boards, owner)
LAB_WALKS: tuple[Walk, ...] = (live_battle, pictures, trouble, review_queue, shut)
