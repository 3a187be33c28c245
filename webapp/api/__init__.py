"""The /api blueprints, siblings of the views over the same services and repositories."""

from quart import Blueprint

from webapp.api import contributing, welcome
from webapp.api.resource import Resource, register
from webapp.api.resources.category import CategoryResource
from webapp.api.resources.project import ProjectResource
from webapp.api.resources.result import ResultResource
from webapp.api.resources.task import TaskResource
from webapp.api.resources.task_run import TaskRunResource

RESOURCES: tuple[Resource, ...] = (
    ProjectResource(),
    TaskResource(),
    TaskRunResource(),
    ResultResource(),
    CategoryResource(),
)


def blueprints() -> tuple[Blueprint, ...]:
    """Every blueprint of the API."""
    resources = Blueprint("api", __name__)
    for resource in RESOURCES:
        register(resources, resource)
    return (welcome.blueprint, contributing.blueprint, resources)
