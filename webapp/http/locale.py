"""Which language to answer in: the person's own choice, then the browser's, then the site's."""

from functools import lru_cache

from quart import request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from webapp.config import Settings
from webapp.http.body import is_json_type
from webapp.i18n import available_locales, set_locale

LANGUAGE_COOKIE = "language"


def choose_locale(settings: Settings) -> None:
    """Set the language of this request; JSON clients compare texts, so they always get English (01-pages 1.1)."""
    if is_json_type(request):
        set_locale("en")
        return
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen not in available_locales():
        chosen = _best(request.headers.get("Accept-Language", ""))
    set_locale(chosen or settings.default_locale)


@lru_cache(maxsize=256)
def _best(accept_language: str) -> str | None:
    """The language that a browser likes best of those there are."""
    return parse_accept_header(accept_language, LanguageAccept).best_match(list(available_locales()))
