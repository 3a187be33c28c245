"""Which language to answer in: the person's own choice, then the browser's, then the site's."""

from quart import request

from webapp.config import Settings
from webapp.http.body import is_json_type
from webapp.i18n import available_locales, set_locale

LANGUAGE_COOKIE = "language"


def choose_locale(settings: Settings) -> None:
    """Set the language of this request; JSON clients compare texts, so they always get English (01-pages 1.1)."""
    if is_json_type(request):
        set_locale("en")
        return
    offered = available_locales()
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen not in offered:
        chosen = request.accept_languages.best_match(list(offered), default=settings.default_locale)
    set_locale(chosen or settings.default_locale)
