"""What this process has done so far, counted as it happens; `webapp.runtime.serving.metrics` shows it to whoever may
see it.

Plain numbers: to count costs nothing worth naming, and nothing here knows who reads.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper ends of a histogram's buckets, in seconds; what took longer is in one more."""
RequestKind = tuple[str, str, int]
"""Method, rule of the route, status. All three are ours, so that there are few."""


@dataclass(slots=True)
class Lookups:
    """How often a cache was asked and knew, or did not."""

    hits: int = 0
    misses: int = 0


@dataclass(slots=True)
class Histogram:
    """How long things took."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one that took so long."""
        self.buckets[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum_s += seconds


@dataclass(slots=True)
class Counters:
    """Counted since the process began."""

    times_requests: bool = False
    """Whether somebody wants to know how long requests take."""
    draws: int = 0
    """Tasks handed out."""
    answers: int = 0
    """Answers taken in."""
    retries: int = 0
    """Units of work that were run again because others were in the way."""
    requests: dict[RequestKind, Histogram] = field(default_factory=dict)

    def request(self, kind: RequestKind, seconds: float) -> None:
        """Count a request."""
        times = self.requests.get(kind)
        if times is None:
            times = self.requests[kind] = Histogram()
        times.add(seconds)
