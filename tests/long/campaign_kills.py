#!/usr/bin/env python3
"""Runs that are killed at random instants (SIGKILL, SIGSTOP, a second Ctrl-C), at 20 times the speed of time: the pumps are
safe within the bound every time, at most the last second is lost, and the run can be recovered or resumed."""
import collections
import os
import shutil
import signal
import sqlite3
import time

import long
from long import e2e
from end_to_end import claim

COUNT = long.scaled(100)
SPEED = 20
JOBS = int(os.environ.get("LONG_JOBS") or 3)  # most of it is waiting
BOUND = {"SIGKILL": 2, "second Ctrl-C": 2, "SIGSTOP": 5.5}  # s
LOST = 1.0  # s: a commit is due every second
WRITING = 0.25  # s: a tick (50 ms at this speed), the commit itself, and how well the instant is known
PROCEDURE = e2e.write("""
for _, pump in ipairs{ "awmt", "wilo" } do
	set(pump .. "_duty", 1000)
	set(pump .. "_relay", 1)
	for _, duty in ipairs{ 100, 300, 500, 700 } do
		step{ pump .. " " .. duty, dut = pump, valve = "open", set_point = duty, unit = "permille" }
		set(pump .. "_duty", duty)
		measure{ samples = 12, name = pump .. " " .. duty }
	end
	set(pump .. "_duty", 1000)
end
step{ "end" }
""", "steps.lua")


def lab_has_ended(truth):
    with e2e.contextlib.suppress(OSError):
        return '"ended": true' in open(os.path.join(truth, "truth.json")).read()
    return False


class Killed:
    def __init__(self, number):
        rng = long.draw("kill", number)
        self.number, self.how, self.way = number, rng.choice(sorted(BOUND)), ("recover", "resume")[number % 2]
        self.results = e2e.folder()
        self.failures, self.took, self.lost, self.outcome, self.left, self.hot = [], None, None, None, False, False
        self.p = e2e.start("pump", "--virtual", "--quiet", "--speed", SPEED, "--procedure", PROCEDURE, "--out", self.results)
        self.look_until(time.monotonic() + rng.uniform(0.1, 5.5))
        self.name = f"{number} ({self.how}, {self.way})"
        if self.p.poll() is not None:
            self.outcome = "had ended"
            return
        self.kill(rng.choice((0, 0.01, 0.05, 0.2)))
        self.watch_it_become_safe()
        if self.outcome is None:
            self.check_what_is_left()

    def expect(self, holds, *what):
        if not holds:
            self.failures.append((self.name, *what))

    def look_until(self, instant):
        """Meanwhile notes when each set point was seen to have arrived."""
        self.seen = []
        while time.monotonic() < instant and self.p.poll() is None:
            duties = [w for w in self.writes() if w[2] == e2e.DUTY]
            self.seen += [time.monotonic()] * (len(duties) - len(self.seen))
            time.sleep(0.005)

    def truth_place(self):
        """Before the run has a folder, the lab writes beside it."""
        names = [n for n in os.listdir(self.results) if n.startswith(".truth")]
        return e2e.running_truth(self.results) or (os.path.join(self.results, names[0]) if names else None)

    def kill(self, gap):
        self.since = time.monotonic()
        self.idle = not self.drives()
        if self.how == "SIGKILL":
            self.p.kill()
        elif self.how == "SIGSTOP":
            self.p.send_signal(signal.SIGSTOP)
        else:  # a terminal sends it to all of the foreground
            os.killpg(self.p.pid, signal.SIGINT)
            time.sleep(gap)
            with e2e.contextlib.suppress(ProcessLookupError):
                os.killpg(self.p.pid, signal.SIGINT)

    def drives(self):
        return e2e.how_unsafe(self.writes()) is not None

    def writes(self):
        truth = self.truth_place()
        return e2e.lab_writes(truth) if truth else []

    def watch_it_become_safe(self):
        try:
            while e2e.how_unsafe(self.writes()) and time.monotonic() - self.since < BOUND[self.how] + 10:
                time.sleep(0.005)
            self.took = time.monotonic() - self.since
            self.wait_for_its_end()
            e2e.wait_for("the lab ends with its last user", lambda: not self.truth_place() or lab_has_ended(self.truth_place()), 15)
        except Exception as problem:
            self.failures.append((self.name, repr(problem)))
        self.expect(e2e.how_unsafe(self.writes()) is None, "at the end", e2e.how_unsafe(self.writes()), self.writes()[-6:])
        self.expect(self.took <= BOUND[self.how], "safe after", self.took)
        runs = e2e.runs_in(self.results)
        if not runs:
            self.outcome = "before there was a run"
        elif len(runs) > 1 or not os.path.exists(runs[0].file("run.db")):
            self.outcome = "without a database"
        else:
            self.run = runs[0]

    def wait_for_its_end(self):
        """Where no pump runs, before the first one and after the safe state, the guard leaves a stopped process alone."""
        try:
            self.p.wait(15 if not self.idle else 6)
        except e2e.subprocess.TimeoutExpired:
            self.expect(self.idle, "was left stopped with a running pump")
            self.left = True
            self.p.kill()
            self.p.wait()

    def check_what_is_left(self):
        self.look_at(self.run)
        self.expect(self.run.one("PRAGMA integrity_check") == "ok", "the database is damaged")
        verified = e2e.heatbench("runs", "verify", self.run.path).returncode
        if verified == 0:
            self.outcome = "closed in order"  # the first Ctrl-C was served before the second came, or it was evaluating
            return
        if self.run.verdict() == "complete":
            self.way = "recover"  # it had ended, and only its manifest is missing
        self.expect(self.run.verdict() == "incomplete" or not self.drives(), "verdict", self.run.verdict())
        self.expect(verified == 2, "verify says", verified)
        self.before = self.scans()
        self.lost_at_the_end()
        self.run = e2e.Run(self.run.path)
        self.recover() if self.way == "recover" else self.resume()

    def look_at(self, run):
        """A kill between two words of SQLite's index of the log leaves what only a writer may put right: then a copy is
        looked at."""
        try:
            run.one("PRAGMA integrity_check")
        except e2e.sqlite3.OperationalError:
            self.hot = True
            copy = e2e.folder("copy")
            for name in os.listdir(run.path):
                if name.startswith("run.db"):
                    shutil.copy(run.file(name), copy)
            db = sqlite3.connect(os.path.join(copy, "run.db"), check_same_thread=False)
            run.sql = lambda query, *arguments: db.execute(query, arguments).fetchall()

    def scans(self):
        return self.run.sql("SELECT * FROM scan ORDER BY tick")

    def lost_at_the_end(self):
        """The run says at which bench time it set what, and it was seen when that was: so when bench time was 0."""
        set_at = [at for at, in self.run.sql("SELECT at FROM event WHERE source = 'procedure' AND text LIKE '%_duty = %' ORDER BY id")]
        if self.idle or not set_at or not self.seen or not self.before:
            return
        zero = min(seen - at / SPEED / 1e9 for seen, at in zip(self.seen, set_at))
        first, = self.run.sql("SELECT monotonic_zero FROM segment")[0]
        last = first + self.before[-1][0] * self.run.one("SELECT period FROM run")
        self.lost = self.since - (zero + last / SPEED / 1e9)
        self.expect(self.lost <= LOST + WRITING, "lost", self.lost)

    def recover(self):
        p = e2e.heatbench("runs", "recover", self.run.path)
        self.expect(p.returncode == 0, "recover", p.returncode, p.out + p.err)
        self.expect(self.scans() == self.before, "recovering changed what was stored")
        self.outcome = "recovered"
        self.verify()

    def resume(self):
        p = e2e.heatbench("pump", "--virtual", "--quiet", "--speed", SPEED, "--procedure", PROCEDURE, "--out", self.results,
                          "--resume", self.run.path)
        self.expect(p.returncode in (e2e.PASSED, e2e.FAILED, e2e.UNDECIDED), "resume", p.returncode, p.err[-500:])
        self.expect(self.run.verdict() == "complete", "verdict after the resume", self.run.verdict())
        self.expect(self.scans()[:len(self.before)] == self.before, "resuming changed what was stored")
        ticks = [s[0] for s in self.scans()]
        self.expect(ticks == sorted(set(ticks)), "ticks twice")
        marks = sorted(n for n, in self.run.sql("SELECT name FROM mark"))
        self.expect(marks == sorted(f"{p} {d}" for p in e2e.PUMPS for d in (100, 300, 500, 700)), "windows", marks)
        self.expect(e2e.how_unsafe(self.run.writes("truth-2")) is None, "after the resume", e2e.how_unsafe(self.run.writes("truth-2")))
        self.outcome = "resumed"
        self.verify()

    def verify(self):
        p = e2e.heatbench("runs", "verify", self.run.path)
        self.expect(p.returncode == 0, "verify afterwards", p.returncode, p.out + p.err)


ALL = long.each(Killed, COUNT, JOBS)


def failures(*words):
    return [f for k in ALL for f in k.failures if not words or any(w in map(str, f[1:2]) for w in words)]


def spread(values):
    values = sorted(values)
    return f"{values[0]:.2f} s at least, median {values[len(values) // 2]:.2f} s, at most {values[-1]:.2f} s of {len(values)}" if values else "none"


@claim
def the_pumps_are_safe_within_the_bound_every_time():
    for how in sorted(BOUND):
        took = [k.took for k in ALL if k.how == how and k.took is not None and not k.idle]
        long.figure(f"kills: {how}: pumps safe after {spread(took)} in which one ran (bound {BOUND[how]:g} s)")
    long.figure(f"kills: stopped while no pump ran, and left so: {sum(k.left for k in ALL)}")
    long.figure(f"kills: {COUNT}: {dict(collections.Counter(k.outcome for k in ALL))}")
    bad = failures("at the end", "safe after")
    assert not bad, long.some(bad)


@claim
def at_most_the_last_second_is_lost():
    """After the first Ctrl-C the run may go on until the second: there it may be less than nothing."""
    for how in sorted(BOUND):
        lost = [k.lost for k in ALL if k.how == how and k.lost is not None]
        long.figure(f"kills: {how}: data lost before it: {spread(lost)}, {sum(x > LOST for x in lost)} above {LOST:g} s")
    bad = failures("lost")
    assert not bad, long.some(bad)


@claim
def what_was_stored_is_recovered_or_gone_on_with():
    long.figure(f"kills: not to be read before they were recovered or resumed: {sum(k.hot for k in ALL)}")
    bad = [f for f in failures() if f[1] not in ("at the end", "safe after", "lost")]
    assert not bad, long.some(bad)


e2e.finish()
