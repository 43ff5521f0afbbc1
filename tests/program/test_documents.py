#!/usr/bin/env python3
"""A bench of documents from end to end: a feed by Python's http.server and a real redis-server, logged, killed, verified."""
import os
import socket
import subprocess
import sys
import time

import end_to_end as e2e
from end_to_end import claim

PROCEDURE = 'step{ "x" }\nhold(6)\n'


class Feed:
    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, os.path.join(e2e.ROOT, "tests", "wire", "feed_server.py")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = "http://127.0.0.1:" + self.process.stdout.readline().strip() + "/"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Redis:
    def __enter__(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = str(s.getsockname()[1])
        self.start()
        return self

    def start(self):
        self.process = subprocess.Popen(["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", ""],
                                        executable="/usr/bin/redis-check-rdb",  # one program: it goes by its name
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            if subprocess.run(["redis-cli", "-p", self.port, "set", "31", "812"], capture_output=True, text=True).stdout == "OK\n":
                return
            time.sleep(0.02)
        raise RuntimeError("redis-server does not come up")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __exit__(self, *_):
        self.kill()


def bench(feed, redis, identity=""):
    return e2e.write(f'''
local f = http_feed{{ name = "feed1", url = "{feed}" }}
local c = device{{ name = "cic1", bus = f, map = "cic-feed"{identity} }}
local r = redis{{ name = "redis1", host = "localhost", tcp_port = {redis}, retry_after = "1 s" }}
local d = device{{ name = "regs1", bus = r, map = "cic-redis" }}
channel{{ name = "hp1_power", from = c.hp1_power_input }}
channel{{ name = "hp1_mode", from = c.hp1_working_mode, every = "2 s" }}
channel{{ name = "hp2_flow", from = c.boiler_flame }}
channel{{ name = "skew", from = c.clock_offset }}
channel{{ name = "age", from = c.document_age }}
channel{{ name = "flow", from = d.flow }}
return bench{{ name = "cics", tick = "1 s" }}
''', "bench.lua")


@claim
def a_feed_and_redis_are_logged_and_a_killed_redis_is_a_gap():
    results = e2e.folder()
    with Feed() as feed, Redis() as redis:
        p = e2e.start("pump", "--bench", bench(feed.url + "feed.json", redis.port), "--procedure", e2e.write(PROCEDURE), "--out", results)
        time.sleep(3)
        redis.kill()
        time.sleep(1.5)
        redis.start()
        assert p.wait(40) == e2e.PASSED, p.words()
    run = e2e.only_run(results)
    scans = run.sql("SELECT hp1_power, skew, age, flow, hp2_flow FROM scan")
    assert len(scans) >= 6 and all(row[0] == 1053 and abs(row[1]) < 1 and row[2] == 0 for row in scans), scans
    flows = [row[3] for row in scans]
    assert flows[0] == 812 and None in flows and set(flows) == {812, None}, flows
    assert all(row[4] is None for row in scans)  # the feed has no such key: no value, and never 0
    assert run.sql("SELECT driver, address, identity FROM device")[0] == ("document", feed.url + "feed.json", '{"hostName":"CIC-test"}')
    events = [text for (text,) in run.sql("SELECT text FROM event")]
    assert sum("boiler.otFbFlameOn is missing" in t for t in events) == 1, events
    assert any("no document: " in t for t in events), events
    # One fetch serves both rates; each is kept whole.
    blocks = run.sql("SELECT tick, raw FROM block WHERE device = 0")
    assert len({tick for tick, _ in blocks}) == len(blocks) >= 6 and all(raw.startswith(b'{"time"') for _, raw in blocks)
    assert e2e.heatbench("runs", "verify", run.path).returncode == e2e.PASSED


@claim
def a_feed_that_is_ill_at_the_start_is_refused_in_words():
    with Feed() as feed, Redis() as redis:
        for path, identity, words in (("500", "", "HTTP 500"), ("garbage.json", "", "is no JSON"), ("half.json", "", "cut short"),
                                      ("feed.json", ', identity = { hostName = "CIC-other" }', "its hostName is CIC-test")):
            results = e2e.folder()
            p = e2e.heatbench("pump", "--bench", bench(feed.url + path, redis.port, identity), "--procedure", e2e.write(PROCEDURE),
                              "--out", results)
            assert p.returncode == e2e.UNABLE and words in p.err and "bench.lua:3" in p.err, (path, p.err)
            assert os.listdir(results) == []


e2e.finish()
