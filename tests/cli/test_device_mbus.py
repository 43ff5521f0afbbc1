#!/usr/bin/env python3
"""heatbench device mbus: meters on a line and behind a gateway, found, read, and missed."""
import glob
import os
import pty
import socket
import sys
import threading
import tty

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from device_peer import Skip, claim, device, device_json, run
from mbus_peer import Meter, Player

FRAMES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data", "mbus-frames")


class Line:
    """A pseudo-terminal with a meter at address 17."""

    def __init__(self, mood=lambda n: "good"):
        self.mood = mood

    def __enter__(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.on = f"serial:{os.ttyname(self.slave)}?baud=9600"
        self.meter = Meter(self.master, self.master, self.mood)
        return self

    def __exit__(self, *_):
        self.meter.end()
        os.close(self.master)
        os.close(self.slave)


@claim
def a_range_gives_a_line_for_each_meter():
    with Line() as line:
        out = device("mbus", "--on", line.on, "--unit", "15-19")[0]
        assert out == ("address 17: meter 06855817 of KAM, version 8, heat (volume measured in the return); 28 records; "
                       "secondary 068558172D2C0804\n"), out


@claim
def one_address_or_number_gives_all_records():
    with Line() as line:
        for words in (("--unit", "17"), ("--secondary", "06855817"), ("--secondary", "06855817FFFF08FF")):
            out = device("mbus", "--on", line.on, *words)[0]
            assert "meter 06855817 of KAM" in out and "flow_temperature" in out and "101.69" in out, out
        telegram, = device_json("mbus", "--on", line.on, "--unit", "17")
        values = {(r["quantity"], r["storage"], r["tariff"], r["subunit"], r["function"]): r["value"] for r in telegram["records"]}
        assert values["volume", 0, 0, 0, "instantaneous"] == 561.08
        assert values["flow", 0, 0, 0, "maximum"] == 0.628


@claim
def recorded_telegrams_of_real_meters_come_over_the_line_as_they_are_in_their_files():
    paths = sorted(glob.glob(os.path.join(FRAMES, "*.hex")))
    if not paths:
        raise Skip("the telegrams of real meters are not here (../shared/data/mbus-frames)")
    for path in paths:
        telegram = bytes.fromhex(open(path).read())
        master, slave = pty.openpty()
        tty.setraw(slave)
        player = Player(master, master, telegram)
        words = ("mbus", "--on", f"serial:{os.ttyname(slave)}?baud=9600", "--unit", str(telegram[5]))
        try:
            decoded = device_json("decode", "--mbus", path)
            if decoded[0]["more"]:  # it says that more follows, and here the same follows for ever
                assert "more than 16 telegrams" in device(*words, status=2)[1]
            else:
                assert device_json(*words) == decoded, path
        finally:
            player.end()
            os.close(master)
            os.close(slave)


@claim
def a_gateway_is_read_like_a_line():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        meters = []

        def accept():
            connection = listener.accept()[0]
            meters.append((Meter(connection.fileno(), connection.fileno(), lambda n: "good"), connection))

        threading.Thread(target=accept, daemon=True).start()
        out = device("mbus", "--on", f"tcp:127.0.0.1:{listener.getsockname()[1]}?baud=9600", "--unit", "17")[0]
        assert "meter 06855817 of KAM" in out
        for meter, connection in meters:
            meter.end()
            connection.close()


@claim
def nobody_and_garbage_end_with_what_to_check():
    with Line() as line:
        out, said = device("mbus", "--on", line.on, "--unit", "3-4", "--timeout", "50 ms", status=2)
        assert out == "" and "no meter answers on" in said
        for word in ("powered", "baud rate", "address", "master"):
            assert word in said, word
    with Line(lambda n: "garbled") as line:
        line.meter.mood = lambda n: "always garbled"
        line.meter.say = lambda data, say=line.meter.say: say(bytes([data[0]]) + bytes(b ^ 4 for b in data[1:])
                                                               if len(data) > 1 else data)
        said = device("mbus", "--on", line.on, "--unit", "17", status=2)[1]
        assert "address 17: request for data (REQ_UD2): " in said and "something garbled comes" in said, said


@claim
def wrong_words_are_refused_with_what_is_expected():
    for on, words in (("", "missing"), ("rtu:/dev/x", "neither of the two"), ("serial:/dev/x?speed=1", "unknown key"),
                      ("serial:/dev/x?baud=12", "baud rate is not from 300"), ("tcp:host", "no port"),
                      ("tcp:host:99999", "no host and TCP port"), ("serial:", "no path")):
        said = device("mbus", "--on", on, status=2)[1]
        assert words in said and "expected serial:PATH?baud=2400 or tcp:HOST:PORT" in said, (on, said)
    said = device("mbus", "--on", "serial:/dev/nowhere", status=2)[1]
    assert "/dev/nowhere" in said
    with Line() as line:
        assert "--unit 3-251" in device("mbus", "--on", line.on, "--unit", "3-251", status=2)[1]
        assert "secondary address '12'" in device("mbus", "--on", line.on, "--secondary", "12", status=2)[1]


run()
