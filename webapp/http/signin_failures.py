"""Failed sign-ins, counted per account and per address in the rate limits' window; successes cost nothing."""

import logging
from hashlib import sha256
from time import time

from redis.exceptions import RedisError

from webapp.errors import TooManyRequests
from webapp.http.call import Call
from webapp.i18n import gettext as _

log = logging.getLogger(__name__)
ADDRESS_FACTOR = 10
"""A whole classroom behind one address may mistype."""


def _keys(call: Call, email: str) -> tuple[dict[str, int], int]:
    window = call.settings.api_rate_window
    reset = (int(time()) // window + 1) * window
    account = sha256(email.lower().encode()).hexdigest()[:32]
    most = call.settings.sign_in_failures
    return {f"signin:account:{account}:{reset}": most, f"signin:ip:{call.client_ip}:{reset}": most * ADDRESS_FACTOR}, reset


async def check(call: Call, email: str) -> None:
    """Return if another try may be made; otherwise raise TooManyRequests. With Redis away it may."""
    keys, _reset = _keys(call, email)
    try:
        counts = await call.platform.redis.mget(list(keys))
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("failed sign-ins are not counted: Redis does not answer (%s)", error)
        return
    if any(count is not None and int(count) >= most for count, most in zip(counts, keys.values(), strict=True)):
        raise TooManyRequests(_("Too many failed attempts: wait a quarter of an hour and try again."))


async def count(call: Call, email: str) -> None:
    """One more failure."""
    keys, reset = _keys(call, email)
    try:
        async with call.platform.redis.pipeline(transaction=True) as pipe:
            for key in keys:
                pipe.incr(key)
                pipe.expireat(key, reset)
            await pipe.execute()
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("a failed sign-in was not counted: Redis does not answer (%s)", error)
