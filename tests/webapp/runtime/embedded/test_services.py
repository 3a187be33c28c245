"""The services of a site: what the embedded PostgreSQL allows follows from who connects to it."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from webapp.config import Settings, load_settings
from webapp.runtime.embedded.services import services


@pytest.mark.parametrize(
    ("workers", "pools", "most"), [(2, {}, 66), (8, {}, 174), (3, {"pool_size": 4, "autocommit_pool_size": 1}, 32)]
)
def test_connections_of_web_workers_and_a_job_worker_add_up(workers: int, pools: dict[str, int], most: int) -> None:
    sizes: dict[str, Any] = {f"database_{name}": size for name, size in pools.items()}
    assert Settings(workers=workers, **sizes).database_connections == most


@pytest.mark.parametrize(("workers", "allowed"), [(2, "200"), (20, "420")])
def test_the_embedded_database_allows_what_its_workers_may_open(folder: Path, workers: int, allowed: str) -> None:
    with services(load_settings(data_dir=folder, workers=workers)) as running:
        assert running.database_url is not None
        with psycopg.connect(running.database_url) as connection:
            assert connection.execute("SHOW max_connections").fetchone() == (allowed,)
