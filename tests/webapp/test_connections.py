"""How many connections to PostgreSQL a process opens is what the settings say."""

import asyncio

from db.session import Database
from tests.support.services import TestServices
from webapp.app import create_app
from webapp.http.app_services import current_services
from webapp.jobs.work import Work

WHO = "SELECT pg_backend_pid() FROM pg_sleep(0.02)"


async def connections_under_load(database: Database) -> tuple[int, int]:
    """How many answer eight calls at a time in units of work, and how many answer as many by themselves."""

    async def in_a_unit() -> int:
        async with database.unit() as uow:
            return int((await uow.in_session.fetch(WHO))[0][0])

    in_units = await asyncio.gather(*(in_a_unit() for _ in range(8)))
    by_themselves = await asyncio.gather(*(database.autocommit.fetch(WHO) for _ in range(8)))
    await database.close()
    return len(set(in_units)), len({rows[0][0] for rows in by_themselves})


async def test_a_web_worker_and_a_job_worker_open_no_more_than_they_may(services: TestServices) -> None:
    sizes = {"database_pool_size": 3, "database_autocommit_pool_size": 2}
    settings = services.settings.model_copy(update=sizes)
    assert await connections_under_load(current_services(create_app(settings)).database) == (3, 2)
    assert await connections_under_load(Work.of(settings).database) == (3, 2)
