"""The declarative base, and the column types that say what a column holds."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    MetaData,
    String,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from db.checks import check_of

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


LARGEST_ID = 2**63 - 1
"""What a bigint holds: a larger number is the id of nothing."""


KIB = 1024
MIB = 1024 * KIB
STORED_FACTOR = 6
"""How many times as many bytes JSON may take in the database as it does as text: numbers of one digit do."""


class BoundedText(Text):
    """Text of at most so many characters."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most


class BoundedJson(JSONB):
    """JSON that has, as text, at most so many bytes."""

    def __init__(self, most: int, none_as_null: bool = False) -> None:
        super().__init__(none_as_null=none_as_null)
        self.most = most


def most_of(column: "Column[Any]") -> int | None:
    """How many characters of text, or bytes of JSON, a column holds; None for one of another kind.

    Raises TypeError for text or JSON without a bound: what holds everything will be filled.
    """
    kind = column.type
    if isinstance(kind, BoundedText | BoundedJson):
        return kind.most
    if isinstance(kind, JSON) or (isinstance(kind, String) and kind.length is None):
        raise TypeError(f"{column} has no greatest length")
    return kind.length if isinstance(kind, String) else None


def _size_checks(table: Table) -> str:
    """What the database checks of every row, in one constraint: each one more costs every statement that writes."""
    sizes = {column.name: (column.type, most_of(column)) for column in table.columns}
    texts = [f"char_length({name}) <= {most}" for name, (kind, most) in sizes.items() if isinstance(kind, BoundedText)]
    documents = [
        f"pg_column_size({name}) <= {STORED_FACTOR * (most or 0)}"
        for name, (kind, most) in sizes.items()
        if isinstance(kind, BoundedJson)
    ]
    return " AND ".join(texts + documents)


class Base(DeclarativeBase):
    """Every table of ours. Constraint names follow one convention, so that an error names what it broke."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        table = cls.__table__
        assert isinstance(table, Table)
        if checks := _size_checks(table):
            table.append_constraint(CheckConstraint(checks, name="sizes"))
        for column in table.columns:
            if check := check_of(column):
                name = f"{column.name}_{check.suffix}"
                table.append_constraint(CheckConstraint(check.sql(column.name), name=name))

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[type, Any]] = {
        int: BigInteger,
        str: Text,
        datetime: DateTime(timezone=True),
    }


BigId = Annotated[int, mapped_column(BigInteger, primary_key=True)]
"""A table's own identity: a bigint from its sequence."""

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
"""A point in time; now, unless said otherwise."""

Counted = Annotated[int, mapped_column(BigInteger, server_default=text("0"))]
"""How many of something there are; none at first."""

Flag = Annotated[bool, mapped_column(server_default=text("false"))]
"""Something that is so or not; not so at first."""

SOON_CLEAN = {
    "autovacuum_vacuum_scale_factor": 0.005,
    "autovacuum_vacuum_threshold": 5000,
    "vacuum_index_cleanup": "on",
}
"""Settings of tables that are read where they are changed most: the remains of old rows are in the way there. Left to
itself, PostgreSQL does not clean indexes while fewer than one page in fifty has such remains: of ten million tasks, the
first two hundred thousand."""

Name255 = Annotated[str, mapped_column(String(255))]
Name254 = Annotated[str, mapped_column(String(254))]

Word = Annotated[str, mapped_column(BoundedText(100))]
"""One of a few words, or a key."""

Key = Annotated[str, mapped_column(BoundedText(255))]
"""What something goes by elsewhere."""

Contributor = Annotated[str, mapped_column(BoundedText(400))]
"""The key of a contributor, which an external user's own name is a part of."""

Line = Annotated[str, mapped_column(BoundedText(2000))]
"""An address, or a sentence or two."""

LongText = Annotated[str, mapped_column(BoundedText(64_000))]
"""Text of some pages, as Markdown."""

_EMPTY = text("'{}'::jsonb")

JsonObject = Annotated[dict[str, Any], mapped_column(BoundedJson(MIB), server_default=_EMPTY)]
"""A JSON object that is always there, if only empty."""

JsonProject = Annotated[dict[str, Any], mapped_column(BoundedJson(32 * MIB), server_default=_EMPTY)]
"""Likewise, with the texts of a presenter, a tutorial and a page of results."""

JsonTask = Annotated[Any, mapped_column(BoundedJson(4 * MIB, none_as_null=True), nullable=True)]
"""Any JSON, or nothing: JSON's null is stored as SQL's."""

JsonAnswer = Annotated[Any, mapped_column(BoundedJson(32 * MIB, none_as_null=True), nullable=True)]
"""Likewise, as large as the settings may let an answer be."""

Ids = Annotated[list[int], mapped_column(ARRAY(BigInteger))]
"""Identities of other rows, in order."""

INTERNAL = {"internal": True}
"""`mapped_column(info=INTERNAL)`: a column that is ours alone; clients neither see nor set it."""

Skeleton = Annotated[str | None, mapped_column(String(64), unique=True, info=INTERNAL)]
"""What a name looks like (`db.naming.look`), set with the name: no two of a table look alike. None for names of
before there were skeletons that look like an older one's."""
