"""The decision report over HTTP: for the owner, as JSON and for download."""

from .server import Browser, Server_

PATHS = ("/api/owner/arenas/test/report", "/owner/report/test.html")


async def test_the_owner_alone_has_the_report(server: Server_, browser: Browser) -> None:
    battle = await browser.battle()
    await browser.turn(battle)
    await browser.vote(battle, comment="Well said")
    for path in PATHS:
        assert (await browser.get(path)).status == 403

    async with server.browser() as owner:
        password = await server.app.sessions.first_password()
        login = await owner.post("/api/owner/login", {"password": password})
        owner.csrf = login.json["csrf_token"]
        made = (await owner.get(PATHS[0])).json
        assert (made["slug"], made["kpi"]["votes"], made["comments"]) == ("test", 1, None)
        assert made["recommendation"]["verdict"] == "none"
        told = (await owner.get(f"{PATHS[0]}?comments=true")).json
        assert [one["text"] for one in told["comments"]] == ["Well said"]

        page = await owner.get(PATHS[1])
        assert page.status == 200
        assert page.headers["Content-Disposition"] == 'attachment; filename="test-report.html"'
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert made["recommendation"]["sentence"] in page.text
        assert "Well said" not in page.text
        audit = (await owner.get("/api/owner/audit")).json["lines"]
        assert "Made the decision report" in [line["what"] for line in audit]
        assert (await owner.get(f"{PATHS[0]}?version=7")).status == 404
