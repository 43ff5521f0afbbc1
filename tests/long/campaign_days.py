#!/usr/bin/env python3
"""Thirty lab days of a pump bench in one run, its procedure cycling, with faults at random times: every tick is there once,
no wrong value is good, the acquisition's memory stays what it was, the disk grows with the values."""
import os
import shutil
import subprocess
import time

import long
from long import e2e
from end_to_end import claim

TICK = 2  # s: half of what the bench file has, else this takes most of an hour
CYCLE = 600  # s
CYCLES = long.scaled(30 * 86400 / CYCLE)
LASTS = CYCLES * CYCLE
FAULTS = 60  # the lab takes 64
RING = 8192  # kB
PROCEDURE = """
local seed = 1
local function any(low, high)
	seed = (seed * 1103515245 + 12345) % 2147483648
	return low + math.floor((high - low) * seed / 2147483648)
end
-- While a fault lasts a device may not take its set point: the log goes on.
for _, pump in ipairs{ "awmt", "wilo" } do
	pcall(set, pump .. "_duty", 1000)
	pcall(set, pump .. "_relay", 1)
end
for cycle = 1, bench.dry and 1 or tonumber(argument) do
	step{ "cycle " .. cycle, dut = cycle % 2 == 0 and "awmt" or "wilo" }
	pcall(set, "valve", any(20, 100))
	pcall(set, "awmt_relay", 1) -- a device that was away: its set points are suspect until they are set again
	pcall(set, "wilo_relay", 1)
	for i = 1, 6 do
		pcall(set, "wilo_duty", any(100, 850))
		pcall(set, "awmt_duty", any(100, 850))
		hold(100)
	end
end
"""


def programs_with_a_terse_lab():
    """The programs, but a lab that writes its truth five times a second: thirty days of it are 1 GB."""
    place = e2e.folder("programs")
    for name in ("heatbench", "heatbench-pump", "heatbench-evaluate"):
        shutil.copy(os.path.join(e2e.BUILD, name), place)
    lab = e2e.write(f'#!/bin/sh\nexec {os.path.join(e2e.BUILD, "heatbench-lab")} "$@" --truth-every 200ms\n', "heatbench-lab", place)
    os.chmod(lab, 0o755)
    return place


def resident(pid):
    """kB"""
    try:
        with open(f"/proc/{pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return None


class Log:
    def __init__(self):
        rng = long.draw("days")
        faults = [a for _ in range(FAULTS) for a in ("--fault", long.fault(rng, LASTS, 120, 2))]
        results, said = e2e.folder(), os.path.join(e2e.folder("words"), "said")
        with open(said, "w") as out:
            p = subprocess.Popen([os.path.join(programs_with_a_terse_lab(), "heatbench-pump"), "--virtual", "--quiet",
                                  "--bench", e2e.bench_with(('tick = "1 s"', f'tick = "{TICK} s"')), "--procedure", e2e.write(PROCEDURE), "--argument", str(CYCLES),
                                  "--seed", str(long.SEED), "--out", results, *faults],
                                 stdout=out, stderr=out, stdin=subprocess.DEVNULL)
            e2e.started.append(p)
            self.memory, begin = [], time.monotonic()
            while p.poll() is None:
                now = {e2e.command_name(c) or "?": resident(c) for c in e2e.children(p.pid)}
                self.memory.append((time.monotonic() - begin, resident(p.pid), now))
                time.sleep(0.5)
        self.took, self.status, self.said = time.monotonic() - begin, p.returncode, open(said).read()
        self.run = e2e.only_run(results)
        begin = time.monotonic()
        self.held = long.Held(self.run)
        self.checking = time.monotonic() - begin


LOG = Log()


@claim
def the_log_comes_to_its_end():
    assert LOG.run.verdict() == "complete", (LOG.status, LOG.run.verdict(), LOG.said[-2000:])
    days = len(LOG.held.ticks) * TICK / 86400
    long.figure(f"days: {days:.2f} lab days in {LOG.took:.0f} s ({len(LOG.held.ticks) / LOG.took:.0f} ticks/s), "
                f"{FAULTS} faults, {sum(LOG.held.qualities.values())} values not good {LOG.held.qualities}")
    assert len(LOG.held.ticks) * TICK >= LASTS, (len(LOG.held.ticks), LASTS)


@claim
def every_tick_is_there_once():
    assert LOG.held.ticks_are_all_there()
    health = LOG.run.sql("SELECT bus, transactions, timeouts, late, wrong, missed_ticks FROM bus_health")
    long.figure(f"days: ticks 0 to {LOG.held.ticks[-1]}, each once; buses (transactions, time-outs, late, wrong, missed): {health}")


@claim
def no_wrong_value_is_good():
    long.figure(f"days: {LOG.held.checked} good values held against the truth, {len(LOG.held.wrong)} wrong")
    assert not LOG.held.wrong, long.some(LOG.held.wrong)


@claim
def what_did_not_come_is_missing_and_never_zero():
    assert LOG.held.zeros == 0, LOG.held.zeros


@claim
def the_memory_of_the_acquisition_stays_what_it_was():
    going = [m for m in LOG.memory if m[1] and "heatbench-lab" in m[2]]  # at its end it evaluates
    rss = [m[1] for m in going]
    assert len(rss) > 20, "too short to tell"
    early, last = rss[len(rss) // 5], rss[-1]
    long.figure(f"days: VmRSS {rss[2]} kB at the start, {early} kB after a fifth, {last} kB at the end, at most {max(rss)} kB")
    middle = going[len(going) // 5][2], going[-1][2]
    long.figure(f"days: its children after a fifth and at the end (kB): {middle[0]} {middle[1]}")
    # The ring before the writer takes its memory as it is filled for the first time, which is some hours.
    assert last - early < 1024 + (0 if LASTS / TICK >= 2 * 86400 else RING), (early, last)


@claim
def the_disk_grows_with_the_values():
    size = os.path.getsize(LOG.run.file("run.db"))
    values = sum(LOG.run.one(f"SELECT count({channel}) FROM {table}")
                 for channel, table in LOG.run.sql("SELECT name, rate_group FROM channel"))
    blocks = LOG.run.one("SELECT count(*) FROM block")
    long.figure(f"days: run.db {size / 1e6:.1f} MB for {values} values: {size / values:.1f} B a value with {blocks} raw replies; "
                f"{size / 1e6 / (len(LOG.held.ticks) * TICK / 86400):.1f} MB a day")
    assert size / values < 40, size / values


@claim
def the_run_is_intact():
    p = e2e.heatbench("runs", "verify", LOG.run.path, limit=600)
    assert p.returncode == 0, (p.returncode, p.out, p.err)


e2e.finish()
