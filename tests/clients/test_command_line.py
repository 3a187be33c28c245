"""pbs and enki, as their users have them: a project made from files, answered, and analysed (issue C)."""

import csv
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.answering import answer_all
from tests.support.old_clients import programs
from tests.support.site import Site

pytestmark = pytest.mark.slow

PROJECT = {"name": "Birds", "short_name": "birds", "description": "Which bird is it?"}
CSV_ROWS = [{"url": f"https://example.org/{name}.jpg", "place": name} for name in ("Ávila", "Bern", "Çorum")]
JSON_ROWS = [{"info": {"url": f"https://example.org/{n}.jpg", "n": n}} for n in range(3)]
FILES = {
    "template.html": "<div id='bird'>Which bird?</div>",
    "results.html": "<p>Birds so far</p>",
    "tutorial.html": "<p>Look at its beak.</p>",
    "long_description.md": "Say **which** bird it is.",
    "project.json": json.dumps(PROJECT),
    "tasks.json": json.dumps(JSON_ROWS),
    "materials.json": json.dumps([{"file_path": "beak.png", "about": "beaks"}, {"about": "feathers"}]),
}
ANALYSIS = """
import json, sys
import enki
key, url, short_name = sys.argv[1:]
analysis = enki.Enki(key, url, short_name)
analysis.get_all()
frames = analysis.task_runs_df
print(json.dumps({
    "tasks": len(analysis.tasks_df), "columns": sorted(analysis.tasks_df.columns),
    "votes": {str(task): frame["bird"].value_counts().to_dict() for task, frame in frames.items()},
}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of a project, as `pbs` wants them beside each other."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    with (tmp_path / "tasks.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(CSV_ROWS[0]))
        writer.writeheader()
        writer.writerows(CSV_ROWS)
    picture = Path(__file__).parents[2] / "docs" / "workbee.png"
    (tmp_path / "beak.png").write_bytes(picture.read_bytes())
    return tmp_path


@pytest.fixture
def pbs(site: Site, owner_key: str, folder: Path) -> Callable[..., str]:
    """`pbs("add-tasks", …)`: run it in the folder; what it printed. Questions are answered with yes."""

    def run(*arguments: str) -> str:
        command = [str(programs() / "pbs"), "--server", site.url, "--api-key", owner_key, *arguments]
        return _output(command, folder)

    return run


def _output(command: list[Any], folder: Path) -> str:
    environment = os.environ | {"HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=environment, input="y\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_project_from_its_files_to_its_data_frames(
    site: Site, owner_key: str, volunteer_keys: tuple[str, str], folder: Path, pbs: Callable[..., str]
) -> None:
    assert "Project: birds created!" in pbs("create-project")
    assert "Project birds updated!" in pbs("update-project")
    project = site.api("GET", "project", short_name="birds", all=1)[0]
    assert project["long_description"] == FILES["long_description.md"]
    shown = {name: project["info"][name] for name in ("task_presenter", "results", "tutorial")}
    assert list(shown.values()) == [FILES[f"{name}.html"] for name in ("template", "results", "tutorial")]

    assert "3 tasks added" in pbs("add-tasks", "--tasks-file", "tasks.csv", "--redundancy", "5")
    assert "3 tasks added" in pbs("add-tasks", "--tasks-file", "tasks.json", "--redundancy", "5", "--priority", "1")
    tasks = site.api("GET", "task", project_id=project["id"], all=1)
    assert [task["info"] for task in tasks] == CSV_ROWS + [row["info"] for row in JSON_ROWS]
    assert {(task["n_answers"], task["priority_0"]) for task in tasks} == {(5, 0.0), (5, 1.0)}

    assert "helping materials added" in pbs("add-helpingmaterials", "--helping-materials-file", "materials.json")
    beaks, feathers = site.api("GET", "helpingmaterial", project_id=project["id"], all=1)
    assert (beaks["info"]["about"], feathers["info"]) == ("beaks", {"about": "feathers"})
    assert site.http.get(beaks["media_url"]).headers["Content-Type"] == "image/png"

    assert "redundancy have been updated" in pbs("update-task-redundancy", "--redundancy", "2")
    assert {task["n_answers"] for task in site.api("GET", "task", project_id=project["id"], all=1)} == {2}

    _publish(site, "birds")
    answers = [
        answer_all(site.url, project["id"], key, {"bird": bird})
        for key, bird in zip(volunteer_keys, ("owl", "tit"), strict=True)
    ]
    assert answers == [6, 6]
    analysis = [programs() / "python", "-c", ANALYSIS, owner_key, site.url, "birds"]
    seen = json.loads(_output(analysis, folder).splitlines()[-1])
    assert (seen["tasks"], set(seen["votes"])) == (6, {str(task["id"]) for task in tasks})
    assert {json.dumps(votes, sort_keys=True) for votes in seen["votes"].values()} == {'{"owl": 1, "tit": 1}'}
    assert {"place", "url", "state"} <= set(seen["columns"])


def _publish(site: Site, short_name: str) -> None:
    """As the administrator: publishing is a page's, and pbs knows none."""
    page = site.http.get(f"/project/{short_name}/publish").json()
    site.http.post(f"/project/{short_name}/publish", json={}, headers={"X-CSRFToken": page["csrf"]})


def test_tasks_are_deleted_one_by_one_and_all(
    site: Site, owner_key: str, folder: Path, pbs: Callable[..., str]
) -> None:
    (folder / "project.json").write_text(json.dumps({"name": "Trees", "short_name": "trees", "description": "Which?"}))
    pbs("create-project")
    pbs("add-tasks", "--tasks-file", "tasks.csv")
    project = site.api("GET", "project", short_name="trees", all=1)[0]
    first = site.api("GET", "task", project_id=project["id"], all=1)[0]
    assert "have been deleted" in pbs("delete-tasks", "--task-id", str(first["id"]))
    assert len(site.api("GET", "task", project_id=project["id"], all=1)) == 2
    assert "All tasks and task_runs have been deleted" in pbs("delete-tasks")
    assert site.api("GET", "task", project_id=project["id"], all=1) == []


def test_refusals_are_said_in_the_words_that_pbs_has_for_them(
    site: Site, folder: Path, owner_key: str, pbs: Callable[..., str]
) -> None:
    (folder / "project.json").write_text(json.dumps(PROJECT | {"name": "Fish", "short_name": "fish"}))
    pbs("create-project")
    command = [str(programs() / "pbs"), "--server", site.url, "--api-key", owner_key, "create-project"]
    done = subprocess.run(command, cwd=folder, env=os.environ | {"HOME": str(folder)}, capture_output=True, text=True)
    assert "ProjectAlreadyExists" in done.stderr
