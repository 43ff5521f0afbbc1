#!/usr/bin/env python3
"""Whatever is wrong with what a user gives, the answer names what, where and what was expected; the status is 2 and
nothing half-made is left behind."""
import os
import re
import signal
import time

import end_to_end as e2e
from end_to_end import claim

SHORT = e2e.write('step{ "short" }\nset("wilo_duty", 1000)\nhold(3)\n')


def refused(*words, arguments=(), results=None, status=e2e.UNABLE, **more):
    """It ends with this status, says these words, and leaves the results folder as it was."""
    results = results or e2e.folder()
    before = sorted(os.listdir(results)) if os.path.isdir(results) else None
    p = e2e.heatbench("pump", *arguments, "--out", results, **more)
    assert p.returncode == status, (p.returncode, p.out, p.err)
    for word in words:
        assert re.search(word, p.err), (word, p.err)
    assert p.err.startswith("heatbench") or "\nheatbench" in p.err, p.err
    if before is not None:
        assert sorted(os.listdir(results)) == before, os.listdir(results)
    return p


def virtual(*arguments):
    return ("--virtual", "--procedure", SHORT, *arguments)


# --- command line ------------------------------------------------------------------------------------------

@claim
def a_misspelt_option_names_the_one_that_was_meant():
    refused("unknown option --procedur ", "did you mean --procedure", arguments=("--procedur", "x"))
    refused("unknown option --virtua", "did you mean --virtual", arguments=("--virtua",))


@claim
def a_misspelt_subcommand_names_the_one_that_was_meant():
    p = e2e.heatbench("pumpp", "--virtual")
    assert p.returncode == e2e.UNABLE and "no 'pumpp'" in p.err and "did you mean 'pump'" in p.err, p.err
    p = e2e.heatbench("evalute", "x")
    assert p.returncode == e2e.UNABLE and "'evaluate'" in p.err, p.err


@claim
def speed_is_for_the_virtual_lab_only():
    refused("--speed", "--virtual", arguments=("--bench", e2e.BENCH, "--procedure", SHORT, "--speed", 5))


@claim
def without_a_bench_there_is_no_guess_which_hardware_is_meant():
    refused("--bench", "--virtual", arguments=("--procedure", SHORT))


@claim
def a_speed_that_is_no_number_or_out_of_range_is_refused():
    refused("--speed", "fast", arguments=virtual("--speed", "fast"))
    refused("--speed", "-1|0 to 1000", arguments=virtual("--speed", "-1"))
    refused("--speed", "finite", arguments=virtual("--speed", "nan"))


@claim
def an_option_without_its_value_says_so():
    refused("--bench needs a value", arguments=("--virtual", "--bench"))


@claim
def an_unknown_device_under_test_names_the_nearest():
    refused("--dut willo:serial=1", "did you mean 'wilo'", arguments=virtual("--dut", "willo:serial=1"))
    refused("what is 'seriel'", "serial=", arguments=virtual("--dut", "wilo:seriel=1"))


@claim
def a_fault_that_the_laboratory_does_not_know_is_refused_in_its_own_words():
    refused("late", arguments=virtual("--fault", "odu2:lat@5s"))
    refused("odu9", arguments=virtual("--fault", "odu9:late@5s"))


# --- files -------------------------------------------------------------------------------------------------

@claim
def a_bench_file_that_is_not_there_is_named():
    refused("no-such.lua", "No such file", arguments=virtual("--bench", "no-such.lua"))


@claim
def a_procedure_that_is_not_there_is_named():
    refused("no-such.lua", "No such file", arguments=("--virtual", "--procedure", "no-such.lua"))


@claim
def a_misspelt_key_in_the_bench_file_is_shown_with_its_line_and_the_nearest_key():
    bench = e2e.bench_with(('uncertainty = "0.5 W"', 'uncertainity = "0.5 W"'))
    line = [i for i, text in enumerate(open(bench), 1) if "uncertainity" in text][0]
    refused(f"bench.lua:{line}", "uncertainity", "did you mean '?\"?uncertainty", arguments=virtual("--bench", bench))


@claim
def a_misspelt_constructor_is_shown_with_its_line():
    bench = e2e.bench_with(("modbus_tcp{", "modbus_tpc{"))
    line = [i for i, text in enumerate(open(bench), 1) if "modbus_tpc" in text][0]
    refused(f"bench.lua:{line}", "modbus_tpc", arguments=virtual("--bench", bench))


@claim
def a_limit_without_unit_is_refused():
    bench = e2e.bench_with(('max = "60 W", rule', 'max = 60, rule'))
    refused(r"bench.lua:\d+", "max", "unit", arguments=virtual("--bench", bench))
    bench = e2e.bench_with(('max = "60 W", rule', 'max = "60", rule'))
    refused(r"bench.lua:\d+", "max", "unit", arguments=virtual("--bench", bench))


@claim
def a_limit_in_the_wrong_unit_is_refused():
    bench = e2e.bench_with(('max = "60 W", rule', 'max = "60 l/h", rule'))
    refused(r"bench.lua:\d+", "l/h", "W", arguments=virtual("--bench", bench))


@claim
def not_a_number_in_a_setting_is_refused():
    for old, new in (('tick = "1 s"', 'tick = "nan s"'), ("baud = 19200", "baud = 0/0"),
                     ('max = "60 W", rule', 'max = "nan W", rule'), ('tick = "1 s"', 'tick = 0/0')):
        refused(r"bench.lua:\d+", "nan|not a|between|expected", arguments=virtual("--bench", e2e.bench_with((old, new))))


@claim
def what_the_evaluation_could_not_use_is_refused_before_the_test_and_not_after_it():
    for keys, says in (('flow = "2 m3/h", head = "3.5 m", grade = "2X"', 'grade = "2X": expected 1B, 1E, 1U, 2B, 2U or 3B'),
                       ('flow = "2 m3/h"', "a guarantee point needs flow and head"),
                       ('grad = "2B"', r"unknown key 'grad' \(did you mean 'grade'\?\)"),
                       ('elevation = "nan m"', "not a finite number")):
        bench = e2e.bench_with(("return bench{", "evaluation{ " + keys + " }\nreturn bench{"))
        refused(r"bench\.lua:\d+: evaluation.*" + says, arguments=virtual("--bench", bench))
    fine = e2e.bench_with(("return bench{", 'evaluation{ flow = "2 m3/h", head = "3.5 m", grade = "2U" }\nreturn bench{'))
    assert e2e.heatbench("pump", "--check", *virtual("--bench", fine)).returncode == e2e.PASSED


@claim
def an_endless_loop_in_a_bench_file_ends():
    bench = e2e.bench_with(("return bench", "while true do end\nreturn bench"))
    refused(r"bench.lua:\d+", "loop|instructions", arguments=virtual("--bench", bench))


@claim
def a_syntax_error_in_a_procedure_is_shown_with_its_line_before_anything_starts():
    refused(r"procedure.lua:3", arguments=("--virtual", "--procedure", e2e.write('step{ "x" }\n\nset())\n')))


@claim
def an_unknown_channel_in_a_procedure_is_shown_with_its_line_and_the_nearest_name():
    procedure = e2e.write('step{ "x" }\nset("willo_duty", 400)\n')
    refused(r"procedure.lua:2", "willo_duty", "wilo_duty", arguments=("--virtual", "--procedure", procedure))


@claim
def a_set_point_outside_its_limits_is_refused_with_its_line():
    procedure = e2e.write('step{ "x" }\nset("wilo_duty", 1400)\n')
    refused(r"procedure.lua:2", "1400", "0 to 1000", arguments=("--virtual", "--procedure", procedure))


@claim
def a_set_point_in_the_wrong_unit_is_refused_with_its_line():
    procedure = e2e.write('step{ "x" }\nset("wilo_duty", "400 W")\n')
    refused(r"procedure.lua:2", "W", arguments=("--virtual", "--procedure", procedure))


@claim
def an_endless_loop_in_a_procedure_never_reaches_the_bench():
    begin = time.monotonic()
    refused(r"procedure.lua:2", "endless loop", "dry run",
            arguments=("--virtual", "--procedure", e2e.write('step{ "x" }\nwhile true do end\n')))
    assert time.monotonic() - begin < 20


@claim
def a_question_without_anybody_to_answer_fails_the_step_safely():
    results = e2e.folder()
    p = e2e.heatbench("pump", "--virtual", "--procedure", e2e.write('step{ "x" }\nask("Ready?")\n'), "--out", results)
    assert p.returncode == e2e.UNABLE and "Ready?" in p.err and "--answers" in p.err, p.err
    assert e2e.only_run(results).verdict() == "incomplete"


@claim
def an_answers_file_that_is_too_short_names_the_line_and_the_question():
    results = e2e.folder()
    answers = e2e.write("yes\n", "answers.txt")
    p = e2e.heatbench("pump", "--virtual", "--procedure", e2e.write('step{ "x" }\nask("One?")\nask("Two?")\n'), "--out",
                      results, "--answers", answers)
    assert p.returncode == e2e.UNABLE and "line 2" in p.err and "Two?" in p.err, p.err
    assert "answered \"yes\"" in "\n".join(t for _, _, t in e2e.only_run(results).events())


# --- results folder ----------------------------------------------------------------------------------------

@claim
def a_file_in_place_of_the_results_folder_is_named():
    file = e2e.write("I am a file", "results")
    refused("results is a file: expected a folder for the runs", arguments=virtual(), results=file)
    assert open(file).read() == "I am a file"
    refused("results", arguments=virtual(), results=os.path.join(file, "below"))


@claim
def a_results_folder_is_made_with_all_that_leads_to_it():
    place = os.path.join(e2e.folder(), "not", "there", "yet")
    p = e2e.heatbench("pump", *virtual(), "--out", place)
    assert p.returncode in (e2e.PASSED, e2e.UNDECIDED) and e2e.only_run(place).verdict() == "complete", (p.returncode, p.err)


@claim
def a_results_folder_that_may_not_be_written_is_named():
    place = e2e.folder()
    who = e2e.as_nobody(SHORT, e2e.write("", where=place))
    os.chmod(place, 0o555)
    refused("not writable", arguments=virtual(), results=place, **who)


# --- hardware ----------------------------------------------------------------------------------------------

def hardware(lab, *changes, procedure=SHORT, **more):
    return ("--bench", lab.bench(*changes, **more), "--procedure", procedure)


@claim
def a_bench_file_runs_on_a_laboratory_started_by_hand():
    lab = e2e.Lab()
    results = e2e.folder()
    p = e2e.heatbench("pump", *hardware(lab), "--out", results)
    assert p.returncode == e2e.PASSED, (p.returncode, p.err)
    run = e2e.only_run(results)
    assert run.verdict() == "complete" and run.one("SELECT origin FROM run") == "measured"
    lab.end()


@claim
def a_port_that_does_not_exist_is_named():
    lab = e2e.Lab()
    refused("bus odu", "no such port: /dev/ttyNOTHERE", arguments=hardware(lab, port="/dev/ttyNOTHERE"))
    lab.end()


@claim
def an_address_where_nobody_listens_is_named():
    lab = e2e.Lab()
    refused("127.0.0.1", "refused", arguments=hardware(lab, tcp=1))
    lab.end()


@claim
def a_port_that_another_run_uses_is_left_to_it():
    lab = e2e.Lab()
    results = e2e.folder()
    holds = e2e.write('step{ "s" }\nset("wilo_duty", 1000)\nhold("6000 s")\n')
    p = e2e.start("pump", *hardware(lab, procedure=holds), "--out", results)
    e2e.wait_for("the first runs", lambda: "step 1" in p.said())
    refused(re.escape(lab.port) + "|odu", "in use|busy|used by", arguments=hardware(lab))
    p.send_signal(signal.SIGINT)
    assert p.wait(10) == e2e.STOPPED, p.words()
    assert e2e.only_run(results).one("SELECT sum(timeouts) FROM bus_health") == 0, "the second disturbed the first"
    lab.end()


@claim
def a_device_that_does_not_answer_at_start_is_named_with_its_line_unit_and_bus():
    lab = e2e.Lab("--fault", "odu2:mute@0s")
    refused(r"bench.lua:\d+", "odu2", "unit 2", "bus odu", "time-out|no reply|silent", arguments=hardware(lab))
    lab.end()


@claim
def a_wrong_unit_number_is_named():
    lab = e2e.Lab()
    refused(r"bench.lua:\d+", "odu2", "unit 77", arguments=hardware(lab, ("bus = odu, unit = 2", "bus = odu, unit = 77")))
    lab.end()


@claim
def another_serial_number_than_expected_refuses_the_start_and_says_both():
    lab = e2e.Lab()
    bench = lab.bench(('unit = 1, map = "sdm120" }', 'unit = 1, map = "sdm120", identity = { serial = 4711 } }'))
    refused(r"bench.lua:\d+", "reference", "serial is [0-9]+", "4711", arguments=("--bench", bench, "--procedure", SHORT))
    lab.end()


@claim
def other_firmware_than_expected_of_a_pumps_unit_refuses_the_start():
    lab = e2e.Lab()
    bench = lab.bench(('dut{ name = "wilo", kind = "pump",', 'dut{ name = "wilo", kind = "pump", firmware_from = units.wilo,'))
    refused(r"bench.lua:\d+", "firmware of 'wilo' reads", "expected 9.9",
            arguments=("--bench", bench, "--procedure", SHORT, "--dut", "wilo:firmware=9.9"))
    lab.end()


# --- recordings --------------------------------------------------------------------------------------------

HEAD = "time,pump_name,set_pump_duty_cycle,pump_feedback,measured_flow\n"


def rows(n=60, begin=1700000000):
    return "".join(f"{begin + i}.1,Wilo,{100 if i < 30 else 400},{43 if i < 30 else 31},"
                   f"{1119 if i < 30 else 770}\n" for i in range(n))


@claim
def a_recording_that_is_not_there_is_named():
    refused("no-such.csv", "No such file", arguments=("--recording", "no-such.csv,valve=open"))


@claim
def an_empty_recording_is_named():
    refused("empty.csv", "empty", arguments=("--recording", e2e.write("", "empty.csv") + ",valve=open"))
    refused("head.csv", arguments=("--recording", e2e.write(HEAD, "head.csv") + ",valve=open"))


@claim
def a_recording_without_a_column_names_the_column_and_the_nearest():
    text = HEAD.replace("measured_flow", "mesured_flow") + rows()
    refused("bad.csv", "measured_flow", "mesured_flow", arguments=("--recording", e2e.write(text, "bad.csv") + ",valve=open"))


@claim
def an_unknown_word_behind_a_recording_is_named():
    good = e2e.write(HEAD + rows(), "good.csv")
    refused("valv", "valve=open", arguments=("--recording", good + ",valv=open"))
    refused("valve=opne is no position \\(did you mean 'open'", arguments=("--recording", good + ",valve=opne"))
    refused("valve=throtled is no position \\(did you mean 'throttled'", arguments=("--recording", good + ",valve=throtled"))


@claim
def a_truncated_recording_keeps_what_is_whole_and_says_what_is_not():
    text = HEAD + rows()
    results = e2e.folder()
    p = e2e.heatbench("pump", "--recording", e2e.write(text[:-12], "cut.csv") + ",valve=open", "--out", results)
    assert p.returncode == e2e.UNDECIDED, (p.returncode, p.err)
    run = e2e.only_run(results)
    assert run.one("SELECT count(*) FROM scan") in (59, 60)
    assert ("cut.csv", "line 61: the file is cut in the middle of this line") in [e[1:] for e in run.events()]


@claim
def missing_cells_are_missing_values_not_zeros():
    text = HEAD + rows().replace(",43,1119\n", ",,\n", 3)
    results = e2e.folder()
    p = e2e.heatbench("pump", "--recording", e2e.write(text, "holes.csv") + ",valve=open", "--out", results)
    assert p.returncode == e2e.UNDECIDED, (p.returncode, p.err)
    run = e2e.only_run(results)
    channel = [n for n in run.channels() if n.endswith("flow")][0]
    values = [v for v, _ in run.values(channel).values()]
    assert values.count(None) == 3 and 0 not in values, values[:6]
    assert {q for v, q in run.values(channel).values() if v is None} == {"gap"}


@claim
def a_word_in_place_of_a_number_is_a_flagged_value():
    text = HEAD + rows().replace(",43,1119\n", ",43,broken\n", 1)
    results = e2e.folder()
    p = e2e.heatbench("pump", "--recording", e2e.write(text, "word.csv") + ",valve=open", "--out", results)
    run = e2e.only_run(results)
    assert p.returncode == e2e.UNDECIDED, (p.returncode, p.err)
    assert "broken" in "\n".join(t for _, _, t in run.events()) + p.err, run.events()


e2e.finish()
