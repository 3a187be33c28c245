"""Who a credential belongs to, remembered for a second on the hot path (design page, section 3).

A revoked key may draw on for a second at most; everything else asks the database each time.
"""

from collections import OrderedDict
from time import monotonic

from webapp.actor import Actor
from webapp.counters import Looks

LIFETIME_S = 1.0
CAPACITY = 4096


class IdentityCache:
    """A small map from credential to actor whose entries live for a second."""

    def __init__(self) -> None:
        self.looks = Looks()
        self._entries: OrderedDict[str, tuple[float, Actor]] = OrderedDict()

    def find(self, credential: str) -> Actor | None:
        """The actor of this credential if it was looked up within the last second."""
        entry = self._entries.get(credential)
        if entry is None or entry[0] <= monotonic():
            self.looks.misses += 1
            return None
        self.looks.hits += 1
        return entry[1]

    def forget(self) -> None:
        """A credential has ended here: in this process it does so at once."""
        self._entries.clear()

    def remember(self, credential: str, actor: Actor) -> None:
        self._entries[credential] = (monotonic() + LIFETIME_S, actor)
        self._entries.move_to_end(credential)
        while len(self._entries) > CAPACITY:
            self._entries.popitem(last=False)
