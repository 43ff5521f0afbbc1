#!/usr/bin/env python3
"""`heatbench device read` on a feed served by Python's http.server, and on a real redis-server."""
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from device_peer import HERE, Skip, claim, device, device_json, run


class Feed:
    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, os.path.join(HERE, "..", "wire", "feed_server.py")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.on = "http://127.0.0.1:" + self.process.stdout.readline().strip() + "/"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)


class Redis:
    def __enter__(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = str(s.getsockname()[1])
        try:
            self.process = subprocess.Popen(["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", ""],
                                        executable="/usr/bin/redis-check-rdb",  # one program: it goes by its name
                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except FileNotFoundError:
            raise Skip("redis-server is not installed")
        for _ in range(300):
            if self.cli("ping") == "PONG":
                return self
            time.sleep(0.02)
        self.__exit__()
        raise RuntimeError("redis-server does not come up")

    def cli(self, *words):
        return subprocess.run(["redis-cli", "-p", self.port, *words], capture_output=True, text=True).stdout.strip()

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def points(report):
    return {r["register"]: r for r in report["registers"]}


@claim
def a_feed_is_read_with_its_clock():
    with Feed() as feed:
        got = device_json("read", "--on", feed.on + "feed.json", "--map", "cic-feed", "--timeout", "5 s")
        p = points(got)
        assert p["hp1_power_input"]["value"] == 1053 and p["hp1_power_input"]["key"] == "hp1.powerInput"
        assert p["hp1_outside_temperature"]["value"] == 4.12 and p["hp1_silent"]["value"] == 0
        assert p["flow"]["value"] == 800.3 and p["host_name"]["text"] == "CIC-test"
        assert abs(p["clock_offset"]["value"]) < 2 and got["verified"] is False
        assert p["boiler_central_heating"]["value"] is None and p["boiler_central_heating"]["note"] == "null"
        assert p["tank_top_temperature"]["note"] == "missing"
        got = device_json("read", "--on", feed.on + "hour.json", "--map", "cic-feed", "--timeout", "5 s")
        assert abs(points(got)["clock_offset"]["value"] - 3600) < 2
        text = device("read", "--on", feed.on + "null.json", "--map", "cic-feed", "--timeout", "5 s")[0]
        line = {row.split()[0]: row.split()[1:] for row in text.splitlines() if row}
        assert line["hp1_power_input"] == ["-", "W", "hp1.powerInput", "null"], line["hp1_power_input"]
        assert line["hp1_outside_temperature"][0] == "cold" and line["hp1_outside_temperature"][3:] == ["no", "number"]
        assert line["hp2_power_input"][-1] == "missing" and "is unverified" in text


@claim
def what_is_no_feed_is_said_in_words():
    with Feed() as feed:
        for path, words in (("500", "HTTP 500"), ("half.json", "cut short"), ("garbage.json", "is no JSON"), ("mute.json", "--timeout"),
                            ("moved.json", "not followed")):
            err = device("read", "--on", feed.on + path, "--map", "cic-feed", "--timeout", "700 ms", status=2)[1]
            assert words in err, (path, err)
        assert "is of registers" in device("read", "--on", feed.on, "--map", "sdm120", status=2)[1]
        assert "--watch" in device("read", "--on", feed.on, "--map", "cic-feed", "--watch", "1 s", status=2)[1]
    assert "refused" in device("read", "--on", feed.on, "--map", "cic-feed", status=2)[1]
    assert "--map is missing" in device("read", "--on", feed.on, status=2)[1]


@claim
def registers_of_redis_are_read():
    with Redis() as redis:
        redis.cli("set", "31", "812.5")
        redis.cli("set", "103", "1")
        redis.cli("set", "104", "not now")
        redis.cli("-n", "2", "set", "31", "7")
        p = points(device_json("read", "--on", "redis://127.0.0.1:" + redis.port, "--map", "cic-redis", "--timeout", "5 s"))
        assert p["flow"]["value"] == 812.5 and p["hp1_pump_relay"]["value"] == 1
        assert p["hp1_pump_set"]["value"] is None and p["hp1_pump_set"]["note"] == "no number"
        assert p["alive"]["value"] is None and p["alive"]["note"] == "null"
        p = points(device_json("read", "--on", f"redis://localhost:{redis.port}/2", "--map", "cic-redis", "--timeout", "5 s"))
        assert p["flow"]["value"] == 7
    for wrong in ("redis://", "redis://:6379", "redis://h:0", "redis://h:99999", "redis://h:1/x"):
        assert "expected redis://HOST:PORT" in device("read", "--on", wrong, "--map", "cic-redis", status=2)[1], wrong


run()
