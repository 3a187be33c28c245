"""Forty volunteers, careful and careless, read the digits through the real API at the same time."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from db.models import TaskRun, User
from db.repositories.category import CategoryRepository
from db.session import Database
from tests.support.invariants import breaches
from tests.support.server import RunningServer, running_server
from tests.support.volunteers import Tally, Volunteer, every_row, work_until_done
from webapp.demo.content import demo_projects
from webapp.demo.digits import load_digits
from webapp.demo.fill import Filler

N_VOLUNTEERS = 40
N_ANONYMOUS = 15
N_ANSWERS = 3
LABELS = {digit.sample: digit.label for digit in load_digits()}


@dataclass(frozen=True, slots=True)
class Reading:
    """How the majority of three read the digits."""

    right: int
    wrong: int
    split: int
    """No digit has a majority."""
    single: float
    """The share of right answers, each for itself."""

    @property
    def accuracy(self) -> float:
        return self.right / (self.right + self.wrong + self.split)

    def __str__(self) -> str:
        return (
            f"majority {self.accuracy:.2%} right ({self.right} right, {self.wrong} wrong, {self.split} split); "
            f"of the single answers {self.single:.2%} are"
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.mark.slow
async def test_a_hundred_digits_are_read_by_three_each(server: RunningServer) -> None:
    await read_all(server, n_tasks=100, lowest_accuracy=0.9)


@pytest.mark.slow
async def test_all_digits_are_read_by_three_each(
    server: RunningServer, record_property: Callable[[str, object], None]
) -> None:
    tally, reading = await read_all(server, n_tasks=1797, lowest_accuracy=0.96)

    assert reading.accuracy > reading.single + 0.03
    record_property("simulation", f"{tally}; {reading}")
    print(f"\n{tally}; {reading}")


async def read_all(server: RunningServer, *, n_tasks: int, lowest_accuracy: float) -> tuple[Tally, Reading]:
    """Let the volunteers read that many digits, and check everything that is stored afterwards."""
    database = Database(server.database_url)
    try:
        project, owner_key, volunteers = await prepare(server, database, n_tasks)
        tally = await work_until_done(server.url, project, volunteers, misread)
        async with httpx.AsyncClient(base_url=server.url, headers={"Authorization": owner_key}) as client:
            runs, results, tasks = [
                await every_row(client, resource, project_id=project["id"])
                for resource in ("taskrun", "result", "task")
            ]
        async with database.unit(read_only=True) as uow:
            assert await breaches(uow.session, project["id"]) == []
            assign_volunteer_id = select(TaskRun.contributor).where(TaskRun.project_id == project["id"]).distinct()
            assert len((await uow.session.scalars(assign_volunteer_id)).all()) == N_VOLUNTEERS
    finally:
        await database.close()

    assert len(runs) == tally.answers.total() == N_ANSWERS * n_tasks
    assert len(results) == n_tasks
    assert {task["state"] for task in tasks} == {"completed"}
    assert Counter(run["task_id"] for run in runs) == {task["id"]: N_ANSWERS for task in tasks}
    assert {result["task_id"]: sorted(result["task_run_ids"]) for result in results} == run_ids(runs)
    assert len(tally.answers) == N_VOLUNTEERS
    reading = compare(tasks, runs)
    assert reading.accuracy > lowest_accuracy
    return tally, reading


def run_ids(runs: Sequence[dict[str, Any]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for run in runs:
        found.setdefault(run["task_id"], []).append(run["id"])
    return {task_id: sorted(ids) for task_id, ids in found.items()}


def compare(tasks: Sequence[dict[str, Any]], runs: Sequence[dict[str, Any]]) -> Reading:
    """The majority's readings against the labels, which the server has never seen."""
    labels = {task["id"]: LABELS[task["info"]["sample"]] for task in tasks}
    votes: dict[int, Counter[int]] = {task_id: Counter() for task_id in labels}
    for run in runs:
        votes[run["task_id"]][run["info"]["digit"]] += 1
    verdicts = Counter(
        "split" if count < 2 else "right" if digit == labels[task_id] else "wrong"
        for task_id, cast in votes.items()
        for digit, count in cast.most_common(1)
    )
    single = sum(run["info"]["digit"] == labels[run["task_id"]] for run in runs) / len(runs)
    return Reading(verdicts["right"], verdicts["wrong"], verdicts["split"], single)


def misread(task: dict[str, Any], volunteer: Volunteer, chance: random.Random) -> dict[str, Any]:
    """The digit that was meant, or now and then another."""
    meant = LABELS[task["info"]["sample"]]
    if chance.random() < volunteer.error_rate:
        return {"digit": chance.choice([digit for digit in range(10) if digit != meant])}
    return {"digit": meant}


async def prepare(
    server: RunningServer, database: Database, n_tasks: int
) -> tuple[dict[str, Any], str, list[Volunteer]]:
    """A project with that many digits, its owner's key, and the volunteers with error rates from 0.5 to 15 per cent."""
    short_name = f"digits{n_tasks}"
    whole = demo_projects()[0]
    plan = replace(whole, short_name=short_name, name=short_name, tasks=whole.tasks[:n_tasks])
    async with database.unit() as uow:
        people = [
            User(name=f"{short_name}-{n}", fullname=f"Volunteer {n}", email_addr=f"{short_name}-{n}@workbee.example")
            for n in range(1 + N_VOLUNTEERS - N_ANONYMOUS)
        ]
        uow.session.add_all(people)
        await uow.session.flush()
        keys = [person.api_key or "" for person in people]
        filler = Filler(uow.session, server.settings)
        category_row = await CategoryRepository(uow.session).get_by_short_name(plan.category)
        project = await filler.add_project(plan, people[0], category_row)
        await filler.add_tasks(project, plan)
        facts = {"id": project.id, "short_name": short_name}
    rates = [0.005 + 0.145 * n / (N_VOLUNTEERS - 1) for n in range(N_VOLUNTEERS)]
    random.Random(3).shuffle(rates)
    known: list[str | None] = [*keys[1:], *[None] * N_ANONYMOUS]
    volunteers = [Volunteer(f"v{n}", rate, key) for n, (rate, key) in enumerate(zip(rates, known, strict=True))]
    return facts, keys[0], volunteers
