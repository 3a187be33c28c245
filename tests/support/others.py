"""A server of somebody else: what it answers at each address, and what it was asked."""

import asyncio
from typing import Any

import orjson


class Service:
    """A server of somebody else: what it answers at each address."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[str, bytes]] = {}
        self.by_path: dict[str, list[Any]] = {}
        """Answers to any query of a path, one after another: a body, or a status and a body."""
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.slow: set[str] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, body: Any, status: str = "200 OK") -> None:
        self.answers[path] = (status, body if isinstance(body, bytes) else orjson.dumps(body))

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = asked.split(" ")[1]
        self.heads.append(asked)
        self.asked.append(path)
        if path in self.slow:
            await asyncio.sleep(1)
        if waiting := self.by_path.get(path.partition("?")[0]):
            found = waiting.pop(0)
            status, content = found if isinstance(found, tuple) else ("200 OK", found)
            body = orjson.dumps(content)
        else:
            status, body = self.answers.get(path, ("404 Not Found", b""))
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()
