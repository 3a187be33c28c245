"""When a press counts: a task that has taken the place of another is to have been seen for a quarter of a second."""

from playwright.sync_api import Frame, Page

LOUD = "() => !window.workbeeBridge || !window.workbeeBridge.isQuiet()"


def guest(page: Page) -> Frame:
    """The presenter's frame."""
    [frame] = page.main_frame.child_frames
    return frame


def until_presses_count(page: Page) -> None:
    """Wait until the presenter hears of what is pressed: before each answer but the first."""
    guest(page).wait_for_function(LOUD)
