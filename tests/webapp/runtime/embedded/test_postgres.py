"""The embedded PostgreSQL: cold and warm, killed in every way, and closed to strangers."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from webapp.runtime.child import RuntimeFailure
from webapp.runtime.embedded import programs
from webapp.runtime.embedded.data_directory import open_data_directory
from webapp.runtime.embedded.postgres import Postgres, running_postgres

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root changes the user")


def count(server: Postgres) -> int:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def add(server: Postgres) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO kept DEFAULT VALUES")


def pid(server: Postgres) -> int:
    assert server.process is not None
    return server.process.pid


def test_a_cold_start_makes_a_database_and_a_warm_one_keeps_it(folder: Path) -> None:
    with running_postgres(folder) as server:
        add(server)
        with psycopg.connect(server.url) as connection:
            facts = connection.execute(
                "SELECT current_database(), current_user, rolsuper, inet_server_addr(), lower('ÄÉ') "
                "FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        assert facts == ("workbee", "workbee", False, None, "äé")
    begun = time.monotonic()
    with running_postgres(folder) as server:
        assert time.monotonic() - begun < 5
        assert count(server) == 1


def test_nobody_is_trusted(folder: Path) -> None:
    with running_postgres(folder) as server:
        for address in (server.url, server.superuser_url):
            for password in ("", ":wrong"):
                with pytest.raises(psycopg.OperationalError, match="password"):
                    psycopg.connect(re.sub(r":[^:@]+@", f"{password}@", address))
        assert server.directory.run.stat().st_mode & 0o077 == 0
        assert server.data.stat().st_mode & 0o077 == 0
        assert not psutil.Process(pid(server)).net_connections("inet")


@pytest.mark.parametrize("victim", ["postmaster", "backend", "everything"])
def test_a_killed_server_recovers_what_was_committed(folder: Path, victim: str) -> None:
    server = Postgres(open_data_directory(folder))
    server.start()
    try:
        add(server)
        main = psutil.Process(pid(server))
        workers = main.children()
        victims = {"postmaster": [main], "backend": workers[:1], "everything": [main, *workers]}[victim]
        for process in victims:
            process.kill()
        if victim == "backend":
            assert main.is_running()
            psutil.wait_procs(victims, 5)
            for _ in range(100):
                try:
                    assert count(server) == 1
                    return
                except psycopg.OperationalError:
                    time.sleep(0.05)
        assert server.process is not None
        server.process.wait(10)
        server.start()
        assert count(server) == 1
    finally:
        server.stop()


def test_a_server_that_outlived_its_supervisor_is_stopped_first(folder: Path) -> None:
    orphan = Postgres(open_data_directory(folder))
    orphan.start()
    add(orphan)
    main = psutil.Process(pid(orphan))
    with running_postgres(folder) as server:
        assert orphan.process is not None
        assert orphan.process.wait(10) == 0
        assert pid(server) != main.pid
        assert count(server) == 1


def test_a_process_id_that_means_something_else_by_now_does_not_hinder(folder: Path) -> None:
    server = Postgres(open_data_directory(folder))
    server.start()
    add(server)
    lines = (server.data / "postmaster.pid").read_text().splitlines()
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    account = server.directory.account
    user = {"user": account.uid, "group": account.gid} if account else {}
    stranger = subprocess.Popen(["/bin/sleep", "60"], **user)  # type: ignore[call-overload]
    try:
        (server.data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        server.start()
        assert count(server) == 1
        assert stranger.poll() is None
    finally:
        server.stop()
        stranger.kill()
        stranger.wait()


def test_a_creation_that_was_cut_off_is_begun_again(folder: Path) -> None:
    directory = open_data_directory(folder)
    half = directory.make(directory.path / "postgres.new")
    (half / "PG_VERSION").write_text("18\n")
    with running_postgres(folder) as server:
        add(server)
        assert count(server) == 1
    assert not half.exists()


def test_a_database_of_another_version_is_refused_by_name(folder: Path) -> None:
    with running_postgres(folder) as server:
        data = server.data
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(RuntimeFailure, match=r"made by PostgreSQL 12, and 18 is installed"):
        Postgres(open_data_directory(folder)).start()


def test_a_database_that_vanished_is_not_replaced_by_an_empty_one(folder: Path) -> None:
    server = Postgres(open_data_directory(folder))
    server.start()
    server.stop()
    shutil.rmtree(server.data)
    with pytest.raises(RuntimeFailure, match="are gone"):
        server.start()


def test_a_failed_start_tells_the_reason(folder: Path) -> None:
    with pytest.raises(RuntimeFailure, match=r"(?s)PostgreSQL did not start.*max_connections"):
        Postgres(open_data_directory(folder), {"max_connections": "many"}).start()


def test_a_long_path_leads_to_a_socket_elsewhere(folder: Path) -> None:
    deep = folder / ("x" * 60) / ("y" * 60)
    with running_postgres(deep) as server:
        assert not server.directory.run.is_relative_to(deep)
        add(server)
        assert count(server) == 1
        directory = server.directory
    directory.discard()
    assert not directory.run.exists()


@as_root
def test_root_runs_it_as_another_user_below_private_folders_too(private_folder: Path) -> None:
    with running_postgres(private_folder) as server:
        assert psutil.Process(pid(server)).uids().effective != 0
        assert not server.directory.path.is_relative_to(private_folder)
        assert server.directory.path.stat().st_mode & 0o077 == 0
        add(server)
    with running_postgres(private_folder) as server:
        assert count(server) == 1
    assert private_folder.parent.stat().st_mode & 0o077 == 0


@as_root
def test_root_copies_programs_that_the_other_user_cannot_read(
    folder: Path, private_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = private_folder / "site-packages"
    original = programs._package

    def hidden(name: str, distribution: str) -> Path:
        package = original(name, distribution)
        for source in (package, package.with_name(f"{name}.libs")):
            if source.exists() and not (site / source.name).exists():
                shutil.copytree(source, site / source.name, copy_function=os.link)
        return site / name

    monkeypatch.setattr(programs, "_package", hidden)
    with running_postgres(folder) as server:
        program = Path(psutil.Process(pid(server)).exe())
        assert program.is_relative_to(server.directory.path / "programs")
        add(server)
        assert count(server) == 1


@as_root
def test_a_copy_of_a_data_folder_does_not_share_the_database(private_folder: Path) -> None:
    directory = open_data_directory(private_folder)
    copy = private_folder.with_name("copy")
    shutil.copytree(private_folder, copy)
    with pytest.raises(RuntimeFailure, match="is a copy of"):
        open_data_directory(copy)
    private_folder.rename(private_folder.with_name("moved"))
    try:
        assert open_data_directory(copy).path == directory.path
    finally:
        shutil.rmtree(copy)
        private_folder.with_name("moved").rename(private_folder)


def test_the_manifest_is_for_its_owner_only(folder: Path) -> None:
    directory = open_data_directory(folder)
    assert (folder / "embedded.json").stat().st_mode & 0o777 == 0o600
    assert open_data_directory(folder) == directory
    (folder / "embedded.json").write_text("{")
    with pytest.raises(RuntimeFailure, match="is damaged"):
        open_data_directory(folder)
    (folder / "embedded.json").unlink()


def test_a_stop_within_a_transaction_is_clean(folder: Path) -> None:
    with running_postgres(folder) as server:
        connection = psycopg.connect(server.url)
        connection.execute("CREATE TABLE lost ()")
        process = server.process
    assert process is not None
    assert process.returncode == 0
    connection.close()
