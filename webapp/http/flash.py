"""Messages to the person, kept in the session until a response shows them."""

from quart import flash as quart_flash
from quart import get_flashed_messages

CATEGORIES = ("success", "error", "info", "warning", "danger", "message")


async def flash(message: str, category: str = "message") -> None:
    """Say `message` in the next response; the category is one of those of docs/contract/pages.md 1.2."""
    if category not in CATEGORIES:
        raise ValueError(f"not a flash category: {category}")
    await quart_flash(message, category)


def take_flashes() -> tuple[tuple[str, str], ...]:
    """The waiting messages as (category, text), oldest first; each is given once."""
    messages: list[tuple[str, str]] = get_flashed_messages(with_categories=True)  # type: ignore[assignment]
    return tuple((str(category), str(text)) for category, text in messages)
