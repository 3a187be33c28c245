"""The six presenters that owners may start from: each can be answered, by keyboard, and stores what it says."""

from base64 import b64encode
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.support.site import Site
from webapp.errors import NotFound
from webapp.services.projects.presenters import NAMES, snippet

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
TASKS: dict[str, dict[str, Any]] = {
    "basic": {"question": "Is it so?"},
    "image": {"question": "Is it so?", "url_b": PIXEL, "link": "https://example.org/"},
    "sound": {"question": "Is it so?", "audio_url": "data:audio/wav;base64,UklGRg=="},
    "video": {"question": "Is it so?", "video_url": "data:video/mp4;base64,AAAA"},
    "map": {"question": "Is it so?", "city": "Lisbon", "latitude": 38.7, "longitude": -9.1, "zoom": 12},
    "pdf": {"question": "Is it so?", "pdf_url": "", "page": 1},
}


def pdf_of(text: str) -> str:
    """The address of a document of one page with one line."""
    content = f"BT /F1 24 Tf 40 200 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    document = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % numbered for numbered in enumerate(objects, 1))
    return "data:application/pdf;base64," + b64encode(document + b"trailer << /Size 7 /Root 1 0 R >>").decode()


def begin(site: Site, page: Page, name: str) -> tuple[Any, FrameLocator]:
    template = snippet(name, "PLACE")
    assert "{{" not in template
    project = site.project(template, [TASKS[name]])
    page.goto(f"{project.address}/newtask")
    inside = page.frame_locator("#presenter")
    expect(inside.locator("#question")).to_have_text("Is it so?")
    expect(inside.locator("#task")).to_have_attribute("aria-busy", "false")
    return project, inside


def expect_thanks(page: Page) -> None:
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()


@pytest.mark.parametrize("name", ["basic", "image", "sound", "video"])
def test_a_question_with_three_answers_by_number_keys(site: Site, page: Page, name: str) -> None:
    project, inside = begin(site, page, name)
    expect(inside.get_by_role("button", name="No")).to_be_enabled()
    page.keyboard.press("2")
    expect_thanks(page)
    assert project.answers() == ["no"]


def test_a_place_is_answered_by_moving_the_map(site: Site, page: Page) -> None:
    page.route("https://tile.openstreetmap.org/**", lambda route: route.abort())
    project, inside = begin(site, page, "map")
    expect(inside.locator("#map")).to_be_focused()
    page.keyboard.press("Enter")
    expect_thanks(page)
    [place] = project.answers()
    assert (round(place["latitude"], 1), round(place["longitude"], 1), place["zoom"]) == (38.7, -9.1, 12)


def test_a_page_of_a_document_is_shown_and_transcribed(site: Site, page: Page) -> None:
    TASKS["pdf"]["pdf_url"] = pdf_of("The herring came late")
    project, inside = begin(site, page, "pdf")
    expect(inside.locator("#page")).not_to_have_css("height", "150px")
    expect(inside.locator("#trouble")).to_be_hidden()
    inside.get_by_label("Your transcription").fill("The herring came late")
    page.keyboard.press("Control+Enter")
    expect_thanks(page)
    assert project.answers() == [{"text": "The herring came late"}]


def test_there_are_six_and_no_other() -> None:
    assert NAMES == ("basic", "image", "sound", "video", "map", "pdf")
    with pytest.raises(NotFound):
        snippet("../look", "x")
