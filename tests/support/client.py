"""A client of the app in this process: cookies, CSRF tokens and the shapes of answers, as browsers and JSON clients
have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from quart import Quart, Response
from quart.testing import QuartClient
from werkzeug.datastructures import FileStorage, Headers

from db.models import User
from tests.support import tried_routes
from webapp.config import Settings
from webapp.http.security import auth

JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """A response, read to its end."""

    status: int
    headers: Headers
    text: str
    content: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.content)

    @property
    def location(self) -> str | None:
        return self.headers.get("Location")


class NotingClient(QuartClient):
    """What `app.test_client()` gives, by its own class (the protocol's `open` takes no body without `json`), which
    takes note of the routes that are tried."""

    async def open(self, path: str, **request: Any) -> Response:
        # A site whose cookies are for HTTPS only is asked by it, as browsers would: they drop such cookies otherwise.
        scheme = "https" if self.app.config["SESSION_COOKIE_SECURE"] else "http"
        response = await super().open(path, **{"scheme": scheme} | request)
        tried_routes.note(self.app, request.get("method", "GET"), path, response)
        return response


class Client:
    """One browser or script. `json=True` asks for JSON by Content-Type, as the SPA clients do."""

    def __init__(self, app: Quart, *, key: str | None = None) -> None:
        self._client = NotingClient(app)
        tried_routes.need_routes_of(app)
        self._key = key

    async def _answer(self, response: Response) -> Answer:
        content = await response.get_data(as_text=False)
        return Answer(response.status_code, response.headers, content.decode("utf-8", "replace"), content)

    def _headers(self, json: bool, headers: Mapping[str, str] | None) -> dict[str, str]:
        own = {"Content-Type": JSON} if json else {}
        if self._key is not None:
            own["Authorization"] = self._key
        return own | dict(headers or {})

    async def get(self, path: str, *, json: bool = False, headers: Mapping[str, str] | None = None) -> Answer:
        return await self._answer(await self._client.get(path, headers=self._headers(json, headers)))

    async def csrf(self) -> str:
        """A token of this session."""
        answer = await self.get("/account/signin", json=True)
        if answer.json.get("form"):
            return str(answer.json["form"]["csrf"])
        # Somebody who is signed in is sent away from there.
        return str((await self.get("/project/new", json=True)).json["form"]["csrf"])

    async def post(
        self,
        path: str,
        data: Mapping[str, Any] | None = None,
        *,
        json: bool = False,
        files: Mapping[str, FileStorage] | None = None,
        csrf: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """POST as JSON or as a form, with this session's token unless `csrf` is false."""
        sent = self._headers(json, headers)
        if csrf:
            sent["X-CSRFToken"] = await self.csrf()
        if json:
            return await self._answer(await self._client.post(path, data=orjson.dumps(data or {}), headers=sent))
        form = {name: str(value) for name, value in (data or {}).items()}
        return await self._answer(await self._client.post(path, form=form, files=dict(files or {}), headers=sent))

    async def api(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Call the API with a JSON body; bytes are sent as they are."""
        data = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        sent = self._headers(body is not None, headers)
        return await self._answer(await self._client.open(path, method=method, data=data, headers=sent))

    async def raw(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Call the API with any body."""
        sent = self._headers(False, headers)
        return await self._answer(await self._client.open(path, method=method, data=body, headers=sent))

    async def upload(
        self,
        method: str,
        path: str,
        fields: Mapping[str, Any],
        file: FileStorage,
        *,
        part: str = "file",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call the API with a multipart form; nested values are sent as JSON text."""
        form = {
            name: orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)
            for name, value in fields.items()
        }
        sent = self._headers(False, headers)
        files: Any = {part: file}  # said to be Quart's own class, of which nothing but werkzeug's is used
        return await self._answer(await self._client.open(path, method=method, form=form, files=files, headers=sent))

    def set_cookie(self, name: str, value: str) -> None:
        self._client.set_cookie("localhost", name, value)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that the server has set."""
        jar = self._client.cookie_jar
        return {cookie.name: cookie.value or "" for cookie in jar} if jar is not None else {}


def signed_in(app: Quart, settings: Settings, user: User) -> Client:
    """A browser in which this account is signed in; `settings` are the app's."""
    client = Client(app)
    extension = app.extensions["QUART_AUTH"][0]
    client.set_cookie(auth.SIGN_IN_COOKIE, extension.dump_token(auth.sign_in_id(user, settings), app))
    return client
