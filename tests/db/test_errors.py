"""What PostgreSQL refuses is told in our words, with the constraint and the columns it is about."""

import asyncpg
import pytest
from sqlalchemy import BigInteger, ForeignKeyConstraint, delete, insert, literal, select, text

from db.base import Base
from db.engine import driver_url
from db.errors import DatabaseUnavailable, Duplicate, InUse, InvalidValue, NotFound, TransientError, translate
from db.models import Category, Project, Task, User
from db.repositories import ProjectRepository
from db.repositories.rows import reload_row
from db.session import Database, UnitOfWork
from tests.factories import make_project, make_user

ANN = {"name": "ann", "fullname": "Ann", "email_addr": "ann@example.com"}


@pytest.mark.parametrize(
    ("other", "constraint", "columns"),
    [
        ({"name": "ann"}, "uq_users_name", ("name",)),
        ({"email_addr": "ANN@Example.com"}, "uq_users_lower_email_addr", ("email_addr",)),
        ({"id": 1}, "pk_users", ("id",)),
    ],
)
async def test_duplicates_name_what_is_taken(
    uow: UnitOfWork, other: dict[str, object], constraint: str, columns: tuple[str, ...]
) -> None:
    await make_user(uow.session, **ANN)
    uow.set_rollback_only()

    with pytest.raises(Duplicate) as caught:
        await make_user(uow.session, **other)

    assert (caught.value.constraint, caught.value.table, caught.value.columns) == (constraint, "users", columns)


async def test_duplicates_of_several_columns_name_them_all(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    uow.set_rollback_only()

    with pytest.raises(Duplicate) as caught:
        await uow.session.execute(text(f"INSERT INTO project_counter (project_id, shard) VALUES ({project.id}, 0)"))

    assert caught.value.columns == ("project_id", "shard")


async def test_rows_that_others_need_are_in_use(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    uow.set_rollback_only()

    with pytest.raises(InUse) as caught:
        await uow.session.execute(delete(Category).where(Category.id == project.category_id))

    assert caught.value.constraint == "fk_project_category_id_category"


KEYS = sorted(
    (key for table in Base.metadata.sorted_tables for key in table.foreign_key_constraints),
    key=lambda key: str(key.name),
)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key.name))
@pytest.mark.parametrize(("is_referred_to", "error"), [(True, InUse), (False, InvalidValue)])
def test_a_broken_foreign_key_tells_a_row_in_use_from_a_missing_parent(
    key: ForeignKeyConstraint, is_referred_to: bool, error: type[Exception]
) -> None:
    columns = [one.column.name for one in key.elements] if is_referred_to else key.column_keys
    told = {"C": "23503", "M": "verletzt Fremdschlüssel", "D": f"Schlüssel ({', '.join(columns)})=(7) …"}

    broken = asyncpg.PostgresError.new(told | {"t": key.table.name, "n": str(key.name)})

    assert type(translate(broken)) is error


@pytest.mark.parametrize(
    ("statement", "integrity", "columns"),
    [
        (insert(Task).values(project_id=999), True, ("project_id",)),
        (insert(Category).values(name="x", short_name="x"), True, ("description",)),
        (insert(Category).values(name="", short_name="x", description="x"), True, ()),
        (insert(User).values(ANN | {"name": "n" * 300}), False, ()),
        (insert(User).values(ANN | {"info": {"nul": "\0"}}), False, ()),
        (insert(User).values(ANN | {"fullname": "nul \0"}), False, ()),
        (select(Task).where(Task.id == literal("seven", BigInteger)), False, ()),
        (select(Task).where(Task.id == 2**70), False, ()),
        (select(text("1 / 0")), False, ()),
    ],
)
async def test_values_that_are_refused(
    uow: UnitOfWork, statement: object, integrity: bool, columns: tuple[str, ...]
) -> None:
    uow.set_rollback_only()

    with pytest.raises(InvalidValue) as caught:
        await uow.session.execute(statement)  # type: ignore[call-overload]

    assert (caught.value.integrity, caught.value.columns) == (integrity, columns)


async def test_bugs_stay_what_they_are(uow: UnitOfWork) -> None:
    uow.set_rollback_only()

    with pytest.raises(Exception, match="nowhere") as caught:
        await uow.session.execute(text("SELECT * FROM nowhere"))

    assert translate(caught.value) is None
    assert translate(ValueError("x")) is None


async def test_a_broken_rule_at_flush_can_be_caught_and_lived_with(database: Database) -> None:
    async with database.unit() as uow:
        await make_user(uow.session, **ANN)
        with pytest.raises(Duplicate):
            async with uow.session.begin_nested():
                await make_user(uow.session, name="ann")
        await make_user(uow.session, name="bob")

    async with database.unit() as uow:
        assert set(await uow.session.scalars(select(User.name))) == {"ann", "bob"}


async def test_errors_of_the_raw_driver_are_translated_at_the_unit_s_end(database: Database) -> None:
    async def insert_raw() -> None:
        async with database.unit() as uow:
            connection = await (await uow.session.connection()).get_raw_connection()
            raw = connection.driver_connection
            assert raw is not None
            await raw.execute("INSERT INTO category (name, short_name, description) VALUES ('Thinking', 'x', 'x')")

    with pytest.raises(Duplicate):
        await insert_raw()


async def test_what_is_not_there_is_named(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound, match="no project with short_name='none'") as caught:
        await ProjectRepository(uow.session).get_by_short_name("none")

    assert caught.value.what == Project.__tablename__
    assert caught.value.key == {"short_name": "none"}


def test_every_table_of_the_metadata_has_a_model() -> None:
    mapped = {mapper.local_table for mapper in Base.registry.mappers}

    assert mapped == set(Base.metadata.tables.values())


@pytest.mark.parametrize(
    ("given", "driven"),
    [
        ("postgresql://u:p@h:1/d", "postgresql+asyncpg://u:p@h:1/d"),
        ("postgres://u@h/d?sslmode=require", "postgresql+asyncpg://u@h/d?ssl=require"),
        ("postgresql+psycopg://u@/d?host=/run/pg", "postgresql+asyncpg://u@/d?host=%2Frun%2Fpg"),
    ],
)
def test_urls_are_given_our_driver(given: str, driven: str) -> None:
    assert driver_url(given).render_as_string(hide_password=False) == driven


def test_other_databases_are_refused_without_telling_the_password() -> None:
    with pytest.raises(ValueError, match="not a PostgreSQL URL") as caught:
        driver_url("mysql://root:secret@h/d")

    assert "secret" not in str(caught.value)


def test_a_connection_that_the_server_has_just_ended_is_away_and_any_other_confusion_a_bug() -> None:
    ended = asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    assert isinstance(translate(ended), DatabaseUnavailable)
    assert translate(asyncpg.ProtocolError("unexpected message")) is None
    assert translate(asyncpg.OutdatedSchemaCacheError("a column is gone")) is None
    assert translate(asyncpg.InterfaceError("cannot perform operation: another operation is in progress")) is None


@pytest.mark.parametrize("changed", [True, False])
async def test_who_holds_a_row_that_was_deleted_since_starts_anew(database: Database, changed: bool) -> None:
    async with database.unit() as uow:
        user = await make_user(uow.session, **ANN)

    async def come_late() -> None:
        async with database.unit() as late:
            held = await late.session.get_one(User, user.id)
            async with database.unit() as uow:
                await uow.session.execute(delete(User).where(User.id == user.id))
            if changed:
                held.fullname = "Somebody else"
            await reload_row(late.session, held)

    with pytest.raises(TransientError):
        await come_late()
