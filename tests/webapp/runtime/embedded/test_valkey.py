"""The embedded Valkey: it keeps its data, and comes back after whatever happened to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from webapp.runtime.embedded.data_directory import open_data_directory
from webapp.runtime.embedded.valkey import Valkey


@pytest.fixture
def server(folder: Path) -> Iterator[Valkey]:
    found = Valkey(open_data_directory(folder))
    yield found
    found.stop()


def increase(server: Valkey) -> int:
    with redis.Redis.from_url(server.url) as client:
        return int(client.incr("kept"))


def crash(server: Valkey) -> None:
    assert server.process is not None
    server.process.kill()
    server.process.wait()


def test_data_is_kept_from_one_start_to_the_next(server: Valkey) -> None:
    server.start()
    assert increase(server) == 1
    server.stop()
    server.start()
    assert increase(server) == 2


def test_data_is_kept_over_a_kill(server: Valkey) -> None:
    server.start()
    increase(server)
    crash(server)
    server.start()
    assert increase(server) == 2


def test_a_journal_cut_short_is_read_as_far_as_it_goes(server: Valkey) -> None:
    server.start()
    increase(server)
    increase(server)
    crash(server)
    journal = next((server.data / "appendonlydir").glob("*.incr.aof"))
    journal.write_bytes(journal.read_bytes()[:-3])
    server.start()
    assert increase(server) == 2


def test_a_broken_journal_is_put_aside(server: Valkey) -> None:
    server.start()
    increase(server)
    crash(server)
    journal = next((server.data / "appendonlydir").glob("*.incr.aof"))
    journal.write_bytes(b"*1\r\n$4\r\nrubbish" + journal.read_bytes())
    server.start()
    assert increase(server) == 1
    assert list(server.directory.path.glob("valkey.broken-*"))


def test_a_server_that_outlived_its_supervisor_is_stopped_first(server: Valkey) -> None:
    orphan = Valkey(server.directory)
    orphan.start()
    increase(orphan)
    server.start()
    assert orphan.process is not None
    assert orphan.process.wait(10) == 0
    assert increase(server) == 2


def test_nobody_gets_in_without_the_password(server: Valkey) -> None:
    server.start()
    at_once = Retry(NoBackoff(), 0)
    with (
        redis.Redis(unix_socket_path=str(server.socket), retry=at_once) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()
    assert server.socket.stat().st_mode & 0o077 == 0
    command_line = Path(f"/proc/{server.process.pid}/cmdline") if server.process else None
    if command_line is not None and command_line.exists():
        assert server.directory.manifest.redis_password not in command_line.read_text()
