"""Streams of events of a whole server: they end with it, and do not hold it up."""

import signal
import threading
import time
from pathlib import Path

import httpx

from tests.support.server import running_server
from tests.support.site import Site


def test_open_streams_end_at_once_when_the_server_stops(tmp_path: Path) -> None:
    with running_server(tmp_path, variables={"WORKERS": "2"}) as server:
        site = Site(server.url)
        project = site.project("<p>?</p>", [{"n": 1}])
        opened, ended = threading.Semaphore(0), []

        def listen() -> None:
            address = f"{server.url}/project/{project.short_name}/publicstream"
            with httpx.stream("GET", address, timeout=30) as answer:
                for line in answer.iter_lines():
                    if line.startswith(":"):
                        opened.release()
            ended.append(time.monotonic())

        threads = [threading.Thread(target=listen) for _ in range(6)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert opened.acquire(timeout=20)
        site.close()
        told = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(20)
        assert len(ended) == len(threads), "none was cut off in the middle of an answer"
        assert max(ended) - told < 4
