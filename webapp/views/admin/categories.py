"""Categories of projects (docs/contract/pages.md 5)."""

from quart import Blueprint

from db.errors import Duplicate, InUse
from db.models import Category
from db.queries.site import site_stats
from db.repositories.category import CategoryRepository
from webapp.errors import Invalid, UnsupportedMedia
from webapp.forms.admin.categories import CategoryForm
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.projects import categories as service
from webapp.viewmodels.admin.pages import CategoriesPage, DeleteCategoryPage, UpdateCategoryPage
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.public.category import category_public

blueprint = Blueprint("admin_categories", __name__)
LIST = "/admin/categories"


@page(blueprint, LIST, methods=("GET", "POST"), action=Action.CATEGORY_WRITE, sign_in=True, forms=(CategoryForm,))
async def categories(ctx: RequestContext) -> CategoriesPage:
    """All of them, with the number of their published projects; a POST adds one."""
    form = ctx.bind(CategoryForm)

    async def show() -> CategoriesPage:
        found = await CategoryRepository(ctx.session).all()
        counts = {one.id: one.n_projects for one in await site_stats.categories(ctx.session)}
        return CategoriesPage(
            title=_("Categories"),
            categories=[category_public(one) for one in found],
            n_projects_per_category={one.short_name: counts.get(one.id, 0) for one in found},
            form=ctx.form_model(form),
        )

    async def add() -> CategoriesPage:
        name = form.name.data or ""
        values = {"name": name, "short_name": name.lower().replace(" ", ""), "description": form.description.data}
        try:
            await service.create(ctx.session, ctx.actor, values)
        except (Duplicate, UnsupportedMedia) as refused:
            raise _on_field(refused) from refused
        await ctx.flash(_("Category added"), "success")
        return await show()

    return await handle_form(ctx, form, act=add, show=show)


def _on_field(refused: Duplicate | UnsupportedMedia) -> Invalid:
    """A name that cannot be had, at the field that it was typed into."""
    if isinstance(refused, Duplicate):
        return Invalid("name", _("There is a category of this name, or one that looks like it"))
    return Invalid("name", refused.message)


@page(
    blueprint,
    "/admin/categories/update/<int:category_id>",
    methods=("GET", "POST"),
    action=Action.CATEGORY_WRITE,
    sign_in=True,
    forms=(CategoryForm,),
)
async def update_category(ctx: RequestContext, category_id: int) -> UpdateCategoryPage | Redirect:
    """Change its name and description; its address stays."""
    category = await CategoryRepository(ctx.session).get(category_id)
    kept = {"id": category.id, "name": category.name, "description": category.description}
    form = ctx.bind(CategoryForm, kept)

    async def save() -> Redirect:
        values = {"name": form.name.data, "description": form.description.data}
        try:
            await service.update(ctx.session, ctx.actor, category, values)
        except (Duplicate, UnsupportedMedia) as refused:
            raise _on_field(refused) from refused
        await ctx.flash(_("Category updated"), "success")
        return Redirect(LIST)

    async def show() -> UpdateCategoryPage:
        title = _("Update Category")
        return UpdateCategoryPage(title=title, category=category_public(category), form=ctx.form_model(form))

    return await handle_form(ctx, form, act=save, show=show)


@page(
    blueprint,
    "/admin/categories/del/<int:category_id>",
    methods=("GET", "POST"),
    action=Action.CATEGORY_WRITE,
    sign_in=True,
)
async def delete_category(ctx: RequestContext, category_id: int) -> DeleteCategoryPage | Redirect:
    """Ask whether it is to go, and why it cannot; a POST removes it."""
    category = await CategoryRepository(ctx.session).get(category_id)
    if ctx.posted:
        return await _delete(ctx, category)
    return DeleteCategoryPage(
        title=_("Delete Category"),
        category=category_public(category),
        form=ctx.csrf_form(),
        is_used=await CategoryRepository(ctx.session).holds_projects(category),
        is_only=await CategoryRepository(ctx.session).is_only(category),
    )


async def _delete(ctx: RequestContext, category: Category) -> Redirect:
    name = category.name
    try:
        await service.remove(ctx.session, ctx.actor, category)
    except (InUse, service.LastCategory) as refused:
        ctx.uow.set_rollback_only()
        used = _("%(name)s has projects: move them to another category first.", name=name)
        await ctx.flash(used if isinstance(refused, InUse) else refused.message, "warning")
        return Redirect(LIST)
    await ctx.flash(_("Category deleted"), "success")
    return Redirect(LIST)
