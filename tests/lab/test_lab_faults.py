#!/usr/bin/python3
"""Every kind of fault, as a raw client sees it on the wire."""
import math
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab_client import *  # noqa: F401,F403,E402

FIRMWARE = rtu(1, bytes([3, 2, 2, 3]))


class Scene:
    """A lab in lock-step with both wires open."""

    def __init__(self, *faults, seed=1):
        options = [x for f in faults for x in ("--fault", f)]
        self.lab = Lab(*options, seed=seed)

    def __enter__(self):
        self.control = Control(self.lab)
        self.rtu, self.tcp = rtu_port(self.lab), tcp_port(self.lab)
        return self

    def __exit__(self, *_):
        self.rtu.close()
        self.tcp.close()
        self.control.close()
        self.lab.__exit__()

    def ask_firmware(self, length=7):
        return rtu_ask(self.rtu, 1, read_pdu(2122, 1), length)


@claim
def a_fault_begins_and_ends_at_its_lab_times():
    with Scene("odu1:exception@5s+2s") as s:
        for at, code in ((4.999, 0), (5, 4), (6.999, 4), (7, 0)):
            s.control.advance(at * S)
            assert (s.ask_firmware(5 if code else 7) == FIRMWARE) == (not code), at


@claim
def a_count_limits_a_fault_to_that_many_transactions():
    with Scene("odu1:exception@1s,count=2,code=6") as s:
        assert s.ask_firmware() == FIRMWARE
        s.control.advance(1 * S)
        refused = rtu(1, b"\x83\x06")
        assert [s.ask_firmware(5), s.ask_firmware(5), s.ask_firmware()] == [refused, refused, FIRMWARE]


@claim
def mute_is_silence_and_the_write_is_not_carried_out():
    with Scene("odu1:mute@0,count=1") as s:
        s.rtu.send(rtu(1, write_pdu(2015, 300)))
        assert s.rtu.nothing()
        assert rtu_read(s.rtu, 1, 2015, 1) == [1000]


@claim
def short_cuts_the_reply_on_both_wires():
    with Scene("odu1:short@0,count=1", "meter:short@0,count=1") as s:
        assert s.ask_firmware() == FIRMWARE[:3]
        assert s.ask_firmware() == FIRMWARE
        reply = tcp_ask(s.tcp, 1, read_pdu(0, 2, 4), 6)
        assert len(reply) == 6 and struct.unpack(">H", reply[4:6]) == (7,)
        assert s.tcp.nothing()


@claim
def garbled_has_a_wrong_crc_on_rtu_and_a_wrong_number_or_length_on_tcp():
    seen = set()
    for seed in range(1, 9):
        with Scene("odu1:garbled@0,count=1", "meter:garbled@0,count=1", seed=seed) as s:
            reply = s.ask_firmware()
            assert len(reply) == 7 and crc(reply[:-2]) != reply[-2:]
            assert s.ask_firmware() == FIRMWARE
            reply = tcp_ask(s.tcp, 1, read_pdu(0, 2, 4), 6, number=7)
            number, _, length = struct.unpack(">HHH", reply[:6])
            assert (number != 7) != (length != 7), reply.hex(" ")
            seen.add("number" if number != 7 else "length")
    assert seen == {"number", "length"}


@claim
def garbled_is_never_right_by_chance():
    with Scene("odu1:garbled@0") as s:
        for k in range(200):
            s.control.advance(k * S)
            reply = rtu_ask(s.rtu, 1, read_pdu(0, 1), 5)
            assert len(reply) == 5 and crc(reply[:-2]) != reply[-2:], (k, reply.hex(" "))


@claim
def wrong_unit_and_wrong_function_are_well_formed_but_answer_somebody_else():
    with Scene("odu1:wrong-unit@0,count=1", "odu2:wrong-function@0,count=1", "meter:wrong-unit@0,count=1") as s:
        reply = s.ask_firmware()
        assert reply[:2] == bytes([2, 3]) and crc(reply[:-2]) == reply[-2:]
        reply = rtu_ask(s.rtu, 2, read_pdu(2122, 1), 7)
        assert reply[:2] == bytes([2, 4]) and crc(reply[:-2]) == reply[-2:]
        assert tcp_ask(s.tcp, 1, read_pdu(0, 2, 4), 6)[6] == 2
        assert s.ask_firmware() == FIRMWARE


@claim
def late_is_withheld_on_tcp_too_and_carries_the_number_of_its_own_request():
    with Scene("meter:late@0,ms=2000,count=1") as s:
        s.tcp.send(tcp_frame(5, 1, read_pdu(0x12, 2)))
        assert s.tcp.nothing()
        s.control.advance(2 * S)
        assert s.tcp.receive(13)[:2] == b"\x00\x05"


@claim
def stuck_freezes_the_readings_of_that_device_only():
    with Scene("odu1:stuck@10s+10s") as s:
        s.control.advance(10 * S)
        frozen = rtu_read(s.rtu, 1, 2099, 40)
        other = rtu_read(s.rtu, 2, 2099, 40)
        for t in (12, 15, 19.9):
            s.control.advance(t * S)
            assert rtu_read(s.rtu, 1, 2099, 40) == frozen
        assert rtu_read(s.rtu, 2, 2099, 40) != other
        s.control.advance(21 * S)
        assert rtu_read(s.rtu, 1, 2099, 40) != frozen


@claim
def nan_fills_the_float_registers():
    with Scene("meter:nan@5s+1s") as s:
        assert not math.isnan(tcp_float(s.tcp, 0))
        s.control.advance(5 * S)
        assert math.isnan(tcp_float(s.tcp, 0)) and math.isnan(tcp_float(s.tcp, 0x48))
        s.control.advance(6 * S)
        assert not math.isnan(tcp_float(s.tcp, 0))


@claim
def a_counter_jumps_by_the_given_amount_and_other_registers_do_not():
    with Scene("meter:jump@5s,by=42") as s:
        before = tcp_float(s.tcp, 0x48)
        s.control.advance(5 * S)
        assert abs(tcp_float(s.tcp, 0x48) - before - 42) < 0.002
        assert abs(tcp_float(s.tcp, 0) - 230) < 5


@claim
def a_reset_or_wrapped_counter_counts_from_0():
    for kind in ("reset", "wrap"):
        with Scene(f"meter:{kind}@60s") as s:
            rtu_write(s.rtu, 1, 2015, 100)
            rtu_write(s.rtu, 1, 2010, 4096)
            s.control.advance(59 * S)
            assert tcp_float(s.tcp, 0x48) > 90
            s.control.advance(60 * S)
            assert tcp_float(s.tcp, 0x48) == 0
            s.control.advance(460 * S)
            assert 0.004 < tcp_float(s.tcp, 0x48) < 0.008  # 49.5 W for 400 s are 5.5 Wh


@claim
def a_spike_lifts_the_main_readings():
    with Scene("odu1:spike@0,by=500,count=1", "meter:spike@0,by=1000,count=1") as s:
        assert rtu_read(s.rtu, 1, 2137, 2) == [5000, round(500 / 0.618)]
        assert rtu_read(s.rtu, 1, 2137, 2) == [0, 0]
        assert tcp_float(s.tcp, 0x0C) == 1000 and tcp_float(s.tcp, 0x0C) == 0


@claim
def a_replugged_serial_port_hangs_up_and_comes_back_under_the_same_name():
    with Scene("odu1:replug@5s+3s") as s:
        assert s.ask_firmware() == FIRMWARE
        s.control.advance(5 * S)
        assert not os.path.lexists(s.lab.port)
        hung = select_hangup(s.rtu.fd)
        assert hung, "the open descriptor is hung up"
        s.control.advance(8 * S)
        s.rtu.close()
        s.rtu = rtu_port(s.lab)
        assert s.ask_firmware() == FIRMWARE


def select_hangup(fd):
    import select
    p = select.poll()
    p.register(fd, select.POLLIN)
    return any(events & select.POLLHUP for _, events in p.poll(2000))


@claim
def a_replugged_gateway_shuts_its_connections_and_refuses_new_ones_until_it_is_back():
    with Scene("valve:replug@5s+3s") as s:
        tcp_read(s.tcp, 2, 0, 1)
        s.control.advance(5 * S)
        assert s.tcp.receive() == b""
        try:
            tcp_port(s.lab)
            raise AssertionError("it still accepts")
        except ConnectionRefusedError:
            pass
        s.control.advance(8 * S)
        s.tcp.close()
        s.tcp = tcp_port(s.lab)
        assert tcp_read(s.tcp, 2, 3, 1) == [1]


@claim
def a_bus_name_means_all_its_devices_and_counts_them_together():
    with Scene("odu:mute@0,count=3", "meter-bus:exception@0,code=9") as s:
        for unit in (1, 2, 1):
            s.rtu.send(rtu(unit, read_pdu(2122, 1)))
            assert s.rtu.nothing()
        assert rtu_read(s.rtu, 2, 2122, 1) == [0x0203]
        assert tcp_ask(s.tcp, 1, read_pdu(0, 2, 4), 2)[7:] == b"\x84\x09"
        assert tcp_ask(s.tcp, 2, read_pdu(0, 1), 2)[7:] == b"\x83\x09"


@claim
def faults_of_different_kinds_act_together():
    with Scene("odu1:late@0,ms=300", "odu1:garbled@0") as s:
        reply = s.ask_firmware()
        assert len(reply) == 7 and crc(reply[:-2]) != reply[-2:]
        assert s.control.end("odu") > 300 * MS


@claim
def the_truth_says_which_faults_acted_and_how_often():
    with Scene("odu1:exception@1s+1s", "odu2:mute@100s") as s:
        s.control.advance(1 * S)
        s.ask_firmware(5)
        s.ask_firmware(5)
        s.control.advance(3 * S)
        s.lab.end()
        faults = s.lab.facts()["faults"]
        assert [(f["on"], f["kind"], f["hits"]) for f in faults] == [("odu1", "exception", 2), ("odu2", "mute", 0)]
        events = [(e["t_s"], e["device"], e["event"]) for e in s.lab.events() if e["device"] != "lab"]
        assert events == [("1.000000", "odu1", "fault-begin"), ("2.000000", "odu1", "fault-end")]


run()
