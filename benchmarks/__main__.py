"""`python -m benchmarks [NAME...]`: run families of loads, a module of this folder each; or the standard set."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.support.report import Report

STANDARD = ("contributing", "mixed")
"""What `make bench` runs."""


def families() -> list[str]:
    """Every module of this folder that can be named."""
    return sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(families())}")
    parser.add_argument("--profile", action="store_true", help="where the time goes, instead of how much there is")
    options = parser.parse_args()
    names = options.names or list(STANDARD)
    if unknown := set(names) - set(families()):
        parser.error(f"there is no {', '.join(sorted(unknown))}: {', '.join(families())}")
    for name in names:
        family = import_module(f"benchmarks.{name}")
        report = Report(f"{name}-profile" if options.profile else name)
        (family.profile if options.profile else family.run)(report)
        print(f"Written to {report.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
