"""The forms that there are."""

from collections.abc import Iterator

from webapp.forms.base import WorkbeeForm


def form_classes() -> Iterator[type[WorkbeeForm]]:
    """Every form class, of whichever module is imported."""
    waiting = [WorkbeeForm]
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        if found is not WorkbeeForm:
            yield found
