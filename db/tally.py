"""How many statements a piece of work (a request, a job) has asked of the database.

Whoever begins the work sets a `Tally`; every statement is counted to the one in force. A call that goes to the database
together with those of others counts as one for each of them; what ends a transaction is not counted.
"""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """The count so far."""

    n_statements: int = 0


TALLY: ContextVar[Tally | None] = ContextVar("tally", default=None)


def count_statement() -> None:
    """One more, for whatever is being done."""
    if (tally := TALLY.get()) is not None:
        tally.n_statements += 1
