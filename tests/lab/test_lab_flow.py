#!/usr/bin/python3
"""The flow rig from outside: scale, meters, diverter, tank and their faults, against the truth that the lab writes."""
import os
import statistics
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab_client import *  # noqa: F401,F403,E402

CHARACTER = 10 / 9600
CALM = ["--set", "loop.ripple=0", "--set", "scale.noise=0"]


def flow_lab(*options, **more):
    return Lab(*options, rig="flow", **more)


class Bench:
    """Everything a bench has on it, at rest until started."""

    def __init__(self, lab):
        self.lab, self.control = lab, Control(lab)
        self.odu, self.tcp, self.scale = rtu_port(lab), tcp_port(lab), serial_port(lab)

    def start(self, duty=100):
        rtu_write(self.odu, 1, 2015, duty)
        rtu_write(self.odu, 1, 2010, 4096)

    def to(self, seconds):
        self.control.advance(round(seconds * S))

    def ask(self, text, patience=0.15):
        """One line, or b"" when it does not answer now."""
        self.scale.send(text if isinstance(text, bytes) else text.encode() + b"\r\n")
        return self.line(patience)

    def line(self, patience=0.15):
        got = b""
        while not got.endswith(b"\n"):
            more = self.scale.receive(1, patience if not got else 2)
            if not more:
                break
            got += more
        return got

    def grams(self):
        words = self.ask("SI").split()
        assert words[0] == b"S" and words[1] in (b"S", b"D"), words
        return words[1].decode(), float(words[2])

    def relay(self, number, on):
        tcp_write(self.tcp, 3, number, on)

    def flow(self):
        return tcp_float(self.tcp, 0)


def row_at(lab, t):
    return next(r for r in lab.rows() if float(r["t_s"]) == t)


def refused(*options):
    try:
        flow_lab(*options).end()
    except RuntimeError as why:
        return str(why)
    raise AssertionError(options)


@claim
def the_ready_line_names_four_endpoints_their_devices_and_lines():
    with flow_lab() as lab:
        ends = lab.ready["endpoints"]
        scale = dict(ends["scale"])
        assert os.path.islink(scale.pop("port")) and scale.pop("terminal").startswith("/dev/pts/")
        assert scale == {"kind": "serial", "baud": 9600, "parity": "N", "data_bits": 8, "stop_bits": 1}
        assert ends["odu"]["kind"] == "rtu" and ends["odu"]["baud"] == 19200 and ends["meter"]["kind"] == "tcp"
        assert ends["lines"]["lines"] == {"diverter": "output", "drain": "output", "pulse_a": "edges",
                                          "pulse_b": "edges", "diverter_end": "edges", "overflow": "edges"}
        units = {n: (d["endpoint"], d["unit"]) for n, d in lab.ready["devices"].items()}
        assert units == {"odu": ("odu", 1), "reference": ("meter", 1), "valve": ("meter", 2), "board": ("meter", 3),
                         "scale": ("scale", 0)}
        assert sorted(lab.ready["duts"]) == ["cic", "pulse_a", "pulse_b"]


@claim
def a_sics_scale_answers_as_the_manual_says():
    with flow_lab(*CALM, "--set", "scale.offset=0.4", "--set", "scale.resolution=0.01", "--set", "tank.heel=0.1",
                  "--set", "scale.sensitivity=0", "--set", "tank.evaporation=0", "--set", "scale.drift=0") as lab:
        b = Bench(lab)
        b.to(3)
        assert b.ask("S") == b"S S     100.29 g\r\n"  # 100 g of water less buoyancy, and the offset
        assert b.ask("SI") == b"S S     100.29 g\r\n"
        assert b.ask("I4") == b'I4 A "B021002593"\r\n' == b.ask("@")
        assert b.ask("I2") == b'I2 A "HB-60K Standard 60000.00 g"\r\n'
        assert b.ask("T") == b"T S     100.29 g\r\n"
        assert b.ask("TA") == b"TA A     100.29 g\r\n" and b.ask("SI") == b"S S       0.00 g\r\n"
        assert b.ask("TAC") == b"TAC A\r\n" and b.ask("SI") == b"S S     100.29 g\r\n"
        assert b.ask("Z") == b"Z A\r\n" and b.ask("ZI") == b"ZI S\r\n" and b.ask("SI") == b"S S       0.00 g\r\n"
        for wrong in ("si", "SX", "S 5", " S", "", b"S\n"):
            assert b.ask(wrong) == b"ES\r\n", wrong


@claim
def a_kcp_scale_says_that_it_tared_without_a_value():
    with flow_lab(*CALM, "--set", "scale.protocol=kcp") as lab:
        b = Bench(lab)
        b.to(3)
        assert b.ask("T") == b"T A\r\n" and b.ask("S") == b"S S          0 g\r\n"
        assert lab.ready["devices"]["scale"]["kind"] == "kcp"


@claim
def an_sbi_scale_prints_16_or_22_characters_and_no_unit_while_it_moves():
    for header, before in (("off", b""), ("on", b"N     ")):
        with flow_lab(*CALM, "--set", "scale.protocol=sbi", "--set", f"scale.header={header}", "--set", "scale.offset=0",
                      "--set", "tank.evaporation=0") as lab:
            b = Bench(lab)
            b.start()
            b.to(20)
            got = b.ask(b"\x1bP")
            assert got == before + b"+       80 g  \r\n", got
            assert b.ask(b"\x1bP\r\n") == got == b.ask(b"\r\n\x1bP")  # the line end is optional
            assert b.ask(b"\x1bT") == b"" and b.ask(b"\x1bP") == before + b"+        0 g  \r\n"
            assert b.ask(b"\x1bx2_")[-16:] == b"B021002593    \r\n"
            b.relay(0, 1)
            b.to(23)
            assert b.ask(b"\x1bP")[-5:] == b"   \r\n", got


@claim
def a_command_that_waits_for_rest_is_answered_when_there_is_rest():
    with flow_lab(*CALM) as lab:
        b = Bench(lab)
        b.start()
        b.to(20)
        b.relay(0, 1)
        b.to(25)
        assert b.grams()[0] == "D" and b.ask("S") == b""
        b.relay(0, 0)
        b.to(26)
        assert b.line() == b""
        b.to(28)
        assert b.line().startswith(b"S S  ")


@claim
def a_command_that_never_gets_rest_is_given_up_after_10_s():
    with flow_lab("--fault", "scale:unstable@5s") as lab:
        b = Bench(lab)
        b.to(4.9)
        assert b.grams()[0] == "S"
        b.to(6)
        assert b.grams()[0] == "D" and b.ask("S") == b"" and b.ask("Z") == b""
        assert b.ask("SI") == b"S I\r\n"  # it is busy
        b.to(15.9)
        assert b.line() == b""
        b.to(16.1)
        assert b.line() == b"Z I\r\n" and b.grams()[0] == "D"
        b.to(600)
        assert b.grams()[0] == "D"


@claim
def sir_repeats_ten_times_a_second_until_something_else_is_asked():
    with flow_lab(*CALM) as lab:
        b = Bench(lab)
        b.to(5)
        b.ask("SIR")
        b.to(6)
        lines = [b.line() for _ in range(10)]
        assert all(line.startswith(b"S S  ") for line in lines) and b.line() == b""
        b.ask("SI")
        b.to(7)
        assert b.line() == b""


@claim
def what_the_scale_shows_times_buoyancy_is_the_water_in_the_tank():
    with flow_lab("--set", "scale.noise=0.1") as lab:
        b = Bench(lab)
        b.start(250)
        b.to(20)
        before = b.grams()
        b.relay(0, 1)
        b.to(80)
        b.relay(0, 0)
        b.to(85)
        after = b.grams()
        lab.end()
        facts = lab.facts()
        tank = float(row_at(lab, 85.0)["tank_kg"]) - float(row_at(lab, 20.0)["tank_kg"])
        assert before[0] == after[0] == "S" and tank > 10
        kg = (after[1] - before[1]) / 1000 * facts["scale"]["buoyancy_correction"] / (1 + facts["scale"]["sensitivity"])
        assert abs(kg - tank) < 1.5e-3, (kg, tank)
        assert abs(facts["scale"]["buoyancy_correction"] - 1.00105) < 2e-5
        w = facts["water"]
        assert abs(0.08 + w["diverted_kg"] - w["splashed_kg"] - w["evaporated_kg"] - w["drained_kg"] - w["lost_kg"] -
                   w["tank_kg"]) < 1e-8


@claim
def the_tank_has_the_flow_between_the_switchs_edges_plus_its_timing_error():
    for split in (0.25, -0.25):
        with flow_lab(*CALM, "--set", f"diverter.split={split}", "--set", "tank.splash=0", "--set",
                      "tank.evaporation=0", "--set", "water.drift=0", "--set", "scale.noise=0") as lab:
            b, lines = Bench(lab), Lines(lab)
            lines.claim(diverter_end="edges")
            b.start(100)
            b.to(30)
            b.relay(0, 1)
            b.to(60.0078)
            b.relay(0, 0)
            b.to(70)
            edges = lines.take("diverter_end")[2]
            lab.end()
            facts, row = lab.facts(), row_at(lab, 50.0)
            rate = float(row["flow_lph"]) / 3.6e6 * float(row["density_kg_m3"])
            seconds = (edges[1][0] - edges[0][0]) / S
            assert [e[1] for e in edges] == [1, 0]
            got = facts["water"]["diverted_kg"] / rate
            assert abs(got - seconds - facts["diverter"]["switch_error_s"]) < 2e-4, (got, seconds, facts["diverter"])
            assert abs(got - 30.0078 - facts["diverter"]["command_error_s"]) < 2e-4
            assert abs(facts["diverter"]["switch_error_s"]) > 0.03


@claim
def pulses_are_volume_times_k_times_one_plus_error():
    with flow_lab("--set", "pulse_a.gain=0.012", "--set", "pulse_b.gain=-0.02", "--set", "pulse_a.wander=0", "--set",
                  "pulse_b.wander=0", "--set", "pulse_a.offset=0", "--set", "pulse_b.offset=-1") as lab:
        b, lines = Bench(lab), Lines(lab)
        lines.claim(pulse_a="edges", pulse_b="edges")
        b.start(100)
        counted = {"pulse_a": 0, "pulse_b": 0}
        for t in range(30, 61):
            b.to(t)
            for name in counted:
                level, missed, edges = lines.take(name)
                counted[name] += sum(e[1] for e in edges) if t > 30 else 0
                assert missed == 0 or t == 30
        lab.end()
        rows = lab.rows()
        litres = float(row_at(lab, 60.0)["volume_l"]) - float(row_at(lab, 30.0)["volume_l"])
        assert abs(counted["pulse_a"] - litres * 1200 * 1.012) < 1.5, (counted, litres)
        shown_b = litres * 0.98 - 30 / 3600
        assert abs(counted["pulse_b"] - shown_b * 100) < 1.5, (counted, shown_b)
        assert abs(float(rows[-1]["pulse_a_error"]) - 0.012) < 1e-6
        assert all(abs(e["pulse_b"] + 0.02 + 1 / e["lph"]) < 1e-9 for e in lab.facts()["errors"])


@claim
def the_reference_holds_its_value_for_as_long_as_it_is_told_to():
    for hold, options in ((4, []), (60, ["--set", "reference.hold=60"])):
        with flow_lab(*options) as lab:
            b = Bench(lab)
            b.start()
            b.to(30)
            changes, last = [], b.flow()
            for t in range(31, 400):
                b.to(t)
                if b.flow() != last:
                    changes.append(t)
                    last = b.flow()
            assert all(t % hold == 0 for t in changes) and len(changes) == 399 // hold - 30 // hold, changes[:9]
            lab.end()
            assert lab.facts()["reference"]["hold_s"] == hold


@claim
def the_reference_is_within_its_class_counts_volume_and_reads_by_function_3_and_4():
    with flow_lab("--set", "water.start=31.5") as lab:
        b = Bench(lab)
        assert tcp_read(b.tcp, 1, 0, 80, 3) == tcp_read(b.tcp, 1, 0, 80, 4)
        b.start()
        b.to(40)
        first = tcp_float(b.tcp, 52)
        b.to(640)
        counted = 1000 * (tcp_float(b.tcp, 52) - first)
        shown, water = b.flow(), tcp_float(b.tcp, 6)
        odu_water = (rtu_read(b.odu, 1, 2133, 1)[0] - 3000) / 100
        lab.end()
        true = float(row_at(lab, 640.0)["volume_l"]) - float(row_at(lab, 40.0)["volume_l"])
        row = row_at(lab, 640.0)
        assert abs(counted / true - 1 - float(row["reference_error"])) < 2 / true, (counted, true)
        assert abs(shown / float(row["flow_lph"]) - 1) < 0.01 and abs(counted / true - 1) < 0.01
        assert abs(water - 31.5) < 0.2 and abs(odu_water - float(row["water_c"])) < 0.06


@claim
def the_cics_own_reading_has_the_published_error_and_its_drops():
    with flow_lab("--set", "odu.flow_gain=0", "--set", "odu.flow_offset=0") as lab:
        b = Bench(lab)
        for duty, low, high in ((100, -0.005, 0.008), (850, 0.065, 0.08)):
            b.start(duty)
            start = b.control.now / S
            samples = []
            for i in range(300):
                b.to(start + 30 + i)
                samples.append(rtu_read(b.odu, 1, 2138, 1)[0] * 0.618)
            true = {100: 1125.5, 850: 218.0}[duty]
            assert low < statistics.median(samples) / true - 1 < high, (duty, statistics.median(samples))
            drops = sum(s < 0.9 * true for s in samples) / len(samples)
            assert (0.12 < drops < 0.28) if duty == 850 else drops == 0, (duty, drops)


@claim
def the_relay_board_has_coils_and_the_same_as_registers():
    with flow_lab() as lab:
        b = Bench(lab)
        assert tcp_ask(b.tcp, 3, struct.pack(">BHH", 5, 1, 0xFF00), 5)[7:] == struct.pack(">BHH", 5, 1, 0xFF00)
        assert tcp_read(b.tcp, 3, 0, 10) == [0, 1] + [0] * 8
        assert tcp_ask(b.tcp, 3, struct.pack(">BHHBB", 15, 0, 8, 1, 0xA1), 5)[7:] == struct.pack(">BHH", 15, 0, 8)
        assert tcp_ask(b.tcp, 3, struct.pack(">BHH", 1, 0, 8), 3)[7:] == b"\x01\x01\xa1"
        assert tcp_read(b.tcp, 3, 0, 8) == [1, 0, 0, 0, 0, 1, 0, 1]
        tcp_write(b.tcp, 3, 7, 0)
        assert tcp_ask(b.tcp, 3, struct.pack(">BHH", 1, 5, 3), 3)[7:] == b"\x01\x01\x01"
        for pdu, code in ((struct.pack(">BHH", 5, 0, 1), 3), (struct.pack(">BHH", 6, 0, 2), 3),
                          (struct.pack(">BHH", 6, 8, 1), 2), (struct.pack(">BHH", 1, 8, 1), 2),
                          (struct.pack(">BHH", 2, 0, 1), 2), (struct.pack(">BHHBB", 15, 0, 9, 1, 1), 3),
                          (struct.pack(">BHH", 4, 0, 1), 1)):
            assert tcp_ask(b.tcp, 3, pdu, 2)[7:] == bytes([pdu[0] | 0x80, code]), pdu
        for t, end, bit in ((0.04, 2, 0), (1, 1, 1)):
            b.to(t)
            assert tcp_read(b.tcp, 3, 8, 2) == [end, 0], (t, tcp_read(b.tcp, 3, 8, 2))
            assert tcp_ask(b.tcp, 3, struct.pack(">BHH", 2, 8, 2), 3)[7:] == bytes([2, 1, bit])


@claim
def diverter_and_drain_follow_whoever_wrote_last_line_or_board():
    with flow_lab() as lab:
        b, lines = Bench(lab), Lines(lab)
        lines.claim(diverter="output", drain="output")
        b.start()
        lines.must("set diverter 1")
        b.to(20)
        assert tcp_read(b.tcp, 3, 8, 1) == [1]
        b.relay(0, 0)
        b.to(21)
        assert tcp_read(b.tcp, 3, 8, 1) == [0]
        lines.must("set diverter 1")
        lines.must("set drain 1")
        b.to(22)
        lab.end()
        assert tcp_gone(b) and row_at(lab, 22.0)["diverter_end"] == "1" and row_at(lab, 22.0)["drain"] == "1"


def tcp_gone(b):
    return b.tcp.receive(1, 0.5) == b""


@claim
def a_full_tank_shows_at_contact_register_and_input_and_water_is_lost():
    with flow_lab("--set", "tank.overflow=10") as lab:
        b, lines = Bench(lab), Lines(lab)
        lines.claim(overflow="edges")
        b.start()
        b.relay(0, 1)
        b.to(30)
        assert tcp_read(b.tcp, 3, 9, 1) == [0] and lines.take("overflow") == (0, 0, [])
        b.to(90)
        level, _, edges = lines.take("overflow")
        assert level == 1 and len(edges) == 1 and tcp_read(b.tcp, 3, 9, 1) == [1]
        assert tcp_ask(b.tcp, 3, struct.pack(">BHH", 2, 9, 1), 3)[7:] == b"\x02\x01\x01"
        b.relay(0, 0)
        b.relay(1, 1)
        b.to(150)
        assert tcp_read(b.tcp, 3, 9, 1) == [0] and lines.take("overflow")[0] == 0
        b.to(160)
        assert 70 < b.grams()[1] < 90  # the heel
        lab.end()
        assert lab.facts()["water"]["lost_kg"] > 5
        crossed = edges[0][0] / S
        assert float(row_at(lab, 30.0)["tank_kg"]) < 10 and abs(crossed - 32) < 25


@claim
def more_than_the_scale_can_weigh_is_an_overload():
    with flow_lab("--set", "scale.max=5", "--set", "scale.rest=0.5") as lab:
        b = Bench(lab)
        b.start()
        b.relay(0, 1)
        b.to(60)
        assert b.ask("SI") == b"S +\r\n" == b.ask("S") and b.ask("T") in (b"T +\r\n", b"")
    with flow_lab("--fault", "scale:overload@5s+5s", "--set", "scale.protocol=sbi", "--set", "scale.header=on") as lab:
        b = Bench(lab)
        b.to(6)
        assert b.ask(b"\x1bP") == b"Stat        High    \r\n"
        b.to(11)
        assert b.ask(b"\x1bP").startswith(b"N     +")


@claim
def a_drifting_scale_drifts_from_its_beginning_on():
    with flow_lab(*CALM, "--fault", "scale:drift@60s,by=3600", "--set", "tank.evaporation=0") as lab:
        b = Bench(lab)
        b.to(59)
        before = b.grams()[1]
        b.to(90)
        assert b.grams()[1] == before + 30
        b.to(160)
        assert b.grams()[1] == before + 100


@claim
def a_scale_can_be_late_mute_short_garbled_stuck_spiking_refusing_and_replugged():
    faults = ["mute@5s+1s", "short@6s+1s", "garbled@7s+1s", "exception@8s+1s", "stuck@9s+3s", "spike@12s+1s,by=500",
              "replug@14s+1s"]
    with flow_lab(*CALM, *sum((["--fault", "scale:" + f] for f in faults), [])) as lab:
        b = Bench(lab)
        b.to(4)
        plain = b.ask("SI")
        assert len(plain) == 18
        b.to(5.5)
        assert b.ask("SI") == b""
        b.to(6.5)
        b.scale.send(b"SI\r\n")
        assert b.scale.receive(18, 0.2) == plain[:9]
        b.to(7.5)
        garbled = b.ask("SI")
        assert len(garbled) == 18 and sum(x != y for x, y in zip(garbled, plain)) == 1
        b.to(8.5)
        assert b.ask("SI") == b"EL\r\n"
        b.start()
        b.relay(0, 1)
        b.to(11.9)
        stuck = b.grams()
        b.to(12.5)
        spiked = b.grams()
        assert stuck[0] == "S" and abs(stuck[1] - float(plain.split()[2])) < 3 and spiked[1] > stuck[1] + 400
        b.to(14.5)
        try:
            b.scale.send(b"SI\r\n")
            assert b.scale.receive(1, 0.2) == b""
        except OSError:
            pass
        b.to(16)
        b.scale = serial_port(lab)
        assert b.grams()[1] > 100


@claim
def a_late_scale_keeps_the_client_waiting():
    with flow_lab("--fault", "scale:late@1s,ms=3000,count=1") as lab:
        b = Bench(lab)
        b.control.timeout("scale", 500 * MS)
        b.to(2)
        assert b.ask("SI") == b"" and b.control.end("scale") == 2 * S + 500 * MS + 4 * (10 * S // 9600)
        b.to(4.9)
        assert b.line() == b""
        b.to(5.1)
        assert b.line().startswith(b"S ")


@claim
def a_stuck_diverter_does_not_go_and_a_cut_pulse_line_is_silent():
    with flow_lab("--fault", "diverter:stuck@20s+20s", "--fault", "pulse_a:cut@50s+5s") as lab:
        b, lines = Bench(lab), Lines(lab)
        lines.claim(pulse_a="edges", pulse_b="edges")
        b.start()
        b.to(25)
        b.relay(0, 1)
        b.to(39)
        assert tcp_read(b.tcp, 3, 0, 1) == [1] and tcp_read(b.tcp, 3, 8, 1) == [0]
        b.to(41)
        assert tcp_read(b.tcp, 3, 8, 1) == [1]
        b.to(50.1)
        lines.take("pulse_a"), lines.take("pulse_b")
        b.to(54)
        assert len(lines.take("pulse_a")[2]) <= 1 and len(lines.take("pulse_b")[2]) > 100
        b.to(56)
        assert len(lines.take("pulse_a")[2]) > 100
        lab.end()
        assert all(f["hits"] == 1 for f in lab.facts()["faults"])


@claim
def a_cut_diverter_wire_lets_it_fall_back_to_the_loop():
    with flow_lab("--fault", "diverter:cut@30s+5s") as lab:
        b = Bench(lab)
        b.relay(0, 1)
        ends = []
        for t in (29, 33, 38):
            b.to(t)
            ends += tcp_read(b.tcp, 3, 8, 1)
        assert ends == [1, 0, 1]


@claim
def faults_and_settings_that_make_no_sense_are_refused_with_words():
    assert "scales" in refused("--fault", "reference:drift@1s")
    assert "Modbus address" in refused("--fault", "scale:wrong-unit@1s")
    assert "sics|kcp|sbi" in refused("--set", "scale.protocol=morse")
    assert "one of off|on" in refused("--set", "scale.header=1")
    assert "reference.hold" in refused("--set", "reference.hol=3")


@claim
def the_flows_that_a_dn20_meter_is_verified_at_can_be_set():
    with flow_lab("--set", "loop.ripple=0") as lab:
        b = Bench(lab)
        flows = []
        for valve, duty in ((300, 850), (800, 850), (10000, 550), (10000, 50)):
            tcp_write(b.tcp, 2, 0, valve)
            b.start(duty)
            b.to(b.control.now / S + 60)
            flows.append(b.flow())
        assert flows[0] < 16 < flows[1] < 30 < 1000 < flows[2] < 3125 < flows[3], flows


@claim
def in_lock_step_the_scales_line_is_charged_its_wire_time_and_a_turnaround():
    with flow_lab() as lab:
        b = Bench(lab)
        for i in range(20):
            b.to(3 + i)
            assert len(b.ask("SI")) == 18
            took = (b.control.end("scale") - b.control.now) / S
            assert 22 * CHARACTER + 0.005 <= took <= 22 * CHARACTER + 0.02 + 1e-6, took


@claim
def at_speed_1_the_scale_answers_at_the_pace_of_its_line():
    with flow_lab("--speed", "1") as lab:
        port, took = serial_port(lab), []
        for _ in range(15):
            start = time.monotonic()
            port.send(b"SI\r\n")
            assert len(port.receive(18)) == 18
            took.append(time.monotonic() - start)
        assert min(took) >= 22 * CHARACTER + 0.005 and statistics.median(took) < 22 * CHARACTER + 0.025, sorted(took)


@claim
def the_same_seed_gives_the_same_bytes_and_another_gives_others():
    def session(seed):
        with flow_lab("--fault", "pulse_a:lost@10s,share=0.1", seed=seed) as lab:
            b, lines, out = Bench(lab), Lines(lab), []
            lines.claim(pulse_a="edges", diverter_end="edges")
            b.start(250)
            for t in range(1, 40):
                b.to(t)
                if t == 20:
                    b.relay(0, 1)
                out.append((b.ask("SI"), rtu_read(b.odu, 1, 2099, 40), tcp_read(b.tcp, 1, 0, 60), lines.take("pulse_a"),
                            lines.take("diverter_end")))
            lab.end()
            return out, lab.rows(), lab.facts()["parameters"]
    a = session(5)
    assert a == session(5)
    assert a[0] != session(6)[0]


@claim
def an_hour_passes_in_a_moment():
    with flow_lab("--truth-every", "10s") as lab:
        b = Bench(lab)
        b.start()
        start = time.monotonic()
        b.to(3600)
        assert time.monotonic() - start < 10
        assert 18 < tcp_float(b.tcp, 6) < 22


run()
