"""Pictures: attached, pasted, dropped, sent to both, shown, shared; by keyboard and on a phone."""

from base64 import b64encode

import pytest
from playwright.sync_api import Browser, Page, expect

from blindarena.domain.images import read_images
from domain.image_builders import SECRET, picture

from .served import Served
from .steps import consent, overflow, reveal, wait_votable

pytestmark = pytest.mark.browser
PHOTO = picture("JPEG", size=(640, 420), turned=6)
DRAWING = picture("PNG", size=(300, 200))
_GIVE = """([data, name, kind, event]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name, { type: kind }));
  const target = document.querySelector('[data-testid="composer"]');
  const init = { bubbles: true, cancelable: true };
  target.dispatchEvent(event === 'paste'
    ? new ClipboardEvent('paste', { ...init, clipboardData: files })
    : new DragEvent('drop', { ...init, dataTransfer: files }));
}"""


def _file(name: str, kind: str, data: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": data}


def _give(page: Page, event: str, data: bytes, name: str = "dropped.png") -> None:
    page.evaluate(_GIVE, [b64encode(data).decode(), name, "image/png", event])


def _shown(page: Page, within: str) -> list[list[int]]:
    """Return width and height of every picture that the browser could decode."""
    return page.locator(f"{within} img").evaluate_all(
        "all => Promise.all(all.map(async one => (await one.decode(), "
        "[one.naturalWidth, one.naturalHeight])))"
    )


def test_pictures_go_to_both_and_are_shown_and_shared(
    page: Page, lab: Served, chromium: Browser
) -> None:
    page.goto(f"{lab.url}/a/seeing")
    consent(page)
    before = len(lab.upstream.requests)
    chooser = page.get_by_test_id("attach-file")
    chooser.set_input_files([_file("photo.jpg", "image/jpeg", PHOTO)])
    expect(page.get_by_alt_text("Picture 1, photo.jpg")).to_be_visible()
    _give(page, "paste", DRAWING, "pasted.png")
    expect(page.get_by_alt_text("Picture 2, pasted.png")).to_be_visible()
    _give(page, "drop", DRAWING)
    expect(page.get_by_alt_text("Picture 3, dropped.png")).to_be_visible()
    expect(page.get_by_test_id("attach-searched")).to_contain_text("not searched")

    page.get_by_role("button", name="Remove picture 3, dropped.png").press("Enter")
    expect(page.get_by_role("button", name="Remove picture 2, pasted.png")).to_be_focused()

    page.get_by_test_id("composer").fill("What is on these?")
    page.get_by_test_id("composer").press("Enter")
    wait_votable(page)
    expected = [one.image.data for one in read_images([PHOTO, DRAWING])]
    asked = lab.upstream.requests[before:]
    assert len(asked) == 2
    for request in asked:
        assert [image.data for image in request.images] == expected
        assert SECRET not in b"".join(image.data for image in request.images)
    assert _shown(page, ".ticket") == [[420, 640], [300, 200]]  # the photo stands upright
    small = page.get_by_role("button", name="Picture 1 of 2 of this message")
    height = small.bounding_box()["height"]
    small.press("Enter")
    expect(small).to_have_attribute("aria-pressed", "true")
    assert small.bounding_box()["height"] > 3 * height
    small.press("Enter")

    chooser.set_input_files([_file("more.png", "image/png", DRAWING)])
    expect(page.get_by_alt_text("Picture 1, more.png")).to_be_visible()
    page.get_by_test_id("composer").fill("And on this?")
    page.get_by_test_id("send").click()
    wait_votable(page)
    expect(page.locator(".ticket img")).to_have_count(3)
    assert [i.data for i in lab.upstream.requests[-1].images] == [*expected, expected[1]]
    page.reload()
    wait_votable(page)
    assert _shown(page, ".ticket") == [[420, 640], [300, 200], [300, 200]]

    reveal(page)
    page.get_by_test_id("share").click()
    link = page.get_by_test_id("share-url").input_value()
    other = chromium.new_context()
    try:
        reader = other.new_page()
        reader.goto(link)
        expect(reader.locator(".ticket img")).to_have_count(3)
        assert _shown(reader, ".ticket") == [[420, 640], [300, 200], [300, 200]]
    finally:
        other.close()


def test_what_cannot_be_sent_is_said_beside_the_button(page: Page, lab: Served) -> None:
    page.goto(f"{lab.url}/a/seeing")
    consent(page)
    chooser = page.get_by_test_id("attach-file")
    chooser.set_input_files([_file("moving.gif", "image/gif", b"GIF89a")])
    alert = page.get_by_test_id("attach").get_by_role("alert")
    expect(alert).to_have_text("moving.gif is no PNG, JPEG or WebP picture.")
    chooser.set_input_files([_file("text.png", "image/png", b"no picture")])
    expect(alert).to_have_text("text.png cannot be shown; it may be damaged.")
    chooser.set_input_files([_file(f"{n}.png", "image/png", DRAWING) for n in range(5)])
    expect(alert).to_contain_text("At most 4 pictures")
    expect(page.get_by_test_id("attach").locator("img")).to_have_count(4)


def test_an_arena_without_pictures_does_not_offer_any(page: Page, lab: Served) -> None:
    page.goto(f"{lab.url}/a/lab")
    consent(page)
    expect(page.get_by_test_id("composer")).to_be_visible()
    expect(page.get_by_test_id("attach")).to_have_count(0)


def test_a_narrow_phone_shows_everything(phone: Page, lab: Served) -> None:
    phone.goto(f"{lab.url}/a/seeing")
    consent(phone)
    phone.get_by_test_id("attach-file").set_input_files(
        [_file(f"{n}.jpg", "image/jpeg", PHOTO) for n in range(4)]
    )
    expect(phone.get_by_test_id("attach").locator("img")).to_have_count(4)
    assert not overflow(phone)
    phone.get_by_test_id("composer").fill("What is on these?")
    phone.get_by_test_id("send").click()
    wait_votable(phone)
    expect(phone.locator(".ticket img")).to_have_count(4)
    assert not overflow(phone)
