"""Accounts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, Integer, String, false, func, text, true
from sqlalchemy.orm import Mapped, mapped_column, validates

from db.base import INTERNAL, MIB, Base, BigId, BoundedJson, Flag, JsonObject, Key, Line, Moment, Name254, Skeleton
from db.checks import NOT_EMPTY
from db.naming import look


class User(Base):
    """Somebody with an account. A row of `user_score` is made with it."""

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_lower_email_addr", func.lower(text("email_addr")), unique=True),
        Index("ix_users_created", "created", "id"),
        Index("ix_users_admin", "id", postgresql_where=text("admin")),
        Index("ix_users_fullname_id", "fullname", "id"),
        Index(
            "ix_users_names",
            func.workbee_names(text("name"), text("fullname")).label("names"),
            postgresql_using="gin",
            postgresql_ops={"names": "gin_trgm_ops"},
        ),
        Index(
            "uq_users_lower_name",
            func.lower(text("name")),
            unique=True,
            postgresql_where=text("name_skeleton IS NOT NULL"),
        ),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    email_addr: Mapped[Name254] = mapped_column(info=NOT_EMPTY)
    """Unique whatever the case of its letters."""
    name: Mapped[Name254] = mapped_column(unique=True, info=NOT_EMPTY)
    """The part of the profile's address; people are addressed by their full name."""
    name_skeleton: Mapped[Skeleton]
    fullname: Mapped[str] = mapped_column(String(500))
    locale: Mapped[Name254] = mapped_column(server_default="en")
    api_key: Mapped[str | None] = mapped_column(
        String(36), unique=True, server_default=text("(gen_random_uuid())::text")
    )
    passwd_hash: Mapped[Line | None]
    """None for accounts that sign in elsewhere."""
    session_epoch: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Part of what a session is signed with: raising it ends every other session of this account."""
    ldap: Mapped[Key | None] = mapped_column(unique=True)
    admin: Mapped[Flag]
    pro: Mapped[Flag]
    privacy_mode: Mapped[bool] = mapped_column(server_default=true())
    """The full name and the day of joining are not shown to others by the API."""
    restrict: Mapped[bool] = mapped_column(server_default=false())
    """The account asked for its data not to be processed (GDPR)."""
    suspended_until: Mapped[datetime | None] = mapped_column(info=INTERNAL)
    """Until then an administrator lets nobody in with this account."""
    suspended_reason: Mapped[str | None] = mapped_column(String(500), info=INTERNAL)
    category: Mapped[int | None] = mapped_column(Integer)
    flags: Mapped[int | None] = mapped_column(Integer)
    ckan_api: Mapped[Key | None] = mapped_column(unique=True)
    newsletter_prompted: Mapped[Flag]
    valid_email: Mapped[Flag]
    confirmation_email_sent: Mapped[Flag]
    subscribed: Mapped[Flag]
    consent: Mapped[Flag]
    info: Mapped[JsonObject]
    """`avatar`, `container`, `avatar_url`, `extra`, `metadata` and the tokens of other services."""
    user_pref: Mapped[dict[str, Any]] = mapped_column(
        BoundedJson(MIB), server_default=text("""'{"languages": [], "locations": []}'::jsonb""")
    )
    notified_at: Mapped[date | None]
    """When a warning of deletion for inactivity was mailed; a new run clears it."""

    @validates("name")
    def _keep_skeleton(self, _column: str, value: str | None) -> str | None:
        # A name that is set again as it was may be one of before, which looks like an older one.
        if value != self.__dict__.get("name"):
            self.name_skeleton = value if value is None else look(value)
        return value
