"""One place reads and writes the JSON of data, so that no other way loses what it keeps."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_orjson_is_used_in_one_place() -> None:
    code = [path for folder in ("db", "webapp") for path in (ROOT / folder).rglob("*.py")]
    users = [path for path in code if "import orjson" in path.read_text() or "from orjson" in path.read_text()]
    assert users == [ROOT / "db" / "json.py"]
