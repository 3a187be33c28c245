"""Translation: the language of the current request or job, as a context variable.

Text is written in English in code and templates, marked by `gettext` or `_`; catalogues live in `webapp/translations`.
"""

import gettext as gettext_module
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal
from markupsafe import escape

TRANSLATIONS_DIR = Path(__file__).parent / "translations"
_locale: ContextVar[str] = ContextVar("workbee_locale", default="en")


@lru_cache(maxsize=32)
def _catalogue(locale: str) -> gettext_module.NullTranslations:
    return gettext_module.translation("messages", str(TRANSLATIONS_DIR), [locale], fallback=True)


@lru_cache(maxsize=1)
def available_locales() -> dict[str, str]:
    """The languages that texts exist in: code -> its own name. English, the language of the code, is always there."""
    found = {"en": "English"}
    for catalogue in sorted(TRANSLATIONS_DIR.glob("*/LC_MESSAGES/messages.mo")):
        code = catalogue.parents[1].name
        found[code] = (Locale.parse(code.replace("-", "_")).get_display_name() or code).capitalize()
    return found


def languages_with(code: object) -> list[tuple[str, str]]:
    """The languages to choose from, as code and name; this one too if it is any, because presenters may speak it where
    this site does not."""
    languages = available_locales()
    if isinstance(code, str) and code not in languages and (name := _own_name(code)):
        return [*languages.items(), (code, name)]
    return list(languages.items())


def _own_name(code: str) -> str | None:
    """What a language calls itself; None if there is no such language."""
    try:
        name = Locale.parse(code).get_display_name() or code
    except (ValueError, UnknownLocaleError):
        return None
    return name[:1].upper() + name[1:]


def current_locale() -> str:
    """The language code that texts are translated to, for example `en`."""
    return _locale.get()


def text_direction() -> str:
    """How the current language is written: `ltr` or `rtl`."""
    return _direction(current_locale())


@lru_cache(maxsize=64)
def _direction(locale: str) -> str:
    order: str = Locale.parse(locale.replace("-", "_")).text_direction
    return order


def set_locale(locale: str) -> None:
    """Choose the language for the rest of this request or job (context-local)."""
    _locale.set(locale)


@contextmanager
def use_locale(locale: str) -> Iterator[None]:
    """Translate to `locale` within the block, then as before: for mail to somebody else."""
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


def gettext(message: str, **values: object) -> str:
    """The message in the current language, with `%(name)s` places filled from `values`."""
    text = _catalogue(current_locale()).gettext(message)
    return text % values if values else text


class LazyText(str):
    """A text that is translated when it is shown, for what is written down once at import, as the labels of forms."""

    def __str__(self) -> str:
        return gettext(str.__str__(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __mod__(self, values: Any) -> str:
        return str(str(self) % values)

    def __html__(self) -> str:
        return str(escape(str(self)))


def lazy_gettext(message: str) -> LazyText:
    """The message, translated each time it is shown."""
    return LazyText(message)


def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
    """As `gettext`, choosing the form for `number`, which also fills `%(num)s`."""
    return plural_form(singular, plural, number) % {"num": number, **values}


def plural_form(singular: str, plural: str, number: int) -> str:
    """The form for `number`, with its placeholders as they are."""
    return _catalogue(current_locale()).ngettext(singular, plural, number)


def format_number(value: float) -> str:
    """A number as the current language groups it, for example `1,797`."""
    return _number(value, current_locale())


@lru_cache(maxsize=4096, typed=True)
def _number(value: float, locale: str) -> str:
    return format_decimal(value, locale=locale.replace("-", "_"))


def short_month(day: date) -> str:
    """The month in a few letters: `Nov`."""
    return format_date(day, "LLL", locale=current_locale().replace("-", "_"))


def relative_time(moment: datetime) -> str:
    """How long ago, in words: `5 minutes ago`. What has just been, or comes from a clock that is ahead, was a second
    ago: none would be "in 0 seconds"."""
    seconds = (moment - datetime.now(UTC)).total_seconds()
    return _ago(min(round(seconds), -1), current_locale())


@lru_cache(maxsize=4096)
def _ago(seconds: int, locale: str) -> str:
    return format_timedelta(timedelta(seconds=seconds), add_direction=True, locale=locale.replace("-", "_"))


def format_weekday(day: date) -> str:
    """The short name of the weekday: `Tue`."""
    return format_date(day, "EEE", locale=current_locale().replace("-", "_"))


def format_day(day: date) -> str:
    """A day as the current language writes it in a text: `Nov 24, 2026`."""
    return format_date(day, "medium", locale=current_locale().replace("-", "_"))


def format_moment(moment: datetime) -> str:
    """A day with its time, in UTC: `Nov 24, 2026, 18:25`."""
    locale = current_locale().replace("-", "_")
    return f"{format_day(moment)}, {format_time(moment.astimezone(UTC), 'HH:mm', locale=locale)}"


def format_short_date(day: date) -> str:
    """A day without its year: `24 Nov`."""
    return format_date(day, "d MMM", locale=current_locale().replace("-", "_"))
