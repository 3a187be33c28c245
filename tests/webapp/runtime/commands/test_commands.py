"""The commands that work on the site's data, on services of their own and on running ones."""

import io
from importlib.metadata import version
from inspect import signature
from pathlib import Path

import psycopg
import pytest

from webapp.cli import HANDLERS, _handler, main
from webapp.config import load_settings
from webapp.runtime.commands import database_work
from webapp.runtime.embedded.services import services

SECRET = "Zb3-kq9VxT_7wLr2NpYd8Hc5Mf1Jg6Ua4Es0"


def create(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str, password: str = "correct horse") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    return main(["user", "create", *words, "--password-stdin", "--data", str(folder)])


def test_a_schema_is_made_and_an_administrator_created(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "check", "--data", str(folder)]) == 1
    assert "at revision None" in capsys.readouterr().out
    with services(load_settings(data_dir=folder)) as running:
        assert main(["db", "upgrade", "--data", str(folder)]) == 0
        assert main(["db", "check", "--data", str(folder)]) == 0, capsys.readouterr().out
        assert create(monkeypatch, folder, "ann", "ann@bees.org", "--fullname", "Ann Bee", "--admin") == 0
        assert create(monkeypatch, folder, "bob", "bob@bees.org") == 0
        assert running.database_url is not None
        with psycopg.connect(running.database_url) as connection:
            rows = connection.execute(
                "SELECT name, fullname, admin, valid_email, passwd_hash LIKE '$argon2id$%%' FROM users ORDER BY id"
            ).fetchall()
        assert rows == [("ann", "Ann Bee", True, True, True), ("bob", "bob", False, True, True)]
        with psycopg.connect(running.database_url) as connection:
            connection.execute("INSERT INTO second_step (user_id, secret) SELECT id, 'x' FROM users WHERE name = 'ann'")
        assert main(["user", "reset-second-step", "ann", "--data", str(folder)]) == 0
        assert main(["user", "reset-second-step", "nobody", "--data", str(folder)]) == 1
        assert "There is no account 'nobody'" in capsys.readouterr().err
        with psycopg.connect(running.database_url) as connection:
            assert connection.execute("SELECT count(*) FROM second_step").fetchone() == (0,)
            assert connection.execute("SELECT action, subject_name FROM admin_action").fetchall() == [
                ("reset second step", "ann")
            ]
        assert main(["figures", "check", "--data", str(folder)]) == 0
        with psycopg.connect(running.database_url) as connection:
            connection.execute("INSERT INTO site_day (day, n_runs) VALUES ('2026-01-01', 7)")
        assert main(["figures", "check", "--data", str(folder)]) == 1
        assert "site_day, day 2026-01-01: (7.0,) is kept, (0.0,) counted" in capsys.readouterr().out
        assert main(["figures", "rebuild", "--data", str(folder)]) == 0
        assert main(["figures", "check", "--data", str(folder)]) == 0
        assert create(monkeypatch, folder, "support", "help@bees.org") == 0
        assert create(monkeypatch, folder, "ann2", "ANN@bees.org") == 1
        assert "This address cannot be used" in capsys.readouterr().err
        with psycopg.connect(running.database_url) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '20250101_0000'")
        assert main(["db", "upgrade", "--data", str(folder)]) == 1
        assert "of another version of Workbee: its revision 20250101_0000" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "password", "reason"),
    [
        (("a b", "ann@bees.org"), "correct horse", "is no user name"),
        (("ann", "bees.org"), "correct horse", "is no e-mail address"),
        (("ann", "ann@bees.org"), "short", "too short"),
    ],
)
def test_an_account_that_cannot_be_is_refused_before_anything_starts(
    words: tuple[str, ...],
    password: str,
    reason: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert create(monkeypatch, folder, *words, password=password) == 1
    assert reason in capsys.readouterr().err
    assert not (folder / "embedded").exists()


def test_an_outside_database_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(database_work, "PATIENCE", 0.0)
    monkeypatch.setenv("WORKBEE_DATABASE_URL", "postgresql://a:hunter2@127.0.0.1:1/x")
    monkeypatch.setenv("WORKBEE_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("WORKBEE_SECRET_KEY", SECRET)
    assert main(["db", "upgrade", "--data", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "The database does not answer" in told
    assert "hunter2" not in told


def test_what_a_pooler_has_to_be_told_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBEE_DATABASE_URL", "postgresql://a:hunter2@db.bees.org/hive")
    monkeypatch.setenv("WORKBEE_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("WORKBEE_SECRET_KEY", SECRET)
    assert main(["db", "pooler", "--data", str(tmp_path)]) == 1
    assert "There is no pooler in the settings: WORKBEE_POOLER_URL" in capsys.readouterr().err
    monkeypatch.setenv("WORKBEE_POOLER_URL", "postgresql://a:hunter2@pooler.bees.org:6432/bees")
    assert main(["db", "pooler", "--data", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "[databases]\nbees = host=db.bees.org port=5432 dbname=hive connect_query='SET " in told
    assert "\nbees_calls = host=db.bees.org port=5432 dbname=hive connect_query='SET " in told
    assert "pool_mode = transaction" in told and "hunter2" not in told


@pytest.mark.parametrize("name", HANDLERS)
def test_every_command_has_its_handler(name: str) -> None:
    assert list(signature(_handler(name)).parameters) == ["settings", "options"]


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["db"], ["figures"], ["user"]):
        with pytest.raises(SystemExit) as left:
            main([*words, "--help"])
        assert left.value.code == 0
    told = capsys.readouterr().out
    assert all(name.split()[-1] in told for name in HANDLERS)


def test_a_command_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["fly"])
    assert left.value.code == 2
    assert "invalid choice: 'fly'" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"workbee {version('workbee')}\n")
