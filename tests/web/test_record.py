"""The record of processing over HTTP: the owner's, and of what is configured."""

from pathlib import Path

from blindarena.testing.fake_upstream import FakeUpstream

from .server import live_plan, serving
from .test_exclusions import owner_of


async def test_the_record_is_the_owners_and_says_what_is_configured(
    tmp_path: Path, upstream: FakeUpstream
) -> None:
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
        retention_days=30,
    )
    async with serving(plan) as server, server.browser() as browser:
        assert (await browser.get("/api/owner/privacy/record.md")).status == 403
        await browser.consent()
        assert (await browser.get("/api/owner/privacy/record.md")).status == 403

        await owner_of(server, browser)
        record = await browser.get("/api/owner/privacy/record.md")

        assert record.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert record.headers["Content-Disposition"].endswith('"record-of-processing.md"')
        assert record.text.startswith("# Record of processing")
        assert "after 30 days" in record.text
        assert "SQLite" in record.text
        assert "Redwood" in record.text
