"""What is seen of jobs: one line each, how they ended, and nothing of what they were about."""

import logging

import pytest
from procrastinate import App
from procrastinate.testing import InMemoryConnector

from webapp.jobs.observe import DONE, FAILED, JobObserver


@pytest.fixture
async def app() -> App:
    app = App(connector=InMemoryConnector())

    @app.task(name="write_to")
    async def write_to(address: str) -> None:
        logging.getLogger("bees").info("writing")
        if address.startswith("nobody"):
            raise ValueError("nobody is there")

    return app


async def test_each_job_is_a_line_without_its_arguments(app: App, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "workbee.job")
    observer = JobObserver()
    async with app.open_async():
        for address in ("somebody@example.org", "nobody@example.org"):
            await app.configure_task("write_to").defer_async(address=address)
        await app.run_worker_async(wait=False, install_signal_handlers=False, worker_middleware=[observer])
    lines = [vars(line)["fields"] for line in caplog.records if line.name == "workbee.job"]
    assert [(line["job"], line["result"], line["attempts"]) for line in lines] == [
        ("write_to", DONE, 1),
        ("write_to", FAILED, 1),
    ]
    assert "example.org" not in str(lines)
    assert {key: sum(times.buckets) for key, times in observer.times.items()} == {
        ("write_to", DONE): 1,
        ("write_to", FAILED): 1,
    }
