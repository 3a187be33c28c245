"""JSON in and out through orjson: times as the original shows them, view-models as plain data."""

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

from quart.json.provider import JSONProvider

from db import json

OPTIONS = json.OPT_PASSTHROUGH_DATETIME | json.OPT_PASSTHROUGH_DATACLASS


def iso_time(moment: datetime) -> str:
    """Naive UTC ISO text with microseconds, as every client of the API expects (02-api section 1.6)."""
    zone = moment.tzinfo
    if zone is UTC:  # as all that come from the database
        return moment.isoformat()[:-6]
    return (moment.astimezone(UTC).replace(tzinfo=None) if zone else moment).isoformat()


def plain(value: Any) -> Any:
    """The JSON form of what orjson does not know: times, view-models, sets and text subclasses."""
    if isinstance(value, datetime):
        return iso_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "to_json"):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    if isinstance(value, frozenset | set):
        return list(value)
    return json.plain(value)


def dumps(value: Any) -> bytes:
    return json.dumps(value, default=plain, option=OPTIONS)


class OrjsonProvider(JSONProvider):
    """Quart's JSON through orjson."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return json.loads(s)
