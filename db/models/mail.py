"""Mails that wait or were sent, and bulk mails that go through their recipients."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, JsonObject, Key, Moment, Word


class Mail(Base):
    """One mail to one person, written in the transaction that causes it; what it says is found when it is sent."""

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_user_id", "user_id"),
        Index("ix_mail_created", "created"),
        Index("ix_mail_kind_topic_created", "kind", "topic", "created"),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    kind: Mapped[Word]
    """By which name `webapp.services.mails.kinds` knows it."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    """Whom it is for; None where it is for an address that `about` names."""
    topic: Mapped[Key | None]
    """What mails of a kind that are not sent again for a while have in common."""
    about: Mapped[JsonObject]
    sent: Mapped[datetime | None]
    """When the mail server took it, or it was found that there is nothing to send."""


class Mailing(Base):
    """One mail to many: how far it has come among its recipients."""

    __tablename__ = "mailing"
    __table_args__ = (Index("ix_mailing_kind_created", "kind", "created"),)

    id: Mapped[BigId]
    created: Mapped[Moment]
    kind: Mapped[Word]
    key: Mapped[Key] = mapped_column(unique=True)
    """There is one mailing for each: a post, or a week."""
    about: Mapped[JsonObject]
    cursor: Mapped[Key | None]
    """The last recipient that was passed, in the order of the kind's audience."""
    finished: Mapped[datetime | None]


class NewsletterSubscriber(Base):
    """An account that wants the site's newsletter."""

    __tablename__ = "newsletter_subscriber"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    created: Mapped[Moment]
