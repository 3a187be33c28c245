"""What the demo's projects are made of: their texts, tasks and pages, read from the files in `projects/`."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from webapp.demo.artwork import colour_comb, digits_mosaic, dusk_sky
from webapp.demo.digits import Digit, digit_data_uri, load_digits

_FOLDER = files("webapp.demo").joinpath("projects")

SHOWN_EXAMPLES = (
    (36, "a flat roof and a round belly"),
    (137, "one stroke that curls into a loop"),
    (82, "with a bar across"),
)
"""Samples that the tutorial explains, and what to see in them."""
TRIED_EXAMPLES = (
    (1, "A ring, empty inside.", "it is a ring, and empty inside."),
    (16, "The roof gives it away.", "the top is a flat roof, and below it the line swings to the right."),
    (95, "Some people put a bar through it.", "a roof, a slanting stroke, and a bar through it."),
    (170, "A loop on top, a tail below.", "there is a loop at the top and a tail below it."),
)
"""Samples that the tutorial asks for, what it says to the right answer, and to a wrong one."""


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the demo; the first two come with every installation."""

    name: str
    short_name: str
    description: str


CATEGORIES = (
    Category("Thinking", "thinking", "Projects that need a pair of human eyes and a moment of thought."),
    Category("Volunteer Sensing", "sensing", "Projects that ask what you see, hear and feel where you are."),
    Category("Language and Art", "language", "Projects about words, colours, pictures and how we talk about them."),
)


@dataclass(frozen=True, slots=True)
class DemoTask:
    """One task, with what the demo's invented volunteers know of it."""

    info: dict[str, Any]
    likely: tuple[Any, ...]
    """The answers that people give, the likeliest first; for a digit the one right answer. Never sent to anybody."""


@dataclass(frozen=True, slots=True)
class DemoProject:
    """A project to be made, with all its tasks."""

    short_name: str
    name: str
    description: str
    category: str
    n_answers: int
    tasks: Sequence[DemoTask]
    picture: Callable[[], bytes] = field(repr=False)
    presenter: str = field(repr=False)
    tutorial: str = field(repr=False)
    about: str = field(repr=False)
    results: str | None = field(default=None, repr=False)
    featured: bool = False


@dataclass(frozen=True, slots=True)
class DemoDraft:
    """A project that is only begun."""

    short_name: str
    name: str
    description: str
    about: str


DRAFT = DemoDraft(
    short_name="stationclocks",
    name="Old station clocks",
    description="Read the time from photographs of station clocks.",
    about="Photographs are being collected. The tasks will follow.",
)


def demo_projects() -> list[DemoProject]:
    """The published projects of the demo, the chief one first."""
    return [_digits(), _colours(), _outside()]


def digits_tutorial(digits: Sequence[Digit]) -> str:
    """The tutorial of the digits project, with the pictures of its examples."""

    def example(sample: int, **texts: str) -> dict[str, Any]:
        digit = digits[sample - 1]
        return {"image": digit_data_uri(digit), "label": digit.label, **texts}

    examples = {
        "shown": [example(sample, note=note) for sample, note in SHOWN_EXAMPLES],
        "tried": [example(sample, note=note, hint=hint) for sample, note, hint in TRIED_EXAMPLES],
    }
    return _page("digits/tutorial.html").replace("__EXAMPLES__", json.dumps(examples))


def _digits() -> DemoProject:
    digits = load_digits()
    return DemoProject(
        short_name="digits",
        name="Which digit is this?",
        description="Read handwritten numbers so that machines can learn to.",
        category="thinking",
        n_answers=3,
        tasks=[DemoTask({"image": digit_data_uri(d), "sample": d.sample}, (d.label,)) for d in digits],
        picture=lambda: digits_mosaic(digits),
        presenter=_page("digits/presenter.html"),
        tutorial=digits_tutorial(digits),
        about=_text("digits/about.md"),
        results=_page("digits/results.html"),
        featured=True,
    )


def _colours() -> DemoProject:
    rows = list(csv.DictReader(io.StringIO(_text("colours/colours.csv"))))
    return DemoProject(
        short_name="colours",
        name="Name this colour",
        description="Turquoise or blue? Say what you would call it, in your own words.",
        category="language",
        n_answers=5,
        tasks=[DemoTask({"colour": row["colour"]}, tuple(row["names"].split("|"))) for row in rows],
        picture=lambda: colour_comb([row["colour"] for row in rows]),
        presenter=_page("colours/presenter.html"),
        tutorial=_page("colours/tutorial.html"),
        about=_text("colours/about.md"),
        results=_page("colours/results.html"),
        featured=True,
    )


def _outside() -> DemoProject:
    questions = json.loads(_text("outside/questions.json"))
    return DemoProject(
        short_name="outside",
        name="A minute outside",
        description="Open a window, look, listen, and say what it is like there.",
        category="sensing",
        n_answers=40,
        tasks=[DemoTask(question, tuple(question["choices"])) for question in questions],
        picture=dusk_sky,
        presenter=_page("outside/presenter.html"),
        tutorial=_page("outside/tutorial.html"),
        about=_text("outside/about.md"),
    )


def _text(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")


def _page(name: str) -> str:
    """A presenter's or tutorial's HTML below the look that the three projects share."""
    return f"<style>\n{_text('look.css')}</style>\n\n{_text(name)}"
