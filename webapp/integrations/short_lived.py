"""What is kept for some minutes, in Redis: challenges that are answered once, codes that run out by themselves."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from db import json
from webapp.errors import Unavailable

log = logging.getLogger(__name__)


class NotKept(Unavailable):
    message = "Signing in has to wait for a moment. Please try again."


class ShortLived:
    """Small JSON objects by key. Every call raises NotKept (503) while Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, key: str, value: Mapping[str, Any], *, seconds: int) -> None:
        """Keep the value for so long, in place of one of before."""
        async with _answered():
            await self._redis.set(key, json.dumps(dict(value)), ex=seconds)

    async def get(self, key: str) -> dict[str, Any] | None:
        """The value, or None once it has run out."""
        async with _answered():
            return _value(await self._redis.get(key))

    async def take(self, key: str) -> dict[str, Any] | None:
        """The value, which nobody gets once more."""
        async with _answered():
            return _value(await self._redis.getdel(key))

    async def drop(self, *keys: str) -> None:
        """Keep them no longer."""
        async with _answered():
            await self._redis.delete(*keys)

    async def count(self, key: str, *, seconds: int) -> int:
        """Count one more, and how many there were within so long after the last."""
        async with _answered(), self._redis.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, seconds)
            number: int = (await pipe.execute())[0]
        return number


def _value(kept: bytes | str | None) -> dict[str, Any] | None:
    value: dict[str, Any] | None = None if kept is None else json.loads(kept)
    return value


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("Redis does not answer (%s)", error)
        raise NotKept from error
