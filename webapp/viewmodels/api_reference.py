"""The reference of the API as pages: groups of operations, each with what it takes and answers."""

from dataclasses import dataclass, field
from typing import ClassVar

from webapp.viewmodels.page import Page


@dataclass(frozen=True, slots=True)
class Field:
    """One argument, key of a body, or key of an answer. `kind` says in words what values it has."""

    name: str
    kind: str
    text: str = ""
    required: bool = False
    place: str = ""
    """`path`, `query` or `header`, for arguments."""


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What comes back with one status."""

    status: str
    text: str
    kinds: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """A method at an address."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str = ""
    sign_in: bool = False
    arguments: tuple[Field, ...] = ()
    body: tuple[Field, ...] = ()
    body_kinds: tuple[str, ...] = ()
    answers: tuple[ApiAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationGroup:
    """Operations about one thing; `slug` is its part of the address."""

    name: str
    slug: str
    operations: tuple[Operation, ...] = ()


@dataclass(kw_only=True)
class ApiReferencePage(Page):
    """Every operation, group by group."""

    template: ClassVar[str] = "help/api_reference.html"
    section: ClassVar[str] = "help"
    groups: list[OperationGroup] = field(default_factory=list)


@dataclass(kw_only=True)
class ApiGroupPage(Page):
    """One group, each operation in full."""

    template: ClassVar[str] = "help/api_group.html"
    section: ClassVar[str] = "help"
    group: OperationGroup
    groups: list[tuple[str, str]] = field(default_factory=list)
    """Name and slug of every group."""
