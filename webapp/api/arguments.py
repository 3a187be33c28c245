"""Values of the query string, read as the API's clients expect: what is no number is a 415 of its kind."""

from webapp.errors import UnsupportedMedia

LARGEST = 2**63 - 1


def whole_number(text: str) -> int:
    """A number from 0 on. Raises UnsupportedMedia: ValueError for no number, DataError for a negative one."""
    try:
        number = int(text)
    except ValueError as error:
        raise UnsupportedMedia(f"invalid literal for int() with base 10: '{text}'") from error
    if not 0 <= number <= LARGEST:
        raise UnsupportedMedia(f"{number} is out of range", kind="DataError")
    return number
