"""The audit log: who changed what in a project, without its secrets (docs/contract/jobs.md 10,
docs/contract/gaps.md 3.32)."""

from collections.abc import Mapping
from typing import Any, Literal

from db import json
from db.models import Auditlog, Project
from db.repositories.auditlog import AuditlogRepository
from db.session import AsyncSession
from webapp.actor import Actor

Channel = Literal["web", "api"]
SECRET = frozenset({"secret_key", "passwd_hash", "tryout_key", "webhook"})
HIDDEN = "(secret)"
LONGEST = 64_000
"""Characters of a value: of a presenter that is longer its beginning."""
NOT_LOGGED = frozenset({"updated"})


def _text(attribute: str, value: Any) -> str | None:
    if value is None:
        return None
    if attribute in SECRET:
        return HIDDEN
    text = value if isinstance(value, str) else json.dumps(value, default=json.or_text).decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def record(
    session: AsyncSession,
    actor: Actor,
    project: Project,
    channel: Channel,
    *,
    action: str,
    attribute: str,
    old: Any,
    new: Any,
) -> None:
    """Add one line to the log, in the transaction of the change."""
    AuditlogRepository(session).record(
        Auditlog(
            project_id=project.id,
            project_short_name=project.short_name,
            user_id=actor.user_id or 0,
            user_name=actor.name or actor.fullname or "",
            action=action,
            caller=channel,
            attribute=attribute,
            old_value=_text(attribute, old),
            new_value=_text(attribute, new),
        )
    )


def record_created(session: AsyncSession, actor: Actor, project: Project, channel: Channel) -> None:
    record(session, actor, project, channel, action="create", attribute="project", old="Nothing", new="New project")


def record_deleted(session: AsyncSession, actor: Actor, project: Project, channel: Channel) -> None:
    record(session, actor, project, channel, action="delete", attribute="project", old="Saved", new="Deleted")


def record_changes(
    session: AsyncSession,
    actor: Actor,
    project: Project,
    channel: Channel,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """One line a changed column, and for `info` one a changed key."""
    for name in after.keys() - NOT_LOGGED:
        old, new = before.get(name), after[name]
        if name == "info":
            for key in sorted({*(old or {}), *(new or {})}):
                _record_change(session, actor, project, channel, key, (old or {}).get(key), (new or {}).get(key))
        else:
            _record_change(session, actor, project, channel, name, old, new)


def _record_change(
    session: AsyncSession, actor: Actor, project: Project, channel: Channel, name: str, old: Any, new: Any
) -> None:
    if old != new:
        record(session, actor, project, channel, action="update", attribute=name, old=old, new=new)
