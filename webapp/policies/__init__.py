"""Who may do what: one table from action to rule, pure and without I/O.

Routes declare an `Action`, services `require` it with the facts of the thing acted on, view-models ask `can` for their
flags: the same table each time, so that what is shown and what is enforced cannot differ.
"""

from webapp.policies.actions import Action
from webapp.policies.facts import (
    Facts,
    about_content,
    about_feature,
    about_file,
    about_offer,
    about_project,
    about_task,
    about_user,
)
from webapp.policies.table import RULES, authorization_decided, can, needs_facts, require, track_authorization

__all__ = [
    "RULES",
    "Action",
    "Facts",
    "about_content",
    "about_feature",
    "about_file",
    "about_offer",
    "about_project",
    "about_task",
    "about_user",
    "authorization_decided",
    "can",
    "needs_facts",
    "require",
    "track_authorization",
]
