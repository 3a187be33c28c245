"""Messages to whoever has a project's stream of events open, in whichever process they are: Redis's pub/sub
(docs/contract/pages.md 4.6).

Nothing waits for them, and nobody is told twice: a message that nobody hears is gone, as is one that is sent while
Redis is away. What has to be known is read from the database.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any, Literal

from redis.asyncio import Redis
from redis.exceptions import RedisError

from db import json
from webapp.config import Settings
from webapp.errors import TooManyRequests, Unavailable

log = logging.getLogger(__name__)

Audience = Literal["private", "public"]
Message = dict[str, Any]
"""`type`, and `data`; and `serial`, the same for all who hear it in this process."""
TOUCHED = "touched"
"""The type of the message that a project's figures are others now."""
TELL_EVERY_S = 1.0
HEARTBEAT_S = 15.0
RETRY_S = 1.0
LONGEST_S = 300.0
"""A stream ends then, and browsers open it again: whoever may not any more is refused at last."""
MOST_WAITING = 100
"""Messages that a slow reader may be behind; what comes beyond is left out."""
MOST_OF_ADDRESS, MOST_OF_PROJECT, MOST = 12, 200, 400
"""Streams open at each worker."""
RETRY_AFTER_S = 30


class Streams:
    """The streams of this process, and the way to those of all."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        # Pub/sub knows no databases: two sites at one Redis hear of their own projects alone.
        self._begin = f"workbee:{sha256(settings.key('streams')).hexdigest()[:16]}:"
        self._listeners: dict[str, set[asyncio.Queue[Message | None]]] = {}
        self._touched: set[int] = set()
        self._of_address: Counter[str] = Counter()
        self._of_project: Counter[int] = Counter()
        self._serial = count(1)
        self.has_ended = False

    @property
    def n_open(self) -> int:
        return self._of_project.total()

    def _channel(self, audience: Audience, project_id: int) -> str:
        return f"{self._begin}{audience}:{project_id}"

    async def publish(self, audience: Audience, project_id: int, kind: str, data: Any) -> None:
        """Send a message to all who listen to the project's stream of this audience."""
        try:
            message = json.dumps({"type": kind, "data": data}, default=_plain, option=json.OPT_PASSTHROUGH_DATETIME)
            await self._redis.publish(self._channel(audience, project_id), message)
        except (RedisError, OSError) as error:
            log.debug("a message of project %s was not sent: %s", project_id, error)

    def touch(self, project_id: int) -> None:
        """The project's figures are others now: said once a second at most, however many answers there are."""
        self._touched.add(project_id)

    def check_room(self, project_id: int, address: str) -> None:
        """Return if one more stream may be opened. Raises TooManyRequests where this address has as many as it may, and
        Unavailable where the project or this process has."""
        if self._of_address[address] >= MOST_OF_ADDRESS:
            raise TooManyRequests(retry_after=RETRY_AFTER_S)
        if self.has_ended or self._of_project[project_id] >= MOST_OF_PROJECT or self.n_open >= MOST:
            raise Unavailable(retry_after=RETRY_AFTER_S)

    async def listen(self, audience: Audience, project_id: int, address: str) -> AsyncGenerator[Message | None, None]:
        """The messages of this stream as they come, and None now and then where none does; it ends after a while, or
        with this process. Raises as `check_room`."""
        self.check_room(project_id, address)
        channel = self._channel(audience, project_id)
        queue: asyncio.Queue[Message | None] = asyncio.Queue(MOST_WAITING)
        listeners = self._listeners.setdefault(channel, set())
        listeners.add(queue)
        self._of_address[address] += 1
        self._of_project[project_id] += 1
        try:
            until = asyncio.get_running_loop().time() + LONGEST_S
            yield None
            while not self.has_ended and (left := until - asyncio.get_running_loop().time()) > 0:
                try:
                    message = await asyncio.wait_for(queue.get(), min(HEARTBEAT_S, left))
                except TimeoutError:
                    yield None
                    continue
                if message is None:
                    return
                yield message
        finally:
            listeners.discard(queue)
            if not listeners:
                self._listeners.pop(channel, None)
            _count_down(self._of_address, address)
            _count_down(self._of_project, project_id)

    def end(self) -> None:
        """End all streams of this process, and open none: it is about to stop."""
        self.has_ended = True
        for listeners in self._listeners.values():
            for queue in listeners:
                with suppress(asyncio.QueueFull):
                    queue.put_nowait(None)

    async def run(self) -> None:
        """Pass messages on for as long as this process runs; while Redis is away nothing comes."""
        await asyncio.gather(self._again(self._pass_on), self._again(self._tell_touched))

    async def _again(self, work: Callable[[], Any]) -> None:
        while True:
            try:
                await work()
            except (RedisError, OSError) as error:
                log.debug("streams wait for Redis: %s", error)
            await asyncio.sleep(RETRY_S)

    async def _pass_on(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as heard:
            await heard.psubscribe(f"{self._begin}*")
            while True:
                message = await heard.get_message(timeout=RETRY_S)
                if message is not None:
                    self._hand_out(message["channel"].decode(), message["data"])

    def _hand_out(self, channel: str, data: bytes) -> None:
        if listeners := self._listeners.get(channel):
            message = json.loads(data) | {"serial": next(self._serial)}
            for queue in listeners:
                with suppress(asyncio.QueueFull):
                    queue.put_nowait(message)

    async def _tell_touched(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            touched, self._touched = self._touched, set()
            for project_id in touched:
                await self.publish("public", project_id, TOUCHED, None)


def _plain(value: Any) -> Any:
    """The JSON form of times as the API has it, naive UTC, and of what else orjson does not know."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return json.plain(value)


def _count_down(counter: Counter[Any], key: Any) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
