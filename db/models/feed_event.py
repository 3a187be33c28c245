"""The site's feed of what happened."""

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, JsonObject, Moment


class FeedEvent(Base):
    """Something worth telling on the site; the newest hundred are shown, and older ones removed by a job."""

    __tablename__ = "feed_event"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('Project', 'Task', 'TaskCompleted', 'UserContribution', 'Blog', 'User')", name="kind_known"
        ),
        Index("ix_feed_event_created", "created", "id"),
        Index("ix_feed_event_project_id", "project_id"),
        Index("ix_feed_event_user_id", "user_id"),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    kind: Mapped[str]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    payload: Mapped[JsonObject]
    """Public facts only, as they were then."""
