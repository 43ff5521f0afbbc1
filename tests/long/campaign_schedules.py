#!/usr/bin/env python3
"""The whole pump sweep under random schedules of faults: it comes to its end, or says why not and leaves the pumps safe; no
wrong value is good in any of them."""
import collections
import hashlib

import long
from long import e2e
from end_to_end import claim

COUNT = long.scaled(200)
AGAIN = long.scaled(20)
LASTS = 810  # s of a sweep


class Schedule:
    def __init__(self, number):
        rng = long.draw("schedule", number)
        self.faults = [long.fault(rng, LASTS, 30) for _ in range(rng.randint(1, 8))]
        self.name = f"{number}: --seed {number + 1} " + " ".join("--fault " + f for f in self.faults)
        results = e2e.folder()
        p = e2e.heatbench("pump", "--virtual", "--quiet", "--out", results, "--seed", number + 1, limit=300,
                          *[a for f in self.faults for a in ("--fault", f)])
        self.status, self.words, self.unsafe, self.wrong, self.zeros, self.checked = p.returncode, p.err, None, [], 0, 0
        self.begun = bool(e2e.os.listdir(results))
        if not self.begun:
            return
        run = e2e.only_run(results)
        self.verdict = run.verdict()
        e2e.wait_for("the lab is done", lambda: '"ended": true' in run.text("truth", "truth.json"), 30)
        held = long.Held(run)
        self.checked, self.wrong, self.zeros, self.whole = held.checked, held.wrong, held.zeros, held.ticks_are_all_there()
        self.unsafe = e2e.how_unsafe(run.writes())
        self.digest = hashlib.sha256(repr([run.sql(f"SELECT * FROM {t}") for t in ("scan", "flag")]).encode()).hexdigest()
        guard = run.file("guard.log")
        self.admitted = e2e.os.path.exists(guard) and "NOT CONFIRMED" in open(guard).read()
        long.remove(run)


ALL = long.each(Schedule, COUNT)
RUNS = [s for s in ALL if s.begun]


@claim
def every_sweep_comes_to_its_end_or_says_why_not():
    ended = collections.Counter("complete" if s.status in (e2e.PASSED, e2e.FAILED, e2e.UNDECIDED) else "given up" for s in RUNS)
    ended["not begun"] = len(ALL) - len(RUNS)
    long.figure(f"schedules: {COUNT} sweeps, {sum(len(s.faults) for s in ALL)} faults: {dict(ended)}")
    odd = [(s.name, s.status, s.words[-300:]) for s in ALL if s.status not in (0, 1, 2, 3) or (s.status == 2 and not s.words)]
    assert not odd, long.some(odd)
    mixed = [(s.name, s.status, s.verdict) for s in RUNS if (s.verdict == "complete") != (s.status != e2e.UNABLE)]
    assert not mixed, long.some(mixed)


@claim
def no_wrong_value_is_good():
    wrong = [(s.name, s.wrong[:3]) for s in RUNS if s.wrong]
    long.figure(f"schedules: {sum(s.checked for s in RUNS)} good values held against the truth, "
                f"{sum(len(s.wrong) for s in RUNS)} wrong in {len(wrong)} runs")
    assert not wrong, long.some(wrong)


@claim
def what_did_not_come_is_missing_and_never_zero():
    assert not [s.name for s in RUNS if s.zeros]


@claim
def every_tick_is_there_once():
    assert not [s.name for s in RUNS if not s.whole]


@claim
def the_pumps_are_safe_at_the_end_or_the_guard_says_that_they_may_not_be():
    unsafe = [(s.name, s.unsafe) for s in RUNS if s.unsafe and not s.admitted]
    admitted = [s for s in RUNS if s.unsafe and s.admitted]
    long.figure(f"schedules: safe at the end {len([s for s in RUNS if not s.unsafe])} of {len(RUNS)}; "
                f"not confirmed, and said so: {len(admitted)}")
    for s in admitted[:3]:
        long.figure(f"schedules: {s.unsafe} in {s.name}")
    assert not unsafe, long.some(unsafe)


@claim
def the_same_schedule_gives_the_same_values():
    again = long.each(Schedule, min(AGAIN, COUNT))
    other = [a.name for a, b in zip(again, ALL) if a.begun and a.digest != b.digest]
    long.figure(f"schedules: {len(again)} again, {len(other)} gave other values or flags")
    assert not other, long.some(other)


e2e.finish()
