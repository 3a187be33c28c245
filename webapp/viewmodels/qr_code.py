"""QR codes as the path of an SVG."""

import segno

MARGIN = 4
"""Light squares around it, without which many cameras find nothing."""


def qr_path(text: str) -> tuple[str, int]:
    """The path of the dark squares of a QR code, one unit each, and how many there are along a side with the margin."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    runs = []
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark and (x == 0 or not row[x - 1]):
                width = next((n for n, one in enumerate(row[x:]) if not one), len(row) - x)
                runs.append(f"M{x + MARGIN} {y + MARGIN}h{width}v1h-{width}z")
    return "".join(runs), len(rows) + 2 * MARGIN
