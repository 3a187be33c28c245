"""What every page of the administration has."""

from dataclasses import dataclass
from typing import ClassVar

from webapp.i18n import gettext as _
from webapp.viewmodels.page import Page


@dataclass(kw_only=True)
class AdminPage(Page):
    place: ClassVar[str] = ""
    """Its entry of the navigation at the side."""

    def tab_title(self) -> str:
        name = self.plain_title()
        return f"{name} · {_('Administration')}" if name else _("Administration")
