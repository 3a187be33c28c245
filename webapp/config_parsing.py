"""How the texts of variables become values, and what is said of those that do not."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from pydantic_core import ErrorDetails

PREFIX = "WORKBEE_"


def comma_list(value: object) -> list[Any]:
    """The parts of a variable's text, or of a collection that code has given; `none` is the empty list."""
    if not isinstance(value, str):
        return list(value) if isinstance(value, Iterable) else [value]
    return [] if value.strip().lower() == "none" else [part.strip() for part in value.split(",") if part.strip()]


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def reason_of(detail: ErrorDetails) -> str:
    """The message without the value, which may be a secret."""
    message = detail["msg"].removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
