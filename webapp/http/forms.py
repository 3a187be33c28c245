"""The one way through a form: bound, checked, acted upon, shown."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from webapp.errors import Invalid
from webapp.forms.base import WorkbeeForm
from webapp.http.request_context import RequestContext

Acted = TypeVar("Acted")
Shown = TypeVar("Shown")


async def handle_form(
    ctx: RequestContext,
    form: WorkbeeForm,
    *,
    act: Callable[[], Awaitable[Acted | None]],
    show: Callable[[], Awaitable[Shown]],
    check: Callable[[], Awaitable[None]] | None = None,
    explain: bool = False,
) -> Acted | Shown:
    """What the form leads to: what `act` returns where it was sent and is right, otherwise the page that `show` makes.

    Every fault is shown at its field, and nothing of a refused request is kept. `check` adds what is wrong beyond the
    shape of single fields, so that nobody is told in two rounds. `act` raises Invalid for a rule that it finds broken;
    None shows the page. With `explain` such a rule is the page's message too, not only its field's.
    """
    if ctx.posted and (acted := await _act(ctx, form, act, check, explain=explain)) is not None:
        return acted
    return await show()


async def _act(
    ctx: RequestContext,
    form: WorkbeeForm,
    act: Callable[[], Awaitable[Acted | None]],
    check: Callable[[], Awaitable[None]] | None,
    *,
    explain: bool,
) -> Acted | None:
    form.validate()
    if check is not None:
        await check()
    if form.errors:
        await ctx.refuse()
        return None
    try:
        return await act()
    except Invalid as wrong:
        form.refuse(wrong)
        await ctx.refuse(wrong.message if explain else None)
        return None
