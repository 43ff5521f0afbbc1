#!/usr/bin/env python3
"""Every way out of a run leaves the pumps safe: stopped by their duty first, then without power. Proved by what the
laboratory received, not by what the run says of itself."""
import os
import re
import shutil
import signal
import time

import end_to_end as e2e
from end_to_end import claim

RUNNING = """
step{ "running" }
for _, pump in ipairs{ "awmt", "wilo" } do
	set(pump .. "_duty", 1000)
	set(pump .. "_relay", 1)
	set(pump .. "_duty", 400)
end
"""
HOLDS = e2e.write(RUNNING + 'hold("6000 s")\n')


class Live:
    """A run at the speed of time whose pumps both run."""

    def __init__(self, procedure=HOLDS, *arguments):
        self.results = e2e.folder()
        self.process = e2e.start("pump", "--virtual", "--speed", 1, "--procedure", procedure, "--out", self.results,
                                 *arguments)
        self.truth = e2e.wait_for("truth", lambda: e2e.running_truth(self.results))
        e2e.wait_for("both pumps run", self.both_run)
        self.run = e2e.only_run(self.results)

    def both_run(self):
        assert self.process.poll() is None, self.process.words()
        values = e2e.last_values(e2e.lab_writes(self.truth), e2e.DUTY)
        return len(values) == 2 and all(v == 400 for v in values.values())

    def is_safe(self):
        return e2e.how_unsafe(e2e.lab_writes(self.truth)) is None

    def safe_within(self, limit, since):
        """The laboratory got the last safe write at most `limit` seconds of real time after `since`."""
        e2e.wait_for("safe state", self.is_safe, limit + 5)
        took = time.monotonic() - since
        assert took <= limit, f"took {took:.2f} s"
        self.lab_ended()
        assert self.is_safe(), f"afterwards: {e2e.how_unsafe(e2e.lab_writes(self.truth))}"

    def lab_ended(self):
        e2e.wait_for("the lab ends with its last user", lambda: not lab_lives(self.truth))

    def status(self, limit=10):
        return self.process.wait(limit)

    def incomplete(self):
        assert self.run.verdict() == "incomplete", self.run.verdict()


def lab_lives(truth):
    """The lab names its end in the truth."""
    path = os.path.join(truth, "truth.json")
    return not os.path.exists(path) or '"ended": true' not in open(path).read()


def signalled(number, status, words):
    live = Live()
    since = time.monotonic()
    live.process.send_signal(number)
    live.safe_within(2, since)
    assert live.status() == status, (live.status(), live.process.words())
    live.incomplete()
    said = live.process.words()
    assert words in said and live.run.name in said, said
    return live


@claim
def ctrl_c_stops_the_pumps_then_opens_their_relays_and_the_run_is_incomplete():
    live = signalled(signal.SIGINT, e2e.STOPPED, "stopp")
    assert not os.path.exists(live.run.file("guard.log")), "the acquisition itself was there to do it"
    assert "stopped by the user" in live.run.one("SELECT why FROM run")
    assert not os.path.isdir(live.run.file("evaluations")) or not os.listdir(live.run.file("evaluations"))


@claim
def sigterm_is_a_way_out_like_ctrl_c():
    signalled(signal.SIGTERM, e2e.STOPPED, "stopp")


@claim
def a_closed_terminal_is_a_way_out_like_ctrl_c():
    signalled(signal.SIGHUP, e2e.STOPPED, "stopp")


@claim
def a_second_ctrl_c_leaves_at_once_and_the_guard_makes_the_bench_safe():
    live = Live()
    since = time.monotonic()
    live.process.send_signal(signal.SIGINT)
    e2e.wait_for("the first was taken", lambda: "once more" in live.process.words(), 2)
    live.process.send_signal(signal.SIGINT)
    assert live.status(2) == e2e.STOPPED
    live.safe_within(2, since)
    live.incomplete()


@claim
def after_sigkill_the_guard_makes_the_bench_safe_and_writes_down_what_it_did():
    live = Live()
    since = time.monotonic()
    live.process.kill()
    live.safe_within(2, since)
    said = live.run.text("guard.log")
    assert "wilo_duty = 1000" in said and "wilo_relay = 0" in said and "safe state reached" in said, said
    live.incomplete()


@claim
def a_stopped_process_is_killed_by_its_guard_which_makes_the_bench_safe():
    live = Live()
    since = time.monotonic()
    live.process.send_signal(signal.SIGSTOP)
    live.safe_within(5.5, since)
    assert live.status() == -signal.SIGKILL
    assert "hangs" in live.run.text("guard.log")
    live.incomplete()


@claim
def a_procedure_that_is_killed_ends_the_run_safely():
    live = Live()
    child = e2e.wait_for("the procedure", lambda: procedure_of(live.process.pid))
    since = time.monotonic()
    os.kill(child, signal.SIGKILL)
    # It says nothing while it waits for its 6000 s, so the end of the call would be too late.
    live.safe_within(2, since)
    assert live.status() == e2e.UNABLE
    live.incomplete()
    words = live.process.words()
    assert "procedure" in words and ("signal 9" in words or "Broken pipe" in words), words


def procedure_of(pid):
    """Of the children the one that is neither the guard nor the lab."""
    for c in e2e.children(pid):
        if e2e.command_name(c) == e2e.command_name(pid):
            return c
    return None


@claim
def a_run_whose_guard_was_killed_ends_safely_instead_of_going_on_unguarded():
    live = Live()
    since = time.monotonic()
    os.kill(e2e.child_named(live.process.pid, "heatbench-guard"), signal.SIGKILL)
    live.safe_within(2, since)
    assert live.status() == e2e.UNABLE
    live.incomplete()
    assert "guard" in live.process.words() and "signal 9" in live.process.words(), live.process.words()


@claim
def a_run_whose_laboratory_is_gone_ends_and_says_so():
    live = Live()
    os.kill(e2e.child_named(live.process.pid, "heatbench-lab"), signal.SIGKILL)
    assert live.status(25) == e2e.UNABLE
    live.incomplete()
    # It could not clear away its own folder.
    port = re.match(r"rtu:(\S+)\?", live.run.one("SELECT address FROM device WHERE name = 'odu1'")).group(1)
    shutil.rmtree(os.path.dirname(port))
    assert "the virtual lab was ended (signal 9)" in live.process.words(), live.process.words()


# --- lock-step: lab time is counted instead of real time ------------------------------------------------------

def lockstep(procedure, *arguments, **more):
    results = e2e.folder()
    p = e2e.heatbench("pump", "--virtual", "--procedure", e2e.write(procedure), "--out", results, *arguments, **more)
    p.run = e2e.only_run(results)
    return p


@claim
def a_procedure_that_ends_with_running_pumps_ends_safely():
    p = lockstep(RUNNING + 'measure{ samples = 5, name = "w" }\n')
    writes = p.run.writes()
    assert e2e.driven(writes[:6])
    last = p.run.lab_time(p.run.one("SELECT last_tick FROM mark"))
    assert e2e.safe_at(writes) <= last + 3, (last, writes)
    assert p.run.verdict() == "complete", p.run.verdict()


@claim
def a_failed_step_stops_the_pumps_within_two_seconds():
    p = lockstep(RUNNING + 'local m = measure{ samples = 5 }\nassert(bench.dry or m.wilo_flow.mean > 9999, "no flow")\n')
    assert p.returncode == e2e.UNABLE, p.returncode
    assert "no flow" in p.err and "procedure.lua:9" in p.err, p.err
    begun = [t for t, d, r, v in p.run.writes() if v == 400][-1]
    assert e2e.safe_at(p.run.writes()) <= begun + 6 + 2, p.run.writes()
    assert p.run.verdict() == "incomplete"


@claim
def an_endless_loop_in_a_procedure_ends_the_run_safely_and_says_where():
    p = lockstep(RUNNING + "while not bench.dry do end\n")
    assert p.returncode == e2e.UNABLE, p.returncode
    assert "procedure.lua:8" in p.err and "endless loop" in p.err, p.err
    assert e2e.how_unsafe(p.run.writes()) is None
    assert p.run.verdict() == "incomplete"


@claim
def a_pump_whose_unit_falls_silent_keeps_no_other_pump_from_being_stopped():
    p = lockstep(RUNNING + 'hold(20)\nset("awmt_duty", 500)\n', "--fault", "odu1:mute@18s")
    writes = p.run.writes()
    wilo = [w for w in writes if w[1] == "odu2"]
    assert e2e.how_unsafe(wilo) is None, e2e.how_unsafe(wilo)
    # The step fails at 20.25 s and three attempts of a time-out and a second of silence; then the other is next.
    assert min(t for t, _, r, v in wilo if r == e2e.RELAY and v == 0) < 20.3 + 3 * 1.35 + 2, wilo
    assert p.returncode == e2e.UNABLE, (p.returncode, p.err)
    assert "awmt_duty" in p.err, p.err
    assert p.run.verdict() == "incomplete"
    # The guard tried as well, and says that it could not.
    assert "NOT CONFIRMED" in p.run.text("guard.log"), p.run.text("guard.log")


@claim
def a_unit_that_comes_back_in_time_is_made_safe_by_whoever_is_there():
    p = lockstep(RUNNING + 'hold(20)\nassert(bench.dry, "enough")\n', "--fault", "odu1:mute@19s+3s")
    assert e2e.how_unsafe(p.run.writes()) is None, e2e.how_unsafe(p.run.writes())


e2e.finish()
