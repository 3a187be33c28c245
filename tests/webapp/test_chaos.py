"""Careless volunteers and a server whose processes are killed: every task gets its answers, exactly, and none is
lost."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.support.crowd import Crowd, check_exact, kill_workers, prepare
from tests.support.server import running_server

N_TASKS, N_ANSWERS, N_PEOPLE = 60, 3, 40


@pytest.mark.slow
async def test_web_workers_killed_at_random_cost_no_answer_and_add_none(tmp_path: Path) -> None:
    with running_server(tmp_path, variables={"WORKERS": "3"}) as server:
        project_id, people = await prepare(
            server.database_url, n_tasks=N_TASKS, n_answers=N_ANSWERS, n_people=4 * N_PEOPLE
        )
        crowd = Crowd(server.url, project_id, random.Random(3))
        async with asyncio.timeout(300):
            _, killed = await asyncio.gather(
                crowd.work(people, N_PEOPLE),
                kill_workers(crowd, [server.process.pid], N_TASKS * N_ANSWERS, times=4),
            )
        await check_exact(server.database_url, crowd, n_tasks=N_TASKS, n_answers=N_ANSWERS)
        assert crowd.statuses[500] == 0, server.log.read_text()[-4000:]
        assert killed == 4 and crowd.left > 0 and crowd.twice > 0
