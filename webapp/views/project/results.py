"""What has come of a project (docs/contract/pages.md 4.2)."""

from quart import Blueprint

from webapp.http.page import RequestContext, page
from webapp.policies import Action
from webapp.viewmodels.project.contributing import FramePage
from webapp.viewmodels.project.results import ResultsPage
from webapp.views.project.context import gated_context
from webapp.views.project.frames import RESULTS, document, frame_config

blueprint = Blueprint("project_results", __name__)


@page(blueprint, "/project/<short_name>/results", action=Action.PROJECT_VIEW, frame_document=True)
async def results(ctx: RequestContext, short_name: str) -> ResultsPage | FramePage:
    """What has come of it, as the owner presents it."""
    if ctx.is_framed:
        return await document(ctx, short_name, RESULTS, RESULTS)
    context = await gated_context(ctx, short_name)
    progress = context.progress
    return await context.page(
        ResultsPage,
        active="results",
        title=context.title(),
        n_results=progress.n_results,
        presented=bool(context.project.info.get("results")),
        frame=frame_config(ctx, context, context.url("frame/results")),
    )
