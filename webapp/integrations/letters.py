"""What a mail says, as plain data, and how that becomes text and HTML: both are made from the same parts, so that they
say the same, and what people wrote stays text in both."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from webapp.i18n import current_locale, text_direction
from webapp.integrations.mail import Letter

TEMPLATES_DIR = Path(__file__).parents[1] / "templates" / "emails"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or the words of somebody else (`quoted`), whose lines are kept."""

    text: str
    quoted: bool = False
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Button:
    """The thing to do: where it leads to is written out in text."""

    label: str
    url: str
    kind: str = "button"


@dataclass(frozen=True, slots=True)
class Figures:
    """Names with their values, one a line."""

    title: str
    rows: Sequence[tuple[str, str]]
    kind: str = "figures"


Part = Paragraph | Button | Figures


@dataclass(frozen=True, slots=True)
class Draft:
    """One mail before it is rendered. `reason` says why its reader gets it, in a sentence."""

    to: str
    subject: str
    greeting: str
    parts: Sequence[Part]
    reason: str = ""
    unsubscribe_url: str | None = None
    """Of a mail that its reader did not ask for: a POST there, or the button on its page, ends mails of the kind."""


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render(draft: Draft, *, brand: str, site: str, unsubscribe: str = "") -> Letter:
    """The mail as it is sent, in the language of the moment. `site` is the site's address, `unsubscribe` what the link
    that ends such mails is called."""
    values = {
        "draft": draft,
        "brand": brand,
        "site": site,
        "unsubscribe": unsubscribe,
        "locale": current_locale().replace("_", "-"),
        "direction": text_direction(),
    }
    text, html = (_environment().get_template(f"letter.{ending}").render(values) for ending in ("txt", "html"))
    return Letter(draft.to, draft.subject, text, html=html, unsubscribe_url=draft.unsubscribe_url)
