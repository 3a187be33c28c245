"""How the database is asked: functions of its own, by dataclasses whose fields are their parameters, and statements
that only read; each for one call, and for many at once (`db.batching`).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import NoneType
from typing import Any, ClassVar, Generic, Protocol, TypeVar, get_args, get_type_hints

from db import json

PATIENCE_MS = 100
"""How long a batch waits for a lock of somebody else's before its calls are made one by one."""
PLACEHOLDER = re.compile(r"\$(\d+)")
Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BatchedStatement:
    """What may be asked of the database for many at once: a `function` of its own, or a `reading` statement."""

    alone: str
    """The statement for one call."""
    together: str
    """The statement for many, each value an array: a row's first column tells whose it is, counted from 1."""
    single: str | None = None
    """The same for one call, its values as they are, which costs less than arrays of one; None: as `alone`."""
    may_defer: bool = False
    """Whether a first value that is null means that this call is to be made again by itself."""
    sorted_by: int | None = None
    """The place of the value in whose order calls lock rows, if they wait for any."""

    def request(self, calls: Sequence[Values]) -> tuple[Any, ...]:
        """The statement for these calls in one transaction, and its values."""
        if len(calls) == 1 and self.single is not None:
            return self.single, *calls[0]
        return self.together, *zip(*calls, strict=True)


class Parameters(Protocol):
    """A dataclass whose fields are the parameters of a function of the database."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


ParametersT = TypeVar("ParametersT", bound=Parameters)


@dataclass(frozen=True, slots=True, eq=False)
class DatabaseFunction(BatchedStatement, Generic[ParametersT]):
    """A function of the database, called by a dataclass."""

    names: tuple[str, ...] = ()
    """The fields, in the order of the statements' values."""
    converted: Mapping[int, Callable[[Any], Any]] = field(default_factory=dict)
    """By place, how values become what the driver takes."""

    def values(self, parameters: ParametersT) -> Values:
        """The values of the fields, as the statements take them."""
        values = [getattr(parameters, name) for name in self.names]
        for place, convert in self.converted.items():
            values[place] = convert(values[place])
        return tuple(values)


def _json(value: Any) -> str | None:
    """The driver wants JSON as text."""
    return None if value is None else json.dumps(value).decode()


def _array(values: tuple[int, ...]) -> str:
    """An array as text, of which many make an array."""
    return "{" + ",".join(map(str, values)) + "}"


SQL_TYPES: dict[Any, tuple[str, Callable[[Any], Any] | None]] = {
    int: ("bigint", None),
    bool: ("boolean", None),
    str: ("text", None),
    Any: ("jsonb", _json),
    tuple[int, ...]: ("text", _array),
}
"""What a field of this type is in the database, and how its values get there; any of them may be None."""


def _sql_type(annotation: Any) -> tuple[str, Callable[[Any], Any] | None]:
    given = (
        [one for one in get_args(annotation) if one is not NoneType]
        if NoneType in get_args(annotation)
        else [annotation]
    )
    return SQL_TYPES[given[0]]


def function(
    name: str, parameters: type[ParametersT], *, sorted_by: str | None = None
) -> DatabaseFunction[ParametersT]:
    """The function of the database that takes each field of this dataclass as its parameter `p_<field>`; a test holds
    the two together. `sorted_by` is the field in whose order calls lock rows.

    One more parameter, `p_single boolean DEFAULT true`, says whether the transaction is this call's only. Where it is
    not and the call would take long or have to wait for others, the function gives one row of nulls instead. Raises
    KeyError for a field of another type than `SQL_TYPES` has.
    """
    hints = get_type_hints(parameters)
    names = tuple(one.name for one in fields(parameters))
    kinds = [_sql_type(hints[field_name]) for field_name in names]
    types = [kind for kind, _convert in kinds]
    one = _named(
        names,
        (f"${place}::text::jsonb" if kind == "jsonb" else f"${place}::{kind}" for place, kind in enumerate(types, 1)),
    )
    each = _named(names, (f"calls.v{place}::{kind}" for place, kind in enumerate(types, 1)))
    quick = f"quick AS MATERIALIZED (SELECT set_config('lock_timeout', '{PATIENCE_MS}', true) AS timeout)"
    together = f"""
        WITH {quick}
        SELECT calls.place, made.*
        FROM quick, {_calls(types)}, LATERAL {name}({each}, p_single => quick.timeout IS NULL) made"""
    single = f"""
        WITH {quick}
        SELECT 1, made.* FROM quick, LATERAL {name}({one}, p_single => quick.timeout IS NULL) made"""
    return DatabaseFunction(
        alone=f"SELECT * FROM {name}({one})",
        together=together,
        single=single,
        may_defer=True,
        sorted_by=None if sorted_by is None else names.index(sorted_by),
        names=names,
        converted={place: convert for place, (_kind, convert) in enumerate(kinds) if convert is not None},
    )


def _named(names: Sequence[str], values: Iterable[str]) -> str:
    """Arguments by the names of parameters."""
    return ", ".join(f"p_{name} => {value}" for name, value in zip(names, values, strict=True))


def reading(statement: str, *types: str) -> BatchedStatement:
    """A statement that only reads, by values `$1`, `$2`, … of these types, and quickly whatever they are."""
    one = PLACEHOLDER.sub(lambda found: f"{found[0]}::{types[int(found[1]) - 1]}", statement)
    each = PLACEHOLDER.sub(r"calls.v\1", statement)
    return BatchedStatement(one, f"SELECT calls.place, made.* FROM {_calls(types)}, LATERAL ({each}) made")


def _calls(types: Sequence[str]) -> str:
    """The values of many calls as a table."""
    arrays = (f"${place}::{'text' if kind == 'jsonb' else kind}[]" for place, kind in enumerate(types, 1))
    columns = (f"v{place}" for place in range(1, len(types) + 1))
    return f"unnest({', '.join(arrays)}) WITH ORDINALITY calls ({', '.join(columns)}, place)"
