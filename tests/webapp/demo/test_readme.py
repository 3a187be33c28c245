"""What the README says of the API works, line by line, at the demo."""

import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import User
from db.session import Database
from tests.support.served import served
from tests.support.services import TestServices
from webapp.api import RESOURCES
from webapp.app import create_app
from webapp.demo.fill import fill
from webapp.demo.people import OWNER

ROOT = Path(__file__).parents[3]
STRICT = 'curl() { command curl --silent --show-error --fail-with-body "$@"; echo; }\nset -euxo pipefail\n'


@pytest.fixture
async def demo(services: TestServices, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """The variables that the README's lines use, for a demo that is served."""
    settings = services.settings.model_copy(update={"data_dir": tmp_path})
    services.clear()
    await fill(settings)
    database = Database(services.database_url)
    async with database.unit(read_only=True) as uow:
        key = await uow.session.scalar(select(User.api_key).where(User.name == OWNER.name))
    await database.close()
    with served(create_app(settings)) as url:
        yield {"API": f"{url}/api", "KEY": str(key)}


def lines() -> list[str]:
    """The example of the API's chapter, without the line that sets the variables."""
    chapter = (ROOT / "README.md").read_text().partition("## The API")[2].partition("\n## ")[0]
    return [line.strip() for line in chapter.splitlines() if line.startswith("    ")][1:]


def test_each_resource_is_shown_once() -> None:
    shown = "\n".join(lines())
    assert [one.name for one in RESOURCES if f'"$API/{one.name}' not in shown] == []


def test_every_line_works(demo: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-c", STRICT + "\n".join(lines())],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | demo,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
