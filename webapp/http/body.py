"""What came with a request: a form, or a JSON object flattened to one (docs/contract/pages.md 1.5)."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from quart import Request
from werkzeug.datastructures import MIMEAccept, MultiDict
from werkzeug.http import parse_accept_header

from db import json
from webapp.errors import BadRequest
from webapp.http import application
from webapp.http.json import parse_json

JSON_TYPE = "application/json"
MULTIPART_TYPE = "multipart/form-data"


@dataclass(frozen=True)
class Body:
    """The parsed body. `document` is the JSON as it came; `fields` its flat form, or the form itself."""

    fields: MultiDict[str, Any] = field(default_factory=MultiDict)
    files: MultiDict[str, Any] = field(default_factory=MultiDict)
    document: Any = None
    raw: bytes = b""


def is_json_type(request: Request) -> bool:
    """Whether the Content-Type is JSON; its parameters do not matter."""
    return request.mimetype == JSON_TYPE


def wants_json(request: application.Request) -> bool:
    """Whether the caller asks for JSON: by Content-Type, by Accept, or by `response_format=json`."""
    if request.wants_json is None:
        request.wants_json = (
            is_json_type(request)
            or request.args.get("response_format") == "json"
            or _prefers_json(request.headers.get("Accept", ""))
        )
    return request.wants_json


@lru_cache(maxsize=256)
def _prefers_json(accept: str) -> bool:
    accepted = parse_accept_header(accept, MIMEAccept)
    return accepted.quality(JSON_TYPE) > accepted.quality("text/html")


async def read_body(request: application.Request, *, lenient: bool = False) -> Body:
    """Parse the body of an unsafe request; `lenient` keeps malformed JSON as `raw` (the API answers for it itself)."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return Body()
    if request.mimetype in (MULTIPART_TYPE, "application/x-www-form-urlencoded") and not lenient:
        return Body(fields=MultiDict(await request.form), files=MultiDict(await request.files))
    if request.mimetype == MULTIPART_TYPE:
        return Body(fields=MultiDict(await request.form), files=MultiDict(await request.files))
    raw = await request.read()
    if lenient:
        return Body(raw=raw)
    if is_json_type(request) and raw.strip():
        document = _parse(raw)
        return Body(fields=flatten(document), document=document, raw=raw)
    return Body(raw=raw)


def _parse(raw: bytes) -> Any:
    try:
        return parse_json(raw)
    except json.JSONDecodeError as error:
        raise BadRequest("The body is not valid JSON.") from error


def flatten(document: Any) -> MultiDict[str, Any]:
    """Primitives as they are, lists as repeated values, nested objects dropped."""
    if not isinstance(document, dict):
        raise BadRequest("The body must be a JSON object.")
    flat: MultiDict[str, Any] = MultiDict()
    for key, value in document.items():
        if isinstance(value, list):
            flat.setlist(key, [item for item in value if not isinstance(item, dict | list)])
        elif not isinstance(value, dict):
            flat[key] = value
    return flat
