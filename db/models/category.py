"""Categories of projects."""

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from db.base import Base, BigId, JsonObject, Line, LongText, Moment, Skeleton
from db.checks import NOT_EMPTY
from db.naming import look


class Category(Base):
    """A shelf that projects stand on; the first one is where new projects start."""

    __tablename__ = "category"
    __table_args__ = (
        Index(
            "uq_category_lower_short_name",
            func.lower(text("short_name")),
            unique=True,
            postgresql_where=text("short_name_skeleton IS NOT NULL"),
        ),
    )

    id: Mapped[BigId]
    name: Mapped[Line] = mapped_column(unique=True, info=NOT_EMPTY)
    short_name: Mapped[Line] = mapped_column(unique=True, info=NOT_EMPTY)
    short_name_skeleton: Mapped[Skeleton]
    description: Mapped[LongText]
    created: Mapped[Moment]
    info: Mapped[JsonObject]

    @validates("short_name")
    def _keep_skeleton(self, _column: str, value: str | None) -> str | None:
        # A name that is set again as it was may be one of before, which looks like an older one.
        if value != self.__dict__.get("short_name"):
            self.short_name_skeleton = value if value is None else look(value)
        return value
