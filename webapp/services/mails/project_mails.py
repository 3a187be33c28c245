"""Mails about projects: to their owners, and to those who help them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from db.models import Blogpost, OwnershipOffer, Project, TaskImport, User
from db.models.task_import import DONE
from db.queries.assignment.progress import progress_of
from db.queries.projects.weekly_report import week_of
from db.repositories.rows import find_row
from webapp.config import Settings
from webapp.i18n import format_number, format_weekday, lazy_gettext, ngettext
from webapp.i18n import gettext as _
from webapp.integrations.letters import Button, Figures, Paragraph, Part
from webapp.services.importing import task_imports
from webapp.services.mails.kinds import Kind, MailContent, MailContext, MailValues, Recipient, to_account
from webapp.services.projects import blog, ownership, review, webhooks
from webapp.services.site import markdown
from webapp.urls import project_url

WEEKLY_KIND = "weekly_report"
IDLE_KIND = "idle_project"


async def _project(context: MailContext) -> Project | None:
    return await find_row(context.session, Project, int(context.about["project_id"]))


def _of(project: Project) -> dict[str, Any]:
    return {"project": project.name, "short_name": project.short_name}


def _link(settings: Settings, facts: MailValues, rest: str = "") -> str:
    return f"{settings.base_url}{project_url(str(facts['short_name']), rest)}"


async def _find_post(context: MailContext) -> tuple[Recipient, MailValues] | None:
    post = await find_row(context.session, Blogpost, int(context.about["blogpost_id"]))
    project = await find_row(context.session, Project, post.project_id) if post is not None else None
    if post is None or project is None or not (post.published and project.published):
        return None
    # What is behind a project's password is told by its address alone.
    summary = markdown.summary(post.body) if project.is_open else ""
    facts = {"title": post.title, "summary": summary, "blogpost_id": post.id}
    return await to_account(context, _of(project) | facts)


def _post(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = _("the project %(project)s, which you help, has news: %(title)s", **_only(facts, "project", "title"))
    parts: list[Part] = [Paragraph(told)]
    if facts["summary"]:
        parts.append(Paragraph(str(facts["summary"]), quoted=True))
    parts.append(Button(_("Read it"), _link(settings, facts, f"blog/{facts['blogpost_id']}")))
    return MailContent(_("%(project)s: %(title)s", **_only(facts, "project", "title")), parts)


def _only(facts: MailValues, *names: str) -> dict[str, object]:
    return {name: facts[name] for name in names}


async def _find_import(context: MailContext) -> tuple[Recipient, MailValues] | None:
    row = await find_row(context.session, TaskImport, int(context.about["import_id"]))
    project = await find_row(context.session, Project, row.project_id) if row is not None else None
    if row is None or project is None:
        return None
    counts = {"n_added": row.n_added, "n_present": row.n_present, "n_refused": row.n_refused}
    facts = {"import_id": row.id, "done": row.state == DONE, "error": row.error or ""}
    return await to_account(context, _of(project) | counts | facts)


def _import(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    link = Button(_("See the import"), _link(settings, facts, f"tasks/import/{facts['import_id']}"))
    if not facts["done"]:
        told = _("the import of tasks into %(project)s could not be done.", project=facts["project"])
        why = Paragraph(str(facts["error"]), quoted=True)
        subject = _("Tasks import into %(project)s failed", project=facts["project"])
        return MailContent(subject, [Paragraph(told), why, link])
    told = _("the import of tasks into %(project)s is done.", project=facts["project"])
    rows = [
        (_("New tasks"), format_number(facts["n_added"])),
        (_("There already"), format_number(facts["n_present"])),
        (_("Refused"), format_number(facts["n_refused"])),
    ]
    return MailContent(
        _("Tasks import into %(project)s is done", project=facts["project"]),
        [Paragraph(told), Figures("", rows), link],
    )


def _autoimport(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = ngettext(
        "%(num)s new task has come by your project's automatic import.",
        "%(num)s new tasks have come by your project's automatic import.",
        facts["n_added"],
    )
    return MailContent(
        _("New tasks for %(project)s", project=facts["project"]),
        [Paragraph(told), Button(_("Automatic import"), _link(settings, facts, "tasks/autoimporter"))],
    )


async def _find_webhook(context: MailContext) -> tuple[Recipient, MailValues] | None:
    project = await _project(context)
    return await to_account(context, None if project is None else _of(project) | {"status": context.about["status"]})


def _webhook(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    answered = (
        _("It answered with status %(status)s.", status=facts["status"])
        if facts["status"] is not None
        else _("It could not be reached.")
    )
    told = _("the webhook of %(project)s does not take what it is told.", project=facts["project"])
    again = _("Calls that fail are on its page, where they can be made again. There is one such mail a day.")
    return MailContent(
        _("The webhook of %(project)s is broken", project=facts["project"]),
        [Paragraph(f"{told} {answered}"), Paragraph(again), Button(_("Webhook"), _link(settings, facts, "webhook"))],
    )


async def _find_weekly(context: MailContext) -> tuple[Recipient, MailValues] | None:
    project = await _project(context)
    if project is None or not project.published:
        return None
    week = await week_of(context.session, project.id, until=context.about.get("until"))
    progress = (await progress_of(context.session, [project.id]))[project.id]
    facts = {
        "days": week.days,
        "n_completed": progress.n_completed_tasks,
        "n_tasks": progress.n_tasks,
        "top": week.top_volunteers,
    }
    return await to_account(context, _of(project) | facts)


def _weekly(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    days: list[tuple[date, int, int]] = list(facts["days"])
    n_answers = sum(n for _day, n, _completed in days)
    told = ngettext(
        "%(shown)s answer came to %(project)s last week.",
        "%(shown)s answers came to %(project)s last week.",
        n_answers,
        shown=format_number(n_answers),
        project=facts["project"],
    )
    parts: list[Part] = [Paragraph(told)]
    rows = [(format_weekday(day), format_number(n)) for day, n, _completed in days]
    parts.append(Figures(_("Answers by day"), rows))
    busiest, completed = max(days, key=lambda one: one[1]), max(days, key=lambda one: one[2])
    sums = []
    if busiest[1]:
        sums.append((_("Most active day"), format_weekday(busiest[0])))
    if completed[2]:
        sums.append((_("Most tasks completed on a day"), format_number(completed[2])))
    share = f"{format_number(facts['n_completed'])} / {format_number(facts['n_tasks'])}"
    parts.append(Figures(_("Altogether"), [*sums, (_("Tasks completed"), share)]))
    if facts["top"]:
        rows = [(name, format_number(n)) for name, n in facts["top"]]
        parts.append(Figures(_("Most answers by"), rows))
    parts.append(Button(_("All figures"), _link(settings, facts, "stats")))
    return MailContent(_("The week of %(project)s", project=facts["project"]), parts)


async def _find_idle(context: MailContext) -> tuple[Recipient, MailValues] | None:
    project = await _project(context)
    return await to_account(context, None if project is None else _of(project))


def _idle(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = _(
        "nothing has happened in your project %(project)s for three months, and none of its tasks was ever completed. "
        "It is a draft again: nothing of it is lost, and you can publish it whenever you go on with it.",
        project=facts["project"],
    )
    return MailContent(
        _("Your project %(project)s is a draft again", project=facts["project"]),
        [Paragraph(told), Button(_("Go on with it"), _link(settings, facts, "settings"))],
    )


async def _find_offer(context: MailContext) -> tuple[Recipient, MailValues] | None:
    found = await find_row(context.session, OwnershipOffer, int(context.about["offer_id"]))
    project = await find_row(context.session, Project, found.project_id) if found is not None else None
    receiver = await find_row(context.session, User, found.user_id or 0) if found is not None else None
    return None if project is None or receiver is None else (Recipient.of(receiver), _of(project))


def _offer(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = _(
        'the project "%(project)s" at %(brand)s is offered to you: it becomes yours if you accept. Look at it, and '
        "accept or decline, within the next %(days)s days.",
        project=facts["project"],
        brand=settings.brand,
        days=ownership.OFFER_LASTS.days,
    )
    return MailContent(
        _("A project is offered to you at %(brand)s", brand=settings.brand),
        [
            Paragraph(told),
            Button(_("Accept or decline"), f"{settings.base_url}/account/profile"),
            Paragraph(_("If you do nothing, the project stays whose it is.")),
        ],
    )


async def _find_decision(context: MailContext) -> tuple[Recipient, MailValues] | None:
    project = await _project(context)
    owner = await find_row(context.session, User, project.owner_id) if project is not None else None
    if project is None or owner is None:
        return None
    return Recipient.of(owner), _of(project) | {"decision": context.about["decision"], "word": context.about["word"]}


def _decision(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = {
        "published": _("volunteers can contribute to your project now."),
        "sent back": _("an administrator has looked at your project, and asks you to change something:"),
        "unpublished": _("an administrator has taken your project off the site; nothing of it is lost:"),
    }[str(facts["decision"])]
    parts: list[Part] = [Paragraph(told)]
    if facts["word"]:
        parts.append(Paragraph(str(facts["word"]), quoted=True))
    parts.append(Button(_("Your project"), _link(settings, facts)))
    subject = _("Your project %(project)s at %(brand)s", project=facts["project"], brand=settings.brand)
    return MailContent(subject, parts)


_EXAMPLE = {"project": "Birds of the coast", "short_name": "birds"}
_EXAMPLE_IMPORT = _EXAMPLE | {"import_id": 1, "done": True, "error": "", "n_added": 812, "n_present": 3, "n_refused": 1}
_A_MONDAY = datetime(2026, 11, 23, tzinfo=UTC).date()
_EXAMPLE_WEEK = _EXAMPLE | {
    "days": [(_A_MONDAY + timedelta(days=n), 40 + 7 * (n % 4), 9 + n % 3) for n in range(7)],
    "n_completed": 412,
    "n_tasks": 1200,
    "top": [("Ada Bee", 90), ("Ben Drone", 44)],
}

PROJECT_KINDS = (
    Kind(
        blog.MAIL_KIND,
        lazy_gettext("A project has published a post: to those who have helped it and want mail."),
        _find_post,
        _post,
        _EXAMPLE | {"title": "A thousand birds", "summary": "You have named a thousand birds …", "blogpost_id": 1},
        is_bulk=True,
    ),
    Kind(
        task_imports.MAIL_KIND,
        lazy_gettext("An import in the background has ended: to whoever began it."),
        _find_import,
        _import,
        _EXAMPLE_IMPORT,
    ),
    Kind(
        task_imports.AUTOMATIC_KIND,
        lazy_gettext("A project's automatic import has brought new tasks: to its owner."),
        _find_import,
        _autoimport,
        _EXAMPLE_IMPORT,
    ),
    Kind(
        webhooks.MAIL_KIND,
        lazy_gettext("A published project's webhook fails: to its owner, once a day."),
        _find_webhook,
        _webhook,
        _EXAMPLE | {"status": 500},
    ),
    Kind(
        webhooks.ADMINS_KIND,
        lazy_gettext("A published project's webhook fails, once a day."),
        _find_webhook,
        _webhook,
        _EXAMPLE | {"status": None},
        for_administrators=True,
    ),
    Kind(
        WEEKLY_KIND,
        lazy_gettext("On Sundays: to owners of published projects that are not complete, or are featured."),
        _find_weekly,
        _weekly,
        _EXAMPLE_WEEK,
        is_bulk=True,
    ),
    Kind(
        IDLE_KIND,
        lazy_gettext("Nothing ever came of a published project, and it becomes a draft again: to its owner."),
        _find_idle,
        _idle,
        _EXAMPLE,
        is_bulk=True,
    ),
    Kind(
        ownership.MAIL_KIND,
        lazy_gettext("A project is offered to somebody."),
        _find_offer,
        _offer,
        _EXAMPLE,
        is_asked_for=True,
    ),
    Kind(
        review.MAIL_KIND,
        lazy_gettext("An administrator has published a project, sent it back, or taken it off the site: to its owner."),
        _find_decision,
        _decision,
        _EXAMPLE | {"decision": "sent back", "word": "Please say in the description whose pictures these are."},
        is_asked_for=True,
    ),
)
