#!/bin/sh
# heatbench runs compare from outside, on reports whose numbers are known.
BUILD=${BUILD:-build}
runs=$BUILD/heatbench-runs
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset HEATBENCH_RESULTS
. "$here/claims.sh"

echo 1..18
mkdir "$scratch/a" "$scratch/b"
a=$("$BUILD/tests/store/test_verify" --make finished "$scratch/a")
b=$("$BUILD/tests/store/test_verify" --make finished "$scratch/b")

# report RUN "set_point value U k unit" ...: the run's next evaluation
report() {
	python3 - "$@" <<'PY'
import json, os, sys
run, rows = sys.argv[1], sys.argv[2:]
n = 1
while os.path.exists(f"{run}/evaluations/{n}"):
    n += 1
os.makedirs(f"{run}/evaluations/{n}")
number = lambda text: None if text == "-" else float(text)
results = []
for row in rows:
    point, value, U, k, unit = row.split()
    results.append({"dut": "wilo", "quantity": "flow", "set_point": number(point), "set_point_unit": "permille",
        "valve": "open", "value": number(value), "unit": unit, "expanded_uncertainty": number(U), "k": number(k), "n": 30})
json.dump({"verdict": "passed", "software": "heatbench x", "results": results}, open(f"{run}/evaluations/{n}/report.json", "w"))
PY
}

# key KEY COMMAND...: what the JSON says under results[0]
key() {
	key=$1
	shift
	"$@" --json | python3 -c "import json, sys; print(json.load(sys.stdin)$key)"
}

report "$a" "100 1000 2 2 l/h"
report "$b" "100 1002.7 2 2 l/h"
claim what_lies_inside_the_interval_does_not_differ 0 "no significant difference in 1 compared" "$runs" compare "$a" "$b"
# t(0.975, 120.8) = 1.9798, u = sqrt(2): 2.7998
claim the_interval_is_welch_s 0 "^2\.799[0-9]*$" key '["results"][0]["expanded_uncertainty"]' "$runs" compare "$a" "$b"
claim its_degrees_of_freedom_come_from_k 0 "^120\.[0-9]*$" key '["results"][0]["dof"]' "$runs" compare "$a" "$b"
report "$b" "100 1002.9 2 2 l/h"
claim what_lies_outside_differs 1 "! .*wilo .*2.9 .*2.8 .*differs" "$runs" compare "$a" "$b"
claim the_newest_evaluation_counts 1 "B .*evaluation 2" "$runs" compare "$a" "$b"
claim the_way_it_was_got_is_said 1 "Welch-Satterthwaite" "$runs" compare "$a" "$b"

report "$b" "100 1.0027 0.002 2 m3/h"
claim units_are_converted 0 "^2\.\(7\|69999\)[0-9]*$" key '["results"][0]["difference"]' "$runs" compare "$a" "$b"

report "$a" "100 1000 2 2 l/h" "200 900 2 2 l/h" "300 800 2 2 l/h"
report "$b" "100 1002.9 2 2 l/h" "200 900 2 2 l/h" "400 700 2 2 l/h"
claim what_only_one_has_is_marked 0 "only in A" "$runs" compare "$a" "$b"
claim and_what_only_the_other_has 0 "only in B" "$runs" compare "$a" "$b"
claim two_intervals_hold_together 0 "97.5 % each, so that all 2 hold together" "$runs" compare "$a" "$b"

report "$b" "100 1002.9 - - l/h" "200 900 - - l/h" "300 800 2 2 l/h"
claim too_few_intervals_are_not_comparable_enough 3 "not comparable enough: 1 of 3" "$runs" compare "$a" "$b"
report "$a" "100 1000 0 2 l/h" "100 1001 2 2 l/h"
report "$b" "100 1000 0 2 l/h" "100 1001.5 2 2 l/h"
claim a_point_measured_twice_is_compared_in_its_order 0 "in 2 compared" "$runs" compare "$a" "$b"

python3 - "$a" "$b" <<'PY'
import sqlite3, sys
for run, serial, firmware in ((sys.argv[1], "1", "1.2"), (sys.argv[2], "1", "1.3")):
    db = sqlite3.connect(run + "/run.db")
    db.execute("INSERT INTO dut VALUES (0, 'wilo', 'pump', 'iPWM1', ?, ?, 'typed', 'typed')", (serial, firmware))
    db.execute("INSERT INTO limit_row VALUES (1, 'wilo', 'flow', '', NULL, ?, NULL, 'l/h', 'simple', 'x:1')", (float(serial),))
    db.commit()
PY
claim differing_firmware_is_told 0 "firmware of wilo  *1.2  *1.3" "$runs" compare "$a" "$b"
python3 -c "
import sqlite3
db = sqlite3.connect('$b/run.db'); db.execute('UPDATE limit_row SET source = \'y:2\''); db.commit()"
claim limits_from_another_line_are_the_same_limits 0 "^1$" key '["conditions"].__len__()' "$runs" compare "$a" "$b"
python3 -c "
import sqlite3
db = sqlite3.connect('$b/run.db'); db.execute('UPDATE limit_row SET min = 2'); db.commit()"
claim other_limits_are_told 0 "limits digest" "$runs" compare "$a" "$b"
python3 -c "
import sqlite3
db = sqlite3.connect('$b/run.db'); db.execute('UPDATE run SET bench = \'flow\''); db.commit()"
claim runs_of_different_benches_are_not_compared 3 "different benches" "$runs" compare "$a" "$b"
claim two_runs_are_compared 2 "1 given" "$runs" compare "$a"

mkdir "$scratch/pump"
one=$("$BUILD/tests/pump/test_evaluate" make "$scratch/pump" 3 standby)
claim a_run_without_evaluation_is_evaluated 0 "evaluation 1" "$runs" compare "$one" "$one"
exit $failed
