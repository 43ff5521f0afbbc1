#!/usr/bin/env python3
"""mbpoll, a Modbus master that nobody here wrote, reads from a laboratory what a run recorded from it."""
import re
import shutil
import subprocess

import end_to_end as e2e
from end_to_end import claim

PROCEDURE = e2e.write("""
step{ "run" }
set("valve", 100)
set("wilo_duty", 1000)
set("wilo_relay", 1)
set("wilo_duty", 400)
hold(2) -- the lab's plant is 50 times as fast
measure{ samples = 2, name = "settled" }
""")


def mbpoll(*arguments):
    p = subprocess.run(["mbpoll", "-0", "-1", "-q", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, timeout=10)
    assert p.returncode == 0, p.stdout
    return [float(v.split()[0]) for v in re.findall(r"^\[\d+\]:\s+(\S+(?: \(\S+\))?)", p.stdout, re.M)]


def rtu(lab, unit, address, count=1):
    return mbpoll("-m", "rtu", "-b", 19200, "-P", "none", "-a", unit, "-t", 4, "-r", address, "-c", count, lab.port)


@claim
def mbpoll_reads_the_identity_that_the_run_recorded():
    need()
    lab = e2e.Lab()
    before = rtu(lab, 2, 2015), rtu(lab, 2, 2010)
    assert before == ([1000], [0]), before
    results = e2e.folder()
    p = e2e.heatbench("pump", "--bench", lab.bench(), "--procedure", PROCEDURE, "--out", results)
    assert p.returncode == e2e.PASSED, (p.returncode, p.err)
    run = e2e.only_run(results)
    # After the run the unit is in its safe state, seen by somebody else.
    assert rtu(lab, 2, 2015) == [1000] and rtu(lab, 2, 2010) == [0]
    assert run.verdict() == "complete"
    volts = mbpoll("-m", "tcp", "-p", lab.tcp, "-a", 1, "-t", "3:float", "-B", "-r", 0, "-c", 1, "127.0.0.1")[0]
    seen = [v for v, q in run.values("voltage").values() if q == "good"]
    assert abs(volts - seen[-1]) < 5, (volts, seen[-1])
    energy = mbpoll("-m", "tcp", "-p", lab.tcp, "-a", 1, "-t", "3:float", "-B", "-r", 0x48, "-c", 1, "127.0.0.1")[0]
    counted = [v for v, q in run.values("energy").values() if q == "good"]
    assert 0 <= energy - counted[-1] < 0.1, (energy, counted[-1])
    lab.end()


@claim
def mbpoll_and_a_run_see_the_same_flow_and_power_at_the_same_set_point():
    need()
    lab = e2e.Lab()
    results = e2e.folder()
    p = e2e.heatbench("pump", "--bench", lab.bench(), "--procedure", PROCEDURE, "--out", results)
    assert p.returncode == e2e.PASSED, (p.returncode, p.err)
    run = e2e.only_run(results)
    last = run.one("SELECT last_tick FROM mark")
    ours = {c: run.values(c)[last][0] for c in ("wilo_flow", "wilo_feedback", "power")}
    # The same by hand: the set point as the manual of the lab shows it.
    for address, value in ((2015, 1000), (2010, 4096), (2015, 400)):
        set_by_hand(lab, 2, address, value)
    flow = e2e.wait_for("steady flow", lambda: steady(lab), 10)
    assert abs(flow - ours["wilo_flow"]) < 0.03 * ours["wilo_flow"] + 8, (flow, ours)
    watts = rtu(lab, 2, 2137)[0] / 10
    assert abs(watts - ours["wilo_feedback"]) < 1.5, (watts, ours)
    power = mbpoll("-m", "tcp", "-p", lab.tcp, "-a", 1, "-t", "3:float", "-B", "-r", 12, "-c", 1, "127.0.0.1")[0]
    assert abs(power - ours["power"]) < 1, (power, ours)
    lab.end()


def set_by_hand(lab, unit, address, value):
    p = subprocess.run(["mbpoll", "-0", "-1", "-q", "-m", "rtu", "-b", "19200", "-P", "none", "-a", str(unit), "-t", "4", "-r",
                        str(address), lab.port, str(value)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       timeout=10)
    assert p.returncode == 0, p.stdout


seen = []


def steady(lab):
    """l/h where the last five of the unit's flow words (0.618 l/h each) agree within 2 %."""
    seen.append(rtu(lab, 2, 2138)[0] * 0.618)
    five = seen[-5:]
    return seen[-1] if len(seen) > 20 and min(five) > 0 and max(five) - min(five) < 0.02 * max(five) else None


def need():
    if not shutil.which("mbpoll"):
        raise e2e.Skip("mbpoll is not installed")


e2e.finish()
