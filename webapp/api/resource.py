"""List, get, create, update and delete, once for every resource of the API (docs/contract/api.md 1).

A resource is a subclass that names its model, columns and rules; `register` gives it its routes. Who may see a row is
decided in SQL, who may change it by the policy table. Rows are written by services, which `insert`, `change` and
`remove` call.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

from quart import Blueprint

from db.columns import Column, ColumnKind, columns_of, kind_of
from db.models import Project
from db.queries.reading.large_json import MOST_FOR_ACCOUNTS, MOST_FOR_ANYBODY, Allowance
from db.queries.reading.listing import SearchHit, list_rows
from db.queries.reading.visibility import Viewer
from db.queries.site.files import WITH_FILES
from db.repositories.rows import find_row, lock_row, reload_row
from webapp.api.arguments import json_object
from webapp.api.jsonp import wrapped
from webapp.api.links import with_links
from webapp.api.query import Columns, no_attribute, read_query, read_value
from webapp.api.uploads import Upload, read_upload
from webapp.api.well_formed import well_formed
from webapp.errors import BadRequest, NotFound, UnsupportedMedia
from webapp.http import etags
from webapp.http.page import RequestContext, Weight, endpoint
from webapp.http.security.admission import is_admitted
from webapp.policies import Action, Facts, authorization_decided, require
from webapp.services.site.files import FilePlace
from webapp.viewmodels.page import Json, Text

LINKS = ("link", "links")


def admitted(ctx: RequestContext, project: Project) -> bool:
    """Whether the caller has shown the project's password or may try it, or is a frame of its own presenter."""
    return is_admitted(ctx, project) or ctx.actor.frame_project_id == project.id


class Resource:
    """One resource. Instances hold nothing."""

    name: ClassVar[str]
    """Its place in the address, and the `target` of its errors."""
    class_name: ClassVar[str]
    """As clients read it in messages."""
    model: ClassVar[Any]
    hidden: ClassVar[frozenset[str]] = frozenset()
    """Columns that are nobody's business: never shown, filtered, sorted by or written."""
    reserved: ClassVar[frozenset[str]] = frozenset({"id", "created"})
    """Keys that no payload may hold."""
    ignored: ClassVar[frozenset[str]] = frozenset()
    """Keys that clients send back as they got them, and that are not taken from them."""
    own_first: ClassVar[bool] = True
    """Whether signed-in callers see their own projects' rows unless they say `all=1`."""
    parents: ClassVar[tuple[str, ...]] = ("project",)
    takes_files: ClassVar[bool] = False
    mends_text: ClassVar[bool] = False
    """Whether text that cannot be stored is stored all the same, with U+FFFD for what is wrong with it."""
    methods: ClassVar[frozenset[str]] = frozenset({"POST", "PUT", "DELETE"})
    read: ClassVar[Action]
    create_action: ClassVar[Action]
    update_action: ClassVar[Action]
    delete_action: ClassVar[Action]
    extra_arguments: ClassVar[frozenset[str]] = frozenset({"api_key"})
    """What the query string of a write may hold beside names of columns."""
    weight: ClassVar[Weight] = Weight.FIELDS
    """The largest body of a write."""
    frame: ClassVar[bool] = False
    """Whether a presenter's frame may read it."""
    frame_writes: ClassVar[bool] = False

    # -- columns

    def columns(self) -> Mapping[str, Column[Any]]:
        """The columns of the model that exist for clients."""
        return _columns(self.model, self.hidden)

    def searchable(self, ctx: RequestContext) -> Mapping[str, Column[Any]]:
        """Those that this caller may filter and sort by."""
        return self.columns()

    def full(self, ctx: RequestContext, row: Any) -> dict[str, Any]:
        """Every column that exists for clients, as whoever may write the row reads it."""
        return {name: getattr(row, name) for name in self.columns()}

    # -- what a subclass decides

    async def show(self, ctx: RequestContext, row: Any) -> dict[str, Any]:
        """The row as this caller sees it."""
        return self.full(ctx, row)

    async def show_all(self, ctx: RequestContext, rows: list[Any]) -> list[dict[str, Any]]:
        """Several rows; overridden where something is fetched for all of them at once."""
        return [await self.show(ctx, row) for row in rows]

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        """What the policy table must know of the row."""
        raise NotImplementedError

    async def insert(self, ctx: RequestContext, values: dict[str, Any]) -> Any:
        """Have the service add a row. `values` are checked and of the columns' types."""
        raise NotImplementedError

    async def change(self, ctx: RequestContext, row: Any, values: dict[str, Any]) -> None:
        """Have the service change the row."""
        raise NotImplementedError

    async def remove(self, ctx: RequestContext, row: Any) -> None:
        """Have the service remove the row."""
        raise NotImplementedError

    async def new_file_place(self, ctx: RequestContext, values: Mapping[str, Any]) -> FilePlace:
        """Where the file of a row to be added goes, and whose it is. Raises what `insert` raises for whoever may not
        add it: nobody else's file is looked into."""
        raise NotImplementedError

    async def file_place(self, ctx: RequestContext, row: Any) -> FilePlace:
        """Where a file of this row goes, and whose it is."""
        raise NotImplementedError

    def check_payload(self, values: Mapping[str, Any]) -> None:
        """Refuse keys that no payload may hold."""
        found = self.reserved & values.keys()
        if found:
            raise BadRequest(f"Reserved keys in payload: {', '.join(sorted(found))}")

    # -- the five verbs

    def viewer(self, ctx: RequestContext) -> Viewer:
        actor = ctx.actor
        if actor.frame_project_id is not None:
            return Viewer(project_id=actor.frame_project_id)
        return Viewer(user_id=actor.user_id, admin=actor.admin)

    def allowance(self, ctx: RequestContext) -> Allowance:
        """How much large JSON the caller may read at once."""
        return Allowance(MOST_FOR_ANYBODY if ctx.actor.user_id is None else MOST_FOR_ACCOUNTS)

    async def list(self, ctx: RequestContext) -> Json:
        signed_in = ctx.actor.user_id is not None and ctx.actor.frame_project_id is None
        own = self.own_first and signed_in and ctx.args.get("all") != "1"
        query = await self.adapt(
            ctx, read_query(ctx.args, Columns(self.class_name, self.searchable(ctx)), own_only=own)
        )
        authorization_decided(self.read)  # by `visibility`, for each row
        found = await list_rows(ctx.session, self.model, query, self.viewer(ctx), self.allowance(ctx))
        shown = await self.show_all(ctx, [one.row for one in found])
        linked = [_with_match(self.linked(ctx, one), hit) for one, hit in zip(shown, found, strict=True)]
        return Json(linked, validated=True)

    async def adapt(self, ctx: RequestContext, query: Any) -> Any:
        """What this resource adds to a list's query."""
        return query

    async def get(self, ctx: RequestContext, identity: int) -> Json:
        row = await self.load(ctx, identity)
        require(ctx.actor, self.read, await self.facts(ctx, row))
        return Json(await self.present(ctx, row), validated=True)

    async def present(self, ctx: RequestContext, row: Any) -> dict[str, Any]:
        """The row as a read of it alone shows it to this caller."""
        return self.linked(ctx, (await self.show_all(ctx, [row]))[0])

    async def expected(self, ctx: RequestContext, row: Any) -> None:
        """Hold a write to the state that its `If-Match` names. Raises PreconditionFailed.

        The row is locked first, so that of two who change the same state at once the second is told.
        """
        if etags.expects():
            await lock_row(ctx.session, row)
            etags.check_expected(await self.present(ctx, row))

    async def load(self, ctx: RequestContext, identity: int) -> Any:
        """The row of this id. Raises NotFound."""
        row = await find_row(ctx.session, self.model, identity)
        if row is None:
            raise NotFound
        return row

    async def create(self, ctx: RequestContext) -> Json:
        self._check_arguments(ctx)
        values, upload = await self._payload(ctx)
        self.check_payload(values)
        typed = self._typed(values)
        row = await (self.insert(ctx, typed) if upload is None else self._insert_with_file(ctx, typed, upload))
        await reload_row(ctx.session, row)
        return Json(self.full(ctx, row))

    async def update(self, ctx: RequestContext, identity: int) -> Json:
        self._check_arguments(ctx)
        row = await self.load(ctx, identity)
        require(ctx.actor, self.update_action, await self.facts(ctx, row))
        await self.expected(ctx, row)
        values, upload = await self._payload(ctx)
        self.check_payload(values)
        if upload is not None:
            await self._replace_file(ctx, row, upload)
        else:
            await self.change(ctx, row, self._typed(values))
        await reload_row(ctx.session, row)
        # The tag that a read gives, so that the caller may go on from here.
        return Json(self.full(ctx, row), headers={"ETag": etags.quoted(await self.present(ctx, row))})

    async def delete(self, ctx: RequestContext, identity: int) -> Json:
        self._check_arguments(ctx)
        row = await self.load(ctx, identity)
        require(ctx.actor, self.delete_action, await self.facts(ctx, row))
        await self.expected(ctx, row)
        if self.model in WITH_FILES:
            await ctx.app_services.file_store.detach(ctx.uow, ctx.actor, row)
        await self.remove(ctx, row)
        return Json(None, 204)

    # -- parts of them

    async def _insert_with_file(self, ctx: RequestContext, values: dict[str, Any], upload: Upload) -> Any:
        """Store the file before its row is written: rows that are locked wait for no storage."""
        stored, where = await upload.store(ctx, values.get("info"), await self.new_file_place(ctx, values))
        row = await self.insert(ctx, values | where)
        await ctx.app_services.file_store.attach(ctx.uow, stored, self.model, row.id)
        return row

    async def _replace_file(self, ctx: RequestContext, row: Any, upload: Upload) -> None:
        """Store the file, and show it in place of the one before."""
        stored, where = await upload.store(ctx, row.info, await self.file_place(ctx, row))
        await self.change(ctx, row, where)
        await ctx.app_services.file_store.detach(ctx.uow, ctx.actor, row)
        await ctx.app_services.file_store.attach(ctx.uow, stored, self.model, row.id)

    def linked(self, ctx: RequestContext, shown: dict[str, Any]) -> dict[str, Any]:
        return with_links(ctx, self.name, shown, self.parents)

    def _check_arguments(self, ctx: RequestContext) -> None:
        for name in ctx.args:
            if name not in self.extra_arguments and name not in self.columns():
                raise no_attribute(self.class_name, name)

    async def _payload(self, ctx: RequestContext) -> tuple[dict[str, Any], Upload | None]:
        if self.takes_files and (ctx.files or ctx.body):
            return read_upload(ctx)
        raw = well_formed(ctx.body_parts.raw) if self.mends_text else ctx.body_parts.raw
        values = json_object(raw, declared=ctx.sent_json)
        return self._without_echoes(values), None

    def _without_echoes(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Without what clients send back only because they got it."""
        return {name: value for name, value in values.items() if name not in LINKS and name not in self.ignored}

    def _typed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        columns = self.columns()
        for name in values:
            if name not in columns:
                message = f"'{name}' is an invalid keyword argument for {self.class_name}"
                raise UnsupportedMedia(message, kind="TypeError")
        typed = {name: read_value(columns[name], value) for name, value in values.items()}
        for name, value in typed.items():
            if kind_of(columns[name]) is ColumnKind.JSON and not columns[name].nullable and not isinstance(value, dict):
                raise UnsupportedMedia(f"{name} must be an object", kind="DataError")
        return typed


@cache
def _columns(model: type[Any], hidden: frozenset[str]) -> Mapping[str, Column[Any]]:
    return MappingProxyType({name: column for name, column in columns_of(model).items() if name not in hidden})


def _with_match(shown: dict[str, Any], found: SearchHit) -> dict[str, Any]:
    if found.headline is None:
        return shown
    return shown | {"headline": found.headline, "rank": found.rank}


def register(blueprint: Blueprint, resource: Resource) -> None:
    """Give the resource its routes, all of them counted as one by the rate limit."""
    name, scope = resource.name, f"api.{resource.name}"

    async def collection(ctx: RequestContext) -> Json:
        return await (resource.create(ctx) if ctx.posted else resource.list(ctx))

    async def item(ctx: RequestContext, identity: int) -> Json | Text:
        if ctx.method == "PUT":
            return await resource.update(ctx, identity)
        if ctx.method == "DELETE":
            return await resource.delete(ctx, identity)
        return wrapped(ctx, await resource.get(ctx, identity))

    collection.__name__, item.__name__ = f"{name}_list", f"{name}_item"
    collection.workbee_resource = item.workbee_resource = resource  # type: ignore[attr-defined]
    posts = ("POST",) if "POST" in resource.methods else ()
    changes = tuple(sorted(resource.methods & {"PUT", "DELETE"}))
    endpoint(
        blueprint,
        f"/api/{name}",
        methods=("GET", *posts),
        action=resource.read,
        scope=scope,
        kind="contributor" if resource.frame_writes else "api",
        weight=resource.weight,
        frame=resource.frame,
        frame_writes=resource.frame_writes,
    )(collection)
    endpoint(
        blueprint,
        f"/api/{name}/<int:identity>",
        methods=("GET", *changes),
        action=resource.read,
        scope=scope,
        weight=resource.weight,
        frame=resource.frame,
    )(item)
