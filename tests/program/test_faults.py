#!/usr/bin/env python3
"""Every fault of the laboratory gives the quality that it should, and no wrong value is ever called good: good values
are held against the truth at their instant."""
import end_to_end as e2e
from end_to_end import claim

PROCEDURE = e2e.write("""
step{ "run up", dut = "wilo" }
set("wilo_duty", 1000)
set("wilo_relay", 1)
set("wilo_duty", 400)
hold(25)
step{ "hold", dut = "wilo" }
hold(15)
step{ "another speed", dut = "wilo" }
set("wilo_duty", 250)
hold(20)
""")
BEGIN = 30  # of most faults; the set point changes at 40 s, so an old value taken for a new one is a wrong one

# channel: column of the truth, relative and absolute error that the laboratory's instruments have at most
TRUE = {"wilo_flow": ("flow_lph", 0.035, 8), "wilo_feedback": ("wilo_power_w", 0.06, 3.5),
        "power": ("supply_w", 0.01, 1), "valve_position": ("valve_percent", 0, 1)}


class Faulty:
    def __init__(self, *faults, procedure=PROCEDURE, status=None, seed=1):
        results = e2e.folder()
        arguments = [a for f in faults for a in ("--fault", f)]
        self.p = e2e.heatbench("pump", "--virtual", "--procedure", procedure, "--out", results, "--seed", seed,
                               *arguments)
        self.run = e2e.only_run(results)
        if status is None:
            assert self.run.verdict() == "complete", (self.run.verdict(), self.p.err)
        self.truth = self.run.truth()
        self.events = self.run.events()
        self.said = "\n".join(f"{source}: {text}" for _, source, text in self.events)

    def window(self, channel, begin, end):
        """[(lab time, value, quality)] of ticks from begin to end, in seconds of lab time."""
        found = [(self.run.lab_time(t), v, q) for t, (v, q) in self.run.values(channel).items()]
        return [f for f in found if begin <= f[0] < end]

    def qualities(self, channel, begin, end):
        return {q for _, _, q in self.window(channel, begin, end)}

    def no_wrong_value_is_good(self):
        """A good value lies within what the truth was over the last three seconds: what an instrument refreshes once
        a second and repeats now and then may show."""
        for channel, (column, relative, absolute) in TRUE.items():
            for at, value, quality in self.window(channel, 0, 1e9):
                if quality != "good":
                    continue
                assert value is not None, (channel, at)
                rows = [r[column] for r in self.truth if at - 3.2 <= r["t_s"] <= at + 1.2]
                low = min(rows) - relative * max(rows) - absolute
                high = max(rows) * (1 + relative) + absolute
                if channel == "wilo_feedback" and self.starting(at):
                    continue  # codes that look like power
                if channel == "wilo_flow" and value == 0 and min(rows) < 25:
                    continue  # below what the sensor sees
                assert low <= value <= high, (channel, at, value, (low, high))

    def starting(self, at):
        return any(r["wilo_state"] in ("starting", "start") for r in self.truth if abs(r["t_s"] - at) < 4)

    def good_again(self, after, channel="wilo_flow"):
        assert self.qualities(channel, after, 1e9) == {"good"}, [w for w in self.window(channel, after, 1e9)
                                                                 if w[2] != "good"][:5]

    def none_is_zero(self, channel, begin, end):
        """What was not read is missing, never zero."""
        for at, value, quality in self.window(channel, begin, end):
            if quality in ("timeout", "gap", "checksum", "exception"):
                assert value is None, (channel, at, value, quality)

    def health(self, bus, column):
        return self.run.one(f"SELECT {column} FROM bus_health WHERE bus = ?", bus)


@claim
def without_a_fault_every_value_is_good_and_true():
    f = Faulty()
    f.no_wrong_value_is_good()
    for channel in TRUE:
        assert f.qualities(channel, 1, 1e9) == {"good"}, (channel, f.qualities(channel, 1, 1e9))
    for row in f.run.sql("SELECT bus, timeouts, checksums, exceptions, wrong, late, missed_ticks FROM bus_health"):
        assert not any(row[1:]), row


@claim
def replies_that_are_late_but_in_time_stay_good():
    f = Faulty("odu2:late@30s+10s,ms=150")
    f.no_wrong_value_is_good()
    assert f.qualities("wilo_flow", 1, 1e9) == {"good"}


@claim
def a_late_reply_is_a_timeout_and_never_the_answer_to_the_next_question():
    for ms in (450, 900, 1500):
        f = Faulty(f"odu2:late@30s+8s,ms={ms}")
        f.no_wrong_value_is_good()
        f.none_is_zero("wilo_flow", BEGIN, 60)
        bad = f.qualities("wilo_flow", BEGIN, 37.5)
        assert "timeout" in bad and bad <= {"timeout", "gap", "suspect"}, (ms, bad)
        assert f.run.one("SELECT count(*) FROM block b JOIN quality q ON q.code = b.status WHERE q.name = 'timeout'")
        assert f.health("odu", "late") > 0, "the drained bytes are counted"
        assert "after their time-out" in f.said, f.said
        f.good_again(57)


@claim
def one_late_reply_costs_little_and_nothing_wrong():
    f = Faulty("odu2:late@30s,count=1,ms=450")
    f.no_wrong_value_is_good()
    bad = [w for w in f.window("wilo_flow", 0, 1e9) if w[2] != "good" and w[0] > 1]
    assert 1 <= len(bad) <= 4, bad
    assert {q for _, _, q in bad} <= {"timeout", "gap", "suspect"}, bad


@claim
def half_a_reply_is_no_value():
    f = Faulty("odu2:short@30s+8s")
    f.no_wrong_value_is_good()
    f.none_is_zero("wilo_flow", BEGIN, 60)
    assert not f.qualities("wilo_flow", BEGIN + 1, 37.5) & {"good"}, f.window("wilo_flow", BEGIN, 42)
    assert f.qualities("wilo_flow", BEGIN + 1, 37.5) <= {"timeout", "checksum", "gap", "suspect"}
    f.good_again(57)


@claim
def a_garbled_reply_fails_its_check_and_is_no_value():
    f = Faulty("odu2:garbled@30s+8s")
    f.no_wrong_value_is_good()
    f.none_is_zero("wilo_flow", BEGIN, 60)
    assert "checksum" in f.qualities("wilo_flow", BEGIN + 1, 37.5), f.window("wilo_flow", BEGIN, 42)
    assert not f.qualities("wilo_flow", BEGIN + 1, 37.5) & {"good"}
    assert f.health("odu", "checksums") > 0
    f.good_again(57)


@claim
def a_garbled_reply_over_tcp_is_no_value_either():
    f = Faulty("meter:garbled@30s+12s")
    f.no_wrong_value_is_good()
    f.none_is_zero("power", BEGIN, 60)
    assert "checksum" in f.qualities("power", BEGIN + 1, 41), f.window("power", BEGIN, 42)
    assert "good" not in f.qualities("power", BEGIN + 1, 41), f.window("power", BEGIN, 42)
    f.good_again(57, "power")


@claim
def a_reply_in_another_units_name_is_no_value():
    f = Faulty("odu2:wrong-unit@30s+8s")
    f.no_wrong_value_is_good()
    f.none_is_zero("wilo_flow", BEGIN, 60)
    assert not f.qualities("wilo_flow", BEGIN + 1, 37.5) & {"good"}, f.window("wilo_flow", BEGIN, 42)
    assert f.health("odu", "wrong") > 0
    f.good_again(57)


@claim
def a_reply_to_another_function_is_no_value():
    f = Faulty("odu2:wrong-function@30s+8s")
    f.no_wrong_value_is_good()
    f.none_is_zero("wilo_flow", BEGIN, 60)
    assert not f.qualities("wilo_flow", BEGIN + 1, 37.5) & {"good"}, f.window("wilo_flow", BEGIN, 42)
    f.good_again(57)


@claim
def a_refused_read_is_an_exception():
    f = Faulty("meter:exception@30s+8s,code=4", "odu2:exception@30s+8s,code=2")
    f.no_wrong_value_is_good()
    for channel in ("power", "wilo_flow"):
        f.none_is_zero(channel, BEGIN, 60)
        assert f.qualities(channel, BEGIN + 1, 37.5) == {"exception"}, (channel, f.qualities(channel, BEGIN + 1, 37.5))
        f.good_again(50, channel)
    assert f.health("odu", "exceptions") >= 7 and f.health("meter", "exceptions") >= 7


@claim
def a_silent_unit_is_a_timeout_and_costs_its_bus_mate_little():
    f = Faulty("odu1:mute@30s+20s")
    f.no_wrong_value_is_good()
    f.none_is_zero("awmt_flow", BEGIN, 60)
    assert f.qualities("awmt_flow", BEGIN + 1, 48) <= {"timeout", "gap"}, f.qualities("awmt_flow", BEGIN + 1, 48)
    assert "does not answer" in f.said and "answers again" in f.said, f.said
    mates = f.window("wilo_flow", BEGIN, 50)
    assert sum(q == "good" for _, _, q in mates) >= 10, mates
    assert f.qualities("power", 1, 1e9) == {"good"}, "another bus does not notice"


@claim
def a_unit_that_is_gone_for_a_minute_comes_back_without_anybodys_help():
    procedure = e2e.write(open(PROCEDURE).read() + "hold(65)\n", "long.lua")
    f = Faulty("odu1:mute@50s+60s", procedure=procedure)
    f.no_wrong_value_is_good()
    f.none_is_zero("awmt_flow", 50, 112)
    assert all(v is None for _, v, _ in f.window("awmt_flow", 52, 109)), "no value meanwhile"
    assert "does not answer" in f.said and "answers again" in f.said, f.said
    f.good_again(120, "awmt_flow")
    f.good_again(120, "wilo_flow")


@claim
def a_port_that_is_pulled_and_plugged_in_again_is_found_again():
    procedure = e2e.write(open(PROCEDURE).read() + "hold(65)\n", "long.lua")
    for device, bus, channel in (("odu-bus", "odu", "wilo_flow"), ("meter-bus", "meter", "power")):
        f = Faulty(f"{device}:replug@50s+60s", procedure=procedure)
        f.no_wrong_value_is_good()
        f.none_is_zero(channel, 50, 112)
        assert all(v is None for _, v, _ in f.window(channel, 52, 109)), (device, "no value meanwhile")
        assert f"bus {bus}: the port is gone" in f.said and f"bus {bus}: the port is back" in f.said, f.said
        f.good_again(120, channel)


@claim
def a_reading_that_is_not_a_number_is_no_value():
    f = Faulty("meter:nan@30s+12s")
    f.no_wrong_value_is_good()
    window = f.window("power", BEGIN + 1, 41)
    assert all(v is None and q != "good" for _, v, q in window), window[:4]
    f.good_again(45, "power")


@claim
def a_reading_beyond_what_is_plausible_is_out_of_range():
    bench = e2e.bench_with(('max = "400 W"', 'max = "200 W"'))
    results = e2e.folder()
    e2e.heatbench("pump", "--virtual", "--bench", bench, "--procedure", PROCEDURE, "--out", results, "--fault",
                  "meter:spike@30s+5s,by=500")
    values = [v for t, v in e2e.only_run(results).values("power").items() if 31 < t < 34]
    assert values and all(q == "range" and v > 400 for v, q in values), values


@claim
def a_spike_is_out_of_range_by_the_bench_file_as_shipped():
    f = Faulty("meter:spike@30s+5s,by=500")
    f.no_wrong_value_is_good()
    assert f.qualities("power", 31, 34) == {"range"}, f.window("power", 31, 34)


@claim
def a_reading_that_stands_still_is_stale_once_the_bench_files_time_is_over():
    results = e2e.folder()
    bench = e2e.bench_with(('stale_after = "60 s"', 'stale_after = "4 s"'))
    e2e.heatbench("pump", "--virtual", "--bench", bench, "--procedure", PROCEDURE, "--out", results, "--fault", "meter:stuck@30s+12s")
    run = e2e.only_run(results)
    quality = {run.lab_time(t): q for t, (v, q) in run.values("power").items()}
    assert {q for t, q in quality.items() if 36 < t < 42} == {"stale"}, quality
    assert {q for t, q in quality.items() if 44 < t < 60} == {"good"}, quality


@claim
def a_counter_that_goes_back_is_a_rollback_once_and_good_again():
    for kind in ("reset", "wrap"):
        f = Faulty(f"meter:{kind}@35s")
        values = [(q, v) for at, v, q in f.window("energy", 0, 60)]
        assert [q for q, _ in values] == ["good"] * 4 + ["rollback"] + ["good"], (kind, values)
        assert values[4][1] < values[3][1], values
        f.no_wrong_value_is_good()


@claim
def a_set_point_that_was_lost_is_an_error_not_a_success():
    # The unit refuses to take the second speed.
    f = Faulty("odu2:exception@39s+20s,code=4", status="any")
    assert f.p.returncode == e2e.UNABLE and "wilo_duty" in f.p.err and "did not take" in f.p.err, f.p.err
    assert "procedure.lua:10" in f.p.err, f.p.err


e2e.finish()
