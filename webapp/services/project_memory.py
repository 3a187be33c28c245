"""Projects that were contributed to lately, as this process has read them.

Never trusted as they are: drawing and answering expect the row to be of the version remembered (WB001), and a
refusal is decided anew from a fresh read. So nothing stale is ever acted on, and a remembered project saves a read.
"""

from collections import OrderedDict

from db.queries.contribution import ProjectForContribution
from webapp.counters import Looks

CAPACITY = 1024


class ProjectMemory:
    """The projects of the latest draws and answers, by id."""

    def __init__(self) -> None:
        self.looks = Looks()
        self._projects: OrderedDict[int, ProjectForContribution] = OrderedDict()

    def find(self, key: int | str) -> ProjectForContribution | None:
        """The project as it was read some time ago; None by its short name, which may be another's by now."""
        known = self._projects.get(key) if isinstance(key, int) else None
        if known is None:
            self.looks.misses += 1
        else:
            self.looks.hits += 1
        return known

    def remember(self, project: ProjectForContribution) -> None:
        """Keep the project as it was just read, and let go of the one remembered longest."""
        self._projects[project.id] = project
        self._projects.move_to_end(project.id)
        while len(self._projects) > CAPACITY:
            self._projects.popitem(last=False)

    def forget(self, project_id: int) -> None:
        """The project has changed."""
        self._projects.pop(project_id, None)
