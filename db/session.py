"""The unit of work: one session, one transaction, and what is done once it is committed."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Set
from contextlib import asynccontextmanager
from functools import lru_cache
from itertools import chain

from sqlalchemy import TableClause, TextClause, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.dml import UpdateBase

from db.engine import connection_settings, create_engine
from db.errors import translate
from db.executors import AutocommitExecutor, SessionExecutor
from db.pooler import calls_url

__all__ = ["AsyncSession", "Database", "Effect", "UnitOfWork"]
log = logging.getLogger(__name__)

Effect = Callable[[], Awaitable[None]]
WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)")


def _nothing(_tables: Set[str]) -> None:
    """Nobody wants to know."""


class _WritingSession(Session):
    """Notes the tables that it writes, but for those that functions and triggers of the database write."""

    @property
    def written(self) -> set[str]:
        tables: set[str] = self.info.setdefault("written", set())
        return tables


@event.listens_for(_WritingSession, "after_flush")
def _note_rows(session: _WritingSession, _flush: object) -> None:
    session.written.update(row.__tablename__ for row in chain(session.new, session.dirty, session.deleted))


@event.listens_for(_WritingSession, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    session, statement = state.session, state.statement
    assert isinstance(session, _WritingSession)
    if isinstance(statement, UpdateBase) and isinstance(statement.table, TableClause):
        session.written.add(statement.table.name)
    elif isinstance(statement, TextClause):
        session.written.update(_tables_written(statement.text))


@lru_cache(maxsize=512)
def _tables_written(statement: str) -> frozenset[str]:
    return frozenset(WRITES.findall(statement))


class UnitOfWork:
    """What a request, job or command does to the database: all of it or nothing."""

    def __init__(
        self, sessions: Callable[[], AsyncSession], *, autocommit: AutocommitExecutor, read_only: bool = False
    ) -> None:
        self.autocommit = autocommit
        """For calls that commit by themselves, outside of this unit."""
        self._sessions = sessions
        self._session: AsyncSession | None = None
        self.read_only = read_only
        self.rollback_only = False
        self._effects: list[Effect] = []
        self._undoing: list[Effect] = []

    @property
    def session(self) -> AsyncSession:
        """The unit's session, made when it is first asked for: a request that needs none pays for none."""
        if self._session is None:
            self._session = self._sessions()
        return self._session

    @property
    def in_session(self) -> SessionExecutor:
        """The calls of `autocommit`, inside of this unit."""
        return SessionExecutor(self.session)

    async def commit(self) -> None:
        """Commit what was done, if anything was."""
        if self._session is not None:
            await self._session.commit()

    @property
    def written(self) -> Set[str]:
        """The tables that it has written, but for those that functions and triggers of the database write."""
        session = None if self._session is None else self._session.sync_session
        return session.written if isinstance(session, _WritingSession) else frozenset()

    async def close(self) -> None:
        """Give the connection back; what was not committed is rolled back, also when the task is cancelled."""
        if self._session is not None:
            await asyncio.shield(self._session.close())

    def after_commit(self, effect: Effect) -> None:
        """Do this once everything is committed, and not at all if it is rolled back."""
        self._effects.append(effect)

    def after_rollback(self, effect: Effect) -> None:
        """Do this if nothing of the unit is kept: what was done outside the database goes with it."""
        self._undoing.append(effect)

    def set_rollback_only(self) -> None:
        """Roll back at the end instead of committing, whatever else is done."""
        self.rollback_only = True

    async def run_effects(self, *, committed: bool = True) -> None:
        """Run the effects in their order. One that fails is logged: what is committed cannot be taken back."""
        effects = self._effects if committed else self._undoing
        self._effects, self._undoing = [], []
        for effect in effects:
            try:
                await effect()
            except Exception:
                log.exception("An effect after the end of a unit of work failed: %r", effect)


class Database:
    """One per process: the pool of connections, from which units of work are opened.

    A connection is taken at the first statement of a unit and returned at its end; a unit without one costs nothing.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        autocommit_pool_size: int = 8,
        statement_seconds: float | None = None,
        pooled: bool = False,
        after_writing: Callable[[Set[str]], None] = _nothing,
    ) -> None:
        """At most `pool_size` connections for units of work, and `autocommit_pool_size` for the calls of `autocommit`.
        `statement_seconds`: how long a statement may take; without it as long as it likes, as jobs do. `pooled`: the
        address is a pooler's (`db.pooler`). `after_writing` is called with the tables that a unit has written once it
        is committed, before its effects."""
        limits = connection_settings(statement_seconds)
        self.engine: AsyncEngine = create_engine(url, pool_size=pool_size, settings=limits, pooled=pooled)
        self.autocommit = AutocommitExecutor(
            calls_url(url) if pooled else url, pool_size=autocommit_pool_size, settings=limits, pooled=pooled
        )
        reading = self.engine.execution_options(postgresql_readonly=True)
        self._after_writing = after_writing
        self._writing = async_sessionmaker(self.engine, expire_on_commit=False, sync_session_class=_WritingSession)
        self._reading = async_sessionmaker(reading, expire_on_commit=False, autoflush=False)

    async def close(self) -> None:
        """Close every connection."""
        await self.autocommit.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def unit(self, *, read_only: bool = False) -> AsyncIterator[UnitOfWork]:
        """Commit on a clean end and then run the effects; roll back if the block raises or dooms the unit.

        Errors of the database leave as those of `db.errors`.
        """
        sessions = self._reading if read_only else self._writing
        uow = UnitOfWork(sessions, autocommit=self.autocommit, read_only=read_only)
        try:
            try:
                try:
                    yield uow
                except BaseException:
                    uow.set_rollback_only()
                    raise
                if not uow.rollback_only:
                    # Should the connection be lost in here, nobody knows what was kept: then no effect is run.
                    await uow.commit()
                    if tables := uow.written:
                        self._after_writing(tables)
            finally:
                await uow.close()
        except Exception as exc:
            ours = translate(exc)
            if ours is None or ours is exc:
                raise
            raise ours from exc
        finally:
            if uow.rollback_only:
                await uow.run_effects(committed=False)
        if not uow.rollback_only:
            await uow.run_effects()
