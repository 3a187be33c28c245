"""Floors in the same run: what the bare server, framework, driver and database cost here and now."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import psutil

from benchmarks.support.client import Connection, request
from benchmarks.support.load import Figures, Step, measure
from benchmarks.support.processes import Site
from benchmarks.support.settings import SETTINGS

ROWS = "CREATE TABLE IF NOT EXISTS floor_row (id bigserial PRIMARY KEY, info jsonb)"


@contextmanager
def floor_site(site: Site, database_url: str) -> Iterator[Site]:
    """The floors' own little server beside this site, on its database."""
    argv = [sys.executable, "-m", "benchmarks.support.floor_app"]
    process = subprocess.Popen(argv, env=os.environ | {"FLOOR_DATABASE": database_url}, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield Site(f"http://127.0.0.1:{port}", psutil.Process(process.pid), site.database)
    finally:
        for child in psutil.Process(process.pid).children():
            child.send_signal(signal.SIGTERM)
        process.terminate()
        process.wait(10)


def _step(sent: bytes) -> Step:
    async def step(connection: Connection) -> bool:
        return (await connection.send(sent)).ok

    return step


INSERT = request("POST", "/insert", body={"answer": 1})
SCALE_SECONDS = 1.5


@asynccontextmanager
async def floor_beside(site: Site, database_url: str) -> AsyncIterator[Site]:
    """The floors' server with its table, which goes with it."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(ROWS)
    try:
        with floor_site(site, database_url) as floor:
            yield floor
    finally:
        await connection.execute("DROP TABLE floor_row")
        await connection.close()


async def floors(floor: Site) -> list[Figures]:
    """A bare JSON route; one indexed select; one insert: the server's and the driver's least."""
    return [
        await measure(name, floor, [_step(sent)] * SETTINGS.connections)
        for name, sent in (
            ("floor: bare JSON route", request("GET", "/bare")),
            ("floor: one indexed select", request("GET", "/select/1")),
            ("floor: one insert", INSERT),
        )
    ]


async def beside_floor(floor: Site, load: Coroutine[Any, Any, Figures]) -> Figures:
    """The load's figures, with what one insert costs the bare server just before and after: how fast it all is then."""
    before = await insert_cost(floor)
    figures = await load
    figures.floor = (before + await insert_cost(floor)) / 2
    return figures


async def insert_cost(floor: Site) -> float:
    """Milliseconds of processor time that one insert costs the bare server just now."""
    steps = [_step(INSERT)] * SETTINGS.connections
    return (await measure("scale", floor, steps, seconds=SCALE_SECONDS, warm_up=0.5, rounds=1)).cost
