"""Projects."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, func, text, true
from sqlalchemy.orm import Mapped, mapped_column, validates

from db.base import INTERNAL, Base, BigId, Flag, Ids, JsonProject, Line, LongText, Moment, Name255, Skeleton, Word
from db.checks import NOT_EMPTY
from db.naming import look


class Project(Base):
    """A question to volunteers, with its presenter and settings.

    Rows of `project_stats` and `project_counter` come with it.
    """

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("owner_id = ANY (owners_ids)", name="owner_among_owners"),
        Index("ix_project_owners_ids", "owners_ids", postgresql_using="gin"),
        Index(
            "uq_project_lower_short_name",
            func.lower(text("short_name")),
            unique=True,
            postgresql_where=text("short_name_skeleton IS NOT NULL"),
        ),
        Index("ix_project_owner_id", "owner_id"),
        Index("ix_project_category_id", "category_id", postgresql_where=text("published")),
        Index("ix_project_featured", "id", postgresql_where=text("featured")),
        Index("ix_project_is_open", "id", postgresql_where=text("is_open")),
        # Found by its webhook's or importer's presence in jobs: few projects have one.
        Index("ix_project_autoimporter", "id", postgresql_where=text("info ? 'autoimporter'")),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    updated: Mapped[Moment]
    """When its settings changed last; contributions are dated by `project_counter.last_activity`."""
    name: Mapped[Name255] = mapped_column(unique=True, info=NOT_EMPTY)
    short_name: Mapped[Name255] = mapped_column(unique=True, info=NOT_EMPTY)
    """The part of its address."""
    short_name_skeleton: Mapped[Skeleton]
    description: Mapped[Name255] = mapped_column(info=NOT_EMPTY)
    long_description: Mapped[LongText | None]
    """Markdown."""
    webhook: Mapped[Line | None]
    allow_anonymous_contributors: Mapped[bool] = mapped_column(server_default=true())
    published: Mapped[Flag]
    first_published: Mapped[datetime | None] = mapped_column(info=INTERNAL)
    """Answers from then on are not removed when it is published again."""
    paused: Mapped[Flag] = mapped_column(info=INTERNAL)
    """Its owners have no task handed out for now; what is in volunteers' hands may still be answered."""
    tryout_key: Mapped[str | None] = mapped_column(String(100), info=INTERNAL)
    """Who comes by an address with it may try the project while it is a draft."""
    featured: Mapped[Flag]
    contacted: Mapped[Flag]
    """Its owner was warned that nothing happens in it."""
    secret_key: Mapped[Word] = mapped_column(server_default=text("(gen_random_uuid())::text"))
    """What apps of others sign their volunteers' tokens with."""
    zip_download: Mapped[bool] = mapped_column(server_default=true())
    """Whether others than its owners may browse its tasks and download its data."""
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id", ondelete="RESTRICT"))
    info: Mapped[JsonProject]
    """`task_presenter`, `tutorial`, `results`, `sched`, `thumbnail`, `container`, `thumbnail_url`, `passwd_hash`, …"""
    version: Mapped[int] = mapped_column(server_default=text("1"), info=INTERNAL)
    """Raised by every change of the row (a trigger): what is done with the project as it was read expects it."""
    is_open: Mapped[bool] = mapped_column(
        Computed("published AND coalesce(info ->> 'passwd_hash', '') = ''", persisted=True), info=INTERNAL
    )
    """Everybody may see inside: published, and without a password. Kept in the row, because the database knows how many
    projects are so only of a column, and takes an expression on `info` to be true of nearly none."""
    owners_ids: Mapped[Ids] = mapped_column(server_default=text("'{}'::bigint[]"))
    """The owner and the co-owners; the owner is always among them."""

    @validates("short_name")
    def _keep_skeleton(self, _column: str, value: str | None) -> str | None:
        # A name that is set again as it was may be one of before, which looks like an older one.
        if value != self.__dict__.get("short_name"):
            self.short_name_skeleton = value if value is None else look(value)
        return value
