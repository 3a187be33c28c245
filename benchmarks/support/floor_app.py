"""The least that server, framework and driver cost: what the floors are measured with. Not a part of Workbee.

As Workbee's own web workers are: one process a core, uvicorn with uvloop and httptools, a socket each on one port.
"""

import os
import socket
from typing import Any

import asyncpg
import uvicorn
from quart import Quart

from webapp.config import load_settings
from webapp.runtime.serving.listeners import listen

app = Quart(__name__)
pools: list["asyncpg.Pool[Any]"] = []


@app.before_serving
async def open_pool() -> None:
    pools.append(await asyncpg.create_pool(os.environ["FLOOR_DATABASE"], min_size=8, max_size=8, reset=_nothing))


async def _nothing(_connection: Any) -> None:
    """As our own direct connections: given back without a round trip."""


@app.get("/bare")
async def bare() -> dict[str, Any]:
    return {"id": 1, "name": "bare"}


@app.get("/select/<int:number>")
async def select(number: int) -> dict[str, Any]:
    [row] = await pools[0].fetch("SELECT id, name, short_name FROM category WHERE id = $1", number)
    return dict(row)


@app.post("/insert")
async def insert() -> dict[str, Any]:
    number = await pools[0].fetchval("INSERT INTO floor_row (info) VALUES ($1::jsonb) RETURNING id", '{"answer": 1}')
    return {"id": number}


def serve(listener: socket.socket) -> None:
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


def main() -> None:
    """Fork one process a core; say the port."""
    listeners = listen(load_settings(port=0))
    print(listeners[0].getsockname()[1], flush=True)
    for listener in listeners[1:]:
        if os.fork() == 0:
            serve(listener)
            os._exit(0)
    serve(listeners[0])


if __name__ == "__main__":
    main()
