"""What an endpoint that is no resource takes and answers, declared beside it: the OpenAPI document is made of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Schema = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])


def ref(name: str) -> Schema:
    """A schema of the document by its name, such as `Task`."""
    return {"$ref": f"#/components/schemas/{name}"}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 0}
TRUTH: Schema = {"type": "string", "pattern": "(?i)^(true|yes|on|y|1|false|no|off|n|0)$"}


def closed(**properties: Schema) -> Schema:
    """An object that has exactly these keys."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of the query string, or a request header."""

    name: str
    text: str
    schema: Schema = field(default_factory=lambda: TEXT)
    where: str = "query"


@dataclass(frozen=True, slots=True)
class Described:
    """One endpoint: the schema of its answer, what it takes, and with which statuses it may refuse."""

    answer: Schema
    content_type: str = "application/json"
    arguments: tuple[Argument, ...] = ()
    body: Schema | None = None
    refusals: frozenset[int] = frozenset()
    bearer: bool = False
    """Whether a project's own token may be shown."""


def described(
    answer: Schema,
    *arguments: Argument,
    content_type: str = "application/json",
    body: Schema | None = None,
    refusals: tuple[int, ...] = (),
    bearer: bool = False,
) -> Callable[[View], View]:
    """Declare what the view takes and answers; under `endpoint`, which carries it on."""

    def declare(view: View) -> View:
        view.workbee_described = Described(  # type: ignore[attr-defined]
            answer, content_type, arguments, body, frozenset(refusals), bearer
        )
        return view

    return declare
