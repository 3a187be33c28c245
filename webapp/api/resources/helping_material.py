"""/api/helpingmaterial (docs/contract/api.md 2.9)."""

from db.models import HelpingMaterial
from webapp.api.resources.project_content import Material


class HelpingMaterialResource(Material):
    name = "helpingmaterial"
    class_name = "HelpingMaterial"
    model = HelpingMaterial
