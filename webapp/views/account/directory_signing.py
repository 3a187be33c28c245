"""Signing in by an LDAP directory, with the form of signing in (docs/contract/pages.md 3)."""

from webapp.errors import Invalid
from webapp.http.limits.attempts import Guess
from webapp.http.page import RequestContext
from webapp.http.security.auth import VOLUNTEER_COOKIE
from webapp.i18n import gettext as _
from webapp.integrations.directory import Directory, DirectoryUnavailable
from webapp.services.accounts import linked_accounts
from webapp.viewmodels.page import Redirect
from webapp.views.account import pending_identity
from webapp.views.account.completing_sign_in import complete_sign_in


async def welcome(ctx: RequestContext, directory: Directory, name: str, password: str, guess: Guess) -> Redirect | None:
    """Where to go if the directory knows this password; the guess of it is counted already. Who has no account gets
    one, unless somebody has the address: that account's password links it."""
    await ctx.release_database()
    try:
        known = await directory.find(name, password)
    except DirectoryUnavailable:
        await guess.forgive()
        await ctx.refuse(_("The directory does not answer: try again later."))
        return None
    if known is None:
        guess.fail()
        await ctx.refuse(_("Ooops, Incorrect email/password"))
        return None
    await guess.forgive()
    user = await linked_accounts.account_of(ctx.session, ctx.settings, known)
    if user is None:
        if await linked_accounts.account_with_address(ctx.session, known) is not None:
            pending_identity.keep(ctx, known, {"target": ctx.local_next(), "invitation": "", "user_id": None})
            return Redirect("/account/signin/link", reload=True)
        contributor = ctx.actor.contributor or ""
        volunteer = contributor if contributor.startswith("anon:") else None
        try:
            user = await linked_accounts.register_from_directory(ctx.session, ctx.settings, known, volunteer)
        except Invalid as wrong:
            await ctx.refuse(wrong.message)
            return None
        # What the browser's volunteer has answered is the account's now; who comes after is somebody else.
        ctx.set_cookie(VOLUNTEER_COOKIE, "", max_age=0)
        ctx.uow.after_commit(ctx.forget_credentials)
    return await complete_sign_in(ctx, user)
