"""The exponential of the extension is within one unit in the last place of the exact one, with DuckDB's own as a second
witness where mpmath is not at hand."""

import importlib.util
import math
import random

import pytest

COUNT = 100_000


def answers(connection, function, ages):
    """The function of one point at the ages, with a time constant of one day."""
    connection.execute("CREATE OR REPLACE TABLE ages AS SELECT unnest($1::DOUBLE[]) AS age", [ages])
    rows = connection.execute(f"SELECT age, {function}(1, age, 1) FROM ages").fetchall()
    assert len(rows) == len(ages)
    return rows


def random_ages(seed):
    draw = random.Random(seed)
    spans = [1e-300, 1e-9, 1.0, 10.0, 100.0, 745.2]
    return [draw.random() * draw.choice(spans) for _ in range(COUNT)] + [0.0, 5e-324, 708.5, 744.9, 745.0, 746.0, 1e6, 1e308]


def units(answer, exact):
    """How many units in the last place of the nearest double lie between them."""
    nearest = float(exact)
    return abs(answer - exact) / math.ulp(nearest)


@pytest.mark.parametrize("function, base", [("plg_decay_exp", "e"), ("plg_decay_half_life", "2")])
def test_answers_lie_within_one_unit_of_exact(connection, function, base):
    ages = random_ages(7)
    rows = answers(connection, function, ages)
    if importlib.util.find_spec("mpmath"):
        from mpmath import mp, mpf

        mp.prec = 200
        exact = {"e": lambda x: mp.exp(-mpf(x)), "2": lambda x: mpf(2) ** -mpf(x)}[base]
        worst = max(units(mpf(answer), exact(age)) for age, answer in rows)
        assert worst <= 1
    else:
        # The C library's exponential is itself within one unit.
        own = {"e": lambda x: math.exp(-x), "2": lambda x: 2.0 ** -x}[base]
        assert max(units(answer, own(age)) for age, answer in rows) <= 2


def test_half_is_left_after_each_half_life_exactly(connection):
    rows = connection.execute("SELECT i, plg_decay_half_life(1, i * 7, 7) FROM range(1075) AS rows(i)").fetchall()
    assert all(answer == 2.0**-i for i, answer in rows)
