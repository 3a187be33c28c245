"""setuptools, which builds no wheel and no source distribution of Workbee without its front end.

An installed Workbee cannot build it: there is neither Node nor `package.json` beside it.
"""

from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

from webapp.runtime.built_assets import check_built

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]


def build_wheel(*arguments: Any, **options: Any) -> str:
    """The wheel's name, as PEP 517 has it. Raises AssetsMissing."""
    check_built()
    return build_meta.build_wheel(*arguments, **options)


def build_sdist(*arguments: Any, **options: Any) -> str:
    """The source distribution's name, as PEP 517 has it. Raises AssetsMissing."""
    check_built()
    return build_meta.build_sdist(*arguments, **options)
