"""An account that goes: what it has answered stays, of nobody in particular (docs/contract/model.md 3)."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, column, text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Ties:
    """What keeps an account from going: others need it."""

    n_projects: int
    """Projects that it owns."""
    n_announcements: int
    """Announcements that it wrote."""

    @property
    def free(self) -> bool:
        return not (self.n_projects or self.n_announcements)


_TIES = text("""
SELECT (SELECT count(*) FROM project WHERE owner_id = :user) AS n_projects,
       (SELECT count(*) FROM announcement WHERE user_id = :user) AS n_announcements
""").columns(column("n_projects", BigInteger), column("n_announcements", BigInteger))

# Whoever is just storing a run of this account is waited for; whoever begins later finds no account.
_LOCK = text("SELECT 1 FROM users WHERE id = :user FOR UPDATE")
_ASSIGNMENTS = text("UPDATE assignment SET contributor = :nobody WHERE contributor = :key")
_RUNS = text("UPDATE task_run SET user_id = NULL, user_ip = :ip, contributor = :nobody WHERE user_id = :user")
_PROGRESS = text("""
WITH moved AS (
  UPDATE contributor_progress SET contributor = :nobody, user_id = NULL WHERE user_id = :user RETURNING project_id
)
UPDATE project_counter c SET n_anonymous = c.n_anonymous + 1
FROM moved WHERE c.project_id = moved.project_id AND c.shard = 0
""")
_COOWNED = text("""
UPDATE project SET owners_ids = array_remove(owners_ids, CAST(:user AS bigint))
WHERE owners_ids @> ARRAY[CAST(:user AS bigint)]
""")
_FAVOURITES = text("""
UPDATE task SET fav_user_ids = array_remove(fav_user_ids, CAST(:user AS bigint))
WHERE fav_user_ids @> ARRAY[CAST(:user AS bigint)]
""")
_GONE = text("DELETE FROM users WHERE id = :user")


async def ties(session: AsyncSession, user_id: int) -> Ties:
    """What keeps the account from going."""
    return Ties(*(await session.execute(_TIES, {"user": user_id})).one())


async def leave(session: AsyncSession, user_id: int, *, nobody: str, ip: str) -> None:
    """Remove the account. Its runs become those of contributor `nobody` at the (made-up) address `ip`."""
    values = {"user": user_id, "key": f"user:{user_id}", "nobody": nobody, "ip": ip}
    await session.execute(_LOCK, {"user": user_id})
    await session.execute(_ASSIGNMENTS, {"nobody": nobody, "key": values["key"]})
    await session.execute(_RUNS, {name: values[name] for name in ("ip", "nobody", "user")})
    await session.execute(_PROGRESS, {"nobody": nobody, "user": user_id})
    for statement in (_COOWNED, _FAVOURITES, _GONE):
        await session.execute(statement, {"user": user_id})
