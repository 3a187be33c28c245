"""Who gets a bulk mail: a step at a time through a key, each of so many rows however few of them want mail.

Every step looks at no more than `limit` rows, in the order of a primary key, from a cursor on.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Step:
    """`cursor` is where the next one goes on; None at the end."""

    cursor: str | None
    recipients: list[tuple[int, dict[str, Any]]]
    """Accounts, each with what its mail is about."""


_OF_PROJECT = """
WITH step AS (
  SELECT contributor, user_id FROM contributor_progress
  WHERE project_id = :project AND contributor > :cursor ORDER BY contributor LIMIT :limit
), wanted AS (
  SELECT u.id FROM step JOIN users u ON u.id = step.user_id
  WHERE u.subscribed AND NOT u.restrict AND (u.suspended_until IS NULL OR u.suspended_until < now())
  FOR KEY SHARE OF u
)
SELECT (SELECT max(contributor) FROM step), (SELECT array_agg(id ORDER BY id) FROM wanted)
"""
_OF_ACCOUNTS = """
WITH step AS (
  SELECT id FROM users WHERE id > CAST(CAST(:cursor AS text) AS bigint) ORDER BY id LIMIT :limit
), wanted AS (
  SELECT u.id FROM step JOIN users u ON u.id = step.id
  WHERE NOT u.restrict AND (u.suspended_until IS NULL OR u.suspended_until < now()) AND ({condition})
  FOR KEY SHARE OF u
)
SELECT CAST((SELECT max(id) FROM step) AS text), (SELECT array_agg(id ORDER BY id) FROM wanted)
"""
_LAST_ANSWER = "(SELECT max(last_at) FROM contributor_progress p WHERE p.user_id = u.id)"
_OWNS_NONE = "NOT EXISTS (SELECT 1 FROM project p WHERE p.owner_id = u.id)"
_CONDITIONS = {
    "missed": f"""
      u.subscribed AND {_LAST_ANSWER} BETWEEN now() - interval '12 months' AND now() - interval '3 months'
    """,
    "never": f"u.subscribed AND u.created < now() - interval '1 month' AND {_LAST_ANSWER} IS NULL",
    "inactive": f"""
      NOT u.admin AND u.notified_at IS NULL AND {_LAST_ANSWER} < now() - make_interval(months => :months)
      AND {_OWNS_NONE}
    """,
}
_WEEKLY = text("""
WITH step AS (
  SELECT id, owner_id, featured FROM project
  WHERE published AND id > CAST(CAST(:cursor AS text) AS bigint) ORDER BY id LIMIT :limit
), wanted AS (
  SELECT step.id AS project_id, u.id FROM step JOIN users u ON u.id = step.owner_id
  WHERE u.subscribed AND NOT u.restrict AND (u.suspended_until IS NULL OR u.suspended_until < now())
    AND (u.pro OR u.admin OR step.featured OR :everybody)
    AND (step.featured OR (
      SELECT sum(n_tasks) > sum(n_completed_tasks) FROM project_counter c WHERE c.project_id = step.id
    ))
  FOR KEY SHARE OF u
)
SELECT CAST((SELECT max(id) FROM step) AS text), (SELECT array_agg(id ORDER BY project_id) FROM wanted),
       (SELECT array_agg(project_id ORDER BY project_id) FROM wanted)
""")
_COMPILED = {name: text(_OF_ACCOUNTS.format(condition=condition)) for name, condition in _CONDITIONS.items()}
_OF_PROJECT_TEXT = text(_OF_PROJECT)
_NOTIFIED = text("UPDATE users SET notified_at = (now() AT TIME ZONE 'UTC')::date WHERE id = ANY (:users)")
_TO_REMOVE = text(f"""
SELECT u.id FROM users u
WHERE u.id > :after AND u.notified_at < (now() AT TIME ZONE 'UTC')::date - CAST(:days AS integer)
  AND NOT u.admin AND NOT u.restrict AND {_OWNS_NONE}
  AND NOT EXISTS (SELECT 1 FROM mail m WHERE m.user_id = u.id AND m.kind = 'inactive' AND m.sent IS NULL)
ORDER BY u.id LIMIT :limit
""")
_IDLE = text("""
WITH step AS (
  SELECT id, owner_id, updated, contacted FROM project
  WHERE published AND id > CAST(CAST(:cursor AS text) AS bigint) ORDER BY id LIMIT :limit
), wanted AS (
  SELECT step.id AS project_id, u.id FROM step JOIN users u ON u.id = step.owner_id
  WHERE NOT step.contacted AND step.updated < now() - interval '3 months'
    AND u.consent AND u.subscribed AND NOT u.restrict
    AND (SELECT sum(n_completed_tasks) = 0
            AND coalesce(max(last_activity), '-infinity') < now() - interval '3 months'
         FROM project_counter c WHERE c.project_id = step.id)
  FOR KEY SHARE OF u
)
SELECT CAST((SELECT max(id) FROM step) AS text), (SELECT array_agg(id ORDER BY project_id) FROM wanted),
       (SELECT array_agg(project_id ORDER BY project_id) FROM wanted)
""")
_CONTACTED = text("UPDATE project SET contacted = true WHERE id = ANY (:projects)")


async def volunteers(session: AsyncSession, project_id: int, cursor: str | None, *, limit: int) -> Step:
    """Accounts that have answered in the project and want mail."""
    asked = {"project": project_id, "cursor": cursor or "", "limit": limit}
    last, found = (await session.execute(_OF_PROJECT_TEXT, asked)).one()
    return Step(last, [(one, {}) for one in found or ()])


async def accounts(session: AsyncSession, which: str, cursor: str | None, *, limit: int, months: int = 0) -> Step:
    """Accounts that are `missed` (no answer for three months), have `never` answered, or are `inactive` for so many
    months and not told yet."""
    asked: dict[str, Any] = {"cursor": cursor or "0", "limit": limit}
    statement = _COMPILED[which]
    last, found = (await session.execute(statement, asked | ({"months": months} if which == "inactive" else {}))).one()
    return Step(last, [(one, {}) for one in found or ()])


async def owners_for_report(session: AsyncSession, cursor: str | None, *, limit: int, everybody: bool) -> Step:
    """Owners, once for each of their published projects that is not complete; `everybody`: not only pro users."""
    return await _by_project(session, _WEEKLY, {"cursor": cursor or "0", "limit": limit, "everybody": everybody})


async def owners_of_idle(session: AsyncSession, cursor: str | None, *, limit: int) -> Step:
    """Owners of published projects in which nothing was ever completed, nor anything happened for three months."""
    return await _by_project(session, _IDLE, {"cursor": cursor or "0", "limit": limit})


async def _by_project(session: AsyncSession, statement: Any, asked: dict[str, Any]) -> Step:
    last, owners, projects = (await session.execute(statement, asked)).one()
    pairs = zip(owners or (), projects or (), strict=True)
    return Step(last, [(owner, {"project_id": project}) for owner, project in pairs])


async def note_notified(session: AsyncSession, user_ids: list[int]) -> None:
    """They are told today that their accounts are going to be removed."""
    await session.execute(_NOTIFIED, {"users": user_ids})


async def note_contacted(session: AsyncSession, project_ids: list[int]) -> None:
    """The owners of these projects are told that nothing happens in them."""
    await session.execute(_CONTACTED, {"projects": project_ids})


async def to_remove(session: AsyncSession, after: int, *, days: int, limit: int) -> list[int]:
    """The next accounts whose owners were told more than so many days ago, and have not answered since. Those
    whose mail the server has not taken yet have not been told."""
    return list((await session.scalars(_TO_REMOVE, {"after": after, "days": days, "limit": limit})).all())
