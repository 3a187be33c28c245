"""Metrics: what was counted, as Prometheus reads it; at ports of their own, and nowhere unless the settings say so."""

import json
import socket
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from quart import Quart

from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client
from tests.support.processes import until
from tests.support.server import running_server
from webapp.counters import Histogram
from webapp.http.app_services import current_services
from webapp.runtime.serving.metrics import JobMetrics, WebMetrics

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def value(registry: CollectorRegistry, name: str, **labels: str) -> float:
    found = registry.get_sample_value(name, labels)
    assert found is not None, name
    return found


async def test_what_a_web_worker_has_counted(app: Quart, database: Database) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        await make_tasks(uow.session, project, 3)
    app_services, client = current_services(app), Client(app)
    app_services.counters.times_requests = True
    registry = CollectorRegistry()
    registry.register(WebMetrics(app_services))
    for _ in range(2):
        task = (await client.get(f"/api/project/{project.id}/newtask")).json
        await client.api("POST", "/api/taskrun", {"project_id": project.id, "task_id": task["id"], "info": 1})
    await client.get("/no/such/place")
    drawn = {"method": "GET", "route": "/api/project/<key>/newtask", "status": "200"}
    assert value(registry, "workbee_request_seconds_count", **drawn) == 2
    assert 0 < value(registry, "workbee_request_seconds_sum", **drawn) < 60
    assert value(registry, "workbee_request_seconds_bucket", **drawn, le="+Inf") == 2
    assert value(registry, "workbee_request_seconds_count", method="GET", route="none", status="404") == 1
    assert value(registry, "workbee_draws_total") == value(registry, "workbee_answers_total") == 2
    assert value(registry, "workbee_retries_total") == 0
    together, alone = (value(registry, "workbee_calls_total", made=made) for made in ("together", "alone"))
    assert together + alone >= 4
    assert value(registry, "workbee_cache_total", cache="projects", result="miss") == 1
    assert value(registry, "workbee_cache_total", cache="projects", result="hit") == 3


async def test_requests_are_not_timed_unless_somebody_wants_to_know(app: Quart) -> None:
    await Client(app).get("/healthz")
    assert current_services(app).counters.requests == {}


def test_what_a_job_worker_has_done() -> None:
    times = Histogram()
    times.add(0.03)
    times.add(20.0)
    registry = CollectorRegistry()
    registry.register(JobMetrics({("import_tasks", "failed"): times}))
    labels = {"job": "import_tasks", "result": "failed"}
    counts = [
        value(registry, "workbee_job_seconds_bucket", **labels, le=le) for le in ("0.025", "0.05", "10.0", "+Inf")
    ]
    assert counts == [0, 1, 1, 2]


def free_ports(n: int) -> int:
    """The first of so many ports in a row at which nobody listens."""
    for first in range(21000, 30000, n):
        try:
            for port in range(first, first + n):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no ports are free")


def names(url: str) -> set[str]:
    """What is shown there. The site answers as soon as one of its processes does; the others may still be starting."""
    assert until(lambda: listens(url)), url
    return {family.name for family in text_string_to_metric_families(httpx.get(url).text)}


def listens(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.ConnectError:
        return False


def asked(log: Path) -> list[str]:
    """The lines of requests that were answered by 404; a line waits a moment for others."""

    def found() -> list[str]:
        return [line for line in log.read_text().splitlines() if "workbee.request" in line and "404" in line]

    until(lambda: bool(found()))
    return found()


@pytest.mark.parametrize("log_format", ["text", pytest.param("json", marks=pytest.mark.slow)])
def test_each_process_has_a_port(tmp_path: Path, log_format: str) -> None:
    port = free_ports(3)
    variables = {"METRICS_PORT": str(port), "WORKERS": "2", "LOG_FORMAT": log_format}
    with running_server(tmp_path / "data", variables=variables) as server:
        assert httpx.get(f"{server.url}/metrics").status_code == 404
        shown = [names(f"http://127.0.0.1:{port + place}/metrics") for place in range(3)]
        [line] = asked(server.log)
    assert "workbee_job_seconds" in shown[0] and "process_cpu_seconds" in shown[0]
    assert all("workbee_request_seconds" in one for one in shown[1:])
    if log_format == "json":
        assert json.loads(line)["status"] == 404
    else:
        assert " status=404 " in line
