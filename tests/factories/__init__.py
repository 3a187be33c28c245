"""Rows for tests, each with a name of its own: plain functions that add and flush."""

from tests.factories.contribution import draw_one, give_scores, leased_and_answered, project_facts
from tests.factories.rows import make_category, make_project, make_tasks, make_user

__all__ = [
    "draw_one",
    "give_scores",
    "leased_and_answered",
    "make_category",
    "make_project",
    "make_tasks",
    "make_user",
    "project_facts",
]
