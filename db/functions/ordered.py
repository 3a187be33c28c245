"""The functions that have a statement for each order, written from the table of orders (`db.orders`).

A statement of its own for each order, so that its plan can be kept and only the index that serves it fits. `python -m
db.functions.ordered` writes the files; a test holds them to this.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from textwrap import indent

from db.functions import FOLDER
from db.orders import ORDERS, IndexedOrder, SortKey

WRITTEN = "-- Written by db/functions/ordered.py: change that, not this.\n"
ANSWERED = "('counted', 'surplus')"
LONGEST_LINE = 120
BREAKS = re.compile(r" (?=[<>]=? \(|INTO |LIMIT |THEN |ELSE )")
"""Where a line that is too long is broken."""
MOST_GAPS = 50
"""How many gaps a cursor keeps: they are looked at by each draw."""
FEW_LEASES = 256
"""So many leases of a project are always read to move a cursor on."""
MOST_PASSED = 4096
"""Of so many tasks that a draw passes over, the square is the most leases that are read."""
[MOVING] = {key for order in ORDERS for key in order.keys if key.moves}
STILL = tuple(dict.fromkeys(key for order in ORDERS for key in order.keys if not key.moves))
"""Keys whose values a cursor's task still has."""
KEYS = (MOVING, *STILL)
"""All keys; each order has its own in this order."""
assert all(order.keys == tuple(key for key in KEYS if key in order.keys) for order in ORDERS), (
    "keys of an order stand in the sequence in which they first appear in ORDERS"
)


def _variables() -> dict[SortKey, str]:
    """The variable of a function that holds the cursor's value of each key: of two keys of one column, the later one is
    named by its direction too."""
    named: dict[str, SortKey] = {}
    for key in KEYS:
        name = f"v_{key.column}"
        named[f"{name}_{'descending' if key.descending else 'ascending'}" if name in named else name] = key
    return {key: name for name, key in named.items()}


VARIABLES = _variables()


def names(orders: Iterable[IndexedOrder]) -> str:
    """The names of these orders, as a list of SQL."""
    return ", ".join(f"'{order.name}'" for order in orders)


def state(row: str, margin: int) -> str:
    """The state of this contributor's assignment of the row's task; where there is none, as if it were offered. Its
    other lines are aligned with the first, which follows `AND ` behind `margin` spaces."""
    return (
        f"coalesce((SELECT a.state FROM assignment a\n{' ' * (margin + 14)}"
        f"WHERE a.task_id = {row}.task_id AND a.contributor = p_contributor),\n{' ' * (margin + 13)}'offered')"
    )


def is_candidate(row: str, margin: int) -> str:
    """The task has a free slot that this contributor may be given."""
    return f"{row}.is_open\n{' ' * margin}AND {state(row, margin)} = 'offered'"


def place(order: IndexedOrder, row: str, *, project: bool = True) -> str:
    """Where the row's task is in this order."""
    return ", ".join(
        [*([f"{row}.project_id"] if project else []), *(key.of(row) for key in order.keys), f"{row}.task_id"]
    )


def cursor(order: IndexedOrder, *, project: bool = True) -> str:
    """Where the cursor is in this order."""
    return ", ".join([*(["p_project_id"] if project else []), *(VARIABLES[key] for key in order.keys), "v_task"])


def from_cursor(order: IndexedOrder, row: str) -> str:
    """The row is of the project, at the cursor or behind it."""
    return f"({place(order, row)}) >= ({cursor(order)})\n  AND {row}.project_id <= p_project_id"


def branches(condition: str, body: Callable[[IndexedOrder], str], *, otherwise: str = "") -> str:
    """`IF … ELSIF … END IF` with a statement for each order."""
    parts: list[str] = []
    for order in ORDERS:
        word = "ELSIF" if parts else "IF"
        parts.append(f"  {word} {condition.format(name=order.name)} THEN\n{indent(body(order), '    ')}\n")
    if otherwise:
        parts.append(f"  ELSE\n{indent(otherwise, '    ')}\n")
    return "".join(parts) + "  END IF;\n"


CURSOR_VARIABLES = "".join(
    [
        "  v_task bigint := coalesce(p_cursor[1], 0);\n",
        f"  {VARIABLES[MOVING]} {MOVING.variable_type} := coalesce(p_cursor[2], {MOVING.lowest});\n",
        "  v_gaps bigint[] := coalesce(p_cursor[3:], '{}');\n",
        *(f"  {VARIABLES[key]} {key.variable_type} := {key.lowest};\n" for key in STILL),
    ]
)
"""What a cursor says: its task, that task's moving key as it was, the gaps; and the task's other keys."""


def read_cursor() -> str:
    """Read the keys of the cursor's task; begin at the beginning where it is no more."""
    without = [order for order in ORDERS if not set(order.keys) & set(STILL)]
    lowest = {"v_task": "0", VARIABLES[MOVING]: MOVING.lowest, "v_gaps": "'{}'"}
    lowest |= {VARIABLES[key]: key.lowest for key in STILL}
    reset = "".join(f"      {variable} := {value};\n" for variable, value in lowest.items())
    return f"""  IF v_task > 0 AND p_order NOT IN ({names(without)}) THEN
    SELECT {", ".join(key.of("s") for key in STILL)} INTO {", ".join(VARIABLES[key] for key in STILL)}
    FROM task_slots s WHERE s.task_id = v_task;
    IF NOT FOUND THEN
{reset}    END IF;
  END IF;
"""


def gap_is_before(order: IndexedOrder, row: str) -> str:
    """The gap is still before the cursor: one that moves on may be behind it by now, and in the list itself."""
    return f"({place(order, row, project=False)}) < ({cursor(order, project=False)})"


def sort_by(orders: Sequence[IndexedOrder]) -> str:
    """What rows are sorted by before their task, whichever of these orders it is."""
    of_key = {key: names(order for order in orders if key in order.keys) for key in KEYS}
    parts = (f"CASE WHEN p_order IN ({within}) THEN {key.of('s')} END" for key, within in of_key.items() if within)
    return ",\n    ".join(parts)


def lock_first_open() -> str:
    """`workbee_lock_first_open`."""

    def look(order: IndexedOrder) -> str:
        statement = (
            f"SELECT s.task_id INTO v_first FROM task_slots s\n"
            f"WHERE {from_cursor(order, 's')}\n"
            f"  AND {is_candidate('s', 2)}\n"
            f"ORDER BY {place(order, 's')} LIMIT 1 FOR UPDATE OF s"
        )
        return f"IF p_wait THEN\n{indent(statement, '  ')};\nELSE\n{indent(statement, '  ')} SKIP LOCKED;\nEND IF;"

    sorting = """EXECUTE format('SELECT s.task_id FROM task_slots s JOIN task t ON t.id = s.task_id
  WHERE s.project_id = $1 AND s.is_open
    AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2
                    AND a.state <> ''offered'')
  ORDER BY %s LIMIT 1 FOR UPDATE OF s %s', p_sort, CASE WHEN p_wait THEN '' ELSE 'SKIP LOCKED' END)
INTO v_first USING p_project_id, p_contributor;"""
    moving = [order for order in ORDERS if order.moves]
    still_before = "\n".join(f"        WHEN '{order.name}' THEN {gap_is_before(order, 's')}" for order in moving)
    return f"""\
-- The first open task for a contributor in this order (`p_order`, or else `p_sort`), its slots locked: passing over
-- locked rows, or waiting for them. `p_cursor` is where their list begins (`workbee_cursor`): the gaps are looked at
-- first, then the list from there on.
CREATE OR REPLACE FUNCTION workbee_lock_first_open(p_project_id bigint, p_contributor text, p_order text, p_sort text,
  p_wait boolean, p_cursor bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_first bigint;
{CURSOR_VARIABLES}BEGIN
{read_cursor()}  IF v_gaps <> '{{}}' THEN
    SELECT s.task_id INTO v_first FROM task_slots s
    WHERE s.task_id = ANY (v_gaps)
      AND {is_candidate("s", 6)}
      -- A gap moves on with each answer there: beyond the cursor it is in the list itself.
      AND CASE p_order
{still_before}
        ELSE true END
    ORDER BY
    {sort_by(moving)},
    CASE WHEN p_order IN ({names(moving)}) THEN s.task_id END, array_position(v_gaps, s.task_id)
    LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    IF FOUND THEN
      RETURN v_first;
    END IF;
  END IF;
{branches("p_order = '{name}'", look, otherwise=sorting)}  RETURN v_first;
END $$;
"""


def open_tasks() -> str:
    """`workbee_open_tasks`."""

    def look(order: IndexedOrder) -> str:
        before = f"\n     AND {gap_is_before(order, 's')}" if order.moves else ""
        return f"""RETURN QUERY SELECT s.task_id FROM (
  (SELECT s.* FROM task_slots s
   WHERE {from_cursor(order, "s")}
     AND {is_candidate("s", 5)}
   ORDER BY {place(order, "s")} LIMIT p_limit + p_offset + 1)
  UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_leased)
  UNION ALL (SELECT s.* FROM task_slots s
   WHERE s.task_id = ANY (v_gaps)
     AND {is_candidate("s", 5)}{before})
) s WHERE s.task_id IS DISTINCT FROM p_without
ORDER BY {place(order, "s", project=False)} LIMIT p_limit OFFSET p_offset;"""

    sorting = """-- Where the order is random, the task already leased comes first, so that looking ahead shows others.
RETURN QUERY EXECUTE format('SELECT s.task_id FROM (
  (SELECT s.* FROM task_slots s JOIN task t ON t.id = s.task_id
   WHERE s.project_id = $1 %1$s
     AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2
                     AND a.state <> ''offered'')
   ORDER BY %2$s LIMIT $5 + $6 + 1)
  UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = $3)
) s JOIN task t ON t.id = s.task_id WHERE s.task_id IS DISTINCT FROM $4
ORDER BY %3$s %2$s LIMIT $5 OFFSET $6', CASE WHEN p_any_state THEN '' ELSE 'AND s.is_open' END, p_sort,
  CASE WHEN p_sort = 'random()' THEN '(s.task_id IS NOT DISTINCT FROM $3) DESC,' ELSE '' END)
USING p_project_id, p_contributor, p_leased, p_without, p_limit, p_offset;"""
    return f"""\
-- Part of a contributor's list in this order: open tasks, and the one that they have leased (`p_leased`) among them.
-- It begins at `p_cursor` (`workbee_cursor`), but for the gaps before that. Without an indexed order, or where tasks in
-- any state are asked for, all are sorted by `p_sort`. Stable, so that who looks at more than this may see the same
-- moment (`workbee_has_work`).
CREATE OR REPLACE FUNCTION workbee_open_tasks(p_project_id bigint, p_contributor text, p_order text, p_sort text,
  p_any_state boolean, p_leased bigint, p_without bigint, p_limit bigint, p_offset bigint, p_cursor bigint[])
RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
{CURSOR_VARIABLES}BEGIN
{read_cursor()}{branches("p_order = '{name}' AND NOT p_any_state", look, otherwise=sorting)}END $$;
"""


def next_cursor() -> str:
    """`workbee_next_cursor`."""

    def look(order: IndexedOrder) -> str:
        return f"""SELECT s.task_id, s.passed INTO v_first, v_passed FROM (
  SELECT s.task_id, row_number() OVER listed - 1 AS passed FROM task_slots s
  WHERE {indent(from_cursor(order, "s"), "  ").lstrip()}
    AND s.is_open
  WINDOW listed AS (
    ORDER BY {place(order, "s")})
  ORDER BY {place(order, "s")}
) s
WHERE {state("s", 2)} NOT IN {ANSWERED} LIMIT 1;"""

    return f"""\
-- Where this contributor's list may begin in this order, as `workbee_cursor` describes it: the first open task that
-- they have not answered, and the gaps before that, which they could still be given once somebody lets go of a slot.
-- `p_cursor` is the one that is known. Null if nothing is open to them. Stable, so that all parts see the same moment:
-- a task that is neither complete nor open is leased by somebody.
CREATE OR REPLACE FUNCTION workbee_next_cursor(p_project_id bigint, p_contributor text, p_order text, p_cursor bigint[])
RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_first bigint;
  v_passed bigint;
  v_since bigint;
  v_before bigint;
  v_most bigint;
  v_leased bigint[];
  v_all bigint[];
{CURSOR_VARIABLES}BEGIN
{read_cursor()}{branches("p_order = '{name}'", look)}  IF v_first IS NULL THEN
    RETURN NULL;
  END IF;
  -- The gaps are found among the project's leases. Where these are many, it is cheaper that each draw passes over a few
  -- open tasks that are answered by them: the cursor moves on only once the square of their number reaches that of the
  -- leases, which is tried as often as their number has doubled.
  v_passed := least(v_passed, {MOST_PASSED});
  SELECT p.n_runs - p.cursor_runs INTO v_since FROM contributor_progress p
  WHERE p_cursor IS NOT NULL AND p.project_id = p_project_id AND p.contributor = p_contributor;
  v_before := greatest(v_passed - coalesce(v_since, v_passed), 1);
  v_most := {FEW_LEASES};
  IF floor(log(2, greatest(v_passed, 1))) > floor(log(2, v_before)) THEN
    v_most := greatest(v_most, v_passed * v_passed);
  END IF;
  v_leased := ARRAY(SELECT l.task_id FROM assignment l
                    WHERE l.project_id = p_project_id AND l.state IN ('leased', 'reserved')
                    ORDER BY l.project_id, l.deadline LIMIT v_most + 1);
  IF cardinality(v_leased) > v_most THEN
    RETURN ARRAY[v_task, {VARIABLES[MOVING]}] || v_gaps;
  END IF;
  SELECT array_agg(s.task_id ORDER BY
    {sort_by(ORDERS)},
    s.task_id)
  INTO v_all
  FROM task_slots s
  WHERE s.task_id = ANY (v_leased || v_gaps || v_first)
    AND (s.task_id = v_first OR (NOT s.completed AND (NOT s.is_open OR s.task_id = ANY (v_gaps))
      AND {state("s", 6)} NOT IN {ANSWERED}));
  -- More gaps than can be looked at each time: the list begins with the first that is too many.
  v_all := v_all[1:least(array_position(v_all, v_first), {MOST_GAPS + 1})];
  v_first := v_all[cardinality(v_all)];
  RETURN ARRAY[v_first, (SELECT {MOVING.of("s")} FROM task_slots s WHERE s.task_id = v_first)]
    || v_all[1:cardinality(v_all) - 1];
END $$;
"""


def precedes() -> str:
    """`workbee_precedes`."""

    def compare(order: IndexedOrder) -> str:
        both = [place(order, row, project=False) for row in ("l", "o")]
        return f"    WHEN '{order.name}' THEN ({both[0]}) <= ({both[1]})"

    return f"""\
-- Whether the task that is leased precedes the other one in this order (`p_order`, or else `p_sort`).
CREATE OR REPLACE FUNCTION workbee_precedes(p_order text, p_sort text, p_leased bigint, p_other bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_precedes boolean;
  v_first bigint;
BEGIN
  IF p_order = 'id' THEN
    RETURN p_leased <= p_other;
  END IF;
  SELECT CASE p_order
{chr(10).join(compare(order) for order in ORDERS if order.keys)}
  END INTO v_precedes
  FROM task_slots l, task_slots o WHERE l.task_id = p_leased AND o.task_id = p_other;
  IF v_precedes IS NULL THEN
    EXECUTE format('SELECT s.task_id FROM task_slots s JOIN task t ON t.id = s.task_id
      WHERE s.task_id IN ($1, $2) ORDER BY %s LIMIT 1', p_sort) INTO v_first USING p_leased, p_other;
    v_precedes := v_first = p_leased;
  END IF;
  RETURN v_precedes;
END $$;
"""


def generation() -> str:
    """`workbee_generation`."""
    first = names(order for order in ORDERS if order.new_tasks == "first")
    return f"""\
-- The generation of a project's list in this order: a cursor is void once it is another. It changes whenever tasks may
-- have come before some cursor; where new ones come first, also whenever tasks are added.
CREATE OR REPLACE FUNCTION workbee_generation(p_order text, p_list bigint, p_insertions bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_order IN ({first}) THEN p_list + p_insertions ELSE p_list END
$$;
"""


FUNCTIONS: dict[str, Callable[[], str]] = {
    "generation": generation,
    "lock_first_open": lock_first_open,
    "next_cursor": next_cursor,
    "open_tasks": open_tasks,
    "precedes": precedes,
}


def rendered() -> dict[str, str]:
    """The text of each of these functions, by the name of its file."""
    return {name: "\n".join(map(fitted, (WRITTEN + write()).split("\n"))) for name, write in FUNCTIONS.items()}


def fitted(line: str) -> str:
    """The line, or the lines that it is broken into where it is too long."""
    if len(line) <= LONGEST_LINE:
        return line
    margin = len(line) - len(line.lstrip()) + 2
    return f"\n{' ' * margin}".join(BREAKS.split(line))


def main() -> None:
    """Write the files."""
    for name, text in rendered().items():
        (FOLDER / f"{name}.sql").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
