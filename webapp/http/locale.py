"""Which language to answer in: the person's own choice, then the browser's, then the site's."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from quart import request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from webapp.config import Settings
from webapp.http.body import is_json_type
from webapp.i18n import available_locales, set_locale

LANGUAGE_COOKIE = "language"
TERRITORIAL = frozenset({"pt_BR", "zh_CN", "zh_TW"})


def choose_locale(settings: Settings) -> None:
    """Set the language of this request; JSON clients compare texts, so they always get English
    (docs/contract/pages.md 1.1)."""
    if is_json_type(request):
        set_locale("en")
        return
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen not in available_locales():
        chosen = _best(request.headers.get("Accept-Language", ""))
    set_locale(chosen or settings.default_locale)


def visitor_language(account_locale: str | None, settings: Settings) -> str:
    """The language that presenters find in `#PYBOSSA_USER_LOCALE`: the account's, else the browser's, even where this
    site's own texts have no translation to it (`es`, `pt_BR`)."""
    chosen = account_locale or request.cookies.get(LANGUAGE_COOKIE) or ""
    return _code(chosen) or _first(request.headers.get("Accept-Language", "")) or settings.default_locale


@lru_cache(maxsize=256)
def _first(accept_language: str) -> str | None:
    """The language that a browser likes best of all."""
    liked = parse_accept_header(accept_language, LanguageAccept).best
    return _code(liked) if liked else None


@lru_cache(maxsize=256)
def _code(tag: str) -> str | None:
    """The code that PYBOSSA has for a language: its territory only where it has several of them; None for no
    language."""
    try:
        locale = Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return None
    code = f"{locale.language}_{locale.territory}"
    return code if code in TERRITORIAL else locale.language


@lru_cache(maxsize=256)
def _best(accept_language: str) -> str | None:
    """The language that a browser likes best of those there are."""
    return parse_accept_header(accept_language, LanguageAccept).best_match(list(available_locales()))
