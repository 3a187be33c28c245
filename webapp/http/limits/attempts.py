"""Attempts that must not be many: guesses of passwords, requests for mail, registrations.

An attempt is counted before it is made and forgiven if it was no guess, so that many at the same time are counted too.
Guesses are counted by what they are about (an account, a project) *and* where they come from: a stranger who guesses
shuts the door on themselves, not on the account's owner. What all sources together guess at one account slows strangers
down: they pass one by one, some seconds apart, and too many who wait are turned away. A browser in which the account
was signed in before has an allowance of its own, which no stranger can use up.

What cannot be counted is refused (NotCounted, 503): whoever can keep Redis from answering would otherwise guess as
often as they like. Routes whose views count attempts declare `fail_closed`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from time import time

from redis.exceptions import RedisError

from db.naming import fold
from webapp.errors import NotCounted, TooManyRequests
from webapp.http.request_context import DEVICE_COOKIE, RequestContext
from webapp.http.security import auth
from webapp.http.security.address import wider_range
from webapp.i18n import gettext as _

log = logging.getLogger(__name__)
ADDRESS_FACTOR = 10
"""A whole classroom behind one address may mistype; a range of addresses may have as many classrooms."""
HOUR_S = 3600
PAUSE_MS = 2000
"""How far apart strangers guess at an account that many have guessed at, in milliseconds."""
LONGEST_WAIT_MS = 3 * PAUSE_MS
"""How long one of them waits for their turn at the most."""

TAKE_TURN = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
if turn - now > tonumber(ARGV[2]) then return -1 end
redis.call('SET', KEYS[1], turn + ARGV[1], 'PX', turn + ARGV[1] - now)
return turn - now
"""


def account_subject(user_id: int | None, email: str) -> str:
    """What guesses at the password of this address are counted by: the account, however its address was written, or
    the address of no account, so that both are answered alike."""
    return f"user:{user_id}" if user_id is not None else f"address:{_digest(fold(email))}"


class UndeclaredAttempts(RuntimeError):
    """A view counts attempts, and its route does not say that what cannot be counted is refused."""


@dataclass(frozen=True)
class Guess:
    """A guess that may be made, and has been counted."""

    ctx: RequestContext
    keys: tuple[str, ...]
    reset: int
    is_crowded: bool = False
    """Whether many have guessed at the same, who are told so when they are wrong."""

    async def forgive(self) -> None:
        """It was no guess: whoever made it knew the password, and is not turned away for want of a count."""
        with suppress(NotCounted):
            await _add(self.ctx, self.keys, self.reset, -1)

    def fail(self) -> None:
        """It was wrong. Raises TooManyRequests where many were."""
        if self.is_crowded:
            raise _too_many()


async def begin_guess(ctx: RequestContext, subject: str, *, crowd_factor: int = 1) -> Guess:
    """Count a guess at the password of `subject`, and wait for its turn. Raises TooManyRequests.

    Nothing of the database may be held here: a turn can be seconds away. `crowd_factor` says how many times more
    failures of all sources together are nothing strange.
    """
    most, reset = ctx.settings.sign_in_failures, _end_of(ctx.settings.api_rate_window)
    if (device := _known_device(ctx, subject)) is not None:
        own = Guess(ctx, (f"guess:{subject}:device:{device}:{reset}",), reset)
        if not any(await _over(ctx, {own.keys[0]: most}, reset)):
            return own
    source = ctx.client_ip
    counters = {
        f"guess:{subject}:ip:{source}:{reset}": most,
        f"guess:ip:{source}:{reset}": most * ADDRESS_FACTOR,
        f"guess:{subject}:{reset}": most * crowd_factor,
    }
    *source_over, crowd_over = await _over(ctx, counters, reset)
    if any(source_over):
        raise _too_many()
    if crowd_over:
        await _take_turn(ctx, f"guess:{subject}:turn")
    return Guess(ctx, tuple(counters), reset, is_crowded=crowd_over)


async def begin_code(ctx: RequestContext, user_id: int) -> Guess:
    """Count a code that somebody types who knows the account's password. Raises TooManyRequests.

    A code is short: all sources together have a fixed number of tries, with no turns beyond. A browser in which the
    account was signed in before has its own, so that whoever has stolen a password keeps nobody out.
    """
    most, reset = ctx.settings.sign_in_failures, _end_of(HOUR_S)
    device = _known_device(ctx, f"user:{user_id}")
    key = f"code:{user_id}:{reset}" if device is None else f"code:{user_id}:device:{device}:{reset}"
    if any(await _over(ctx, {key: most}, reset)):
        raise TooManyRequests(_("Too many wrong codes: wait an hour, or sign in where you have been before."))
    return Guess(ctx, (key,), reset)


async def count_mail(ctx: RequestContext, email: str) -> None:
    """Count a request for mail to this address. Raises TooManyRequests."""
    most, reset = ctx.settings.sign_in_failures, _end_of(ctx.settings.api_rate_window)
    counters = {
        f"mail:{_digest(fold(email))}:{reset}": most,
        f"mail:ip:{ctx.client_ip}:{reset}": most * ADDRESS_FACTOR,
    }
    if any(await _over(ctx, counters, reset)):
        raise _too_many()


async def count_registration(ctx: RequestContext) -> None:
    """Count a registration, by address and by the range around it. Raises TooManyRequests."""
    most, reset = ctx.settings.registrations_per_hour, _end_of(HOUR_S)
    counters = {
        f"register:ip:{ctx.client_ip}:{reset}": most,
        f"register:range:{wider_range(ctx.client_ip)}:{reset}": most * ADDRESS_FACTOR,
    }
    if any(await _over(ctx, counters, reset)):
        raise TooManyRequests(_("Too many accounts were made from your network: wait an hour and try again."))


def _known_device(ctx: RequestContext, subject: str) -> str | None:
    """The number of this browser, if the account of `subject` has been signed in here before."""
    known = auth.read_device_token(ctx.cookie(DEVICE_COOKIE) or "", ctx.settings)
    return known[1] if known is not None and subject == f"user:{known[0]}" else None


def _end_of(window: int) -> int:
    """When the present window ends, in seconds since the epoch."""
    return (int(time()) // window + 1) * window


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def _too_many() -> TooManyRequests:
    return TooManyRequests(_("Too many attempts: wait a quarter of an hour and try again."))


async def _over(ctx: RequestContext, counters: Mapping[str, int], reset: int) -> list[bool]:
    """Count one for each; which are above what they let pass."""
    counts = await _add(ctx, tuple(counters), reset, 1)
    return [count > most for count, most in zip(counts, counters.values(), strict=True)]


async def _add(ctx: RequestContext, keys: tuple[str, ...], reset: int, change: int) -> list[int]:
    """The counters after the change. Raises NotCounted."""
    async with _counted(ctx), ctx.app_services.redis.pipeline(transaction=True) as pipe:
        for key in keys:
            pipe.incrby(key, change)
        for key in keys:
            pipe.expireat(key, reset)
        counts: list[int] = (await pipe.execute())[: len(keys)]
    return counts


async def _take_turn(ctx: RequestContext, key: str) -> None:
    """Wait until it is this one's turn. Raises NotCounted, and TooManyRequests if that is too long."""
    async with _counted(ctx):
        wait_ms = int(await ctx.app_services.redis.eval(TAKE_TURN, 1, key, PAUSE_MS, LONGEST_WAIT_MS))
    if wait_ms < 0:
        raise _too_many()
    await asyncio.sleep(wait_ms / 1000)


@asynccontextmanager
async def _counted(ctx: RequestContext) -> AsyncIterator[None]:
    """What is asked of Redis in here. Raises NotCounted where it does not answer, and UndeclaredAttempts."""
    if not ctx.fail_closed:
        raise UndeclaredAttempts(f"{ctx.method} {ctx.request.url_rule} counts attempts and is not `fail_closed`")
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("attempts are refused for a moment: Redis does not answer (%s)", error)
        raise NotCounted from error
