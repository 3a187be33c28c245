"""Every action of the contract, by name."""

from enum import StrEnum


class Action(StrEnum):
    """What somebody may want to do; `webapp.policies.table` says who may."""

    SITE_VIEW = "site.view"

    ACCOUNT_LIST = "account.list"
    ACCOUNT_REGISTER = "account.register"
    ACCOUNT_SIGN_IN = "account.sign_in"
    ACCOUNT_SIGN_OUT = "account.sign_out"
    ACCOUNT_RECOVER = "account.recover"
    ACCOUNT_VIEW = "account.view"
    ACCOUNT_VIEW_OWN = "account.view_own"
    ACCOUNT_VIEW_PROJECTS = "account.view_projects"
    ACCOUNT_UPDATE = "account.update"
    ACCOUNT_RESET_KEY = "account.reset_key"
    ACCOUNT_LINK = "account.link"
    """Choose by which other services one signs in."""
    ACCOUNT_EXPORT = "account.export"
    ACCOUNT_DELETE = "account.delete"
    ACCOUNT_CONFIRM_EMAIL = "account.confirm_email"
    ACCOUNT_NEWSLETTER = "account.newsletter"

    USER_READ = "user.read"
    USER_READ_PRIVATE = "user.read_private"
    USER_UPDATE = "user.update"
    USER_SUSPEND = "user.suspend"
    """Let nobody in with an account, end its sessions, remove it."""
    USER_INVITE = "user.invite"
    USER_MAKE_ADMIN = "user.make_admin"
    """Make an account an administrator, or take that away."""

    PROJECT_LIST = "project.list"
    PROJECT_LIST_DRAFTS = "project.list_drafts"
    PROJECT_LIST_HISTORY = "project.list_history"
    PROJECT_CREATE = "project.create"
    PROJECT_READ = "project.read"
    PROJECT_READ_PRIVATE = "project.read_private"
    PROJECT_VIEW = "project.view"
    PROJECT_UPDATE = "project.update"
    PROJECT_DELETE = "project.delete"
    PROJECT_PUBLISH = "project.publish"
    PROJECT_REVIEW = "project.review"
    """Decide whether it is published: an administrator's look."""
    PROJECT_FEATURE = "project.feature"
    """Put it forward on the site's pages."""
    PROJECT_TRANSFER = "project.transfer"
    PROJECT_MANAGE_COOWNERS = "project.manage_coowners"
    PROJECT_ANSWER_OFFER = "project.answer_offer"
    """Accept or decline a project that its owner offers."""
    PROJECT_LEAVE = "project.leave"
    """Stop being a co-owner."""
    PROJECT_READ_SECRET = "project.read_secret"
    PROJECT_RESET_SECRET = "project.reset_secret"
    PROJECT_IMPORT_TASKS = "project.import_tasks"
    PROJECT_BROWSE_TASKS = "project.browse_tasks"
    PROJECT_EXPORT = "project.export"
    PROJECT_AUDITLOG = "project.auditlog"
    PROJECT_WEBHOOK = "project.webhook"
    PROJECT_AUTOIMPORT = "project.autoimport"
    PROJECT_CONTRIBUTE = "project.contribute"

    TASK_READ = "task.read"
    TASK_CREATE = "task.create"
    TASK_UPDATE = "task.update"
    TASK_DELETE = "task.delete"
    TASK_FAVORITE = "task.favorite"

    TASKRUN_READ = "taskrun.read"
    TASKRUN_CREATE = "taskrun.create"
    TASKRUN_UPDATE = "taskrun.update"
    TASKRUN_DELETE = "taskrun.delete"

    RESULT_READ = "result.read"
    RESULT_CREATE = "result.create"
    RESULT_UPDATE = "result.update"
    RESULT_DELETE = "result.delete"

    BLOGPOST_READ = "blogpost.read"
    BLOGPOST_CREATE = "blogpost.create"
    BLOGPOST_UPDATE = "blogpost.update"
    BLOGPOST_DELETE = "blogpost.delete"

    MATERIAL_READ = "helpingmaterial.read"
    MATERIAL_WRITE = "helpingmaterial.write"

    FILE_DELETE = "file.delete"

    CATEGORY_READ = "category.read"
    CATEGORY_WRITE = "category.write"

    ANNOUNCEMENT_READ = "announcement.read"
    ANNOUNCEMENT_WRITE = "announcement.write"

    STATS_READ = "stats.read"
    STATS_WRITE = "stats.write"

    PRO_FEATURE = "pro_feature"
    """Use an optional feature of which `Facts.feature_open` tells."""

    REPORT_CREATE = "report.create"
    REPORT_CLOSE = "report.close"

    ADMIN = "admin"
