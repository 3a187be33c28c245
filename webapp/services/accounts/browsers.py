"""Browsers and systems in words, as people know them: of what a browser says of itself nothing else is kept."""

LONGEST = 500
"""What follows in a `User-Agent` says nothing more."""
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("YaBrowser", "Yandex Browser"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("python", "Python"),
    ("curl", "curl"),
)
"""By what they have in their `User-Agent`; others call themselves what comes later, too."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def described(user_agent: str) -> tuple[str, str]:
    """The browser and the system that a `User-Agent` names; "" for what it does not."""
    told = user_agent[:LONGEST]
    return _first(BROWSERS, told), _first(SYSTEMS, told)


def _first(names: tuple[tuple[str, str], ...], told: str) -> str:
    return next((name for mark, name in names if mark in told), "")
