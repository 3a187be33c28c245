"""A server that answers as a CKAN site does to what this program asks of one: packages, resources and their rows."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import orjson

KEY = "ckan-key-of-the-owner"


@dataclass
class CkanSite:
    """What is there, and what was asked."""

    port: int = 0
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, dict[Any, dict[str, Any]]] = field(default_factory=dict)
    """Rows by their key, of each resource."""
    fields: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    chunks: list[int] = field(default_factory=list)
    refusals: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """By actions: what is answered in place of doing them."""
    pause_s: float = 0
    """Before each chunk is stored."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = orjson.loads(await reader.readexactly(int(headers.get("content-length", "0"))))
            action = head[0].split(" ")[1].removeprefix("/api/3/action/")
            self.asked.append(action)
            status, result = await self._do(action, body, headers.get("authorization", ""))
            told = {"success": True, "result": result} if status == 200 else {"success": False, "error": result}
            content = orjson.dumps(told)
            lines = [
                f"HTTP/1.1 {status} X",
                "Content-Type: application/json",
                f"Content-Length: {len(content)}",
                "",
                "",
            ]
            writer.write("\r\n".join(lines).encode() + content)
            await writer.drain()

    async def _do(self, action: str, body: dict[str, Any], key: str) -> tuple[int, Any]:
        if action in self.refusals:
            return self.refusals[action]
        if key != KEY:
            return 403, {"__type": "Authorization Error", "message": "Access denied"}
        done: tuple[int, Any] = await getattr(self, f"_{action}")(body)
        return done

    async def _package_show(self, body: dict[str, Any]) -> tuple[int, Any]:
        found = self.packages.get(body["id"])
        if found is None:
            return 404, {"__type": "Not Found Error", "message": "Not found"}
        return 200, found | {"resources": [one for one in self.resources.values() if one["package_id"] == found["id"]]}

    async def _package_create(self, body: dict[str, Any]) -> tuple[int, Any]:
        if body["name"] in self.packages:
            return 409, {"__type": "Validation Error", "name": ["That URL is already in use."]}
        made = self.packages[body["name"]] = body | {"id": f"package-{len(self.packages)}"}
        return 200, made | {"resources": []}

    async def _package_patch(self, body: dict[str, Any]) -> tuple[int, Any]:
        found = next(one for one in self.packages.values() if one["id"] == body["id"])
        found.update(body)
        return 200, found

    async def _resource_create(self, body: dict[str, Any]) -> tuple[int, Any]:
        number = f"resource-{len(self.resources)}"
        self.resources[number] = body | {"id": number}
        return 200, self.resources[number]

    async def _datastore_delete(self, body: dict[str, Any]) -> tuple[int, Any]:
        if self.tables.pop(body["resource_id"], None) is None:
            return 404, {"__type": "Not Found Error", "message": "Resource was not found."}
        return 200, {}

    async def _datastore_create(self, body: dict[str, Any]) -> tuple[int, Any]:
        self.tables[body["resource_id"]] = {}
        self.fields[body["resource_id"]] = body["fields"]
        return 200, {"primary_key": body["primary_key"]}

    async def _datastore_upsert(self, body: dict[str, Any]) -> tuple[int, Any]:
        await asyncio.sleep(self.pause_s)
        names = {one["id"] for one in self.fields[body["resource_id"]]}
        self.chunks.append(len(body["records"]))
        for record in body["records"]:
            if record.keys() - names:
                return 409, {"__type": "Validation Error", "records": ["extra keys"]}
            self.tables[body["resource_id"]][record["id"]] = record
        return 200, {"method": "upsert"}

    def rows_of(self, name: str) -> list[dict[str, Any]]:
        """The rows of the only resource of this name."""
        [number] = [one["id"] for one in self.resources.values() if one["name"] == name]
        return list(self.tables[number].values())
