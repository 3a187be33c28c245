"""Attempts that must not be many, such as failed sign-ins, counted per account and per address in the rate limits'
window.

An attempt is counted before it is made and forgiven if it succeeds, so that many at the same time are counted too.
"""

import logging
from hashlib import sha256
from time import time

from redis.exceptions import RedisError

from webapp.errors import TooManyRequests
from webapp.http.call import Call
from webapp.i18n import gettext as _

log = logging.getLogger(__name__)
SIGN_IN = "signin"
RECOVER = "recover"
ADDRESS_FACTOR = 10
"""A whole classroom behind one address may mistype."""


def _keys(call: Call, what: str, email: str) -> tuple[dict[str, int], int]:
    """The counters of this attempt with what each lets pass, and when they begin anew."""
    window = call.settings.api_rate_window
    reset = (int(time()) // window + 1) * window
    account = sha256(email.strip().lower().encode()).hexdigest()[:32]
    most = call.settings.sign_in_failures
    return {
        f"{what}:account:{account}:{reset}": most,
        f"{what}:ip:{call.client_ip}:{reset}": most * ADDRESS_FACTOR,
    }, reset


async def begin(call: Call, what: str, email: str) -> None:
    """Count one more attempt. Raises TooManyRequests beyond what is let pass; with Redis away everything passes."""
    keys, reset = _keys(call, what, email)
    counts = await _add(call, keys, reset, 1)
    if any(count > most for count, most in zip(counts, keys.values(), strict=False)):
        raise TooManyRequests(_("Too many attempts: wait a quarter of an hour and try again."))


async def forgive(call: Call, what: str, email: str) -> None:
    """The attempt was no guess."""
    keys, reset = _keys(call, what, email)
    await _add(call, keys, reset, -1)


async def _add(call: Call, keys: dict[str, int], reset: int, change: int) -> list[int]:
    """The counters after the change; none while Redis is away."""
    try:
        async with call.platform.redis.pipeline(transaction=True) as pipe:
            for key in keys:
                pipe.incrby(key, change)
            for key in keys:
                pipe.expireat(key, reset)
            counts: list[int] = (await pipe.execute())[: len(keys)]
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("attempts are not counted for a moment: Redis does not answer (%s)", error)
        return []
    return counts
