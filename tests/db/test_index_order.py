"""What stands before an order in the index that gives it, as the models have their indexes."""

from typing import Any

import pytest

from db.index_order import Keys, indexed_prefix
from db.models import Blogpost, Result, Task, TaskRun, User

UP, DOWN = False, True
BY_ID: Keys = (("id", UP),)
NEWEST: Keys = (("created", DOWN), ("id", DOWN))


@pytest.mark.parametrize(
    ("model", "given", "order", "found"),
    [
        (Task, {"project_id"}, BY_ID, (("project_id", UP),)),
        (Task, {"project_id"}, (("id", DOWN),), (("project_id", DOWN),)),
        (Task, {"project_id", "state"}, BY_ID, (("project_id", UP), ("state", UP))),
        (Task, {"project_id"}, (("priority_0", DOWN), ("id", UP)), (("project_id", UP),)),
        (Task, {"project_id"}, (("priority_0", UP), ("id", DOWN)), (("project_id", DOWN),)),
        (Task, {"project_id"}, (("priority_0", UP), ("id", UP)), None),
        (Task, {"project_id", "quorum"}, NEWEST, (("project_id", DOWN),)),
        (Task, {"project_id"}, (("quorum", UP), ("id", UP)), None),
        (Task, set(), BY_ID, ()),
        (Task, {"state"}, BY_ID, ()),
        (Task, set(), NEWEST, None),
        (TaskRun, {"project_id", "task_id"}, BY_ID, (("task_id", UP),)),
        (TaskRun, {"project_id", "user_id"}, BY_ID, (("user_id", UP),)),
        (TaskRun, {"project_id"}, (("finish_time", DOWN), ("id", DOWN)), (("project_id", DOWN),)),
        (Result, {"task_id"}, NEWEST, None),
        (Blogpost, {"user_id"}, BY_ID, None),
        (User, set(), NEWEST, ()),
        (User, set(), (("name", UP),), ()),
        (User, set(), (("fullname", DOWN), ("id", UP)), None),
        (User, {"fullname"}, BY_ID, (("fullname", UP),)),
    ],
)
def test_an_index_that_has_the_rows_in_order_is_found(
    model: Any, given: set[str], order: Keys, found: Keys | None
) -> None:
    """None where the few rows of one task or person would be looked for among all, too."""
    assert indexed_prefix(model, given, order) == found
