"""Categories of projects."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, JsonObject, Line, LongText, Moment


class Category(Base):
    """A shelf that projects stand on; the first one is where new projects start."""

    __tablename__ = "category"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint("short_name <> ''", name="short_name_given"),
    )

    id: Mapped[BigId]
    name: Mapped[Line] = mapped_column(unique=True)
    short_name: Mapped[Line] = mapped_column(unique=True)
    description: Mapped[LongText]
    created: Mapped[Moment]
    info: Mapped[JsonObject]
