"""Lists of the API: any resource's rows, filtered, ordered and paged in one statement (docs/contract/api.md 1.3)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    any_,
    case,
    cast,
    func,
    inspect,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from db import json
from db.columns import ColumnKind, kind_of
from db.errors import InvalidValue, ListTooLong, SqlState
from db.index_order import Keys, equal_in_order, indexed_prefix, next_equal_in_order, one_of
from db.models import Project, ProjectStats, Task, TaskRun, User
from db.queries.projects.project_cards import LIGHT_INFO
from db.queries.reading.large_json import Allowance, fill, with_json
from db.queries.reading.visibility import OF_A_PROJECT, Viewer, owned, owns, visible

ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US'
FIELDS = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2})(?::([0-9]{2})(?::([0-9]{2}))?)?)?)?)?")
"""The whole fields that such a text begins with."""
SCALAR = re.compile(r"true|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
"""JSON that its value's text in the database may be; no number is written with an exponent there."""
SEARCHED_CHARACTERS = 100_000
"""How much of a text is searched by words: of more there may be no tsvector, and the search of all would fail."""
MOST_SORTED = 100_000
"""How many rows may be sorted for a list in an order that no index gives."""
UNORDERED = (ColumnKind.JSON, ColumnKind.INTEGERS)
"""Kinds of columns by whose values no list goes on from a row."""
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
    """The list goes on from the row of this id. By `id` it is ascending then, whatever `descending` says."""
    order: str = "id"
    descending: bool = False
    equals: dict[str, Any] = field(default_factory=dict)
    permitted: dict[str, Any] = field(default_factory=dict)
    """As `equals`, of columns that decide whether the viewer may know what the list tells of a row."""
    any_of: dict[str, list[int]] = field(default_factory=dict)
    created_prefix: str | None = None
    info: InfoFilter | None = None
    fulltext: bool = False
    language: str = "english"
    own_only: bool = False
    """Only rows of the viewer's own projects."""
    is_own: bool = False
    """All of the projects that are named are the viewer's own."""
    not_answered_by: str | None = None
    """Tasks only: without those that this contributor has answered."""
    marked_by: int | None = None
    """Tasks only: the favourites of this account."""
    behind: tuple[Any, ...] = ()
    """Only rows whose value of `order` comes behind this one, in the list's direction."""


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
    anybody may keep the database busy, ListTooLong where too many rows would have to be sorted, ResultTooLarge where
    the rows are larger than is allowed, InvalidValue too where no list goes on from `last_id`.
    """
    if query.own_only and model is not Project:
        query = await _in_own_projects(session, query, viewer)
    if query.marked_by is not None:
        query = await _of_own_marks(session, query)
    has_info = hasattr(model, "info")
    info = _project_info(viewer) if model is Project else None
    rows: list[Any] = []
    for part in await parts_of(session, model, query, viewer):
        left = replace(part, limit=query.limit - len(rows))
        rows += await _rows_of(session, model, left, viewer, info=info) if left.limit else []
    if not has_info:
        return [SearchHit(*row) for row in rows]
    read = json.loads if model in LOOKED_INTO else json.Fragment
    await fill(session, model.info, [(row[0], row[-2], row[-1]) for row in rows], allowance, value=info, read=read)
    return [SearchHit(*row[:-2]) for row in rows]


async def _rows_of(
    session: AsyncSession, model: Any, query: ListQuery, viewer: Viewer, *, info: ColumnElement[Any] | None
) -> Sequence[Any]:
    if not query.fulltext and _sorting(model, query)[1] is None:
        await _check_sortable(session, model, query, viewer)
    statement = statement_of(model, query, viewer)
    if hasattr(model, "info"):
        statement = with_json(statement, model.info, info)
    try:
        found: Sequence[Any] = (await session.execute(statement)).all()
    except DBAPIError as error:
        if query.fulltext and getattr(error.orig, "sqlstate", None) == SqlState.SYNTAX:
            raise InvalidValue("the words to search for are no valid expression") from error
        raise
    return found


async def parts_of(session: AsyncSession, model: Any, query: ListQuery, viewer: Viewer) -> list[ListQuery]:
    """The lists that make this one, one behind the other: two where it goes on from a row in an order by values that
    many rows may have. First come the rows that are equal to it, by their ids, then those behind: each is read from an
    index where the whole list is. Raises InvalidValue where there is no such row for this viewer, or no such list."""
    if query.last_id is None or (query.order == "id" and not query.fulltext):
        return [query]
    whole = replace(query, last_id=None, offset=0)
    if query.last_id == 0:
        return [whole]
    if query.fulltext or kind_of(inspect(model).local_table.columns[query.order]) in UNORDERED:
        raise InvalidValue("last_id goes on in no list of this order")
    permitted = [getattr(model, name) == value for name, value in query.permitted.items()]
    here = select(getattr(model, query.order)).where(model.id == query.last_id, visible(model, viewer), *permitted)
    found = (await session.execute(here)).one_or_none()
    if found is None:
        raise InvalidValue(f"last_id: there is no {query.last_id}")
    (value,) = found
    keys, _ = _sorting(model, whole)
    # Where there is nothing, that comes last, and first downwards.
    is_end = value is None and not query.descending
    behind = [] if is_end else [replace(whole, behind=(value,))]
    if len(keys) == 1:
        return behind
    (_, id_descending) = keys[1]
    equal = whole.equals | {query.order: value}
    in_conflict = query.order in whole.equals and whole.equals[query.order] != value
    same = replace(whole, equals=equal, order="id", descending=id_descending, behind=(query.last_id,))
    return behind if in_conflict else [same, *behind]


def _project_info(viewer: Viewer) -> ColumnElement[Any]:
    """`info` of a project in a list: the whole of it for its owners, who change it and send it back."""
    return Project.info.label("info") if viewer.admin else case((owns(viewer), Project.info), else_=LIGHT_INFO)


def statement_of(model: Any, query: ListQuery, viewer: Viewer) -> Select[Any]:
    """The one statement of a list.

    Where an index has the rows in their order, it sorts by all of that index, so that no plan can take another one
    (`equal_in_order`).
    """
    extra = _search_columns(model, query) if query.fulltext else []
    keys, prefix = _sorting(model, query)
    if len(query.any_of.get("project_id", ())) > 1 and prefix and prefix[0][0] == "project_id":
        return _of_projects(model, query, viewer)
    conditions = [_visible(model, query, viewer), *_conditions(model, query, viewer, prefix or ())]
    by_rank = [extra[1].desc()] if extra else []
    order = by_rank + [_directed(model, key) for key in (prefix or ()) + keys]
    return _cut(select(model, *extra).where(*conditions).order_by(*order), query)


def _visible(model: Any, query: ListQuery, viewer: Viewer) -> ColumnElement[bool]:
    asked = query.any_of.get("project_id", [])
    if query.is_own:
        return true()
    return visible(model, viewer, literal(asked[0], BigInteger) if len(asked) == 1 else None)


def _cut(statement: Select[Any], query: ListQuery) -> Select[Any]:
    statement = statement.limit(query.limit)
    return statement if query.last_id is not None else statement.offset(query.offset)


def _of_projects(model: Any, query: ListQuery, viewer: Viewer) -> Select[Any]:
    """A list of several projects: of each, from its own part of the index, no more rows than the list can hold."""
    keys, before = _sorting(model, query)
    prefix = before or ()
    asked = func.unnest(literal(sorted(set(query.any_of["project_id"])), ARRAY(BigInteger)))
    projects = asked.table_valued("id").render_derived(name="asked")
    shown = true() if query.is_own else visible(model, viewer, projects.c.id)
    of_project, of_row = ([shown], []) if model in OF_A_PROJECT else ([], [shown])
    found = (
        select(model.id.label("row_id"), *(getattr(model, name).label(name) for name, _ in keys))
        .where(*of_row, *_conditions(model, query, viewer, prefix, projects.c.id))
        .order_by(*(_directed(model, key) for key in prefix + keys))
        .limit(query.limit + (query.offset if query.last_id is None else 0))
        .lateral("found")
    )
    of_all = select(found.c.row_id).select_from(projects.join(found, true())).where(*of_project)
    of_all = _cut(of_all.order_by(*(_directed(found.c, key) for key in keys)), query)
    return select(model).where(one_of(model.id, of_all)).order_by(*(_directed(model, key) for key in keys))


def _sorting(model: Any, query: ListQuery) -> tuple[Keys, Keys | None]:
    """What the list is sorted by, and what stands before that in the index that gives it; None if there is no such
    index. Rows that are equal come by their id: upwards, unless only an index that has them the other way gives the
    list."""
    descending = query.descending and query.last_id is None
    by = (query.order, descending)
    column = inspect(model).local_table.columns[query.order]
    is_unique = query.order == "id" or (column.unique and not column.nullable)
    choices: tuple[Keys, ...] = ((by,),) if is_unique else ((by, ("id", False)), (by, ("id", True)))
    if not query.fulltext:
        given = {name for name, value in query.equals.items() if value is not None} | query.any_of.keys()
        for keys in choices:
            if (prefix := indexed_prefix(model, given, keys)) is not None:
                return keys, prefix
    return choices[0], None


def _directed(of: Any, key: tuple[str, bool]) -> Any:
    """The key as a statement sorts by it."""
    name, descending = key
    column = getattr(of, name)
    column = func.coalesce(func.cardinality(column), 0) if name == "fav_user_ids" else column
    return column.desc() if descending else column.asc()


async def _check_sortable(session: AsyncSession, model: Any, query: ListQuery, viewer: Viewer) -> None:
    """Raise ListTooLong where more rows would be sorted than may be."""
    conditions = [_visible(model, query, viewer), *_conditions(model, query, viewer)]
    some = select(model.id).where(*conditions).limit(MOST_SORTED + 1).subquery()
    if (await session.scalars(select(func.count()).select_from(some))).one() > MOST_SORTED:
        raise ListTooLong(query.order, MOST_SORTED)


async def _of_own_marks(session: AsyncSession, query: ListQuery) -> ListQuery:
    """Name the tasks: they are few, and PostgreSQL may look for them one by one through all."""
    marked = select(Task.id).where(Task.fav_user_ids.contains([query.marked_by]))
    return replace(query, marked_by=None, any_of=query.any_of | {"id": list((await session.scalars(marked)).all())})


async def _in_own_projects(session: AsyncSession, query: ListQuery, viewer: Viewer) -> ListQuery:
    """Name the projects: given a condition alone, PostgreSQL may look for the few rows of one by one through all."""
    own = list((await session.scalars(select(Project.id).where(owns(viewer)))).all())
    asked = query.any_of.get("project_id")
    kept = own if asked is None else [number for number in asked if number in set(own)]
    return replace(query, own_only=False, is_own=True, any_of=query.any_of | {"project_id": kept})


def _conditions(
    model: Any,
    query: ListQuery,
    viewer: Viewer,
    prefix: Keys = (),
    project: ColumnElement[int] | None = None,
) -> list[ColumnElement[bool]]:
    """What the list asks of its rows, or that of one of its projects; `prefix` as for `_within`."""
    equals, any_of = query.equals | query.permitted, dict(query.any_of)
    if project is not None:
        equals["project_id"] = project
        del any_of["project_id"]
    found: list[ColumnElement[bool]] = []
    if query.own_only:
        found.append(owned(model, viewer))
    if query.last_id is not None:
        found.append(model.id > query.last_id)
    if query.behind:
        found.append(_behind(model, query, query.behind[0]))
    found += [_within(getattr(model, name), value, prefix) for name, value in equals.items()]
    found += [getattr(model, name) == any_(literal(ids, ARRAY(BigInteger))) for name, ids in any_of.items()]
    if query.created_prefix is not None:
        found.append(_created(model, query.created_prefix))
    if query.info is not None:
        found.append(_info(model, query, query.info))
    if query.not_answered_by is not None:
        found.append(_not_answered(model, query.not_answered_by))
    return found


def _behind(model: Any, query: ListQuery, value: Any) -> ColumnElement[bool]:
    column = getattr(model, query.order)
    if value is None:
        found: ColumnElement[bool] = column.is_not(None)
        return found
    typed = literal(value, column.type)
    further: ColumnElement[bool] = column < typed if query.descending else column > typed
    nullable = inspect(model).local_table.columns[query.order].nullable
    return or_(further, column.is_(None)) if nullable and not query.descending else further


def _within(column: Any, value: Any, prefix: Keys) -> ColumnElement[bool]:
    """Equal to it; where it stands before the list's order in an index, so that this is read in its order."""
    names = [name for name, _ in prefix]
    if column.key in names:
        return equal_in_order(column, value) if column.key == names[0] else next_equal_in_order(column, value)
    found: ColumnElement[bool] = column.is_(None) if value is None else column == literal(value, column.type)
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
        return and_(*(_pair(model, key, value) for key, value in wanted.pairs))
    return _contains_any(model, wanted.contains)


def _contains_any(model: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    return or_(*(model.info.op("@>", is_comparison=True)(literal(value, JSONB)) for value in values))


def _pair(model: Any, key: str, value: str) -> ColumnElement[bool]:
    """The key's value is this as text. What is contained then is what an index can be asked for."""
    same: ColumnElement[bool] = model.info[key].astext == value
    if value[:1] in ("{", "["):
        return same
    written = [json.Fragment(value)] if SCALAR.fullmatch(value) else []
    return and_(same, _contains_any(model, [{key: one} for one in (value, *written)]))


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
    # By the offset it stays a look at each row, which an index answers; as a join it may begin with all answers.
    from_runs = (
        select(literal(1))
        .where(TaskRun.task_id == model.id, TaskRun.contributor == cast(literal(contributor), String))
        .offset(0)
    )
    return ~from_runs.exists()
