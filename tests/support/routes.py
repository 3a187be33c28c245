"""Applications of one test process share what werkzeug compiles for their routes: nearly every test makes one."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


def share_compiled_builders(patch: pytest.MonkeyPatch) -> None:
    """Compile the function that builds a rule's address once for all rules of the same text: it takes the rule itself
    as its first argument, and knows nothing else of it."""
    compiled: dict[Any, Builder] = {}
    compile_builder = Rule._compile_builder

    def shared(rule: Rule, append_unknown: bool = True) -> Builder:
        key = rule.rule, rule.subdomain, repr(rule.defaults), append_unknown
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    patch.setattr(Rule, "_compile_builder", shared)
