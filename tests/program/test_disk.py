#!/usr/bin/env python3
"""Disks that are full, read-only or slow to say so. In a mount namespace of its own, so that nothing stays mounted."""
import os
import shutil
import subprocess
import sys

import end_to_end as e2e
from end_to_end import claim

INSIDE = "HEATBENCH_TEST_MOUNTS"


def enter():
    """Runs this file again where it may mount; without such a place the claims that need it are skipped."""
    if INSIDE in os.environ:
        return
    how = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    try:
        may = subprocess.run([*how, "mount", "-t", "tmpfs", "tmpfs", e2e.work], capture_output=True).returncode == 0
    except OSError:
        may = False
    os.environ[INSIDE] = "yes" if may else ""
    if may:
        shutil.rmtree(e2e.work)
        os.execvp(how[0], [*how, sys.executable, *sys.argv])


def disk(size="4m"):
    if not os.environ[INSIDE]:
        raise e2e.Skip("no mount namespace here")
    place = e2e.folder("disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)
    e2e.mounted.append(place)
    return place


def fill(place, leave=0):
    """Until nothing fits any more but `leave` bytes."""
    spare = os.path.join(place, "spare")
    if leave:
        with open(spare, "wb") as f:
            f.write(b"s" * leave)
    with open(os.path.join(place, "filler"), "ab", buffering=0) as f:
        try:
            while f.write(b"x" * 65536):
                pass
        except OSError:
            pass
        try:
            while f.write(b"x"):
                pass
        except OSError:
            pass
    if leave:
        os.unlink(spare)


enter()
PROCEDURE = e2e.write("""
step{ "run" }
for _, pump in ipairs{ "awmt", "wilo" } do
	set(pump .. "_duty", 1000)
	set(pump .. "_relay", 1)
	set(pump .. "_duty", 400)
end
hold("2 h")
""")
def rows(run):
    try:
        return run.one("SELECT count(*) FROM scan")
    except Exception:  # not made yet
        return 0


@claim
def a_disk_that_fills_up_ends_the_run_safely_and_what_was_committed_stays():
    place = disk()
    results = os.path.join(place, "results")
    p = e2e.start("pump", "--virtual", "--speed", 20, "--procedure", PROCEDURE, "--out", results)
    e2e.wait_for("a run", lambda: os.path.isdir(results) and e2e.runs_in(results))
    run = e2e.only_run(results)
    e2e.wait_for("rows", lambda: rows(run) > 30)
    before = run.sql("SELECT * FROM scan ORDER BY tick")
    fill(place)
    assert p.wait(30) == e2e.UNABLE, p.words()
    assert "full" in p.words() or "No space" in p.words(), p.words()
    assert "the run is marked incomplete" in p.words(), p.words()
    after = run.sql("SELECT * FROM scan ORDER BY tick")
    assert after[:len(before)] == before, "what was committed before is there"
    assert run.one("PRAGMA integrity_check") == "ok"
    assert run.verdict() == "incomplete"
    # The truth lies on the same disk and ends with it: what the run was told by its devices must do.
    assert "NOT CONFIRMED" not in p.words() and "not confirmed" not in p.words(), p.words()
    assert not os.path.exists(run.file("guard.log")), "the run could do it itself"


@claim
def a_full_disk_is_seen_before_anything_starts():
    place = disk()
    results = os.path.join(place, "results")
    os.mkdir(results)
    fill(place)
    p = e2e.heatbench("pump", "--virtual", "--procedure", PROCEDURE, "--out", results)
    assert p.returncode == e2e.UNABLE and "MB" in p.err, p.err
    assert os.listdir(results) == [], os.listdir(results)


@claim
def a_report_that_finds_no_room_is_no_success_and_the_run_stays_whole():
    place = disk("8m")
    results = os.path.join(place, "results")
    p = e2e.heatbench("pump", "--virtual", "--out", results)
    assert p.returncode in (e2e.PASSED, e2e.UNDECIDED, e2e.FAILED), (p.returncode, p.err)
    run = e2e.only_run(results)
    fill(place, leave=20000)
    p = e2e.heatbench("evaluate", run.path)
    assert p.returncode == e2e.UNABLE and ("space" in p.err or "full" in p.err), (p.returncode, p.err)
    assert e2e.heatbench("runs", "verify", run.path).returncode == 0


@claim
def a_results_folder_on_a_read_only_disk_is_named():
    place = disk()
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    for results in (place, os.path.join(place, "below")):
        p = e2e.heatbench("pump", "--virtual", "--procedure", PROCEDURE, "--out", results)
        assert p.returncode == e2e.UNABLE and results in p.err and ("Read-only" in p.err or "not writable" in p.err), p.err
    assert os.listdir(place) == []


@claim
def a_finished_run_opens_from_a_read_only_disk():
    place = disk("16m")
    results = os.path.join(place, "results")
    e2e.heatbench("pump", "--virtual", "--out", results)
    run = e2e.only_run(results)
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    p = e2e.heatbench("runs", "show", run.path)
    assert p.returncode == 0 and "pump" in p.out, (p.returncode, p.err)
    assert e2e.heatbench("runs", "verify", run.path).returncode == 0
    p = e2e.heatbench("evaluate", run.path, "--out", e2e.folder())
    assert p.returncode in (e2e.PASSED, e2e.UNDECIDED, e2e.FAILED), (p.returncode, p.err)


e2e.finish()
