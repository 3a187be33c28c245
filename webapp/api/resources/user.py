"""/api/user (docs/contract/api.md 2.6): what everybody may know of accounts, and one's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from db.columns import Column
from db.models import User
from db.queries.reading.listing import ListQuery
from webapp.api.resource import Resource
from webapp.errors import UnsupportedMedia
from webapp.forms.account.settings import ProfileForm
from webapp.http.page import RequestContext
from webapp.i18n import languages_with
from webapp.policies import Action, Facts, about_user, can
from webapp.services.accounts import accounts
from webapp.viewmodels.public import user as public

SECRET = frozenset({"passwd_hash", "session_epoch", "api_key", "ldap"})
"""What nobody reads here, not even administrators (docs/contract/gaps.md 3.1, 3.15, 3.17)."""
OPEN = frozenset({"id", "name", "locale"})
PRIVATE_IF_ASKED = frozenset({"fullname", "created"})
"""Shown to others by accounts that say so, and found by those only."""
COLUMNS = frozenset(column.key for column in User.__table__.columns)


class UserResource(Resource):
    name = "user"
    class_name = "User"
    model = User
    hidden = SECRET
    reserved = COLUMNS - accounts.CHANGEABLE
    ignored = frozenset({"n_answers", "registered_ago", "rank", "score"})
    own_first = False
    parents = ()
    methods = frozenset({"PUT"})
    read = Action.USER_READ
    update_action = Action.USER_UPDATE

    def searchable(self, ctx: RequestContext) -> Mapping[str, Column[Any]]:
        columns = self.columns()
        if can(ctx.actor, Action.ADMIN):
            return columns
        return {name: columns[name] for name in OPEN | PRIVATE_IF_ASKED}

    def full(self, ctx: RequestContext, row: Any) -> dict[str, Any]:
        return super().full(ctx, row) | {"info": public.own_info(row.info)}

    async def show(self, ctx: RequestContext, row: Any) -> dict[str, Any]:
        if can(ctx.actor, Action.USER_READ_PRIVATE, about_user(row.id)):
            return public.api_private(row)
        return public.api_public(row)

    async def adapt(self, ctx: RequestContext, query: ListQuery) -> ListQuery:
        """Nobody learns by searching or sorting what an account does not show."""
        by = {query.order, *query.equals} | ({"created"} if query.created_prefix is not None else set())
        if can(ctx.actor, Action.ADMIN) or not by & PRIVATE_IF_ASKED:
            return query
        return replace(query, permitted={"privacy_mode": False})

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        return about_user(row.id, restricted=row.restrict)

    async def change(self, ctx: RequestContext, row: Any, values: dict[str, Any]) -> None:
        _check_shape(values)
        epoch = row.session_epoch
        await accounts.change(ctx.session, ctx.actor, row, values)
        if row.session_epoch != epoch:
            ctx.credentials_ended(row)

    def linked(self, ctx: RequestContext, shown: dict[str, Any]) -> dict[str, Any]:
        return shown


def _check_shape(values: Mapping[str, Any]) -> None:
    """What the settings page asks of a value, the API asks too. Raises UnsupportedMedia."""
    form = ProfileForm(data=values)
    form.locale.choices = languages_with(values.get("locale"))
    for name in values:
        field = getattr(form, name, None)
        if field is not None and not field.validate(form):
            raise UnsupportedMedia(f"{name}: {field.errors[0]}")
