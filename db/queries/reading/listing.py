"""Lists of the API: any resource's rows, filtered, ordered and paged in one statement (docs/contract/api.md 1.3)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from db import json
from db.errors import InvalidValue, SqlState
from db.models import Project, ProjectStats, TaskRun, User
from db.queries.projects.project_cards import LIGHT_INFO
from db.queries.reading.large_json import Allowance, fill, with_json
from db.queries.reading.visibility import Viewer, owned, owns, visible

ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US'
FIELDS = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2})(?::([0-9]{2})(?::([0-9]{2}))?)?)?)?)?")
"""The whole fields that such a text begins with."""
SEARCHED_CHARACTERS = 100_000
"""How much of a text is searched by words: of more there may be no tsvector, and the search of all would fail."""
LOOKED_INTO = (Project, ProjectStats, User)
"""Whoever shows these chooses from their `info`; that of all others is sent on as it is."""


@dataclass(frozen=True, slots=True)
class InfoFilter:
    """What `info` must hold: values of first-level keys as text, or contained JSON; any of `contains` will do."""

    pairs: tuple[tuple[str, str], ...] = ()
    contains: tuple[Any, ...] = ()

    def keys(self) -> set[str]:
        """The first-level keys that are looked at."""
        return {key for key, _ in self.pairs}.union(*(value for value in self.contains if isinstance(value, dict)))


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One list, as plain facts: names are columns of the model that the caller may use."""

    limit: int = 20
    offset: int = 0
    last_id: int | None = None
    order: str = "id"
    descending: bool = False
    equals: dict[str, Any] = field(default_factory=dict)
    any_of: dict[str, list[int]] = field(default_factory=dict)
    created_prefix: str | None = None
    info: InfoFilter | None = None
    fulltext: bool = False
    language: str = "english"
    own_only: bool = False
    """Only rows of the viewer's own projects."""
    not_answered_by: str | None = None
    """Tasks only: without those that this contributor has answered."""
    marked_by: int | None = None
    """Tasks only: the favourites of this account."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A row, and where it was searched for by words, how it matched."""

    row: Any
    headline: str | None = None
    rank: float | None = None


async def list_rows(
    session: AsyncSession, model: Any, query: ListQuery, viewer: Viewer, allowance: Allowance
) -> list[SearchHit]:
    """The rows that the viewer may see, in order; heavy projects of others without their texts.

    Raises InvalidValue for a search expression that is none, StatementTimeout for a search that takes longer than
    anybody may keep the database busy, ResultTooLarge where the rows are larger than is allowed.
    """
    if query.own_only and model is not Project:
        query = await _in_own_projects(session, query, viewer)
    has_info = hasattr(model, "info")
    info = _project_info(viewer) if model is Project else None
    statement = statement_of(model, query, viewer)
    if has_info:
        statement = with_json(statement, model.info, info)
    try:
        rows = (await session.execute(statement)).all()
    except DBAPIError as error:
        if query.fulltext and getattr(error.orig, "sqlstate", None) == SqlState.SYNTAX:
            raise InvalidValue("the words to search for are no valid expression") from error
        raise
    if not has_info:
        return [SearchHit(*row) for row in rows]
    read = json.loads if model in LOOKED_INTO else json.Fragment
    await fill(session, model.info, [(row[0], row[-2], row[-1]) for row in rows], allowance, value=info, read=read)
    return [SearchHit(*row[:-2]) for row in rows]


def _project_info(viewer: Viewer) -> ColumnElement[Any]:
    """`info` of a project in a list: the whole of it for its owners, who change it and send it back."""
    return Project.info.label("info") if viewer.admin else case((owns(viewer), Project.info), else_=LIGHT_INFO)


def statement_of(model: Any, query: ListQuery, viewer: Viewer) -> Select[Any]:
    """The one statement of a list."""
    extra = _search_columns(model, query) if query.fulltext else []
    statement = select(model, *extra).where(*_conditions(model, query, viewer))
    statement = _ordered(statement, model, query, extra).limit(query.limit)
    return statement if query.last_id is not None else statement.offset(query.offset)


async def _in_own_projects(session: AsyncSession, query: ListQuery, viewer: Viewer) -> ListQuery:
    """Name the projects: given a condition alone, PostgreSQL may look for the few rows of one by one through all."""
    own = list((await session.scalars(select(Project.id).where(owns(viewer)))).all())
    asked = query.any_of.get("project_id")
    kept = own if asked is None else [number for number in asked if number in set(own)]
    return replace(query, own_only=False, any_of=query.any_of | {"project_id": kept})


def _conditions(model: Any, query: ListQuery, viewer: Viewer) -> list[ColumnElement[bool]]:
    found = [visible(model, viewer)]
    if query.own_only:
        found.append(owned(model, viewer))
    if query.last_id is not None:
        found.append(model.id > query.last_id)
    for name, value in query.equals.items():
        column = getattr(model, name)
        found.append(column.is_(None) if value is None else column == literal(value, column.type))
    found += [_among(getattr(model, name), values) for name, values in query.any_of.items()]
    if query.created_prefix is not None:
        found.append(_created(model, query.created_prefix))
    if query.info is not None:
        found.append(_info(model, query, query.info))
    if query.marked_by is not None:
        found.append(model.fav_user_ids.contains([query.marked_by]))
    if query.not_answered_by is not None:
        found.append(_not_answered(model, query.not_answered_by))
    return found


def _among(column: Any, values: list[int]) -> ColumnElement[bool]:
    """One of the values. A single one as equality: then an index gives the rows of a project in their order."""
    found: ColumnElement[bool] = column == values[0] if len(values) == 1 else column.in_(values)
    return found


def _created(model: Any, prefix: str) -> ColumnElement[bool]:
    """The ISO text of the time begins so. The span that its whole fields name is what an index can be asked for."""
    iso = func.to_char(func.timezone("UTC", model.created), ISO)
    begins = iso.startswith(prefix, autoescape=True)
    span = span_of(prefix)
    return begins if span is None else and_(model.created >= span[0], model.created < span[1], begins)


def span_of(prefix: str) -> tuple[datetime, datetime] | None:
    """From when until before when a time may be whose ISO text begins so; None if that is not known."""
    found = FIELDS.match(prefix)
    if found is None:
        return None
    numbers = [int(digits) for digits in found.groups() if digits is not None]
    try:
        begin = datetime(*(numbers + [1, 1][len(numbers) - 1 :])[:6], tzinfo=UTC)  # type: ignore[misc,arg-type]
        return begin, _end(begin, len(numbers))
    except (ValueError, OverflowError):
        return None


def _end(begin: datetime, n_fields: int) -> datetime:
    """Where the year, month, day, hour, minute or second ends that begins then."""
    if n_fields == 1:
        return begin.replace(year=begin.year + 1)
    if n_fields == 2:
        return (begin + timedelta(days=31)).replace(day=1)
    return begin + (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))[n_fields - 3]


def _info(model: Any, query: ListQuery, wanted: InfoFilter) -> ColumnElement[bool]:
    if query.fulltext:
        return and_(*(_words(model, key, query).op("@@")(_expression(words, query)) for key, words in wanted.pairs))
    if wanted.pairs:
        return and_(*(model.info[key].astext == value for key, value in wanted.pairs))
    return or_(*(model.info.op("@>", is_comparison=True)(literal(value, JSONB)) for value in wanted.contains))


def _words(model: Any, key: str, query: ListQuery) -> Any:
    return func.to_tsvector(query.language, _searched(model, key))


def _searched(model: Any, key: str) -> Any:
    return func.left(model.info[key].astext, SEARCHED_CHARACTERS)


def _expression(words: str, query: ListQuery) -> Any:
    return func.to_tsquery(query.language, words)


def _search_columns(model: Any, query: ListQuery) -> list[Any]:
    """How the first pair matched: the text with its words marked, and the rank."""
    if query.info is None or not query.info.pairs:
        return []
    key, words = query.info.pairs[0]
    expression = _expression(words, query)
    headline = func.ts_headline(query.language, _searched(model, key), expression)
    rank = func.ts_rank_cd(_words(model, key, query), expression, 4)
    return [headline.label("headline"), rank.label("rank")]


def _not_answered(model: Any, contributor: str) -> ColumnElement[bool]:
    from_runs = select(literal(1)).where(
        TaskRun.task_id == model.id, TaskRun.contributor == cast(literal(contributor), String)
    )
    return ~from_runs.exists()


def _ordered(statement: Select[Any], model: Any, query: ListQuery, extra: Sequence[Any]) -> Select[Any]:
    column = getattr(model, query.order)
    if query.order == "fav_user_ids":
        column = func.coalesce(func.cardinality(column), 0)
    descending = query.descending and query.last_id is None
    keys = [extra[1].desc()] if len(extra) == 2 else []
    keys.append(column.desc() if descending else column.asc())
    if query.order != "id":
        keys.append(model.id.asc())
    return statement.order_by(*keys)
