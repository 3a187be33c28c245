"""/api/page (docs/contract/api.md 2.10)."""

from db.models import Page
from webapp.api.resources.project_content import Material


class PageResource(Material):
    name = "page"
    class_name = "Page"
    model = Page
