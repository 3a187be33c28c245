"""`webapp.asgi:app` in a server that is not ours."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.processes import until
from webapp.config import Settings, environment

UVICORN = (sys.executable, "-m", "uvicorn", "webapp.asgi:app", "--port", "0", "--no-proxy-headers")
ADDRESS = re.compile(r"running on (http://127\.0\.0\.1:\d+)")


@pytest.fixture
def url(settings: Settings, clean: None, tmp_path: Path) -> Iterator[str]:
    """Where plain uvicorn with two workers serves it, for as long as the test runs."""
    log = tmp_path / "uvicorn.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            (*UVICORN, "--workers", "2"), env=environment(settings), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        assert until(lambda: log.read_text().count("Application startup complete") == 2), log.read_text()
        address = ADDRESS.search(log.read_text())
        assert address is not None, log.read_text()
        yield address[1]
        process.terminate()
        assert process.wait(20) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


async def test_plain_uvicorn_serves_it(url: str, database: Database) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        await make_tasks(uow.session, project, 1)
    async with httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/healthz")).status_code == 200
        page = await client.get("/", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        drawn = await client.get(f"/api/project/{project.id}/newtask")
        assert drawn.json()["project_id"] == project.id
