"""What the documentation links to is there, and so is every section that the code names."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE_FOLDERS = ("webapp", "db", "tests", "playwright", "benchmarks")
PATH = re.compile(rf"`((?:{'|'.join(CODE_FOLDERS)}|docs|tools|requirements)/[\w./-]+)`")
"""A path of the repository, as documents name it."""
REFERENCE = re.compile(r"\bdocs/([\w/-]+\.md)((?:(?:,| and| to)? \d+(?:\.\d+)?(?![\d.]*\w))*)")
"""A document, and sections of it by their numbers: `docs/contract/api.md 2.3, 4 and 5`."""
NUMBER = re.compile(r"\d+(?:\.\d+)?")
NUMBERED = re.compile(r"^(?:#+|\|) (\d+(?:\.\d+)?)[. ]", re.MULTILINE)
"""A section, or the row of a numbered list that is a table."""
LINE_BREAK = re.compile(r"\s*\n\s*(?:#|\*|--)?\s*")
ELSEWHERE = re.compile(r"\b0[1-8]-(?:pages|api|model|schedulers|jobs|clients|config|gaps)\b|\bdesign page\b")
"""Names of documents that are no part of this repository."""


def tracked(*patterns: str) -> list[str]:
    """The repository's files, also those that are not committed yet."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    names = subprocess.run(listed, cwd=FOLDER, capture_output=True, text=True, check=True).stdout.split()
    return sorted({name for name in names if (FOLDER / name).exists()})


def documents() -> list[str]:
    return [name for name in tracked("*.md") if not name.startswith(("webapp/", "tests/"))]


def sources() -> Iterator[tuple[str, str]]:
    """Every file of code, and its text with comments and docstrings in one line."""
    for name in tracked("*.py", "*.html", "*.sql", "*.js"):
        if name.startswith(CODE_FOLDERS) and FOLDER / name != Path(__file__):
            yield name, LINE_BREAK.sub(" ", (FOLDER / name).read_text())


def anchors(document: Path) -> set[str]:
    """The anchors of the headings, as GitHub and GitLab make them."""
    titles = HEADING.findall(document.read_text())
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def dead_links(document: Path) -> Iterator[str]:
    for link in LINK.findall(document.read_text()):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def is_built(path: str) -> bool:
    """Whether the repository leaves this path to whoever builds or runs it."""
    return subprocess.run(["git", "check-ignore", "--quiet", path], cwd=FOLDER).returncode == 0


@pytest.mark.parametrize("name", documents())
def test_every_link_leads_somewhere(name: str) -> None:
    assert list(dead_links(FOLDER / name)) == []


@pytest.mark.parametrize("name", documents())
def test_every_path_is_there(name: str) -> None:
    paths = PATH.findall((FOLDER / name).read_text())
    assert [path for path in paths if not (FOLDER / path).exists() and not is_built(path)] == []


def test_every_section_that_the_code_names_is_there() -> None:
    sections = {name: set(NUMBERED.findall((FOLDER / name).read_text())) for name in tracked("docs/*.md")}
    missing, n_found = [], 0
    for source, text in sources():
        for path, numbers in REFERENCE.findall(text):
            name = f"docs/{path}"
            n_found += 1
            unknown = set(NUMBER.findall(numbers)) - sections.get(name, set())
            if name not in sections or unknown:
                missing.append((source, name, sorted(unknown)))
    assert missing == []
    assert n_found > 100, "the references are written in another way than this test reads"


def test_no_document_is_named_that_is_not_here() -> None:
    texts = [*sources(), *((name, (FOLDER / name).read_text()) for name in documents())]
    assert [(name, found[0]) for name, text in texts for found in ELSEWHERE.finditer(text)] == []
