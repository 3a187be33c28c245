"""When a session was last used: in Redis, once in some minutes, so that no request asks or tells the database of it."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from time import time

from redis.exceptions import RedisError

from webapp.http.app_services import AppServices

log = logging.getLogger(__name__)
DAY_S = 24 * 3600


def _key(credential: str) -> str:
    return f"session:used:{credential}"


async def note(app_services: AppServices, credential: str) -> None:
    """The session of this fingerprint is used just now. Where that cannot be written, nothing is lost but that."""
    if app_services.noted_sessions.find(credential) is not None:
        return
    app_services.noted_sessions.put(credential, True)
    with suppress(RedisError, OSError, TimeoutError):
        seconds = app_services.settings.session_days * DAY_S
        await app_services.redis.set(_key(credential), int(time()), ex=seconds)


async def of_sessions(app_services: AppServices, credentials: Sequence[str]) -> dict[str, datetime]:
    """When these were last used, as far as that is known."""
    if not credentials:
        return {}
    try:
        found = await app_services.redis.mget([_key(one) for one in credentials])
    except (RedisError, OSError, TimeoutError):
        log.warning("when sessions were last used is not known: Redis does not answer")
        return {}
    pairs = zip(credentials, found, strict=True)
    return {one: datetime.fromtimestamp(int(used), UTC) for one, used in pairs if used is not None}
