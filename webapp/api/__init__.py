"""The /api blueprints, siblings of the views over the same services and repositories."""

from quart import Blueprint

from webapp.api import contributing, disqus, global_stats, health, tokens, welcome
from webapp.api.openapi import routes
from webapp.api.resource import Resource, register
from webapp.api.resources.announcement import AnnouncementResource
from webapp.api.resources.blogpost import BlogpostResource
from webapp.api.resources.category import CategoryResource
from webapp.api.resources.favorites import FavoritesResource
from webapp.api.resources.helping_material import HelpingMaterialResource
from webapp.api.resources.page import PageResource
from webapp.api.resources.project import ProjectResource
from webapp.api.resources.project_stats import ProjectStatsResource
from webapp.api.resources.result import ResultResource
from webapp.api.resources.task import TaskResource
from webapp.api.resources.task_run import TaskRunResource
from webapp.api.resources.user import UserResource
from webapp.http.app_services import AppServices

RESOURCES: tuple[Resource, ...] = (
    ProjectResource(),
    TaskResource(),
    TaskRunResource(),
    ResultResource(),
    CategoryResource(),
    UserResource(),
    AnnouncementResource(),
    BlogpostResource(),
    HelpingMaterialResource(),
    PageResource(),
    ProjectStatsResource(),
    FavoritesResource(),
)


def blueprints(app_services: AppServices) -> tuple[Blueprint, ...]:
    """Every blueprint of the API."""
    resources = Blueprint("api", __name__)
    for resource in RESOURCES:
        register(resources, resource)
    functions = (
        welcome.blueprint,
        contributing.blueprint,
        global_stats.blueprint,
        disqus.blueprint,
        tokens.blueprint,
    )
    return (*functions, resources, routes.blueprint(RESOURCES), health.blueprint(app_services))
