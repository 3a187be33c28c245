"""Templates to text: one synchronous Jinja environment, measured faster than the asynchronous one
(docs/architecture.md 10).

Every template sees the fields of its view-model, `chrome`, and the globals `asset`, `_`, `number` and `ui`, which
holds the macros of `templates/macros`: as globals they work in a block that is rendered alone.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from secrets import token_urlsafe
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.runtime import Macro
from markupsafe import Markup

from webapp import i18n, urls
from webapp.http import htmx
from webapp.http.assets import AssetManifest
from webapp.http.fragments import CACHED_MACROS, FragmentCache

TEMPLATES_DIR = Path(__file__).parents[1] / "templates"
_SYMBOL = re.compile(r'<symbol id="([\w-]+)" viewBox="0 0 24 24">(.+)</symbol>')


@cache
def shared_renderer() -> "Renderer":
    """The renderer of this process: compiling the templates takes long, and nothing in it is of one app."""
    return Renderer(AssetManifest.load().url)


def _icon_shapes() -> dict[str, Markup]:
    """What is inside each icon, by its name: a symbol of `icons.svg`, one a line."""
    return {name: Markup(shapes) for name, shapes in _SYMBOL.findall((TEMPLATES_DIR / "icons.svg").read_text())}


class Renderer:
    """Renders whole templates and single blocks."""

    def __init__(self, asset_url: Callable[[str], str]) -> None:
        self._chains: dict[str, list[Template]] = {}
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES_DIR),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"],
            auto_reload=False,
        )
        self.environment.globals.update(
            asset=asset_url,
            number=i18n.format_number,
            day=i18n.format_day,
            moment=i18n.format_moment,
            ago=i18n.relative_time,
        )
        self.environment.globals.update(
            project_url=urls.project_url,
            category_url=urls.category_url,
            account_url=urls.account_url,
            metadata_url=urls.metadata_url,
            report_url=urls.report_url,
            picture_url=urls.picture_url,
            smaller_picture=urls.smaller_picture,
            with_next=urls.with_next,
            drawing=partial(token_urlsafe, 12),
            icon_shapes=_icon_shapes(),
        )
        self._fragments = FragmentCache()
        self.environment.globals.update(htmx_config=htmx.CONFIG, cached=self._fragments.block)
        self.environment.globals.update(_=i18n.gettext, gettext=i18n.gettext, ngettext=i18n.ngettext)
        # There before the macros are loaded, since they call each other through it.
        macros = self.environment.globals["ui"] = SimpleNamespace()
        vars(macros).update(self._macros())

    def _macros(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        for path in sorted((TEMPLATES_DIR / "macros").glob("*.html")):
            module = self.environment.get_template(f"macros/{path.name}").module
            for name, value in vars(module).items():
                if isinstance(value, Macro) and not name.startswith("_"):
                    yield name, self._fragments.macro(value) if name in CACHED_MACROS else value

    def page(self, template: str, values: dict[str, Any]) -> str:
        """The whole template."""
        return self.environment.get_template(template).render(values)

    def block(self, template: str, name: str, values: dict[str, Any]) -> str:
        """One named block of the template, its own or inherited, alone."""
        chain = self._chains.get(template) or self._chains.setdefault(template, self._chain(template))
        block = next(found.blocks[name] for found in chain if name in found.blocks)
        context = chain[0].new_context(values)
        return "".join(block(context))

    def _chain(self, template: str) -> list[Template]:
        """The template and those that it extends, one by one."""
        found = [self.environment.get_template(template)]
        while (parent := self._parent(found[-1].name or "")) is not None:
            found.append(self.environment.get_template(parent))
        return found

    def _parent(self, template: str) -> str | None:
        """The template that this one extends, which it names by a plain text."""
        assert self.environment.loader is not None
        source, _, _ = self.environment.loader.get_source(self.environment, template)
        extends = self.environment.parse(source).find(nodes.Extends)
        return None if extends is None else extends.template.as_const()
