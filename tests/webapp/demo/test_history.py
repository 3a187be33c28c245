"""The acted-out day: it could have happened."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from webapp.demo.content import DemoTask
from webapp.demo.history import CUSTOMS, DAY, Custom, Given, Hand, act_out, conclusions, digit_answer, hands_for

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TASKS = [DemoTask({"sample": place}, (place % 10,)) for place in range(200)]
HANDS = [Hand(f"user:{n}", n, None, seconds=2.5, error_rate=0.05, appetite=60) for n in range(1, 13)]


@pytest.fixture(scope="module")
def day() -> list[Given]:
    return act_out(TASKS, 3, HANDS, digit_answer, NOW, random.Random(1))


def test_no_task_has_more_answers_than_it_wants(day: list[Given]) -> None:
    assert max(Counter(one.place for one in day).values()) == 3


def test_nobody_answers_a_task_twice(day: list[Given]) -> None:
    assert len({(one.place, one.hand.contributor) for one in day}) == len(day) > 400


def test_everything_lies_within_the_last_day_and_in_order(day: list[Given]) -> None:
    assert all(NOW - DAY <= one.drawn_at < one.answered_at <= NOW - timedelta(minutes=2) for one in day)
    assert [one.answered_at for one in day] == sorted(one.answered_at for one in day)


def test_nobody_does_two_things_at_once(day: list[Given]) -> None:
    for hand in HANDS:
        own = [one for one in day if one.hand is hand]
        assert all(first.answered_at <= second.drawn_at for first, second in pairwise(own))


def test_tasks_are_given_in_their_order(day: list[Given]) -> None:
    """Whoever is given a task has answered, or finds full, every task before it."""
    drawn = sorted(day, key=lambda one: one.drawn_at)
    taken: Counter[int] = Counter()
    answered: set[tuple[str, int]] = set()
    for one in drawn:
        earlier = range(one.place)
        assert all(taken[place] == 3 or (one.hand.contributor, place) in answered for place in earlier)
        taken[one.place] += 1
        answered.add((one.hand.contributor, one.place))


def test_careless_people_make_more_mistakes() -> None:
    def mistakes(error_rate: float) -> int:
        hand = Hand("user:1", 1, None, seconds=2, error_rate=error_rate, appetite=1)
        chance = random.Random(5)
        answers = [digit_answer(task, hand, chance) for task in TASKS * 5]
        return sum(a.get("digit") not in (None, t.likely[0]) for a, t in zip(answers, TASKS * 5, strict=True))

    assert mistakes(0.0) == 0
    assert 5 <= mistakes(0.02) < 60 < mistakes(0.2) < 300


def test_a_days_end_leaves_work_for_visitors() -> None:
    few = act_out(TASKS, 3, HANDS[:2], digit_answer, NOW, random.Random(2))

    assert 0 < len(few) < 3 * len(TASKS)


def test_custom_says_who_comes_and_how() -> None:
    custom = Custom(digit_answer, "digit", takes_part=0.5, appetite=0.1, slowness=3)
    comers = hands_for(HANDS, custom, random.Random(3))

    assert 0 < len(comers) < len(HANDS)
    assert {(hand.seconds, hand.appetite) for hand in comers} == {(7.5, 6)}
    assert set(CUSTOMS) == {"digits", "colours", "outside"}


def test_the_owner_concludes_what_most_people_said_of_complete_tasks() -> None:
    said = [(0, {"digit": 7}), (0, {"digit": 1}), (0, {"digit": 7}), (1, {"unsure": True}), (1, {"digit": 4})]
    given = [Given(HANDS[0], place, NOW, NOW, info) for place, info in said]

    assert conclusions(given, 3, CUSTOMS["digits"]) == {0: {"digit": 7, "agreeing": 2}}
