"""The one table from action to rule (docs/contract/pages.md 1, docs/contract/api.md 2, docs/contract/gaps.md 3)."""

from collections.abc import Callable
from contextvars import ContextVar

from webapp.actor import Actor
from webapp.errors import Forbidden, Unauthorized
from webapp.policies.actions import Action
from webapp.policies.facts import Facts

Rule = Callable[[Actor, Facts], bool]
NO_FACTS = Facts()


def anyone(_actor: Actor, _facts: Facts) -> bool:
    return True


def nobody(_actor: Actor, _facts: Facts) -> bool:
    return False


def signed_in(actor: Actor, _facts: Facts) -> bool:
    return actor.user_id is not None


def admin(actor: Actor, _facts: Facts) -> bool:
    return actor.admin


def oneself(actor: Actor, facts: Facts) -> bool:
    """The account acted on, or the author of what is acted on, is the caller."""
    return actor.user_id is not None and actor.user_id == facts.user_id


def creator(actor: Actor, facts: Facts) -> bool:
    """The caller is the project's `owner_id`; co-owners are not."""
    return actor.user_id is not None and actor.user_id == facts.owner_id


def offered(actor: Actor, facts: Facts) -> bool:
    """The project is offered to the caller."""
    return actor.user_id is not None and actor.user_id == facts.offered_to


def coowner(actor: Actor, facts: Facts) -> bool:
    """The caller runs the project without being its creator."""
    return actor.user_id in facts.owners_ids and not creator(actor, facts)


def owners(actor: Actor, facts: Facts) -> bool:
    """Owner, co-owner or administrator: whoever may update the project."""
    return actor.admin or (actor.user_id is not None and actor.user_id in facts.owners_ids)


def gate(actor: Actor, facts: Facts) -> bool:
    """The gate of docs/contract/pages.md 1.7, with holes docs/contract/gaps.md 3.13 closed: a password guards drafts no
    less."""
    if owners(actor, facts):
        return True
    return facts.admitted if facts.protected else (facts.published or facts.admitted)


def in_charge(actor: Actor, facts: Facts) -> bool:
    """Whoever decides about the project as a whole: its creator, or an administrator. Co-owners run it, and no more."""
    return actor.admin or creator(actor, facts)


def pro_feature(actor: Actor, facts: Facts) -> bool:
    return facts.feature_open or actor.pro or actor.admin


def restricted(_actor: Actor, facts: Facts) -> bool:
    return facts.restricted


def has_results(_actor: Actor, facts: Facts) -> bool:
    return facts.has_results


def confirmed(_actor: Actor, facts: Facts) -> bool:
    return facts.confirmed


def ready(_actor: Actor, facts: Facts) -> bool:
    return facts.ready


def zip_download(_actor: Actor, facts: Facts) -> bool:
    return facts.zip_download


def anonymous_allowed(_actor: Actor, facts: Facts) -> bool:
    return facts.anonymous_allowed


def in_result(_actor: Actor, facts: Facts) -> bool:
    return facts.in_result


def content_published(_actor: Actor, facts: Facts) -> bool:
    return facts.content_published


def either(*rules: Rule) -> Rule:
    def holds(actor: Actor, facts: Facts) -> bool:
        return any(rule(actor, facts) for rule in rules)

    return holds


def every(*rules: Rule) -> Rule:
    def holds(actor: Actor, facts: Facts) -> bool:
        return all(rule(actor, facts) for rule in rules)

    return holds


def no(rule: Rule) -> Rule:
    def holds(actor: Actor, facts: Facts) -> bool:
        return not rule(actor, facts)

    return holds


RULES: dict[Action, Rule] = {
    Action.SITE_VIEW: anyone,
    Action.ACCOUNT_LIST: anyone,
    Action.ACCOUNT_REGISTER: anyone,
    Action.ACCOUNT_SIGN_IN: anyone,
    Action.ACCOUNT_SIGN_OUT: anyone,
    Action.ACCOUNT_RECOVER: anyone,
    Action.ACCOUNT_VIEW: anyone,
    Action.ACCOUNT_VIEW_OWN: signed_in,
    Action.ACCOUNT_VIEW_PROJECTS: oneself,
    Action.ACCOUNT_UPDATE: either(oneself, admin),
    Action.ACCOUNT_RESET_KEY: either(oneself, admin),
    Action.ACCOUNT_SECURE: oneself,
    Action.ACCOUNT_LINK: oneself,
    Action.ACCOUNT_EXPORT: oneself,
    Action.ACCOUNT_DELETE: oneself,
    Action.ACCOUNT_CONFIRM_EMAIL: signed_in,
    Action.ACCOUNT_NEWSLETTER: signed_in,
    Action.ACCOUNT_UNSUBSCRIBE: anyone,
    Action.USER_READ: either(no(restricted), oneself),
    Action.USER_READ_PRIVATE: either(oneself, admin),
    Action.USER_UPDATE: either(oneself, admin),
    Action.USER_SUSPEND: admin,
    Action.USER_RESET_SECOND_STEP: admin,
    Action.USER_INVITE: admin,
    Action.USER_MAKE_ADMIN: admin,
    Action.PROJECT_LIST: anyone,
    Action.PROJECT_LIST_DRAFTS: admin,
    Action.PROJECT_LIST_HISTORY: signed_in,
    Action.PROJECT_CREATE: signed_in,
    Action.PROJECT_READ: gate,
    Action.PROJECT_READ_PRIVATE: owners,
    Action.PROJECT_VIEW: gate,
    Action.PROJECT_UPDATE: owners,
    Action.PROJECT_DELETE: every(in_charge, either(no(has_results), confirmed)),
    Action.PROJECT_PUBLISH: every(owners, ready),
    Action.PROJECT_REVIEW: admin,
    Action.PROJECT_FEATURE: admin,
    Action.PROJECT_TRANSFER: in_charge,
    Action.PROJECT_ANSWER_OFFER: offered,
    Action.PROJECT_MANAGE_COOWNERS: in_charge,
    Action.PROJECT_LEAVE: coowner,
    Action.PROJECT_READ_SECRET: in_charge,
    Action.PROJECT_RESET_SECRET: in_charge,
    Action.PROJECT_IMPORT_TASKS: owners,
    Action.PROJECT_BROWSE_TASKS: every(gate, either(zip_download, owners)),
    Action.PROJECT_EXPORT: every(gate, either(zip_download, owners)),
    Action.PROJECT_AUDITLOG: owners,
    Action.PROJECT_WEBHOOK: every(pro_feature, owners),
    Action.PROJECT_AUTOIMPORT: every(pro_feature, owners),
    Action.PROJECT_CONTRIBUTE: every(gate, either(signed_in, anonymous_allowed)),
    Action.TASK_READ: gate,
    Action.TASK_CREATE: owners,
    Action.TASK_UPDATE: owners,
    Action.TASK_DELETE: either(admin, every(owners, no(has_results))),
    Action.TASK_FAVORITE: every(signed_in, gate),
    Action.TASKRUN_READ: gate,
    Action.TASKRUN_CREATE: every(gate, either(signed_in, anonymous_allowed)),
    Action.TASKRUN_UPDATE: every(either(oneself, admin), no(in_result)),
    Action.TASKRUN_DELETE: every(either(oneself, admin), no(in_result)),
    Action.RESULT_READ: gate,
    Action.RESULT_CREATE: nobody,
    Action.RESULT_UPDATE: owners,
    Action.RESULT_DELETE: nobody,
    Action.BLOGPOST_READ: either(every(gate, content_published), owners),
    Action.BLOGPOST_CREATE: in_charge,
    Action.BLOGPOST_UPDATE: in_charge,
    Action.BLOGPOST_DELETE: in_charge,
    Action.MATERIAL_READ: gate,
    Action.MATERIAL_WRITE: in_charge,
    Action.FILE_DELETE: either(oneself, owners),
    Action.CATEGORY_READ: anyone,
    Action.CATEGORY_WRITE: admin,
    Action.ANNOUNCEMENT_READ: either(content_published, admin),
    Action.ANNOUNCEMENT_WRITE: admin,
    Action.STATS_READ: anyone,
    Action.STATS_WRITE: nobody,
    Action.PRO_FEATURE: pro_feature,
    Action.REPORT_CREATE: anyone,
    Action.REPORT_CLOSE: admin,
    Action.ADMIN: admin,
}
OF_THE_ACTOR = frozenset({anyone, nobody, signed_in, admin})
"""Rules that look at the actor alone: whoever they let in may be let in before anything is known of the thing."""


def needs_facts(action: Action) -> bool:
    """Whether the rule of this action looks at a thing, so that only who has found it can decide."""
    return RULES[action] not in OF_THE_ACTOR


def can(actor: Actor, action: Action, facts: Facts = NO_FACTS) -> bool:
    """Whether the actor may do this to the thing with these facts."""
    return RULES[action](actor, facts)


_DECIDED: ContextVar[set[Action] | None] = ContextVar("decided", default=None)


def track_authorization() -> set[Action]:
    """The actions whose authorization is decided from now on in this context, as they come."""
    decided = set[Action]()
    _DECIDED.set(decided)
    return decided


def authorization_decided(action: Action) -> None:
    """Note that who may do this is decided here in another way than by `require`: by the query, row by row, say."""
    if (decided := _DECIDED.get()) is not None:
        decided.add(action)


def require(actor: Actor, action: Action, facts: Facts = NO_FACTS) -> None:
    """Return if the actor may; otherwise raise Unauthorized (nobody is signed in) or Forbidden
    (docs/contract/pages.md 1.4)."""
    authorization_decided(action)
    if can(actor, action, facts):
        return
    raise Unauthorized if actor.is_anonymous else Forbidden
