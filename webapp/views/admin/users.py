"""Accounts and administrators (docs/contract/pages.md 5)."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

from quart import Blueprint

from db.models import User
from db.queries.accounts.all_accounts import accounts_after
from db.repositories import UserRepository
from db.repositories.rows import find_row
from db.session import Database
from webapp.errors import NotFound, UnsupportedMedia
from webapp.forms.admin.users import UserSearchForm
from webapp.http.forms import handle_form
from webapp.http.json import dumps
from webapp.http.page import RequestContext, page
from webapp.http.stream import Download
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.accounts import administrators
from webapp.services.exporting.flattening import harmless
from webapp.viewmodels.admin.pages import UsersPage
from webapp.viewmodels.page import Json, Redirect
from webapp.viewmodels.public.user import EXPORTED, user_for_admin

blueprint = Blueprint("admin_users", __name__)
LIST = "/admin/users"
CONTENT_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


@page(blueprint, LIST, methods=("GET", "POST"), action=Action.USER_MAKE_ADMIN, sign_in=True, forms=(UserSearchForm,))
async def users(ctx: RequestContext) -> UsersPage:
    """The administrators, but for oneself; a POST looks for accounts by any part of a name, or by an address."""
    form = ctx.bind(UserSearchForm)
    repository = UserRepository(ctx.session)

    async def show(found: list[User] | None = None) -> UsersPage:
        return UsersPage(
            title=_("Manage Admin Users"),
            form=ctx.form_model(form),
            found=[user_for_admin(one) for one in found or []],
            users=[user_for_admin(one) for one in await repository.admins(besides=ctx.actor.user_id)],
            searched=found is not None,
        )

    async def look_up() -> UsersPage:
        words = (form.user.data or "").strip()
        found = await repository.search(words, besides=ctx.actor.user_id)
        by_address = await repository.find_by_email(words)
        if by_address is not None and by_address.id not in {ctx.actor.user_id, *(one.id for one in found)}:
            found.append(by_address)
        if not found:
            await ctx.flash(_("Ooops! We didn't find a user matching your query: %(name)s", name=words), "message")
        return await show(found)

    return await handle_form(ctx, form, act=look_up, show=show)


@page(
    blueprint,
    "/admin/users/add/<int:user_id>",
    methods=("GET", "POST"),
    action=Action.USER_MAKE_ADMIN,
    sign_in=True,
    mutating_get=True,
)
async def add_admin(ctx: RequestContext, user_id: int) -> Json | Redirect:
    """Make somebody an administrator."""
    return await _set(ctx, user_id, _("User not found"), admin=True)


@page(
    blueprint,
    "/admin/users/del/<int:user_id>",
    methods=("GET", "POST"),
    action=Action.USER_MAKE_ADMIN,
    sign_in=True,
    mutating_get=True,
)
async def remove_admin(ctx: RequestContext, user_id: int) -> Json | Redirect:
    """Somebody is an administrator no more; the last one stays."""
    return await _set(ctx, user_id, _("User.id not found"), admin=False)


async def _set(ctx: RequestContext, user_id: int, missing: str, *, admin: bool) -> Json | Redirect:
    user = await find_row(ctx.session, User, user_id)
    if user is None:
        if not ctx.wants_json:
            raise NotFound
        return Json({"error": missing, "status_code": NotFound.status}, code=NotFound.status)
    try:
        if await administrators.set_administrator(ctx.session, ctx.actor, user, admin=admin) and not ctx.wants_json:
            told = _("%(name)s is an administrator now") if admin else _("%(name)s is no administrator any more")
            await ctx.flash(told % {"name": user.fullname}, "success")
    except administrators.LastAdministrator as refused:
        await ctx.flash(refused.message, "warning")
    return Redirect(LIST)


@page(blueprint, "/admin/users/export", action=Action.USER_MAKE_ADMIN, sign_in=True, html_only=True)
async def export(ctx: RequestContext) -> Download | Redirect:
    """Every account that has not asked for its data not to be processed, as JSON or CSV."""
    format_name = ctx.args.get("format")
    if not format_name:
        return Redirect("/admin/")
    if format_name not in CONTENT_TYPES:
        raise UnsupportedMedia
    await ctx.release_database()
    write = _as_json if format_name == "json" else _as_csv
    rows = _exported(ctx.app_services.database)
    return Download(f"all_users.{format_name}", CONTENT_TYPES[format_name], write(rows))


async def _exported(database: Database) -> AsyncIterator[list[dict[str, Any]]]:
    """The accounts, some at a time, each time from a short transaction."""
    last = 0
    while True:
        async with database.unit(read_only=True) as uow:
            found = await accounts_after(uow.session, last)
        if not found:
            return
        last = found[-1].id
        yield [{name: getattr(one, name) for name in EXPORTED} for one in found]


async def _as_json(rows: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    separator = b"["
    async for some in rows:
        yield separator + b", ".join(map(dumps, some))
        separator = b", "
    yield b"[]" if separator == b"[" else b"]"


async def _as_csv(rows: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    yield (",".join(EXPORTED) + "\n").encode()
    async for some in rows:
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerows([_cell(one[name]) for name in EXPORTED] for one in some)
        yield text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
