"""The line socket: relays, PWM, feedback and pulses of the pump rig, with a client that shows every line."""
from lab_client import MS, S, Control, Lab, Lines, claim, rtu_port, rtu_read, rtu_write, run


def drive(lines, pump, duty, hz=1000):
    lines.claim(**{f"relay_{pump}": "output", f"pwm_{pump}": "pwm"})
    lines.must(f"pwm pwm_{pump} {hz} {duty}")
    lines.must(f"set relay_{pump} 1")


def wave(edges):
    """Duty and frequency over whole periods; edges must alternate."""
    assert all(a[1] != b[1] and a[0] < b[0] for a, b in zip(edges, edges[1:])), edges[:20]
    if edges[0][1] == 0:
        edges = edges[1:]
    if len(edges) % 2 == 0:
        edges = edges[:-1]
    length = edges[-1][0] - edges[0][0]
    high = sum(b[0] - a[0] for a, b in zip(edges[0::2], edges[1::2]))
    return high / length, (len(edges) - 1) / 2 / (length / S)


def row_at(lab, t):
    return next(r for r in lab.rows() if float(r["t_s"]) == t)


@claim
def the_ready_line_names_the_socket_and_every_line():
    with Lab() as lab:
        end = lab.ready["endpoints"]["lines"]
        assert end["kind"] == "lines" and end["lines"] == {
            "relay_awmt": "output", "relay_wilo": "output", "pwm_awmt": "pwm", "pwm_wilo": "pwm",
            "fb_awmt": "edges", "fb_wilo": "edges", "flow": "edges"}


@claim
def a_pump_runs_by_its_lines_alone_and_pulses_count_its_flow():
    with Lab("--set", "flow.gain=0.003") as lab:
        c, l = Control(lab), Lines(lab)
        drive(l, "wilo", 0.1)
        l.claim(flow="edges")
        c.advance(60 * S)
        l.take("flow")
        c.advance(61 * S)
        level, missed, edges = l.take("flow")
        lab.end()
        row = row_at(lab, 61.0)
        assert missed == 0 and row["wilo_relay"] == "1" and row["wilo_duty_permille"] == "100"
        duty, hz = wave(edges)
        true = float(row["flow_lph"])
        assert abs(hz * 3600 / 1200 / true - 1.003) < 1e-4, (hz, true)
        assert abs(duty - 0.5) < 0.01
        assert lab.facts()["parameters"]["flow.gain"] == 0.003
        rises = lab.facts()["lines"]["flow"]["rises"]
        volume = sum(float(r["flow_lph"]) for r in lab.rows()[1:]) * 0.1 / 3600
        assert abs(rises / 1200 / volume - 1.003) < 2e-3, (rises, volume)


@claim
def feedback_shows_standby_then_a_warning_then_power():
    with Lab("--set", "fb_wilo.frequency=76", "--set", "fb_wilo.full_w=70") as lab:
        c, l = Control(lab), Lines(lab)
        l.claim(fb_wilo="edges")
        c.advance(S)
        assert l.take("fb_wilo") == (1, 0, [])  # no power: the pull-up holds it high
        l.claim(relay_wilo="output", pwm_wilo="pwm")
        l.must("pwm pwm_wilo 1000 1")
        l.must("set relay_wilo 1")
        c.advance(2 * S)
        duty, hz = wave(l.take("fb_wilo")[2][1:])
        assert abs(duty - 0.02) < 1e-4 and abs(hz - 76) < 0.01, (duty, hz)
        l.must("pwm pwm_wilo 1000 0.1")
        seen = set()
        for i in range(1, 60):
            c.advance(2 * S + i * 200 * MS)
            seen.add(round(100 * wave(l.take("fb_wilo")[2])[0]))
        assert 80 in seen, seen
        c.advance(80 * S)
        l.take("fb_wilo")
        c.advance(81 * S)
        duty, hz = wave(l.take("fb_wilo")[2])
        lab.end()
        power = float(row_at(lab, 81.0)["wilo_power_w"])
        assert abs((100 * duty - 5) / 70 * 70 - power) < 0.1, (duty, power)


@claim
def a_cut_pwm_cable_is_full_speed():
    with Lab("--fault", "pwm_wilo:cut@40s+40s") as lab:
        c, l = Control(lab), Lines(lab)
        drive(l, "wilo", 0.7)
        c.advance(120 * S)
        lab.end()
        before, cut, after = (row_at(lab, t) for t in (39.9, 79.9, 119.9))
        assert float(before["wilo_speed"]) < 0.6 and cut["wilo_duty_permille"] == "0"
        assert float(cut["wilo_speed"]) > 0.99, cut
        assert after["wilo_duty_permille"] == "700" and float(after["wilo_speed"]) < 0.6
        assert [e["event"] for e in lab.events() if e["device"] == "pwm_wilo"] == ["write", "fault-begin", "fault-end"]


@claim
def a_frequency_that_no_pump_takes_for_a_signal_is_full_speed_too():
    with Lab() as lab:
        c, l = Control(lab), Lines(lab)
        drive(l, "wilo", 0.9, hz=50)
        c.advance(30 * S)
        lab.end()
        assert row_at(lab, 30.0)["wilo_duty_permille"] == "0"


@claim
def an_inverting_driver_stage_turns_the_duty_round():
    with Lab("--set", "pwm.inverted=1") as lab:
        c, l = Control(lab), Lines(lab)
        drive(l, "awmt", 0.9)
        c.advance(S)
        lab.end()
        assert row_at(lab, 1.0)["awmt_duty_permille"] == "100"


@claim
def whoever_wrote_last_drives_the_pump():
    with Lab() as lab:
        c, l, port = Control(lab), Lines(lab), rtu_port(lab)
        drive(l, "wilo", 0.2)
        c.advance(S)
        rtu_write(port, 2, 2015, 600)
        c.advance(3 * S)
        l.must("pwm pwm_wilo 1000 0.2")  # the same again still counts
        c.advance(5 * S)
        rtu_write(port, 2, 2010, 0)
        c.advance(7 * S)
        port.close()
        lab.end()
        assert [row_at(lab, t)["wilo_duty_permille"] for t in (0.9, 2.9, 4.9)] == ["200", "600", "200"]
        assert row_at(lab, 6.9)["wilo_relay"] == "0"


@claim
def what_was_set_stays_when_the_client_is_gone():
    with Lab() as lab:
        c, l = Control(lab), Lines(lab)
        drive(l, "wilo", 0.3)
        c.advance(S)
        l.close()
        c.advance(20 * S)
        lab.end()
        row = row_at(lab, 20.0)
        assert row["wilo_relay"] == "1" and row["wilo_duty_permille"] == "300" and row["wilo_state"] == "running"


@claim
def a_line_in_use_names_its_consumer_and_is_free_when_that_is_gone():
    with Lab() as lab:
        c, a, b = Control(lab), Lines(lab, "first 11"), Lines(lab, "second")
        a.claim(flow="edges")
        assert b.ask("claim flow edges") == 'error line flow is in use by "first 11"'
        a.close()
        c.advance(20 * MS)
        assert b.ask("claim flow edges") == "ok 0"
        b.close()


@claim
def what_is_not_there_or_not_claimed_is_refused_with_words():
    with Lab() as lab:
        l = Lines(lab)
        assert l.ask("claim relay_x output") == "error the lab has no line relay_x"
        assert l.ask("claim flow output") == "error line flow is of kind edges, not output"
        assert l.ask("set relay_wilo 1") == "error relay_wilo: claim it first, as output"
        l.claim(pwm_wilo="pwm")
        assert l.ask("pwm pwm_wilo 1000 1.5").startswith("error expected")
        assert l.ask("pwm pwm_wilo 1000 nan").startswith("error expected")
        assert l.ask("dance").startswith("error expected")
        l.close()


@claim
def faults_of_lines_bounce_lose_stick_cut_and_show_codes():
    faults = ["flow:bounce@30s+1s,us=300", "flow:lost@32s+1s,share=0.2", "flow:stuck@34s+1s", "fb_wilo:cut@30s+1s",
              "fb_wilo:code@32s+1s,duty=95"]
    with Lab(*sum((["--fault", f] for f in faults), [])) as lab:
        c, l = Control(lab), Lines(lab)
        drive(l, "wilo", 0.1)
        l.claim(flow="edges", fb_wilo="edges")
        flow, feedback = {}, {}
        for second in range(1, 37):
            c.advance(second * S)
            flow[second], feedback[second] = l.take("flow"), l.take("fb_wilo")
        plain, bounced, lost = (flow[s][2] for s in (30, 31, 33))
        assert abs(len(bounced) - 3 * len(plain)) <= 9, (len(plain), len(bounced))
        share = 1 - len(lost) / len(plain)
        assert 0.1 < share < 0.3, share
        assert any(a[1] == b[1] for a, b in zip(lost, lost[1:]))  # that is how a bench notices
        assert flow[35][2] == [] and abs(len(flow[36][2]) - len(plain)) <= 8
        assert feedback[31][0] == 1 and len(feedback[31][2]) <= 1
        assert abs(wave(feedback[33][2][4:-4])[0] - 0.95) < 0.001
        lab.end()
        assert all(f["hits"] > 0 for f in lab.facts()["faults"] if "bounce" in f["text"] or "lost" in f["text"])


@claim
def a_replugged_line_socket_hangs_up_and_comes_back():
    with Lab("--fault", "lines:replug@5s+5s") as lab:
        c, l = Control(lab), Lines(lab)
        drive(l, "wilo", 0.3)
        c.advance(6 * S)
        try:
            assert l.ask("claim flow edges") == ""
        except OSError:
            pass  # hung up before the request got out
        c.advance(11 * S)
        again = Lines(lab)
        again.claim(relay_wilo="output")
        again.close()


@claim
def faults_that_no_line_can_have_are_refused():
    for fault in ("flow:late@1s", "odu1:bounce@1s", "flw:cut@1s"):
        try:
            Lab("--fault", fault)
        except RuntimeError as why:
            assert "line" in str(why), why
        else:
            raise AssertionError(fault)


@claim
def the_same_seed_gives_the_same_edges():
    def edges():
        with Lab("--fault", "flow:lost@5s,share=0.3", seed=7) as lab:
            c, l = Control(lab), Lines(lab)
            drive(l, "awmt", 0.4)
            l.claim(flow="edges", fb_awmt="edges")
            out = []
            for i in range(1, 20):
                c.advance(i * S)
                out.append((l.take("flow"), l.take("fb_awmt")))
            return out
    assert edges() == edges()


@claim
def a_client_that_does_not_look_for_long_learns_how_many_edges_it_missed():
    with Lab() as lab:
        c, l = Control(lab), Lines(lab)
        drive(l, "wilo", 0.1)
        l.claim(flow="edges")
        c.advance(60 * S)
        _, missed, edges = l.take("flow")
        assert missed > 1000 and len(edges) == 4096


@claim
def an_outdoor_unit_still_reads_its_pump_when_lines_drive_it():
    with Lab() as lab:
        c, l, port = Control(lab), Lines(lab), rtu_port(lab)
        drive(l, "wilo", 0.1)
        c.advance(60 * S)
        words = rtu_read(port, 2, 2137, 2)
        assert words[0] > 300 and words[1] > 1000, words
        port.close()


run()
