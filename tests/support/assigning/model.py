"""Handing out tasks as docs/assignment.md says it, in memory: slow, sequential and plain.

Written from the page, not from our SQL. Where the page leaves a choice (which task of a random order, which of several
held slots makes way) the model says what is allowed, is told what happened, and goes on from there.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

LEASED, RESERVED, OFFERED, COUNTED, SURPLUS = "leased", "reserved", "offered", "counted", "surplus"
WITH_A_SLOT = (LEASED, RESERVED)
ANSWERED = (COUNTED, SURPLUS)

HOLD_SECONDS = 630.0
"""How long the model's projects hold a slot."""
SHORTEST_PACE, PACE_FACTOR = 10.0, 6.0
"""A slot gives way to whoever asks after six times what a task usually takes, but not within ten seconds."""
JUST_ASKED = 5.0
"""Seconds for which asking again for a held task changes nothing."""
TICK = 0.001
"""Two slots are never held at the same time: which of them is older matters when slots are taken away."""
SLACK = 20.0
"""Seconds of the real clock that one run of the model may take."""


@dataclass(slots=True)
class Assignment:
    """One contributor's assignment of one task."""

    state: str
    since: float
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """An answer as it was acknowledged."""

    id: int
    who: str
    info: str
    key: str | None
    counted: bool


@dataclass(slots=True)
class Task:
    id: int
    n_answers: int
    priority: float
    created: float
    assignments: dict[str, Assignment] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    completed: bool = False
    versions: int = 0
    """How many versions of its result there have been."""
    current: list[int] = field(default_factory=list)
    """The runs that its current result was made of."""

    @property
    def n_counted(self) -> int:
        return sum(run.counted for run in self.runs)

    @property
    def holders(self) -> list[str]:
        """Whose slots are kept."""
        return [who for who, assignment in self.assignments.items() if assignment.state in WITH_A_SLOT]

    @property
    def free(self) -> int:
        return self.n_answers - self.n_counted - len(self.holders)

    def state_for(self, who: str) -> str | None:
        assignment = self.assignments.get(who)
        return assignment.state if assignment else None

    def run_of(self, who: str) -> Run:
        return next(run for run in self.runs if run.who == who)

    def new_version(self) -> None:
        """Its result is made anew, of all its runs."""
        self.versions += 1
        self.current = sorted(run.id for run in self.runs)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the model needs to know of a scheduler."""

    fewest_runs_first: bool = False
    by_priority: bool = False
    random: bool = False
    any_state: bool = False
    single: bool = False
    last_offset: int | None = None
    refused_from: int | None = None


SCHEDULER_RULES = {
    "default": Rules(),
    "depth_first": Rules(),
    "breadth_first": Rules(fewest_runs_first=True),
    "depth_first_all": Rules(any_state=True),
    "locked": Rules(by_priority=True, single=True, last_offset=1, refused_from=3),
    "incremental": Rules(by_priority=True, single=True),
    "random": Rules(random=True),
}
"""Every scheduler by its key, as docs/contract/schedulers.md describes it."""


class Refused(Exception):
    """What the design says is refused."""


class Model:
    """One project. Times are seconds of a clock that only `pass_time` moves."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.now = 0.0
        self.tasks: dict[int, Task] = {}
        self.durations: list[float] = []
        """How long every answer until now has taken."""

    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    # What can be seen -------------------------------------------------------------------------------------------------

    def overdue(self, assignment: Assignment) -> bool:
        return assignment.state in WITH_A_SLOT and assignment.deadline is not None and assignment.deadline <= self.now

    def held_by(self, who: str) -> Task | None:
        return next((task for task in self.tasks.values() if task.state_for(who) == LEASED), None)

    def reserved_by(self, who: str) -> list[Task]:
        return [task for task in self.tasks.values() if task.state_for(who) == RESERVED]

    def list_of(self, who: str, order: str, *, descending: bool) -> list[Task]:
        """The tasks that a draw may give to them, in the order asked for."""
        return sorted(
            (task for task in self.tasks.values() if self._offered(task, who)), key=self._key(order, descending)
        )

    def _offered(self, task: Task, who: str) -> bool:
        state = task.state_for(who)
        return state == LEASED or (state in (None, OFFERED) and (self.rules.any_state or task.free > 0))

    def _key(self, order: str, descending: bool) -> Callable[[Task], tuple[float, float, int]]:
        if self.rules.by_priority:
            order, descending = "priority_0", True
        sign = -1 if descending else 1
        values: dict[str, Callable[[Task], float]] = {
            "id": lambda task: task.id,
            "created": lambda task: task.created,
            "priority_0": lambda task: task.priority,
            "n_answers": lambda task: task.n_answers,
        }
        value, fewest_first = values[order], self.rules.fewest_runs_first
        return lambda task: (len(task.runs) if fewest_first else 0, sign * value(task), task.id)

    def has_work(self, who: str) -> bool:
        """Whether a task wants answers and has none of theirs."""
        return any(not task.completed and task.state_for(who) not in ANSWERED for task in self.tasks.values())

    # Drawing ----------------------------------------------------------------------------------------------------------

    def draw(self, who: str, got: list[int], *, order: str, descending: bool, limit: int, offset: int) -> None:
        """Take note of a draw. AssertionError if the design does not allow what it gave."""
        limit = 1 if self.rules.single else limit
        if self.rules.last_offset is not None and offset > self.rules.last_offset:
            assert got == [], "nothing is looked ahead for so far"
            return
        self._take_back_overdue()
        offered = [task.id for task in self.list_of(who, order, descending=descending)]
        holds = offset == 0 and not self.rules.any_state
        if holds and not offered:
            self._took_over(who, got)
            return
        if self.rules.random:
            self._check_random(who, got, offered, limit, offset)
        else:
            assert got == offered[offset : offset + limit], f"the list is {offered}"
        self._handed_out(who, got, holds=holds)

    def _check_random(self, who: str, got: list[int], offered: list[int], limit: int, offset: int) -> None:
        assert len(got) == len(set(got)) == max(0, min(limit, len(offered) - offset))
        assert set(got) <= set(offered)
        held = self.held_by(who)
        if held is not None and got:
            assert (got[0] == held.id) if offset == 0 else (held.id not in got), "the task at hand stays the first"

    def _handed_out(self, who: str, got: list[int], *, holds: bool) -> None:
        first = got[0] if holds and got else None
        if first is not None and not self._has_just_asked(who, self.tasks[first]):
            self._hold(who, self.tasks[first])
        for number in got:
            if number != first:
                self._lend(who, self.tasks[number])

    def _has_just_asked(self, who: str, task: Task) -> bool:
        """Whether the time of their slot is as good as new."""
        return task is self.held_by(who) and self.now - task.assignments[who].since < JUST_ASKED

    def _took_over(self, who: str, got: list[int]) -> None:
        """Nothing is open: a slot that they have reserved comes back, another's gives way, or nothing was given."""
        reserved = [task.id for task in self.reserved_by(who)]
        if reserved:
            assert len(got) == 1 and got[0] in reserved, "what somebody has reserved comes back to them"
            self._hold(who, self.tasks[got[0]])
            return
        slots = [
            (self.now - assignment.since, task, holder)
            for task in self.tasks.values()
            for holder, assignment in task.assignments.items()
            if assignment.state in WITH_A_SLOT and holder != who and task.state_for(who) in (None, OFFERED)
        ]
        ahead = [slot for slot in slots if slot[1].state_for(slot[2]) == LEASED and self.reserved_by(slot[2])]
        shortest, longest = self._pace()
        if not got:
            assert not ahead, "a task drawn ahead gives way to whoever asks"
            assert not [age for age, _, _ in slots if age >= longest + SLACK], "an old slot gives way to whoever asks"
            return
        assert len(got) == 1
        giving = [slot for slot in slots if slot[1].id == got[0]]
        assert giving, "only a slot that somebody else has can give way"
        # Of several slots of one task the one that is due first gives way: which one, the database says.
        allowed = [slot for slot in giving if slot in ahead or slot[0] >= shortest - SLACK / 4]
        assert allowed, "a slot gives way at the project's pace, or if its task was drawn ahead"
        _, task, holder = max(allowed, key=lambda slot: slot[0])
        task.assignments[holder] = Assignment(OFFERED, task.assignments[holder].since)
        self._hold(who, task)

    def _pace(self) -> tuple[float, float]:
        """Between which ages a slot begins to give way: the usual time lies among those that answers have taken."""
        if not self.durations:
            return HOLD_SECONDS, HOLD_SECONDS
        return (
            min(HOLD_SECONDS, max(SHORTEST_PACE, PACE_FACTOR * min(self.durations))),
            min(HOLD_SECONDS, max(SHORTEST_PACE, PACE_FACTOR * (max(self.durations) + SLACK))),
        )

    def _take_back_overdue(self) -> None:
        for task in self.tasks.values():
            for assignment in task.assignments.values():
                if self.overdue(assignment):
                    assignment.state, assignment.deadline = OFFERED, None

    def _hold(self, who: str, task: Task) -> None:
        self.now += TICK
        held = self.held_by(who)
        if held is not None and held is not task:
            held.assignments[who] = Assignment(OFFERED, held.assignments[who].since)
        task.assignments[who] = Assignment(LEASED, self.now, self.now + HOLD_SECONDS)

    def _lend(self, who: str, task: Task) -> None:
        """Leave to answer, or its time anew; a slot stays what it was, as does an answer."""
        if task.state_for(who) in (None, OFFERED):
            task.assignments[who] = Assignment(OFFERED, self.now)

    def open_by_address(self, who: str, task_id: int) -> None:
        """Leave to answer; a slot's time begins anew, for its task is shown."""
        task = self.tasks[task_id]
        self._lend(who, task)
        self._begin_anew(who, task)

    def _begin_anew(self, who: str, task: Task) -> None:
        """The time of their slot, if they have one."""
        state = task.state_for(who)
        if state in WITH_A_SLOT:
            task.assignments[who] = Assignment(state, self.now, self.now + HOLD_SECONDS)

    def hold(self, who: str, task_id: int, held: bool | None) -> None:
        """Take note of an attempt to hold a task as it is shown; None if it was refused."""
        task = self.tasks.get(task_id)
        state = task.state_for(who) if task else None
        if task is None or state is None or state in ANSWERED:
            assert held is None, "only what one was given can be held"
            return
        if state == OFFERED and (other := self.held_by(who)) is not None:
            other.assignments[who] = Assignment(OFFERED, other.assignments[who].since)
        allowed = {True} if state in WITH_A_SLOT else self._room(task)
        assert held in allowed, f"allowed: {allowed}"
        if state == RESERVED:
            self._begin_anew(who, task)
        elif held:
            self._hold(who, task)

    def reserve(self, who: str, task_id: int, unsent: Collection[int], reserved: bool | None) -> None:
        """Take note of an attempt to reserve the slot of the task shown; None if it was refused."""
        if self.rules.any_state:
            assert reserved is True, "nothing is kept where nothing is held"
            return
        task = self.tasks.get(task_id)
        state = task.state_for(who) if task else None
        if task is None or state is None:
            assert reserved is None, "only what one was given can be reserved"
            return
        for other in self.reserved_by(who):
            if other is not task and other.id not in unsent:
                other.assignments[who] = Assignment(OFFERED, other.assignments[who].since)
        if state in ANSWERED:
            assert reserved is False, "what is answered needs no slot"
            return
        allowed = {True} if state in WITH_A_SLOT else self._room(task)
        assert reserved in allowed, f"allowed: {allowed}"
        if reserved:
            self.now += TICK
            task.assignments[who] = Assignment(RESERVED, self.now, self.now + HOLD_SECONDS)

    def _room(self, task: Task) -> set[bool]:
        """Whether there is a slot for somebody without one. A slot past its deadline is free, but may not have been
        taken back yet."""
        if task.free > 0:
            return {True}
        late = sum(self.overdue(assignment) for assignment in task.assignments.values())
        return {True, False} if task.free + late > 0 else {False}

    # Answering --------------------------------------------------------------------------------------------------------

    def check_answerable(self, who: str, task_id: int, key: str | None) -> Run | None:
        """The run that this submission has stored before, or None if it is to be stored now; else Refused."""
        task = self.tasks.get(task_id)
        if task is None:
            raise Refused("Invalid task_id")
        state = task.state_for(who)
        if state is None:
            raise Refused("You must request a task first!")
        if state not in ANSWERED:
            return None
        run = task.run_of(who)
        if key is None or run.key != key:
            raise Refused("You have already answered this task.")
        return run

    def answer(self, task_id: int, run: Run) -> None:
        """Take note of an answer that was stored."""
        task = self.tasks[task_id]
        assignment = task.assignments[run.who]
        allowed = {True} if assignment.state in WITH_A_SLOT else self._room(task)
        assert run.counted in allowed, f"counted may be: {allowed}"
        self.durations.append(min(3600.0, max(0.1, self.now - assignment.since)))
        task.assignments[run.who] = Assignment(COUNTED if run.counted else SURPLUS, assignment.since)
        task.runs.append(run)
        if task.n_counted >= task.n_answers:
            task.completed = True
            task.new_version()

    # What owners do ---------------------------------------------------------------------------------------------------

    def want(self, task: Task, n_answers: int) -> None:
        """Another redundancy: slots beyond it are given up, the newest first; surplus answers fill what is free."""
        task.n_answers = n_answers
        newest_first = sorted(task.holders, key=lambda who: task.assignments[who].since, reverse=True)
        for who in newest_first[: max(0, len(newest_first) - max(0, n_answers - task.n_counted))]:
            task.assignments[who] = Assignment(OFFERED, task.assignments[who].since)
        for place, run in enumerate(task.runs):
            if not run.counted and task.free > 0:
                task.runs[place] = replace(run, counted=True)
                task.assignments[run.who].state = COUNTED
        complete = task.n_counted >= n_answers
        if complete and not task.completed:
            task.new_version()
        task.completed = complete

    # What always holds ------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """The design's promises, of the model itself: they catch a mistake in it."""
        for task in self.tasks.values():
            assert not task.holders or task.n_counted + len(task.holders) <= task.n_answers
            assert len({run.who for run in task.runs}) == len(task.runs)
            assert task.completed == (task.n_counted >= task.n_answers)
            assert not task.completed or (task.versions > 0 and task.current == sorted(run.id for run in task.runs))
        holding = [who for task in self.tasks.values() for who in task.holders if task.state_for(who) == LEASED]
        assert len(holding) == len(set(holding)), "one task at a time is held by drawing"
