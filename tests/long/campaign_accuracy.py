#!/usr/bin/env python3
"""A thousand plants of six heat pumps and 27 days, samples every 15 s, no wires, whose truth is known: how often the accuracy study's 95 %
intervals hold it. Truth is the expected value over days of the same process and the same heat pumps (tests/accuracy/plants.h)."""
import os
import sys

import long
from long import e2e
from end_to_end import claim

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "accuracy"))
import coverage  # noqa: E402

COUNT = long.scaled(1000)
OTHERS = long.scaled(200)
JOBS = os.cpu_count() or 1
FIRST = 1 + 1000000 * (long.SEED - 1)

plants = coverage.Plants(COUNT, first=FIRST, jobs=JOBS)
rows = coverage.table(plants)


def outside(held, count):
    """Whether so many hits contradict 93 to 97 % (chance of one in a thousand)."""
    test = coverage.scipy.stats.binomtest
    return test(held, count, 0.93, "less").pvalue < 0.001 or test(held, count, 0.97, "greater").pvalue < 0.001


@claim
def intervals_hold_the_truth_93_to_97_times_of_a_hundred():
    for name, _, _, text in rows:
        long.figure(f"accuracy, {name}: {text}")
    wrong = [r for r in rows if outside(r[1], r[2])]
    assert not wrong, wrong


@claim
def no_heat_pumps_error_is_further_from_the_true_one_than_its_meters_class_permits():
    beyond, count = plants.beyond_permitted(), len(plants.permitted)
    long.figure(f"accuracy, error against the meter further from the error against the truth than permitted: {beyond} of {count}")
    assert beyond == 0


def others(name, **rules):
    """Figures where days are fewer or remember more: what the intervals do not promise."""
    found = dict((r[0], (r[1], r[2])) for r in coverage.table(coverage.Plants(OTHERS, first=FIRST, jobs=JOBS, **rules)))
    for who in ("energy_error by row, all heat pumps", "bias by row, all heat pumps", "rmse by hour, all heat pumps"):
        long.figure(f"accuracy, {name}, {who}: {coverage.share(*found[who])}")
    return found


@claim
def an_energy_error_is_held_also_where_the_weather_remembers_for_days():
    for memory in (0, 0.6, 0.8):
        held, count = others(f"weather remembers {memory} of the day before", memory=memory)["energy_error by row, all heat pumps"]
        assert coverage.scipy.stats.binomtest(held, count, 0.85, "less").pvalue > 0.001, (memory, held, count)


@claim
def an_energy_error_is_held_also_over_a_week():
    held, count = others("7 days", days=7)["energy_error by row, all heat pumps"]
    assert coverage.scipy.stats.binomtest(held, count, 0.93, "less").pvalue > 0.001, (held, count)


e2e.finish()
