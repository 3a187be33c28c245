"""The demo's projects: their texts, tasks, pages and pictures."""

import io
import json
import re

import pytest
from PIL import Image

from webapp.demo.content import CATEGORIES, DRAFT, DemoProject, demo_projects

PROJECTS = {project.short_name: project for project in demo_projects()}
every_project = pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS)


def test_the_projects_and_how_much_there_is_to_do() -> None:
    sizes = {name: (len(project.tasks), project.n_answers) for name, project in PROJECTS.items()}

    assert sizes == {"digits": (1797, 3), "colours": (60, 5), "outside": (12, 40)}
    assert DRAFT.short_name not in PROJECTS


def test_volunteers_are_never_told_a_digits_label() -> None:
    for task in PROJECTS["digits"].tasks:
        assert set(task.info) == {"image", "sample"}


def test_the_credit_is_in_the_description_of_the_digits() -> None:
    about = PROJECTS["digits"].about

    assert "E. Alpaydin and C. Kaynak (1998)" in about
    assert "https://creativecommons.org/licenses/by/4.0/" in about


@every_project
def test_tasks_are_distinct_and_have_likely_answers(project: DemoProject) -> None:
    assert len({json.dumps(task.info) for task in project.tasks}) == len(project.tasks)
    assert all(task.likely for task in project.tasks)


@every_project
def test_a_project_stands_in_a_known_category(project: DemoProject) -> None:
    assert project.category in {category.short_name for category in CATEGORIES}


@every_project
def test_the_presenter_runs_its_own_project_and_needs_nothing_from_elsewhere(project: DemoProject) -> None:
    assert f"pybossa.run('{project.short_name}')" in project.presenter
    for page in (project.presenter, project.tutorial, project.results or ""):
        assert "__EXAMPLES__" not in page
        assert not re.search(r"""(?:src|href)\s*=\s*["']?https?:""", page)


@every_project
def test_every_name_that_a_script_looks_up_is_in_its_page(project: DemoProject) -> None:
    for page in (project.presenter, project.tutorial, project.results or ""):
        wanted = set(re.findall(r"#([a-z]{2}-[a-z-]+)", page))
        present = set(re.findall(r'id="([a-z]{2}-[a-z-]+)"', page))
        assert wanted <= present


@every_project
def test_the_picture_fills_the_widest_card(project: DemoProject) -> None:
    data = project.picture()
    image = Image.open(io.BytesIO(data))

    assert (image.format, image.size) == ("PNG", (1280, 720))
    assert len(data) < 60_000
    assert len(image.convert("RGB").resize((64, 36)).getcolors(10_000) or []) > 100
