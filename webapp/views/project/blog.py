"""The blog of a project (docs/contract/pages.md 4.5)."""

from dataclasses import replace
from typing import Any

from quart import Blueprint

from db.models import Blogpost
from db.repositories.blogpost import BlogpostRepository
from webapp.errors import NotFound
from webapp.forms.project.blog import BlogpostForm
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, Weight, page
from webapp.i18n import gettext as _
from webapp.policies import Action, Facts, can, require
from webapp.services.projects import blog as blog_service
from webapp.services.site import markdown
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.blog import BlogPage, BlogpostPage, WritePostPage
from webapp.viewmodels.public.blogpost import blogpost_public
from webapp.views.paging import MOST_IN_JSON, asked_page
from webapp.views.project.context import ProjectContext, gated_context, owned_context

blueprint = Blueprint("project_blog", __name__)
PER_PAGE = 20


@page(blueprint, "/project/<short_name>/blog", action=Action.PROJECT_VIEW)
async def blog(ctx: RequestContext, short_name: str) -> BlogPage:
    """What the owners write about it; drafts are for them alone. JSON has the oldest first, as in the original; the
    page begins with the newest."""
    context = await gated_context(ctx, short_name)
    edits = context.may(Action.PROJECT_UPDATE)
    wanted = asked_page(ctx, PER_PAGE, in_json=MOST_IN_JSON)
    found = await BlogpostRepository(ctx.session).page(
        context.project.id, limit=wanted.size, offset=wanted.offset, drafts=edits
    )
    posts = found.items
    return await context.page(
        BlogPage,
        active="blog",
        blogposts=[blogpost_public(post) for post in reversed(posts)],
        excerpts={post.id: markdown.summary(post.body) for post in posts},
        may_write=can(ctx.actor, Action.BLOGPOST_CREATE, context.facts),
        pagination=wanted.of(found.total),
        changeable=[post.id for post in posts if can(ctx.actor, Action.BLOGPOST_UPDATE, _facts(context, post))],
        csrf=ctx.csrf(),
    )


def _facts(context: ProjectContext, post: Blogpost) -> Facts:
    return replace(context.facts, user_id=post.user_id, content_published=post.published)


@page(blueprint, "/project/<short_name>/<int:post_id>", action=Action.BLOGPOST_READ, html_only=True)
async def post(ctx: RequestContext, short_name: str, post_id: int) -> BlogpostPage:
    """One post; a draft is not there for others."""
    context = await gated_context(ctx, short_name)
    found = await BlogpostRepository(ctx.session).get_in_project(context.project.id, post_id)
    if not can(ctx.actor, Action.BLOGPOST_READ, _facts(context, found)):
        raise NotFound
    return await context.page(
        BlogpostPage,
        active="blog",
        title=found.title,
        blogpost=blogpost_public(found),
        body_html=await markdown.rendered(found.body),
        may_change=can(ctx.actor, Action.BLOGPOST_UPDATE, _facts(context, found)),
    )


@page(
    blueprint,
    "/project/<short_name>/new-blogpost",
    methods=("GET", "POST"),
    weight=Weight.TEXT,
    action=Action.BLOGPOST_CREATE,
    sign_in=True,
    forms=(BlogpostForm,),
)
async def new_post(ctx: RequestContext, short_name: str) -> WritePostPage | Redirect:
    """Write a post."""
    context = await owned_context(ctx, short_name)
    if ctx.posted:
        require(ctx.actor, Action.BLOGPOST_CREATE, context.facts)
    form = ctx.bind(BlogpostForm)

    async def create() -> Redirect:
        post = await blog_service.create(ctx.session, ctx.actor, context.project, _written(form))
        if post.published and not await blog_service.is_mailed(ctx.session, post):
            told = _("Published, but not mailed: volunteers get at most %(most)s posts of a project a day.")
            await ctx.flash(told % {"most": blog_service.MOST_MAILED_A_DAY}, "info")
        await ctx.flash('<i class="icon-ok"></i> ' + _("Blog post created!"), "success")
        return Redirect(context.url("blog"), always_302=True)

    async def show() -> WritePostPage:
        return await _write(ctx, context, form, "new-blogpost", _("Write a new post"))

    return await handle_form(ctx, form, act=create, show=show)


def _written(form: BlogpostForm) -> dict[str, Any]:
    return {"title": form.title.data or "", "body": form.body.data or "", "published": bool(form.published.data)}


async def _write(
    ctx: RequestContext, context: ProjectContext, form: BlogpostForm, place: str, title: str, post: str = ""
) -> WritePostPage:
    model = ctx.form_model(form)
    return await context.page(
        WritePostPage, active="blog", title=title, form=model, action=context.url(place), post=post
    )


@page(
    blueprint,
    "/project/<short_name>/<int:post_id>/update",
    methods=("GET", "POST"),
    weight=Weight.TEXT,
    action=Action.BLOGPOST_UPDATE,
    sign_in=True,
    html_only=True,
    forms=(BlogpostForm,),
)
async def update_post(ctx: RequestContext, short_name: str, post_id: int) -> WritePostPage | Redirect:
    """Change a post."""
    context = await gated_context(ctx, short_name)
    found = await BlogpostRepository(ctx.session).get_in_project(context.project.id, post_id)
    require(ctx.actor, Action.BLOGPOST_UPDATE, _facts(context, found))
    form = ctx.bind(BlogpostForm, {"title": found.title, "body": found.body, "published": found.published})

    async def save() -> Redirect:
        await blog_service.update(ctx.session, ctx.actor, context.project, found, _written(form))
        await ctx.flash('<i class="icon-ok"></i> ' + _("Blog post updated!"), "success")
        return Redirect(context.url("blog"), always_302=True)

    async def show() -> WritePostPage:
        return await _write(ctx, context, form, f"{post_id}/update", _("Edit a post"), found.title)

    return await handle_form(ctx, form, act=save, show=show)


@page(
    blueprint,
    "/project/<short_name>/<int:post_id>/delete",
    methods=("POST",),
    action=Action.BLOGPOST_DELETE,
    sign_in=True,
)
async def delete_post(ctx: RequestContext, short_name: str, post_id: int) -> Redirect:
    """Remove a post."""
    context = await gated_context(ctx, short_name)
    found = await BlogpostRepository(ctx.session).get_in_project(context.project.id, post_id)
    await blog_service.remove(ctx.session, ctx.actor, context.project, found)
    await ctx.app_services.file_store.detach(ctx.uow, ctx.actor, found)
    await ctx.flash('<i class="icon-ok"></i> ' + _("Blog post deleted!"), "success")
    return Redirect(context.url("blog"), always_302=True)
