#!/usr/bin/env python3
"""Sweeps with different seeds: how often the stated 95 % intervals of flow and read-back hold the truth. Twice: with the
lab's own errors, and with errors drawn as the bench file states them (normal, standard deviation U/2)."""
import re

import numpy

import long
from long import e2e
from end_to_end import claim

COUNT = long.scaled(200)
STATED = {"flow": 15, "feedback": 1}  # l/h, W: `uncertainty` of the bench file
TRUE = {"flow": "flow_lph", "feedback": "{}_power_w"}
LAST = 10  # s of a step: settled


def stated_errors(number):
    rng, options = long.draw("coverage", number), []
    for unit in e2e.PUMPS.values():
        for name, spread in (("flow", STATED["flow"]), ("power", STATED["feedback"])):
            options += ["--lab", f"{unit}.{name}_gain=0", "--lab", f"{unit}.{name}_offset={rng.gauss(0, spread / 2):.4f}"]
    return options


class Sweep:
    def __init__(self, number, options=()):
        results = e2e.folder()
        p = e2e.heatbench("pump", "--virtual", "--quiet", "--out", results, "--seed", 1000 * long.SEED + number, *options, limit=300)
        assert p.returncode in (0, 1, 3), (number, p.returncode, p.err)
        run = e2e.only_run(results)
        truth = long.Truth(run.file("truth"))
        end = {n: run.lab_time(last) for n, last in run.sql("SELECT name, last_tick FROM mark")}
        self.rows = []  # (quantity, pump, set point, valve, error, U)
        for r in run.report()["results"]:
            if r["quantity"] not in TRUE or r.get("expanded_uncertainty") is None or r["value"] is None:
                continue
            at = end[f"{r['dut']} {r['valve']} {r['set_point']:g}"]
            true = numpy.mean(truth.column[TRUE[r["quantity"]].format(r["dut"])][truth.rows(at - LAST, at)])
            if r["quantity"] == "flow" and true < 25:
                continue  # below what the sensor sees
            self.rows.append((r["quantity"], r["dut"], r["set_point"], r["valve"], r["value"] - true, r["expanded_uncertainty"]))
        long.remove(run)


def coverage(name, sweeps):
    """quantity: (hits, count) of all values and of one value of each pump and sweep: the values of one sweep share their
    instrument, so only those of different sweeps are independent."""
    found = {}
    for quantity in TRUE:
        rows = [r for s in sweeps for r in s.rows if r[0] == quantity]
        alone = [r for r in rows if r[2] == 400 and r[3] == "open"]
        found[quantity] = tuple((sum(abs(r[4]) <= r[5] for r in x), len(x)) for x in (rows, alone))
        long.figure(f"coverage, {name}, {quantity}: all values {long.share(*found[quantity][0])}; "
                    f"400 permille, open: {long.share(*found[quantity][1])}; "
                    f"median U {numpy.median([r[5] for r in rows]):.2f}, mean error {numpy.mean([r[4] for r in rows]):+.3f}")
    return found


@claim
def intervals_hold_the_truth_as_often_as_they_say_where_instruments_are_as_stated():
    found = coverage("errors as stated", long.each(lambda n: Sweep(n, stated_errors(n)), COUNT))
    for quantity, (_, (hits, count)) in found.items():
        p = long.scipy.stats.binomtest(hits, count, 0.95, "less").pvalue
        assert p > 0.001, (quantity, hits, count, p)


@claim
def with_the_labs_own_errors_they_hold_it_as_often_as_these_allow():
    """The lab's read-back is up to 3 % wrong, which its stated 1 W does not cover at high power: a figure, no limit. Its flow
    is inside what is stated."""
    found = coverage("the lab's own errors", long.each(Sweep, COUNT))
    hits, count = found["flow"][1]
    assert hits >= 0.95 * count - 3 * (0.95 * 0.05 * count) ** 0.5, (hits, count)


def stated_in_the_bench_file():
    text = open(e2e.BENCH).read()
    assert all(re.search(rf'role = "{role}",\s*uncertainty = "{STATED[role]} ', text) for role in STATED), "bench.lua changed"


stated_in_the_bench_file()
e2e.finish()
