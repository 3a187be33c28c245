"""Files that people have uploaded: whose each is, and what it belongs to."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Moment


class File(Base):
    """One file in the storage, and the row that it is attached to.

    The reference is kept here, not there: what clients write into a row's `info` names no file, tables with millions of
    answers need no column for it, and a row that goes, by whatever cascade, leaves a file known to be an orphan.
    """

    __tablename__ = "file"
    __table_args__ = (
        UniqueConstraint("container", "name"),
        CheckConstraint("attached_id IS NULL OR attached_to IS NOT NULL", name="attached_to_a_table"),
        Index(
            "uq_file_attached_to_attached_id",
            "attached_to",
            "attached_id",
            unique=True,
            postgresql_where=text("attached_id IS NOT NULL"),
        ),
        Index("ix_file_created", "created", postgresql_where=text("attached_id IS NULL")),
        Index("ix_file_owner_id", "owner_id"),
        Index("ix_file_project_id", "project_id"),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    container: Mapped[str] = mapped_column(String(64))
    """With `name`, its key in the storage and its address below `/uploads`."""
    name: Mapped[str] = mapped_column(String(106))
    content_type: Mapped[str | None] = mapped_column(String(100))
    """This, `size` and `sha256` are None for files from before they were recorded."""
    size: Mapped[int | None]
    """In bytes."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of its content, in hexadecimal."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    """Who uploaded it; None where nobody was signed in, or the account has gone."""
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))
    """The project that it belongs to, whoever uploaded it; None for what is a person's (an answer's, an account's)."""
    attached_to: Mapped[str | None] = mapped_column(String(30))
    """The table of the row that shows it, or has shown it; None until there is one."""
    attached_id: Mapped[int | None]
    """The id of that row; None while none shows it."""
