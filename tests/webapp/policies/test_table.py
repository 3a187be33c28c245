"""Who may do what: the whole policy table as a matrix of callers and things (docs/contract/pages.md 1,
docs/contract/api.md 2)."""

from dataclasses import replace

import pytest

from webapp.actor import Actor
from webapp.errors import Forbidden, Unauthorized
from webapp.policies import RULES, Action, Facts, can, require

OWNER_ID, COOWNER_ID, AUTHOR_ID, OTHER_ID = 1, 2, 3, 4
ACTORS = {
    "anonymous": Actor(contributor="anon:x"),
    "user": Actor(user_id=OTHER_ID),
    "pro": Actor(user_id=OTHER_ID, pro=True),
    "author": Actor(user_id=AUTHOR_ID),
    "coowner": Actor(user_id=COOWNER_ID),
    "owner": Actor(user_id=OWNER_ID),
    "admin": Actor(user_id=9, admin=True),
}
EVERYBODY = frozenset(ACTORS)
SIGNED_IN = EVERYBODY - {"anonymous"}
OWNERS = frozenset({"owner", "coowner", "admin"})
IN_CHARGE = frozenset({"owner", "admin"})
NOBODY: frozenset[str] = frozenset()

DRAFT = Facts(owner_id=OWNER_ID, owners_ids=frozenset({OWNER_ID, COOWNER_ID}), user_id=AUTHOR_ID, offered_to=AUTHOR_ID)
"""Of somebody else's post, run or account; what is offered is offered to the same."""
PUBLISHED = replace(DRAFT, published=True, anonymous_allowed=True, zip_download=True, ready=True)
PROTECTED = replace(PUBLISHED, protected=True)
ADMITTED = replace(PROTECTED, admitted=True)

MATRIX: dict[Action, tuple[frozenset[str], frozenset[str], frozenset[str]]] = {
    # action: who may, for a draft, a published project, one behind a password that was not given
    Action.SITE_VIEW: (EVERYBODY, EVERYBODY, EVERYBODY),
    Action.ACCOUNT_VIEW_OWN: (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    Action.ACCOUNT_VIEW_PROJECTS: (frozenset({"author"}),) * 3,
    Action.ACCOUNT_UPDATE: (frozenset({"author", "admin"}),) * 3,
    Action.ACCOUNT_RESET_KEY: (frozenset({"author", "admin"}),) * 3,
    Action.ACCOUNT_SECURE: (frozenset({"author"}),) * 3,
    Action.ACCOUNT_LINK: (frozenset({"author"}),) * 3,
    Action.ACCOUNT_EXPORT: (frozenset({"author"}),) * 3,
    Action.ACCOUNT_DELETE: (frozenset({"author"}),) * 3,
    Action.USER_READ: (EVERYBODY,) * 3,
    Action.USER_READ_PRIVATE: (frozenset({"author", "admin"}),) * 3,
    Action.USER_UPDATE: (frozenset({"author", "admin"}),) * 3,
    Action.USER_SUSPEND: (frozenset({"admin"}),) * 3,
    Action.USER_RESET_SECOND_STEP: (frozenset({"admin"}),) * 3,
    Action.USER_INVITE: (frozenset({"admin"}),) * 3,
    Action.USER_MAKE_ADMIN: (frozenset({"admin"}),) * 3,
    Action.PROJECT_LIST: (EVERYBODY,) * 3,
    Action.PROJECT_LIST_DRAFTS: (frozenset({"admin"}),) * 3,
    Action.PROJECT_LIST_HISTORY: (SIGNED_IN,) * 3,
    Action.PROJECT_CREATE: (SIGNED_IN,) * 3,
    Action.PROJECT_READ: (OWNERS, EVERYBODY, OWNERS),
    Action.PROJECT_READ_PRIVATE: (OWNERS,) * 3,
    Action.PROJECT_VIEW: (OWNERS, EVERYBODY, OWNERS),
    Action.PROJECT_UPDATE: (OWNERS,) * 3,
    Action.PROJECT_DELETE: (IN_CHARGE,) * 3,
    Action.PROJECT_PUBLISH: (NOBODY, OWNERS, OWNERS),
    Action.PROJECT_REVIEW: (frozenset({"admin"}),) * 3,
    Action.PROJECT_FEATURE: (frozenset({"admin"}),) * 3,
    Action.PROJECT_TRANSFER: (IN_CHARGE,) * 3,
    Action.PROJECT_ANSWER_OFFER: (frozenset({"author"}),) * 3,
    Action.PROJECT_MANAGE_COOWNERS: (IN_CHARGE,) * 3,
    Action.PROJECT_LEAVE: (frozenset({"coowner"}),) * 3,
    Action.PROJECT_READ_SECRET: (IN_CHARGE,) * 3,
    Action.PROJECT_RESET_SECRET: (IN_CHARGE,) * 3,
    Action.PROJECT_IMPORT_TASKS: (OWNERS,) * 3,
    Action.PROJECT_BROWSE_TASKS: (OWNERS, EVERYBODY, OWNERS),
    Action.PROJECT_EXPORT: (OWNERS, EVERYBODY, OWNERS),
    Action.PROJECT_AUDITLOG: (OWNERS,) * 3,
    Action.PROJECT_WEBHOOK: (frozenset({"admin"}),) * 3,
    Action.PROJECT_AUTOIMPORT: (frozenset({"admin"}),) * 3,
    Action.PROJECT_CONTRIBUTE: (OWNERS, EVERYBODY, OWNERS),
    Action.TASK_READ: (OWNERS, EVERYBODY, OWNERS),
    Action.TASK_CREATE: (OWNERS,) * 3,
    Action.TASK_UPDATE: (OWNERS,) * 3,
    Action.TASK_DELETE: (OWNERS,) * 3,
    Action.TASK_FAVORITE: (OWNERS, SIGNED_IN, OWNERS),
    Action.TASKRUN_READ: (OWNERS, EVERYBODY, OWNERS),
    Action.TASKRUN_CREATE: (OWNERS, EVERYBODY, OWNERS),
    Action.TASKRUN_UPDATE: (frozenset({"author", "admin"}),) * 3,
    Action.TASKRUN_DELETE: (frozenset({"author", "admin"}),) * 3,
    Action.RESULT_READ: (OWNERS, EVERYBODY, OWNERS),
    Action.RESULT_CREATE: (NOBODY,) * 3,
    Action.RESULT_UPDATE: (OWNERS,) * 3,
    Action.RESULT_DELETE: (NOBODY,) * 3,
    Action.BLOGPOST_READ: (OWNERS,) * 3,
    Action.BLOGPOST_CREATE: (IN_CHARGE,) * 3,
    Action.BLOGPOST_UPDATE: (IN_CHARGE,) * 3,
    Action.BLOGPOST_DELETE: (IN_CHARGE,) * 3,
    Action.MATERIAL_READ: (OWNERS, EVERYBODY, OWNERS),
    Action.MATERIAL_WRITE: (IN_CHARGE,) * 3,
    Action.FILE_DELETE: (OWNERS | {"author"},) * 3,
    Action.CATEGORY_READ: (EVERYBODY,) * 3,
    Action.CATEGORY_WRITE: (frozenset({"admin"}),) * 3,
    Action.ANNOUNCEMENT_READ: (frozenset({"admin"}),) * 3,
    Action.ANNOUNCEMENT_WRITE: (frozenset({"admin"}),) * 3,
    Action.STATS_READ: (EVERYBODY,) * 3,
    Action.STATS_WRITE: (NOBODY,) * 3,
    Action.PRO_FEATURE: (frozenset({"admin", "pro"}),) * 3,
    Action.REPORT_CREATE: (EVERYBODY,) * 3,
    Action.REPORT_CLOSE: (frozenset({"admin"}),) * 3,
    Action.ADMIN: (frozenset({"admin"}),) * 3,
}
ACTOR_ALONE = frozenset(
    {
        Action.ACCOUNT_LIST,
        Action.ACCOUNT_REGISTER,
        Action.ACCOUNT_SIGN_IN,
        Action.ACCOUNT_SIGN_OUT,
        Action.ACCOUNT_RECOVER,
        Action.ACCOUNT_VIEW,
        Action.ACCOUNT_CONFIRM_EMAIL,
        Action.ACCOUNT_NEWSLETTER,
        Action.ACCOUNT_UNSUBSCRIBE,
    }
)
"""Open to everybody, or to everybody signed in; `test_who_the_account_pages_are_for` says which."""


def test_the_matrix_is_whole() -> None:
    assert set(MATRIX) | ACTOR_ALONE == set(RULES)


@pytest.mark.parametrize("action", MATRIX, ids=str)
def test_who_may(action: Action) -> None:
    for facts, expected in zip((DRAFT, PUBLISHED, PROTECTED), MATRIX[action], strict=True):
        assert {name for name, actor in ACTORS.items() if can(actor, action, facts)} == expected


def test_who_the_account_pages_are_for() -> None:
    for action in ACTOR_ALONE:
        expected = SIGNED_IN if action in (Action.ACCOUNT_CONFIRM_EMAIL, Action.ACCOUNT_NEWSLETTER) else EVERYBODY
        assert {name for name, actor in ACTORS.items() if can(actor, action)} == expected


@pytest.mark.parametrize(
    "action", [Action.PROJECT_VIEW, Action.TASK_READ, Action.PROJECT_CONTRIBUTE, Action.TASKRUN_CREATE]
)
def test_the_password_lets_in(action: Action) -> None:
    assert all(can(actor, action, ADMITTED) for actor in ACTORS.values())


def test_a_project_may_ask_for_accounts() -> None:
    closed = replace(PUBLISHED, anonymous_allowed=False)
    allowed = {name for name, actor in ACTORS.items() if can(actor, Action.TASKRUN_CREATE, closed)}
    assert allowed == SIGNED_IN


def test_what_has_results_stays() -> None:
    finished = replace(PUBLISHED, has_results=True)
    assert not any(can(actor, Action.PROJECT_DELETE, finished) for actor in ACTORS.values())
    assert {name for name, actor in ACTORS.items() if can(actor, Action.TASK_DELETE, finished)} == {"admin"}
    counted = replace(PUBLISHED, in_result=True)
    assert not any(can(actor, Action.TASKRUN_DELETE, counted) for actor in ACTORS.values())


def test_published_content_is_for_everybody() -> None:
    told = replace(PUBLISHED, content_published=True)
    for action in (Action.BLOGPOST_READ, Action.ANNOUNCEMENT_READ):
        assert all(can(actor, action, told) for actor in ACTORS.values())


def test_optional_features_open_to_all_still_need_ownership() -> None:
    opened = replace(PUBLISHED, feature_open=True)
    assert {name for name, actor in ACTORS.items() if can(actor, Action.PROJECT_WEBHOOK, opened)} == OWNERS


def test_a_refusal_tells_strangers_from_the_unknown() -> None:
    with pytest.raises(Unauthorized):
        require(ACTORS["anonymous"], Action.PROJECT_UPDATE, PUBLISHED)
    with pytest.raises(Forbidden):
        require(ACTORS["user"], Action.PROJECT_UPDATE, PUBLISHED)
    require(ACTORS["owner"], Action.PROJECT_UPDATE, PUBLISHED)
