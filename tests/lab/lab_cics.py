"""What the tests of the CiCs' rig share: its clients, each as plain as can be."""
import json
import os
import struct
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab_client import *  # noqa: F401,F403,E402

EPOCH = 1767600000  # 2026-01-05T08:00:00Z
EXACT = [a for n in range(1, 7) for a in (
    "--set", f"electricity_hp{n}.gain=0", "--set", f"electricity_hp{n}.offset=0")] + ["--set", "electricity.noise=0"]


def cics_lab(*options, **more):
    return Lab(*options, rig="cics", **more)


def feed(lab, n, timeout=5):
    with urllib.request.urlopen(lab.ready["endpoints"][f"feed{n}"]["url"], timeout=timeout) as page:
        return json.load(page)


def store(lab, n):
    """All registers of one CiC, with the distribution's client."""
    end = lab.ready["endpoints"][f"redis{n}"]
    ask = ["redis-cli", "-h", end["host"], "-p", str(end["tcp_port"])]
    keys = subprocess.run(ask + ["keys", "*"], capture_output=True, text=True, timeout=10, check=True).stdout.split()
    values = subprocess.run(ask + ["mget", *keys], capture_output=True, text=True, timeout=10, check=True).stdout.split()
    return dict(zip(map(int, keys), map(float, values)))


def floats(port, unit, address, count=1):
    length = 5 + 4 * count
    reply = rtu_ask(port, unit, read_pdu(address, 2 * count, 4), length)
    assert len(reply) == length and reply[:3] == bytes([unit, 4, 4 * count]), reply.hex(" ")
    assert crc(reply[:-2]) == reply[-2:]
    return list(struct.unpack(f">{count}f", reply[3:-2]))


def short_frame(control, address):
    return bytes([0x10, control, address, control + address & 0xFF, 0x16])


def select_frame(identity, rest=b"\xff\xff\xff\xff"):
    """`identity`: eight hexadecimal digits as on the meter, F for any."""
    body = b"\x53\xfd\x52" + bytes.fromhex(identity)[::-1] + rest
    return bytes([0x68, len(body), len(body), 0x68]) + body + bytes([sum(body) & 0xFF, 0x16])


def mbus_ask(port, frame, patience=5):
    port.send(frame)
    head = port.receive(1, patience)
    if head != b"\x68":
        return head
    head += port.receive(3)
    return head + port.receive(head[1] + 2)


def mbus_silent(port, frame):
    return mbus_ask(port, frame, 0.3) == b""


def mbus_values(telegram):
    """Identity and records by DIF VIF. Written from EN 13757-3, for integers of 16 and 32 bits only."""
    length = telegram[1]
    assert telegram[0] == telegram[3] == 0x68 and telegram[2] == length and len(telegram) == length + 6
    assert telegram[-1] == 0x16 and telegram[-2] == sum(telegram[4:-2]) & 0xFF, telegram.hex(" ")
    assert telegram[4] == 0x08 and telegram[6] == 0x72, telegram.hex(" ")
    out = {"identity": telegram[7:11][::-1].hex(), "address": telegram[5], "access": telegram[15]}
    at = 19
    while at < len(telegram) - 2:
        size = {0x02: 2, 0x04: 4}[telegram[at]]
        out[telegram[at:at + 2].hex()] = int.from_bytes(telegram[at + 2:at + 2 + size], "little", signed=True)
        at += 2 + size
    return out


def row_at(lab, t):
    return next(r for r in lab.rows() if float(r["t_s"]) == t)


def refused(*options):
    try:
        cics_lab(*options).end()
    except RuntimeError as why:
        return str(why)
    raise AssertionError(options)
