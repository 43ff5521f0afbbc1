#!/usr/bin/env python3
"""A hundred plants whose truth is known: the study's intervals hold it about as often as they say. tests/long/campaign_accuracy.py does it
with a thousand months; here rows are a minute apart, so that it takes seconds: what is tested is that nothing is off, not the last per cent."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "program")]
import coverage  # noqa: E402
import end_to_end as e2e  # noqa: E402
from end_to_end import claim  # noqa: E402

PLANTS = 100
plants = coverage.Plants(PLANTS, interval=60, days=20, pumps=4, replicates=400)
rows = coverage.table(plants)


def least(count):
    """Fewer hits than this come by chance once in 2,000 times where 93 % are held."""
    return coverage.scipy.stats.binom.ppf(0.0005, count, 0.93)


@claim
def intervals_hold_the_truth():
    for name, held, count, text in rows:
        print(f"# {name}: {text}")
    wrong = [r for r in rows if r[1] < least(r[2])]
    assert not wrong, wrong


@claim
def an_interval_is_no_wider_than_it_must_be():
    """All of a hundred held, in every one of the figures, would be chance no more."""
    held = [r[1] / r[2] for r in rows if r[2] == PLANTS]
    assert sum(held) / len(held) < 0.99, held


@claim
def skew_is_found_without_bias():
    found, unknown = plants.skews()
    assert unknown == 0 and len(found) == 4 * PLANTS
    error, u = found[:, 0], found[:, 1]
    assert abs(error.mean()) < 0.3, error.mean()  # 60 s apart: a two-hundredth of it
    assert error.std() < 1.5 * u.mean() and u.mean() < 2.5 * error.std(), (error.std(), u.mean())


@claim
def the_gain_that_was_injected_is_what_differs_between_heat_pumps():
    """Slope of found energy error over injected gain: each per cent of gain is a per cent less of energy error, nearly."""
    import numpy
    gain = [plants.unit[k].gain * (1 + plants.unit[k].meter_gain) for k in plants.unit]
    error = [plants.interval[k[0], k[1], "row", "energy_error"][0] for k in plants.unit]
    slope = numpy.polyfit(gain, error, 1)[0]
    assert -100 < slope < -85, slope


@claim
def a_meters_own_error_stays_inside_what_its_class_permits():
    assert plants.beyond_permitted() == 0


e2e.finish()
