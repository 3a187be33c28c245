"""What somebody says of themselves beyond their profile. It is shown to them and to administrators."""

from collections.abc import Mapping
from typing import Any

from db.models import User
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.policies import Action, about_user, require

PREFERENCES = ("languages", "locations")
FACTS = ("work_hours_from", "work_hours_to", "timezone", "user_type", "review")


def told(user: User) -> dict[str, Any]:
    """What the account has said, by field."""
    facts = user.info.get("metadata")
    facts = facts if isinstance(facts, dict) else {}
    preferences = {name: _words(user.user_pref.get(name)) for name in PREFERENCES}
    return preferences | {name: str(facts.get(name) or "") for name in FACTS}


def _words(kept: Any) -> list[str]:
    # The API takes any list here.
    return [str(word) for word in kept] if isinstance(kept, list) else []


async def save(session: AsyncSession, actor: Actor, user: User, values: Mapping[str, Any]) -> None:
    """Keep what is said in `user_pref` and in `info.metadata` (docs/contract/model.md)."""
    require(actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    user.user_pref = user.user_pref | {name: list(values[name]) for name in PREFERENCES}
    user.info = user.info | {"metadata": {name: values[name] or "" for name in FACTS}}
    await session.flush()
