"""The programs as their users meet them: runs in a folder of their own, and what they left behind.

TAP: collect claims with @claim, end with finish(). A claim is a function's name; what it asserts must hold.
"""
import atexit
import contextlib
import csv
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
HEATBENCH = os.path.join(BUILD, "heatbench")
BENCH = os.path.join(ROOT, "benches", "pump", "bench.lua")
SWEEP = os.path.join(ROOT, "scripts", "pump-sweep.lua")

PASSED, FAILED, UNABLE, UNDECIDED, STOPPED = range(5)
STEP = 0.05  # of every loop that waits
PUMPS = {"awmt": "odu1", "wilo": "odu2"}
DUTY, RELAY = 2015, 2010  # registers of the outdoor unit

claims = []
work = tempfile.mkdtemp(prefix="heatbench-e2e-")
started = []  # processes to end, whatever happens
mounted = []


class Skip(Exception):
    pass


def claim(f):
    claims.append(f)
    return f


def finish():
    failed = 0
    only = sys.argv[1:]
    chosen = [f for f in claims if not only or any(o in f.__name__ for o in only)]
    print(f"1..{len(chosen)}", flush=True)
    try:
        for i, f in enumerate(chosen, 1):
            begin = time.monotonic()
            try:
                f()
                print(f"ok {i} - {f.__name__}", flush=True)
            except Skip as why:
                print(f"ok {i} - {f.__name__} # SKIP {why}", flush=True)
            except Exception:  # one broken claim leaves the others standing
                failed += 1
                print(f"not ok {i} - {f.__name__}", flush=True)
                for line in traceback.format_exc().splitlines():
                    print("# " + line, flush=True)
            if os.environ.get("TEST_TIMES"):
                print(f"# {time.monotonic() - begin:.2f} s", flush=True)
            end_all()
    finally:
        clean_up()
    sys.exit(1 if failed else 0)


def clean_up():
    end_all()
    for place in mounted:
        subprocess.run(["umount", "-l", place], stderr=subprocess.DEVNULL)
    shutil.rmtree(work, ignore_errors=True)


def end_all():
    while started:
        p = started.pop()
        if p.poll() is None:
            p.terminate()  # a lab, or a run that a broken claim left: each ends in order
            try:
                p.wait(8)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()


atexit.register(clean_up)  # also where a test breaks before its first claim
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def wait_for(what, condition, limit=10.0):
    """Polls until the condition holds and returns what it gave."""
    give_up = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > give_up:
            raise AssertionError(f"{what}: not within {limit:g} s")
        time.sleep(STEP)


def folder(name=None):
    return tempfile.mkdtemp(prefix=(name or "results") + "-", dir=work)


def write(text, name="procedure.lua", where=None):
    path = os.path.join(where or folder("files"), name)
    with open(path, "w") as f:
        f.write(text)
    return path


def bench_with(*changes, name="bench.lua"):
    """The bench file as shipped, with replacements that must each hit."""
    text = open(BENCH).read()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return write(text, name)


def as_nobody(*paths, groups=()):
    """What to give heatbench() so that root's tests run as somebody who may not do everything; who is nobody's equal already gets
    nothing. `paths` are files that must be within reach."""
    if os.geteuid() != 0:
        return {}
    for path in paths:
        os.chmod(path, os.stat(path).st_mode | 0o044)
        while len(path) > len(work):
            path = os.path.dirname(path)
            os.chmod(path, os.stat(path).st_mode | 0o055)
    who = {"user": "nobody", "group": "nogroup", "extra_groups": list(groups), "cwd": "/"}
    reach = 'for file; do [ -r "$file" ] || exit 1; done; "$1" --version >/dev/null'
    if subprocess.run(["sh", "-c", reach, "sh", HEATBENCH, *paths], stderr=subprocess.DEVNULL, **who).returncode != 0:
        raise Skip("programs or scratch files lie where nobody but root may go")
    return who


# --- programs ---------------------------------------------------------------

def heatbench(*arguments, limit=60, **more):
    """Runs to the end; .out and .err are its words."""
    more.setdefault("stdin", subprocess.DEVNULL)
    p = subprocess.run([HEATBENCH, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                       timeout=limit, **more)
    p.out, p.err = p.stdout, p.stderr
    return p


def start(*arguments, **more):
    """Starts it in the background, its words in files; .words() is what it said on stderr."""
    place = folder("words")
    out, err = open(os.path.join(place, "out"), "w"), open(os.path.join(place, "err"), "w")
    more.setdefault("stdin", subprocess.DEVNULL)
    p = subprocess.Popen([HEATBENCH, *map(str, arguments)], stdout=out, stderr=err, start_new_session=True, **more)
    started.append(p)
    out.close()
    err.close()
    p.said = lambda: open(out.name).read()
    p.words = lambda: open(err.name).read()
    return p


def children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError):
            found += [int(c) for c in open(f"/proc/{pid}/task/{task}/children").read().split()]
    return found


def command_name(pid):
    with contextlib.suppress(OSError):
        return open(f"/proc/{pid}/comm").read().strip()
    return ""


def child_named(pid, name):
    """The procedure has its parent's name."""
    for c in children(pid):
        if command_name(c) == name[:15]:
            return c
    return None


class Lab:
    """The virtual lab started by hand, as hardware is met: by its ports."""

    def __init__(self, *arguments, speed=50):
        self.p = subprocess.Popen([os.path.join(BUILD, "heatbench-lab"), "--rig", "pump", "--speed",
                                   str(speed), *map(str, arguments)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        started.append(self.p)
        self.endpoints = json.loads(self.p.stdout.readline())["endpoints"]
        self.port = self.endpoints["odu"]["port"]
        self.tcp = self.endpoints["meter"]["tcp_port"]

    def bench(self, *changes, port=None, tcp=None):
        return bench_with(
            ("/dev/serial/by-id/usb-FTDI_USB-RS485_Cable_PUMPBENCH-if00-port0", port or self.port),
            ('parity = "E"', 'parity = "N"'),
            ('host = "192.0.2.20"', f'host = "127.0.0.1", tcp_port = {tcp or self.tcp}'), *changes)

    def end(self):
        self.p.terminate()
        self.p.wait()
        self.p.stdout.close()


# --- runs -------------------------------------------------------------------

def runs_in(place):
    return [Run(os.path.join(place, n)) for n in sorted(os.listdir(place))
            if not n.startswith(".") and os.path.isdir(os.path.join(place, n))]


def only_run(place):
    runs = runs_in(place)
    assert len(runs) == 1, [r.path for r in runs]
    return runs[0]


class Run:
    def __init__(self, path, db="run.db"):
        self.path = path
        self.name = os.path.basename(path)
        self.db = db

    def file(self, *parts):
        return os.path.join(self.path, *parts)

    def text(self, *parts):
        with open(self.file(*parts)) as f:
            return f.read()

    def sql(self, query, *arguments):
        db = sqlite3.connect(f"file:{self.file(self.db)}?mode=ro", uri=True)
        try:
            return db.execute(query, arguments).fetchall()
        finally:
            db.close()

    def one(self, query, *arguments):
        return self.sql(query, *arguments)[0][0]

    def verdict(self):
        return self.one("SELECT verdict FROM run")

    def events(self):
        return self.sql("SELECT level, source, text FROM event ORDER BY id")

    def columns(self, table):
        return [r[1] for r in self.sql(f"PRAGMA table_info({table})")]

    def channels(self):
        return {name: number for number, name in self.sql("SELECT id, name FROM channel")}

    def values(self, channel):
        """tick -> (value, quality)"""
        number, table = self.sql("SELECT id, rate_group FROM channel WHERE name = ?", channel)[0]
        return {tick: (value, quality or "good") for tick, value, quality in self.sql(
            f"SELECT s.tick, s.{channel}, q.name FROM {table} s LEFT JOIN flag f ON f.tick = s.tick AND f.channel = ? "
            "LEFT JOIN quality q ON q.code = f.quality ORDER BY s.tick", number)}

    def lab_time(self, tick, segment=0):
        """Lab time of a tick in seconds: the lab starts at 2026-01-05T08:00:00Z."""
        first, utc = self.sql("SELECT first_tick, utc FROM segment WHERE number = ?", segment)[0]
        return (utc - 1767600000 * 10**9 + (tick - first) * self.one("SELECT period FROM run")) / 1e9

    def report(self, number=1):
        with open(self.file("evaluations", str(number), "report.json")) as f:
            return json.load(f)

    def truth(self, name="truth"):
        with open(self.file(name, "truth.csv"), newline="") as f:
            return [{k: v if k.endswith("state") else float(v) for k, v in row.items()} for row in csv.DictReader(f)]

    def writes(self, name="truth"):
        return lab_writes(self.file(name))


def lab_events(place):
    """(t, device, event, address, value, exception) for every line that is complete."""
    path = os.path.join(place, "truth-events.csv")
    if not os.path.exists(path):
        return []
    with open(path, newline="") as f:
        text = f.read()
    rows = list(csv.reader(text[:text.rfind("\n") + 1].splitlines()))[1:]
    return [(float(r[0]), *r[1:]) for r in rows if len(r) == 6]


def lab_writes(place):
    """(t, device, register, value) of every write that the lab carried out."""
    return [(r[0], r[1], int(r[3]), float(r[4])) for r in lab_events(place) if r[2] == "write" and r[5] in ("", "0")]


def running_truth(place):
    """Where a run that goes on writes its truth."""
    for name in sorted(os.listdir(place)):
        path = os.path.join(place, name, "truth")
        if os.path.isdir(path):
            return path
    return None


def driven(writes):
    """Whether some pump runs after these writes."""
    return any(v == 4096 for v in last_values(writes, RELAY).values())


def last_values(writes, register):
    return {device: value for _, device, r, value in writes if r == register}


def how_unsafe(writes):
    """What is wrong with the end of these writes, or None: every driven pump must have been told to stop, then its
    relay to open, and nothing else after that."""
    for device in PUMPS.values():
        duties = [(i, t, v) for i, (t, d, r, v) in enumerate(writes) if d == device and r == DUTY]
        relays = [(i, t, v) for i, (t, d, r, v) in enumerate(writes) if d == device and r == RELAY]
        if not any(v for _, _, v in relays) and not duties:
            continue
        if not duties or duties[-1][2] < 950:
            return f"{device} was left at a duty of {duties[-1][2] if duties else None}"
        if not relays or relays[-1][2] != 0:
            return f"the relay of {device} was left closed"
        driven = max((i for i, _, v in duties if v < 950), default=-1)
        stopped = min(i for i, _, v in duties if i > driven)  # a guard that goes on says it again, after the relay as well
        if relays[-1][0] < stopped:
            return f"the relay of {device} opened before its pump was stopped"
        for i, t, v in relays:
            if v == 0 and any(w for j, _, w in relays if j < i):
                before = [d for j, _, d in duties if j < i]
                if not before or before[-1] < 950:
                    return f"the relay of {device} opened at {t} s under a duty of {before}"
    return None


def safe_at(writes):
    """Lab time at which the last pump was safe."""
    assert how_unsafe(writes) is None, f"{how_unsafe(writes)}: {writes[-8:]}"
    return max(t for t, d, r, v in writes if r == RELAY and v == 0)
