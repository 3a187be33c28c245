"""A day of answers to the demo's projects, acted out: who came when, which tasks they were given, and what they said.

Every volunteer is given tasks as the default scheduler gives them: the first that has a free place and that they have
not answered. So the history is one that could have happened, and a visitor goes on where it ends.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

from webapp.demo.content import DemoTask

DAY = timedelta(hours=24)
QUIET_END = timedelta(minutes=2)
"""Nobody is at work while the demo is made: the last answer lies at least this far back."""
_CONFUSED = {
    0: (6, 8),
    1: (7, 4, 2),
    2: (7, 3),
    3: (8, 5, 9),
    4: (9, 1),
    5: (9, 3, 6),
    6: (8, 0),
    7: (1, 9),
    8: (3, 1, 9),
    9: (3, 4, 8),
}
"""What a digit is taken for by those who misread it."""
UNSURE_SHARE = 0.012
NAMELESS_SHARE = 0.03
_EVENING_LEANING = (1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 7, 6, 5, 5, 6, 7, 9, 11, 12, 10, 6, 3)
"""How many people are there in each hour (UTC), in proportion."""


@dataclass(frozen=True, slots=True)
class Hand:
    """One contributor of the history: an account's, or a passer-by's."""

    contributor: str
    user_id: int | None
    user_ip: str | None
    seconds: float
    error_rate: float
    appetite: int


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: of whom, to which task (by its place in the project), when, and what."""

    hand: Hand
    place: int
    drawn_at: datetime
    answered_at: datetime
    info: Any


AnswerMaker = Callable[[DemoTask, Hand, random.Random], Any]


@dataclass(frozen=True, slots=True)
class Custom:
    """How one project is answered: what is said there, who comes, how often and how fast, measured by the digits."""

    answer: AnswerMaker
    key: str
    """The part of an answer that says what was found."""
    takes_part: float = 1.0
    """The share of the volunteers who come at all."""
    appetite: float = 1.0
    slowness: float = 1.0


def digit_answer(task: DemoTask, hand: Hand, chance: random.Random) -> dict[str, Any]:
    """What is read in a digit: mostly the digit that was meant."""
    if chance.random() < UNSURE_SHARE:
        return {"unsure": True}
    (meant,) = task.likely
    return {"digit": chance.choice(_CONFUSED[meant]) if chance.random() < hand.error_rate else meant}


def colour_answer(task: DemoTask, hand: Hand, chance: random.Random) -> dict[str, Any]:
    """A colour's name: the likeliest more often than the others."""
    if chance.random() < NAMELESS_SHARE:
        return {"name": None}
    return {"name": chance.choices(task.likely, weights=(6, 3, 2)[: len(task.likely)])[0]}


def choice_answer(task: DemoTask, hand: Hand, chance: random.Random) -> dict[str, Any]:
    """One of the choices; which are frequent differs by question, and stays so through the day."""
    leaning = random.Random(task.info["question"])
    return {"choice": chance.choices(task.likely, weights=[leaning.uniform(0.5, 6) for _ in task.likely])[0]}


CUSTOMS: dict[str, Custom] = {
    "digits": Custom(digit_answer, "digit"),
    "colours": Custom(colour_answer, "name", takes_part=0.6, appetite=0.09, slowness=2.5),
    "outside": Custom(choice_answer, "choice", takes_part=0.55, appetite=0.35, slowness=2.0),
}


def hands_for(hands: Sequence[Hand], custom: Custom, chance: random.Random) -> list[Hand]:
    """Those who come to one project, with the pace and appetite that they have there."""
    return [
        replace(hand, seconds=hand.seconds * custom.slowness, appetite=max(2, round(hand.appetite * custom.appetite)))
        for hand in hands
        if chance.random() < custom.takes_part
    ]


def act_out(
    tasks: Sequence[DemoTask],
    n_answers: int,
    hands: Sequence[Hand],
    answer: AnswerMaker,
    now: datetime,
    chance: random.Random,
) -> list[Given]:
    """The answers of the last day, in the order in which they came."""
    taken = [0] * len(tasks)
    begun = [0] * len(hands)
    agenda = [(start, who, wanted) for who, hand in enumerate(hands) for start, wanted in _visits(hand, now, chance)]
    heapify(agenda)
    given: list[Given] = []
    while agenda:
        start, who, left = heappop(agenda)
        hand = hands[who]
        place = next((place for place in range(begun[who], len(tasks)) if taken[place] < n_answers), None)
        end = start + timedelta(seconds=chance.lognormvariate(0, 0.4) * hand.seconds)
        if place is None or end > now - QUIET_END:
            continue
        taken[place] += 1
        begun[who] = place + 1
        given.append(Given(hand, place, start, end, answer(tasks[place], hand, chance)))
        if left > 1:
            heappush(agenda, (end, who, left - 1))
    return sorted(given, key=lambda one: one.answered_at)


def conclusions(given: Sequence[Given], n_answers: int, custom: Custom) -> dict[int, dict[str, Any]]:
    """What the owner concludes for each task that is complete: what most people said, and how many of them."""
    said: dict[int, list[Any]] = {}
    for one in given:
        said.setdefault(one.place, []).append(one.info.get(custom.key))
    complete = {
        place: Counter(answers).most_common(1)[0] for place, answers in said.items() if len(answers) == n_answers
    }
    return {place: {custom.key: found, "agreeing": agreeing} for place, (found, agreeing) in complete.items()}


def _visits(hand: Hand, now: datetime, chance: random.Random) -> Iterator[tuple[datetime, int]]:
    """When somebody comes in the day before `now`, up to three times, and how many answers they mean to give."""
    wanted = max(1, round(hand.appetite * chance.uniform(0.75, 1.25)))
    visits = min(3, 1 + wanted // 60)
    hours = [now - DAY + timedelta(hours=hour) for hour in range(24)]
    weights = [_EVENING_LEANING[hour.hour] for hour in hours]
    # Apart from each other by far more than a visit lasts, so that nobody works twice at the same time.
    slots = sorted({chance.choices(range(24), weights=weights)[0] for _ in range(visits)})
    for slot in slots:
        yield hours[slot] + timedelta(minutes=chance.uniform(0, 50)), -(-wanted // len(slots))
