#!/usr/bin/python3
"""Speed 1: bytes come when a wire would bring them. Measured on this machine; judged on p50 and p90, never on
the maximum (PLATFORM: a loaded machine may wake anybody late)."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab_client import *  # noqa: F401,F403,E402

CHARACTER = 11 / 19200


def percentile(values, p):
    return sorted(values)[min(int(len(values) * p), len(values) - 1)]


def transactions(port, n, address=2099, count=40):
    """Durations from before the request until the last byte is here."""
    out = []
    for _ in range(n):
        start = time.monotonic()
        rtu_read(port, 1, address, count)
        out.append(time.monotonic() - start)
    return out


@claim
def at_speed_1_a_transaction_takes_its_wire_time_and_a_turnaround_of_5_to_15_ms():
    with Lab("--speed", "1") as lab:
        assert lab.ready["control"] is None and lab.ready["speed"] == 1
        took = transactions(rtu_port(lab), 40)
        wire = (8 + 85) * CHARACTER
        assert min(took) >= wire + 0.005, min(took)
        assert percentile(took, 0.5) <= wire + 0.015 + 0.001, sorted(took)
        late = sorted((t - wire) * 1000 for t in took)
        print(f"# beyond the wire time, ms: min {late[0]:.2f} p50 {late[20]:.2f} max {late[-1]:.2f}")


@claim
def the_bytes_of_a_reply_come_in_small_lumps_over_its_wire_time():
    with Lab("--speed", "1") as lab:
        port = rtu_port(lab)
        port.send(rtu(1, read_pdu(2099, 40)))
        stamps = []
        while sum(n for _, n in stamps) < 85:
            n = len(port.receive(1))
            stamps.append((time.monotonic(), n))
            assert n
        took = stamps[-1][0] - stamps[0][0]
        assert 70 * CHARACTER < took < 85 * CHARACTER + 0.02, took
        lumps = sum(b - a > 0.0005 for (a, _), (b, _) in zip(stamps, stamps[1:]))
        assert lumps >= 8, lumps


@claim
def at_speed_50_the_same_transactions_take_a_fiftieth():
    with Lab("--speed", "50") as lab:
        assert lab.ready["epoch_utc"] == "2026-01-05T08:00:00Z"
        took = transactions(rtu_port(lab), 40)
        assert percentile(took, 0.5) < 0.02


@claim
def a_late_reply_comes_late_in_real_time_and_before_the_next_one():
    with Lab("--speed", "1", "--fault", "odu1:late@0,ms=200,count=1") as lab:
        port = rtu_port(lab)
        start = time.monotonic()
        port.send(rtu(1, read_pdu(2122, 1)))
        assert port.nothing(0.1)
        port.send(rtu(1, read_pdu(2015, 1)))
        both = port.receive(14)
        assert both == rtu(1, bytes([3, 2, 2, 3])) + rtu(1, bytes([3, 2, 3, 0xE8])), both.hex(" ")
        assert 0.2 < time.monotonic() - start < 1


@claim
def at_speed_1_the_epoch_is_the_wall_clocks():
    import calendar
    with Lab("--speed", "1") as lab:
        epoch = calendar.timegm(time.strptime(lab.ready["epoch_utc"], "%Y-%m-%dT%H:%M:%SZ"))
        assert abs(epoch - time.time()) < 30


run()
