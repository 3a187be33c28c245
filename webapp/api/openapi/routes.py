"""/api/openapi.json, and /api/docs, which shows it to people."""

from collections.abc import Sequence

from quart import Blueprint, current_app

from webapp.api.described import Schema, described
from webapp.api.openapi.document import document
from webapp.api.openapi.reading import group, overview
from webapp.api.resource import Resource
from webapp.errors import NotFound
from webapp.http.page import RequestContext, endpoint, page
from webapp.policies import Action
from webapp.viewmodels.api_reference import ApiGroupPage, ApiReferencePage
from webapp.viewmodels.page import Json

EXTENSION = "workbee_openapi"


def blueprint(every: Sequence[Resource]) -> Blueprint:
    """The document of these resources and of every other route, and its pages."""
    made = Blueprint("api_openapi", __name__)

    def whole(ctx: RequestContext) -> Schema:
        """The document: the routes do not change while the application runs, so that it is made once."""
        known: dict[str, Schema] = current_app.extensions
        if EXTENSION not in known:
            known[EXTENSION] = document(current_app, every, ctx.settings.brand)
        return known[EXTENSION]

    @endpoint(made, "/api/openapi.json", action=Action.SITE_VIEW, scope="api.openapi")
    @described({"type": "object"})
    async def openapi(ctx: RequestContext) -> Json:
        """This document: every route, what it takes and what it answers."""
        return Json(whole(ctx))

    @page(made, "/api/docs", action=Action.SITE_VIEW)
    async def docs(ctx: RequestContext) -> ApiReferencePage:
        """Every operation of the API and of the pages, group by group."""
        return overview(whole(ctx))

    @page(made, "/api/docs/<name>", action=Action.SITE_VIEW)
    async def docs_of(ctx: RequestContext, name: str) -> ApiGroupPage:
        """One group of operations, with what each takes and answers."""
        found = group(whole(ctx), name)
        if found is None:
            raise NotFound
        return found

    return made
