"""Users, projects, tasks."""

from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Category, Project, Task, User

_numbers = count(1)


async def make_user(session: AsyncSession, **values: Any) -> User:
    """An account; `name`, `fullname` and `email_addr` unless given."""
    number = next(_numbers)
    defaults = {"name": f"user{number}", "fullname": f"User {number}", "email_addr": f"user{number}@example.com"}
    user = User(**defaults | values)
    session.add(user)
    await session.flush()
    await session.refresh(user)
    return user


async def make_category(session: AsyncSession, **values: Any) -> Category:
    number = next(_numbers)
    defaults = {"name": f"Category {number}", "short_name": f"category{number}", "description": "A shelf"}
    category = Category(**defaults | values)
    session.add(category)
    await session.flush()
    await session.refresh(category)
    return category


async def make_project(session: AsyncSession, owner: User, **values: Any) -> Project:
    """A published project with a presenter, in the first category, unless told otherwise."""
    number = next(_numbers)
    first = (await session.execute(select(Category.id).order_by(Category.id).limit(1))).scalar_one()
    defaults = {
        "name": f"Project {number}",
        "short_name": f"project{number}",
        "description": "A question",
        "long_description": "A longer question",
        "owner_id": owner.id,
        "owners_ids": [owner.id],
        "category_id": first,
        "published": True,
        "info": {"task_presenter": "<p>What is this?</p>"},
    }
    project = Project(**defaults | values)
    session.add(project)
    await session.flush()
    await session.refresh(project)
    return project


async def make_tasks(session: AsyncSession, project: Project, n: int = 1, **values: Any) -> list[Task]:
    """`n` tasks of the project, with info `{"n": 0}`, `{"n": 1}`, …"""
    tasks = [Task(**{"project_id": project.id, "info": {"n": place}, "n_answers": 2} | values) for place in range(n)]
    session.add_all(tasks)
    await session.flush()
    return tasks
