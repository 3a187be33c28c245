"""People as they see themselves and as others see them (docs/contract/pages.md 1.6)."""

from dataclasses import dataclass
from typing import Any

from db.models import User
from db.queries.accounts.leaderboard import Ranked
from webapp.i18n import relative_time

PUBLIC_INFO = ("avatar", "container", "extra", "avatar_url")
TOKEN_SUFFIX = "_token"
"""How the keys of `info` end that hold leave to act at other services."""
REMOVED = ("facebook_user_id", "google_user_id", "twitter_user_id")
"""Keys of older servers, sent as null for old clients."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands among all volunteers."""

    n_answers: int = 0
    rank: int | None = None
    total: int = 0
    """How many volunteers there are."""

    @property
    def score(self) -> int | None:
        return self.n_answers or None


def public_info(info: dict[str, Any]) -> dict[str, Any]:
    return {key: info.get(key) for key in PUBLIC_INFO} if info else {}


def user_public(user: User, standing: Standing | None = None) -> dict[str, Any] | None:
    """USER-PUB; None where the account asked to be shown to nobody."""
    if user.restrict:
        return None
    return {
        "created": user.created,
        "name": user.name,
        "fullname": user.fullname,
        "info": public_info(user.info),
        "n_answers": standing.n_answers if standing else None,
        "registered_ago": relative_time(user.created),
        "rank": standing.rank if standing else None,
        "score": standing.score if standing else None,
        "locale": user.locale,
    }


def member_public(user: User, n_answers: int) -> dict[str, Any] | None:
    """USER-PUB of somebody in the list of people, with how many answers they have given."""
    shown = user_public(user, Standing(n_answers=n_answers))
    return shown and shown | {"task_runs": n_answers}


def own_info(info: dict[str, Any]) -> dict[str, Any]:
    """All of `info` but the keys of other services."""
    return {key: value for key, value in info.items() if not key.endswith(TOKEN_SUFFIX)}


def api_public(user: User) -> dict[str, Any]:
    """What the API shows of an account to others: as much as it wants to be known."""
    shown: dict[str, Any] = {"name": user.name, "locale": user.locale}
    return shown if user.privacy_mode else shown | {"fullname": user.fullname, "created": user.created}


def api_private(user: User) -> dict[str, Any]:
    """What the API shows of an account to itself and to administrators."""
    return {
        "id": user.id,
        "created": user.created,
        "name": user.name,
        "fullname": user.fullname,
        "email_addr": user.email_addr,
        "locale": user.locale,
        "info": own_info(user.info),
        **dict.fromkeys(("n_answers", "registered_ago", "rank", "score")),
    }


def ranked_public(found: Ranked) -> dict[str, Any]:
    """USER-PUB of somebody on a leaderboard."""
    return {
        "created": found.created,
        "name": found.name,
        "fullname": found.fullname,
        "info": public_info(found.info),
        "n_answers": None,
        "task_runs": None,
        "registered_ago": None,
        "rank": found.rank,
        "score": found.score,
        "locale": None,
    }


def owner_full(user: User, standing: Standing | None = None, *, private: bool = True) -> dict[str, Any]:
    """OWNER-FULL: one's own account. Others who may see it (`private` false) are not shown its key and address."""
    known = standing or Standing()
    shown = {
        "id": user.id,
        "name": user.name,
        "fullname": user.fullname,
        "created": user.created,
        "api_key": user.api_key if private else None,
        "info": own_info(user.info),
        "admin": user.admin,
        "locale": user.locale,
        "email_addr": user.email_addr if private else None,
        "n_answers": known.n_answers,
        "valid_email": user.valid_email,
        "confirmation_email_sent": user.confirmation_email_sent,
        "restrict": user.restrict,
        "registered_ago": relative_time(user.created),
        "rank": known.rank,
        "score": known.score,
        "total": known.total,
    }
    return shown | dict.fromkeys(REMOVED)


ADMIN_COLUMNS = (
    "id",
    "created",
    "email_addr",
    "name",
    "fullname",
    "locale",
    "admin",
    "pro",
    "privacy_mode",
    "restrict",
    "category",
    "flags",
    "ldap",
    "ckan_api",
    "newsletter_prompted",
    "valid_email",
    "confirmation_email_sent",
    "subscribed",
    "consent",
    "user_pref",
    "notified_at",
)
EXPORTED = ("id", "name", "fullname", "email_addr", "created", "locale", "admin", "consent", "restrict")
"""What the list of all accounts has of each."""


def user_for_admin(user: User) -> dict[str, Any]:
    """An account as administrators see it: everything but what would let them in as somebody else, which is null
    (docs/contract/gaps.md 3.17)."""
    shown = {name: getattr(user, name) for name in ADMIN_COLUMNS} | {"info": own_info(user.info)}
    return shown | dict.fromkeys(("api_key", "passwd_hash", *REMOVED))
