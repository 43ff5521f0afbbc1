#!/usr/bin/env python3
"""A run that was killed goes on where it stopped: nothing is done twice, nothing is lost, one run."""
import os
import shutil
import signal

import end_to_end as e2e
from end_to_end import claim

PROCEDURE = e2e.write("""
set("wilo_duty", 1000)
set("wilo_relay", 1)
set("awmt_duty", 1000)
set("awmt_relay", 1)
for _, pump in ipairs{ "awmt", "wilo" } do
	for _, duty in ipairs{ 100, 400, 700 } do
		step{ pump .. " " .. duty, dut = pump, valve = "open", set_point = duty, unit = "permille" }
		set(pump .. "_duty", duty)
		measure{ samples = 30, name = pump .. " " .. duty }
	end
	set(pump .. "_duty", 1000)
end
step{ "end" }
""", "steps.lua")
SPEED = 40


class Killed:
    def __init__(self, after_step):
        self.results = e2e.folder()
        p = e2e.start("pump", "--virtual", "--speed", SPEED, "--procedure", PROCEDURE, "--out", self.results)
        self.run = e2e.wait_for("a run", lambda: e2e.os.listdir(self.results) and e2e.runs_in(self.results))[0]
        e2e.wait_for("steps on disk", lambda: self.finished(p) >= after_step, 30)
        p.kill()
        p.wait()
        e2e.wait_for("the guard is done", lambda: os.path.exists(self.run.file("guard.log"))
                     and "safe state reached" in self.run.text("guard.log"))
        e2e.wait_for("the lab is done", lambda: '"ended": true' in self.run.text("truth", "truth.json"))

    def finished(self, p):
        assert p.poll() is None, p.words()
        try:
            return self.run.one("SELECT count(*) FROM step WHERE done")
        except Exception:
            return -1

    def resume(self, *arguments, **more):
        options = ["--procedure", PROCEDURE] if "--procedure" not in arguments else []
        return e2e.heatbench("pump", "--virtual", "--speed", SPEED, "--resume", self.run.path, "--out", self.results,
                             *options, *arguments, **more)


KILLED = Killed(2)
COPY = os.path.join(e2e.folder("kept"), KILLED.run.name)
shutil.copytree(KILLED.run.path, COPY)


@claim
def a_killed_run_is_incomplete_and_holds_its_finished_steps():
    run = e2e.Run(COPY)
    assert run.verdict() == "incomplete"
    assert run.one("SELECT count(*) FROM step WHERE done") >= 2
    ticks = run.sql("SELECT count(*), min(tick), max(tick) FROM scan")[0]
    assert ticks[0] == ticks[2] - ticks[1] + 1 and ticks[0] > 60, ticks


@claim
def another_bench_file_is_no_way_to_go_on():
    p = KILLED.resume("--bench", e2e.bench_with(('uncertainty = "15 l/h"', 'uncertainty = "16 l/h"')))
    assert p.returncode == e2e.UNABLE and "bench" in p.err and KILLED.run.name in p.err, (p.returncode, p.err)
    assert KILLED.run.one("SELECT count(*) FROM segment") == 1


@claim
def another_procedure_is_no_way_to_go_on():
    changed = e2e.write(open(PROCEDURE).read().replace("700", "850"), "steps.lua")
    p = KILLED.resume("--procedure", changed)
    assert p.returncode == e2e.UNABLE and "another steps.lua" in p.err, (p.returncode, p.err)
    other = e2e.write(open(PROCEDURE).read(), "other.lua")
    p = KILLED.resume("--procedure", other)
    assert p.returncode == e2e.UNABLE and "other.lua" in p.err, (p.returncode, p.err)


@claim
def simulated_and_measured_values_never_meet_in_one_run():
    p = KILLED.resume("--seed", 2)  # another laboratory
    assert p.returncode == e2e.UNABLE and "--seed 1" in p.err, (p.returncode, p.err)
    lab = e2e.Lab()
    p = e2e.heatbench("pump", "--resume", KILLED.run.path, "--bench", lab.bench(), "--procedure", PROCEDURE, "--out",
                      KILLED.results)
    lab.end()
    assert p.returncode == e2e.UNABLE and "is simulated" in p.err and "measured" in p.err, (p.returncode, p.err)


@claim
def a_run_that_does_not_exist_is_named():
    p = e2e.heatbench("pump", "--virtual", "--resume", e2e.folder() + "/nothing", "--procedure", PROCEDURE,
                      "--out", e2e.folder())
    assert p.returncode == e2e.UNABLE and "nothing" in p.err, p.err


@claim
def refusals_leave_no_trace():
    assert sorted(n for n in os.listdir(KILLED.results) if n != KILLED.run.name) == [], os.listdir(KILLED.results)
    for name in os.listdir(COPY):
        if name.startswith("run.db") or name in ("truth", "lock"):
            continue
        assert open(os.path.join(COPY, name)).read() == KILLED.run.text(name), name
    assert KILLED.run.one("SELECT count(*) FROM scan") == e2e.Run(COPY).one("SELECT count(*) FROM scan")


@claim
def the_resumed_run_goes_on_and_ends_with_a_verdict():
    p = KILLED.resume()
    run = KILLED.run
    assert p.returncode in (e2e.PASSED, e2e.FAILED, e2e.UNDECIDED), (p.returncode, p.err)
    assert run.verdict() == "complete", run.verdict()
    assert sorted(os.listdir(KILLED.results)) == [run.name]
    assert run.report()["results"]


@claim
def no_finished_step_was_repeated():
    before, after = e2e.Run(COPY), KILLED.run
    done = before.sql("SELECT * FROM step WHERE done ORDER BY number")
    assert after.sql("SELECT * FROM step WHERE number <= ? ORDER BY number", len(done)) == done
    assert [n for n, in after.sql("SELECT number FROM step ORDER BY number")] == list(range(1, 8))
    assert all(d for d, in after.sql("SELECT done FROM step"))
    names = [n for n, in after.sql("SELECT name FROM mark")]
    assert len(names) == len(set(names)) == 6, names
    # What the lab received in the second part: no set point of a finished step but the last one, restored.
    finished = [s[1] for s in done]
    restored = [v for _, d, r, v in e2e.lab_writes(after.file("truth-2")) if d == "odu1" and r == e2e.DUTY]
    assert restored and restored.count(100.0) == 0, (finished, restored)


@claim
def what_was_stored_before_is_still_what_it_was():
    before, after = e2e.Run(COPY), KILLED.run
    last = before.one("SELECT max(tick) FROM scan")
    assert after.sql("SELECT * FROM scan WHERE tick <= ? ORDER BY tick", last) == \
        before.sql("SELECT * FROM scan ORDER BY tick")


@claim
def ticks_go_on_from_one_segment_to_the_next():
    run = KILLED.run
    segments = run.sql("SELECT number, bench_digest, utc, first_tick FROM segment ORDER BY number")
    assert len(segments) == 2 and segments[0][1] == segments[1][1], segments
    last = e2e.Run(COPY).one("SELECT max(tick) FROM scan")
    assert segments[1][3] > last, (segments, last)
    ticks = [t for t, in run.sql("SELECT tick FROM scan ORDER BY tick")]
    assert len(ticks) == len(set(ticks)) and ticks == sorted(ticks)
    assert run.sql("SELECT count(DISTINCT segment) FROM bus_health")[0][0] >= 1
    assert "resumed after step" in "\n".join(t for _, _, t in run.events())


@claim
def a_verified_run_stays_intact_after_a_resume():
    p = e2e.heatbench("runs", "verify", KILLED.run.path)
    assert p.returncode == 0, (p.returncode, p.out, p.err)


@claim
def a_finished_run_has_nothing_to_resume():
    p = KILLED.resume()
    assert p.returncode == e2e.UNABLE and KILLED.run.name in p.err, (p.returncode, p.err)
    assert "closed" in p.err, p.err
    assert KILLED.run.one("SELECT count(*) FROM segment") == 2


@claim
def a_run_that_is_being_written_is_left_alone():
    results = e2e.folder()
    holds = e2e.write('step{ "s" }\nhold("6000 s")\n', "steps.lua")
    p = e2e.start("pump", "--virtual", "--speed", 1, "--procedure", holds, "--out", results)
    run = e2e.wait_for("a run", lambda: e2e.runs_in(results))[0]
    e2e.wait_for("it runs", lambda: "step 1" in p.said())
    again = e2e.heatbench("pump", "--virtual", "--resume", run.path, "--procedure", holds, "--out", results)
    assert again.returncode == e2e.UNABLE and str(p.pid) in again.err or "being written" in again.err, again.err
    p.send_signal(signal.SIGINT)
    assert p.wait(10) == e2e.STOPPED
    assert run.one("SELECT count(*) FROM segment") == 1


@claim
def a_run_that_the_user_ended_is_closed_as_evidence_like_any_other():
    results = e2e.folder()
    p = e2e.start("pump", "--virtual", "--speed", SPEED, "--procedure", PROCEDURE, "--out", results)
    run = e2e.wait_for("a run", lambda: e2e.runs_in(results))[0]
    e2e.wait_for("the second step", lambda: "step 2" in p.said())
    p.send_signal(signal.SIGINT)
    assert p.wait(10) == e2e.STOPPED
    again = e2e.heatbench("pump", "--virtual", "--resume", run.path, "--procedure", PROCEDURE, "--out", results)
    assert again.returncode == e2e.UNABLE and "closed" in again.err, (again.returncode, again.err)
    assert e2e.heatbench("runs", "verify", run.path).returncode == 0


e2e.finish()
