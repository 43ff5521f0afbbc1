#!/usr/bin/env python3
"""heatbench live: a run as it goes on. What gnuplot is told, what it draws, and what happens when it does not."""
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "program"))
import end_to_end as e2e  # noqa: E402
from end_to_end import claim  # noqa: E402

for name in ("DISPLAY", "WAYLAND_DISPLAY", "HEATBENCH_GNUPLOT", "HEATBENCH_RESULTS"):
    os.environ.pop(name, None)

SVG = ("--terminal", "svg size 900,700")
PROCEDURE = e2e.write("""
step{ "warm up" }
set("wilo_duty", 1000)
set("wilo_relay", 1)
set("wilo_duty", 400)
hold(30)
step{ "measure it" }
measure{ samples = 40, name = "window" }
""")

# A gnuplot that writes down what it is told and says what it is asked for.
FAKE = e2e.write('''#!/usr/bin/env python3
import os, sys, time, signal
record = open(os.environ["RECORD"], "a")
done = 0
with open(os.environ["RECORD"] + ".held", "w") as f:
    f.write("\\n".join(os.readlink(f"/proc/{os.getppid()}/fd/{n}") for n in os.listdir(f"/proc/{os.getppid()}/fd")))
with open(os.environ["RECORD"] + ".pid", "w") as f:
    f.write(f"{os.getpid()} {os.getppid()}")
for line in sys.stdin:
    record.write(line)
    record.flush()
    if "GPVAL_TERMINALS" in line:
        print("", os.environ.get("TERMINALS", "dumb svg"), "", file=sys.stderr)
    elif "GPVAL_TERMOPTIONS" in line:
        print(" size 1100,800", file=sys.stderr)
    elif line.startswith("print 'heatbench-done"):
        if done == int(os.environ.get("PICTURES", "1000000")):
            how = os.environ["THEN"]
            if how == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            elif how == "hang":
                time.sleep(1000)
            elif how == "complain":
                print("line 7: no more paper", file=sys.stderr)
                sys.exit(1)
            sys.exit(0)
        done += "GPVAL" not in last
        print(line.split("'")[1], 0, file=sys.stderr, flush=True)
    last = line if line.strip() else last
''', name="gnuplot")
os.chmod(FAKE, 0o755)


class Fake:
    """What the fake gnuplot is to do, and what it was told."""

    def __init__(self, **how):
        self.record = os.path.join(e2e.folder("gnuplot"), "record")
        open(self.record, "w").close()
        self.env = {**os.environ, "HEATBENCH_GNUPLOT": FAKE, "RECORD": self.record, **{k: str(v) for k, v in how.items()}}

    def told(self):
        with open(self.record) as f:
            return f.read()

    def pictures(self):
        return [p for p in self.told().split("\nreset\n")[1:] if "heatbench-done" in p]

    def held(self):
        with open(self.record + ".held") as f:
            return f.read().splitlines()

    def processes(self):
        with open(self.record + ".pid") as f:
            return [int(n) for n in f.read().split()]


def blocks(picture, letter):
    """Series of a picture: [(name, [(x, y) or None])] for the lines, lone samples or marks."""
    data = re.findall(r"\$%s\d+ << EOD\n(.*?)-1 NaN\nEOD\n" % letter, picture, re.S)
    names = [n for n in re.findall(r"set label '([a-z_]+)' at screen [\d.]+, graph 1 left", picture.replace("\\_", "_"))]
    assert len(data) == len(names), (len(data), names)
    return {name: [tuple(map(float, line.split())) if line else None for line in block.splitlines()]
            for name, block in zip(names, data)}


def live(*arguments, **more):
    return e2e.heatbench("live", *arguments, **more)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


FINISHED = e2e.folder("finished")
made = e2e.heatbench("pump", "--virtual", "--procedure", PROCEDURE, "--out", FINISHED, "--fault", "odu2:mute@45s+9s")
assert made.returncode == e2e.PASSED, made.err
FINISHED = e2e.only_run(FINISHED)


def write_run(*arguments, procedure=PROCEDURE, speed=20, **more):
    """Starts a run; returns its process and it, once it has a few rows."""
    results = e2e.folder("written")
    p = e2e.start("pump", "--virtual", "--speed", speed, "--quiet", "--procedure", procedure, "--out", results, *arguments,
                  **more)

    def rows():
        try:
            run = e2e.only_run(results)
            return run if run.one("SELECT count(*) FROM scan") > 2 else None
        except Exception:
            return None
    return p, e2e.wait_for("the run has rows", rows, 15)


@claim
def a_finished_run_is_drawn_into_a_file_that_is_whole():
    out = os.path.join(e2e.folder(), "it's a run.svg")
    p = live(FINISHED.path, *SVG, "--output", out, "--once")
    assert p.returncode == e2e.PASSED and p.err == "" and p.out == "", (p.returncode, p.err, p.out)
    root = ElementTree.parse(out).getroot()
    seen = " ".join("".join(root.itertext()).split())
    assert root.get("viewBox") == "0 0 900 700", root.attrib
    for word in (FINISHED.name, "(simulated)", "ended: complete", "wilo_flow", "measure it", "l/h", "\N{PER MILLE SIGN}"):
        assert word in seen, (word, seen)
    assert os.listdir(os.path.dirname(out)) == [os.path.basename(out)]


@claim
def the_name_of_the_file_says_how_it_is_drawn():
    for ending, begin in ((".png", b"\x89PNG"), (".svg", b"<?xml"), (".txt", b"")):
        out = os.path.join(e2e.folder(), "run" + ending)
        p = live(FINISHED.path, "--output", out, "--once")
        assert p.returncode == e2e.PASSED, p.err
        with open(out, "rb") as f:
            assert f.read().startswith(begin) and os.path.getsize(out) > 500
    p = live(FINISHED.path, "--output", "run.doc", "--once")
    assert p.returncode == e2e.UNABLE and ".svg" in p.err, p.err


@claim
def a_text_terminal_gets_letters():
    p = live(FINISHED.path, "--terminal", "dumb", "--once", "--channel", "wilo_flow", "--channel", "wilo_duty")
    assert p.returncode == e2e.PASSED and p.err == "", p.err
    assert "wilo_flow" in p.out and "wilo_duty" in p.out and "***" in p.out and "awmt" not in p.out, p.out
    assert "\\" not in p.out


@claim
def every_sample_is_drawn_where_it_was_good_and_marked_where_it_was_not():
    fake = Fake()
    p = live(FINISHED.path, *SVG, "--once", "--span", "1 h", env=fake.env)
    assert p.returncode == e2e.PASSED, p.err
    picture, = fake.pictures()
    lines, lone, marks = (blocks(picture, k) for k in "lpb")
    for channel in ("wilo_flow", "power", "awmt_feedback"):
        values = FINISHED.values(channel)
        good = {float(t): v for t, (v, q) in values.items() if q == "good"}
        bad = [float(t) for t, (v, q) in values.items() if q != "good"]
        drawn = {x: y for x, y in filter(None, lines[channel])}
        assert set(drawn) | {x for x, _ in filter(None, lone[channel])} == set(good), channel
        assert all(abs(drawn[t] - good[t]) <= 1e-6 * abs(good[t]) for t in drawn), channel
        assert [x for x, _ in marks[channel]] == bad, (channel, bad)
        parts = [p for p in "".join("x" if s else " " for s in lines[channel]).split()]
        assert len(parts) == 1 + sum(1 for a, b in zip(sorted(good), sorted(good)[1:]) if b > a + 1), channel
    assert len(marks["wilo_flow"]) >= 5, "the mute device was seen"


@claim
def set_points_are_steps_and_keep_only_their_changes():
    fake = Fake()
    live(FINISHED.path, *SVG, "--once", "--span", "1 h", "--channel", "wilo_duty", env=fake.env)
    picture, = fake.pictures()
    values = [v for v, q in FINISHED.values("wilo_duty").values() if q == "good"]
    changes = 1 + sum(1 for a, b in zip(values, values[1:]) if a != b)
    points = [y for p in blocks(picture, "l")["wilo_duty"] if p for y in p[1:]]
    assert "with steps" in picture and changes <= len(points) <= changes + 8 and set(points) == set(values), points


@claim
def the_span_bounds_what_is_shown():
    fake = Fake()
    p = live(FINISHED.path, *SVG, "--once", "--span", "20 s", env=fake.env)
    assert p.returncode == e2e.PASSED, p.err
    last = max(FINISHED.values("power"))
    drawn = [p[0] for p in blocks(fake.pictures()[0], "l")["power"] if p]
    assert min(drawn) >= last - 20 and max(drawn) == last and len(drawn) <= 21, drawn


@claim
def a_long_run_is_thinned_to_its_lowest_and_highest_in_each_column():
    results = e2e.folder()
    long = e2e.write('step{ "long" }\nset("wilo_duty", 1000)\nset("wilo_relay", 1)\nset("wilo_duty", 400)\nhold(4000)\n')
    assert e2e.heatbench("pump", "--virtual", "--procedure", long, "--out", results, "--quiet").returncode == e2e.PASSED
    run, fake = e2e.only_run(results), Fake()
    assert live(run.path, *SVG, "--once", "--span", "2 h", env=fake.env).returncode == e2e.PASSED
    drawn = [p for p in blocks(fake.pictures()[0], "l")["power"] if p]
    values = [v for v, _ in run.values("power").values()]
    assert len(drawn) <= 3100 < len(values), (len(drawn), len(values))
    assert abs(min(y for _, y in drawn) - min(values)) < 1e-4 and abs(max(y for _, y in drawn) - max(values)) < 1e-4
    assert [x for x, _ in drawn] == sorted(x for x, _ in drawn)


@claim
def a_run_being_written_is_watched_to_its_end_and_does_not_notice():
    p, run = write_run()
    fake = Fake()
    watching = subprocess.run([e2e.HEATBENCH, "live", run.path, *SVG, "--output", os.path.join(e2e.folder(), "x.svg"),
                               "--every", "0.1 s"], env={**os.environ}, capture_output=True, text=True, timeout=60)
    assert watching.returncode == e2e.PASSED, watching.stderr
    assert "the run has ended: complete" in watching.stdout, watching.stdout
    assert p.wait(20) == e2e.PASSED, p.words()
    ticks = [t for t, in run.sql("SELECT tick FROM scan ORDER BY tick")]
    missing = set(range(70)) - set(ticks)  # a busy machine may miss a tick of 50 ms; then the run says so itself
    assert len(missing) <= run.one("SELECT sum(missed_ticks) FROM bus_health") and ticks == sorted(ticks), missing
    assert run.one("SELECT sum(drops) FROM bus_health") == 0 and run.verdict() == "complete"
    assert e2e.heatbench("runs", "verify", run.path).returncode == e2e.PASSED
    assert not os.path.exists(run.file("run.db-wal")) and fake.told() == ""


@claim
def pictures_follow_the_run_and_the_last_one_shows_its_end():
    p, run = write_run()
    fake = Fake()
    watching = live(run.path, *SVG, "--every", "0.1 s", "--span", "1 h", env=fake.env)
    assert watching.returncode == e2e.PASSED and p.wait(20) == e2e.PASSED, watching.err
    ends = [max(x for x, _ in filter(None, blocks(q, "l")["power"])) for q in fake.pictures()]
    assert ends == sorted(ends) and len(set(ends)) >= 3, ends
    assert ends[-1] == max(t for t, (v, q) in run.values("power").items() if q == "good")
    drawn = {x for x, _ in filter(None, blocks(fake.pictures()[-1], "l")["power"])}
    assert drawn == {float(t) for t, (v, q) in run.values("power").items() if q == "good"}, "none is lost between two looks"
    assert "'running'" in fake.pictures()[0] and "'ended: complete'" in fake.pictures()[-1]
    assert fake.told().count("set terminal") == 1, "one gnuplot for all pictures"


@claim
def a_run_that_was_killed_is_told_from_one_that_ended():
    p, run = write_run(procedure=e2e.write('step{ "x" }\nhold(3000)\n'))
    fake = Fake()
    watching = subprocess.Popen([e2e.HEATBENCH, "live", run.path, *SVG, "--every", "0.1 s"], env=fake.env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    e2e.started.append(watching)
    e2e.wait_for("a picture", fake.pictures)
    os.kill(p.pid, signal.SIGKILL)
    out, err = watching.communicate(timeout=20)
    assert watching.returncode == e2e.PASSED and "no clean end" in out + err, (watching.returncode, out, err)


@claim
def without_a_name_it_is_the_run_written_last():
    results, fake = e2e.folder(), Fake()
    for label in ("zzz", "aaa"):
        assert e2e.heatbench("pump", "--virtual", "--procedure", PROCEDURE, "--out", results, "--quiet", "--label",
                             label).returncode == e2e.PASSED
    assert live("--results", results, *SVG, "--once", env=fake.env).returncode == e2e.PASSED
    assert "-aaa'" in fake.pictures()[0]
    assert live(*SVG, "--once", env={**fake.env, "HEATBENCH_RESULTS": results}).returncode == e2e.PASSED
    p = live("--results", e2e.folder(), "--once")
    assert p.returncode == e2e.UNABLE and "no run" in p.err, p.err


@claim
def what_is_misspelt_gets_the_nearest_name():
    for arguments, near in (((FINISHED.path, "--channel", "wilo_flo"), "wilo_flow"), ((FINISHED.path, "--chanel", "x"), "--channel"),
                            ((FINISHED.name + "x", "--results", os.path.dirname(FINISHED.path)), FINISHED.name)):
        p = live(*arguments, *SVG, "--once")
        assert p.returncode == e2e.UNABLE and "did you mean" in p.err and near in p.err, p.err
        assert len(p.err.splitlines()) == 1, p.err


@claim
def a_gnuplot_without_windows_says_what_to_install():
    p = live(FINISHED.path, env=Fake(TERMINALS="dumb svg xterm", DISPLAY=":9").env)
    assert p.returncode == e2e.UNABLE, p.returncode
    for word in ("gnuplot-qt", "gnuplot-x11", "--terminal dumb"):
        assert word in p.err, p.err
    p = live(FINISHED.path, env=Fake(TERMINALS="dumb qt svg").env)
    assert p.returncode == e2e.UNABLE and "DISPLAY" in p.err and "--terminal dumb" in p.err, p.err
    p = live(FINISHED.path, env={**os.environ, "HEATBENCH_GNUPLOT": "/no/such/gnuplot"})
    assert p.returncode == e2e.UNABLE and "/no/such/gnuplot" in p.err and "gnuplot-qt" in p.err, p.err


@claim
def the_first_window_of_qt_wxt_x11_is_opened_and_never_takes_the_keyboard():
    for terminals, first in (("dumb qt wxt x11", "qt"), ("dumb wxt x11", "wxt"), ("x11 xterm", "x11")):
        fake = Fake(TERMINALS=terminals, DISPLAY=":9")
        p = live(FINISHED.path, env=fake.env)
        assert p.returncode == e2e.PASSED, p.err
        assert re.search(rf"^set terminal {first} .*noraise", fake.told(), re.M), fake.told()[:300]
        assert f"\nset terminal {first} persist\n" in fake.told().split("unset multiplot")[-1], "the last picture stays"


@claim
def a_gnuplot_that_dies_is_an_error_with_its_last_words():
    p = live(FINISHED.path, *SVG, "--once", env=Fake(PICTURES=0, THEN="die").env)
    assert p.returncode == e2e.UNABLE and "signal 9" in p.err, (p.returncode, p.err)
    p = live(FINISHED.path, *SVG, "--once", env=Fake(PICTURES=0, THEN="complain").env)
    assert p.returncode == e2e.UNABLE and "no more paper" in p.err, (p.returncode, p.err)
    p = live(FINISHED.path, "--terminal", "nonsense", "--once")
    assert p.returncode == e2e.UNABLE and "terminal" in p.err and len(p.err.splitlines()) == 1, p.err


@claim
def a_gnuplot_that_is_killed_between_two_pictures_hangs_nobody():
    p, run = write_run(procedure=e2e.write('step{ "x" }\nhold(3000)\n'))
    fake = Fake()
    watching = subprocess.Popen([e2e.HEATBENCH, "live", run.path, *SVG, "--every", "1 h"], env=fake.env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    e2e.started.append(watching)
    e2e.wait_for("a picture", fake.pictures)
    os.kill(fake.processes()[0], signal.SIGKILL)
    _, err = watching.communicate(timeout=5)
    assert watching.returncode == e2e.UNABLE and "signal 9" in err, (watching.returncode, err)
    assert p.poll() is None, "the run goes on"
    os.kill(p.pid, signal.SIGINT)
    assert p.wait(20) == e2e.STOPPED and run.verdict() == "incomplete"


@claim
def a_gnuplot_that_hangs_is_ended_at_its_deadline():
    fake = Fake(PICTURES=0, THEN="hang")
    begin = time.monotonic()
    p = live(FINISHED.path, *SVG, "--once", "--patience", "500 ms", env=fake.env)
    assert p.returncode == e2e.UNABLE and "0.5 s" in p.err, (p.returncode, p.err)
    assert time.monotonic() - begin < 5 and not alive(fake.processes()[0])


@claim
def a_closed_window_ends_it():
    p, run = write_run()
    watching = live(run.path, *SVG, "--every", "0.1 s", env=Fake(PICTURES=2, THEN="close").env)
    assert watching.returncode == e2e.PASSED and watching.err == "", (watching.returncode, watching.err)
    assert p.wait(20) == e2e.PASSED, p.words()


@claim
def ctrl_c_ends_it_and_its_gnuplot():
    p, run = write_run()
    fake = Fake()
    watching = subprocess.Popen([e2e.HEATBENCH, "live", run.path, *SVG], env=fake.env, text=True, stderr=subprocess.PIPE)
    e2e.started.append(watching)
    e2e.wait_for("a picture", fake.pictures)
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=5)
    assert watching.returncode == e2e.STOPPED and err == "" and not alive(fake.processes()[0]), (watching.returncode, err)
    assert p.wait(20) == e2e.PASSED, p.words()


@claim
def a_reader_that_goes_away_is_no_signal():
    p = subprocess.run(f"'{e2e.HEATBENCH}' live '{FINISHED.path}' --terminal dumb --once | true", shell=True, timeout=20,
                       capture_output=True, text=True)
    assert "Broken" not in p.stderr, p.stderr


@claim
def pump_live_shows_the_run_from_a_process_that_holds_nothing_of_it():
    fake = Fake(TERMINALS="qt", DISPLAY=":9")
    p, run = write_run("--live", env=fake.env)
    e2e.wait_for("a picture", fake.pictures)
    gnuplot, viewer = fake.processes()
    assert os.getpgid(viewer) != os.getpgid(p.pid) and os.getsid(viewer) != os.getsid(p.pid)
    names = [os.path.basename(n) for n in fake.held()]
    assert not [n for n in fake.held() if re.search(r"run\.db|/lock$|/pts/|ptmx|run\.log", n)], fake.held()
    assert len(names) <= 9, fake.held()
    assert p.wait(20) == e2e.PASSED, p.words()
    e2e.wait_for("it ends with the run", lambda: not alive(viewer) and not alive(gnuplot))
    assert "'ended: complete'" in fake.pictures()[-1] and run.verdict() == "complete"
    assert e2e.heatbench("runs", "verify", run.path).returncode == e2e.PASSED


@claim
def a_viewer_that_is_killed_does_not_end_the_run():
    fake = Fake(TERMINALS="qt", DISPLAY=":9")
    p, run = write_run("--live", env=fake.env)
    e2e.wait_for("a picture", fake.pictures)
    for process in fake.processes():
        os.kill(process, signal.SIGKILL)
    assert p.wait(20) == e2e.PASSED and run.verdict() == "complete", p.words()


@claim
def a_viewer_that_cannot_draw_is_a_warning_and_the_run_goes_on():
    for env, words in (({}, "DISPLAY"), ({**Fake(TERMINALS="dumb").env, "DISPLAY": ":9"}, "gnuplot-qt"),
                       ({"DISPLAY": ":9", "HEATBENCH_GNUPLOT": "/no/such/gnuplot"}, "/no/such/gnuplot")):
        p, run = write_run("--live", env={**os.environ, **env})
        assert p.wait(20) == e2e.PASSED, p.words()
        warnings = [line for line in run.text("run.log").splitlines() if "--live" in line]
        assert len(warnings) == 1 and "warning" in warnings[0] and words in warnings[0], warnings


e2e.finish()
