"""The declarative base, and the column types that say what a column holds."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, DateTime, MetaData, String, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


LARGEST_ID = 2**63 - 1
"""What a bigint holds: a larger number is the id of nothing."""


class Base(DeclarativeBase):
    """Every table of ours. Constraint names follow one convention, so that an error names what it broke."""

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

JsonObject = Annotated[dict[str, Any], mapped_column(JSONB, server_default=text("'{}'::jsonb"))]
"""A JSON object that is always there, if only empty."""

JsonValue = Annotated[Any, mapped_column(JSONB(none_as_null=True), nullable=True)]
"""Any JSON, or nothing: JSON's null is stored as SQL's."""

Ids = Annotated[list[int], mapped_column(ARRAY(BigInteger))]
"""Identities of other rows, in order."""
