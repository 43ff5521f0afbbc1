#!/usr/bin/python3
"""Programs that nobody here wrote read the lab: mbpoll and pymodbus."""
import importlib.util
import os
import shutil
import subprocess
import struct
import sys
import types

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab_client import *  # noqa: F401,F403,E402


def mbpoll(*options):
    if not shutil.which("mbpoll"):
        raise Skip("mbpoll is not installed")
    done = subprocess.run(["mbpoll", *options], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line.split(":", 1)[1].split()[0] for line in done.stdout.splitlines() if line.startswith("[")]


def rtu_options(lab, unit):
    return ["-m", "rtu", "-b", "19200", "-P", "none", "-a", str(unit), "-t", "4", "-0", "-1", "-r"], lab.port


@claim
def mbpoll_reads_both_units_over_the_pseudo_terminal():
    with Lab() as lab:
        for unit in (1, 2):
            options, port = rtu_options(lab, unit)
            got = mbpoll(*options, "2099", "-c", "40", port)
            assert len(got) == 40 and got[2122 - 2099] == str(0x0203) and abs(int(got[1]) - 230) < 5
            assert abs(int(got[2133 - 2099]) - 5000) < 10  # 20 degC


@claim
def mbpoll_drives_the_relay_board_by_coils_and_sees_its_registers_and_inputs():
    with Lab(rig="flow") as lab:
        c = Control(lab)
        to = ["-m", "tcp", "-p", str(lab.tcp_port), "-a", "3", "-0", "-1"]
        mbpoll(*to, "-t", "0", "-r", "0", "127.0.0.1", "1")
        c.advance(S)
        assert mbpoll(*to, "-t", "0", "-r", "0", "-c", "8", "127.0.0.1") == ["1"] + 7 * ["0"]
        assert mbpoll(*to, "-t", "4", "-r", "0", "127.0.0.1") == ["1"]
        assert mbpoll(*to, "-t", "1", "-r", "8", "-c", "2", "127.0.0.1") == ["1", "0"]
        to[5] = "1"
        got = mbpoll(*to, "-t", "3:float", "-B", "-r", "6", "127.0.0.1")
        assert abs(float(got[0]) - 20) < 0.2, got


@claim
def mbpoll_starts_and_stops_a_pump():
    with Lab() as lab:
        options, port = rtu_options(lab, 2)
        mbpoll(*options, "2015", port, "1000")
        mbpoll(*options, "2010", port, "4096")
        assert mbpoll(*options, "2010", "-c", "1", port) == ["4096"]
        mbpoll(*options, "2010", port, "0")
        lab.end()
        values = [(e["device"], e["address"], e["value"]) for e in lab.events() if e["event"] == "write"]
        assert values == [("odu2", "2015", "1000"), ("odu2", "2010", "4096"), ("odu2", "2010", "0")]


@claim
def mbpoll_reads_meter_and_valve_through_the_gateway():
    with Lab() as lab:
        tcp = ["-m", "tcp", "-p", str(lab.tcp_port), "-0", "-1"]
        volts = mbpoll(*tcp, "-a", "1", "-t", "3:float", "-B", "-r", "0", "-c", "1", "127.0.0.1")
        assert abs(float(volts[0]) - 230) < 5
        assert mbpoll(*tcp, "-a", "2", "-t", "4", "-r", "100", "-c", "4", "127.0.0.1") == \
            ["839", "31324", "8", "302"]


@claim
def pymodbus_reads_the_meters_floats_and_its_serial_number():
    # Debian's package imports its serial client even for TCP, which needs none of these.
    for module in ("serial", "serial_asyncio"):
        if importlib.util.find_spec(module) is None:
            sys.modules[module] = types.SimpleNamespace(create_serial_connection=None)
    try:
        from pymodbus.client import ModbusTcpClient
    except ImportError:
        raise Skip("this Python has no pymodbus 3")
    with Lab() as lab:
        client = ModbusTcpClient("127.0.0.1", port=lab.tcp_port)
        assert client.connect()

        # Version 3.0 (Debian 12) and 3.8 (13) have different helpers for floats; Python's struct is the same in both.
        def unpack(form, reply):
            return struct.unpack(form, struct.pack(">2H", *reply.registers))[0]

        def value(address):
            return unpack(">f", client.read_input_registers(address, count=2, slave=1))

        assert abs(value(0x0000) - 230) < 5 and abs(value(0x0046) - 50) < 0.1
        assert abs(value(0x0048) - lab.facts()["parameters"]["meter.counter_kwh"]) < 0.01
        serial = unpack(">I", client.read_holding_registers(0xFC00, count=2, slave=1))
        assert serial == lab.facts()["meter_serial"] == 19051234
        assert client.read_input_registers(0x2000, count=2, slave=1).exception_code == 2
        client.close()


run()
