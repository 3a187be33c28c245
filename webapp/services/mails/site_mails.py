"""Mails to those who look after the site."""

from webapp.config import Settings
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext
from webapp.integrations.letters import Button, Paragraph
from webapp.services.mails.kinds import Kind, MailContent, MailContext, MailValues, Recipient, to_account
from webapp.services.site import failed_jobs


async def _find_failure(context: MailContext) -> tuple[Recipient, MailValues] | None:
    return await to_account(context, context.about)


def _failure(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = _("the job %(job)s was given up. It was tried as often as it may be.", job=facts["job"])
    muted = _("For a week there is no other mail about jobs of this name; those that are given up are on its page.")
    return MailContent(
        _("A job was given up at %(brand)s", brand=settings.brand),
        [
            Paragraph(told),
            Paragraph(str(facts["error"]), quoted=True),
            Button(_("Jobs"), f"{settings.base_url}/admin/rq/"),
            Paragraph(muted),
        ],
    )


SITE_KINDS = (
    Kind(
        failed_jobs.MAIL_KIND,
        lazy_gettext("A job was given up; once a week for each kind of job."),
        _find_failure,
        _failure,
        {"job": "import_tasks", "error": "Traceback …\nValueError: what went wrong"},
        for_administrators=True,
    ),
)
