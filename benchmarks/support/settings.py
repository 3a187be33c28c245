"""What a run can be told by its environment."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """Read once, at the start."""

    seconds: float = float(os.environ.get("BENCH_SECONDS", "10"))
    """How long each load is measured."""
    rounds: int = int(os.environ.get("BENCH_ROUNDS", "5"))
    """In how many parts: what neighbours of the machine disturb for a moment spoils one of them."""
    warm_up: float = float(os.environ.get("BENCH_WARM_UP", "2"))
    """How long it runs before that, unmeasured."""
    connections: int = int(os.environ.get("BENCH_CONNECTIONS", "16"))
    sizes: tuple[int, ...] = tuple(int(size) for size in os.environ.get("BENCH_SIZES", "10000,1000000").split(","))
    """Tasks of the projects that are drawn from."""
    ending_sizes: int = int(os.environ.get("BENCH_ENDING", "10000000"))
    """Up to which size there is a project with nine tasks of ten complete: ten minutes of filling at 10 million."""
    data: Path | None = Path(os.environ["BENCH_DATA"]) if os.environ.get("BENCH_DATA") else None
    """A data folder that is kept, with what has been filled in; a temporary one if not given."""
    import_rows: int = int(os.environ.get("BENCH_IMPORT_ROWS", "1000000"))
    """Of the CSV file that is imported."""
    export_rows: int = int(os.environ.get("BENCH_EXPORT_ROWS", "1000000"))
    """Answers of the project that is exported."""
    growth: float = float(os.environ.get("BENCH_GROWTH", "1"))
    """The size of the large site; 0.1 for a tenth of everything."""
    answers_a_second: float = float(os.environ.get("BENCH_ANSWERS", "100"))
    """How many come in while its pages are looked at."""
    mixed_minutes: float = float(os.environ.get("BENCH_MIXED_MINUTES", "10"))
    hour_minutes: float = float(os.environ.get("BENCH_HOUR_MINUTES", "60"))
    hour_rates: tuple[float, ...] = tuple(float(rate) for rate in os.environ.get("BENCH_HOUR_RATE", "300").split(","))
    """Draws a second, and as many answers; of several, each for that time, one after the other."""
    hour_visitors: float = float(os.environ.get("BENCH_HOUR_VISITORS", "50"))
    """Views of the home and the project page a second beside them."""
    hour_thinking: float = float(os.environ.get("BENCH_HOUR_THINKING", "6"))
    """Mean seconds between a draw and its answer."""
    hour_stay: float = float(os.environ.get("BENCH_HOUR_STAY", "30"))
    """Mean number of tasks that a volunteer stays for."""
    hour_tasks: int = int(os.environ.get("BENCH_HOUR_TASKS", "0"))
    """Tasks of the project; as many as the time takes, if that is more."""
    nodes_share: float = float(os.environ.get("BENCH_NODES_SHARE", "0.3"))
    """Of a processor core, for each web host."""
    nodes_runs: int = int(os.environ.get("BENCH_NODES_RUNS", "3"))
    """How often the hosts' web workers are killed."""


SETTINGS = BenchSettings()
