#!/bin/sh
# The procedures for excitation and curves on the virtual lab, and excitation recordings, end to end.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac
place=$(mktemp -d) || exit 1
trap 'rm -rf "$place"' EXIT INT TERM
number=0
failed=0

ok() { # ok STATUS NAME [DIRECTIVE]
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2${3:+ # $3}"
	else
		echo "not ok $number - $2"
		failed=1
	fi
}

python_with() {
	for p in python3 /usr/bin/python3; do
		if "$p" -c "import $1" 2>/dev/null; then
			echo "$p"
			return
		fi
	done
}

virtual() { # virtual PROCEDURE LABEL
	"$BUILD/heatbench" pump --virtual --procedure "$root/scripts/$1.lua" --label "$2" --out "$place/$2" >"$place/$2.out" 2>&1
}

for procedure in pump-excitation pump-curve; do
	"$BUILD/heatbench" pump --check --virtual --procedure "$root/scripts/$procedure.lua" >"$place/check" 2>&1
	status=$?
	grep -q "step 3" "$place/check" && [ $status -eq 0 ]
	ok $? "$(echo $procedure | tr - _)_runs_dry"
done

virtual pump-excitation first
[ $? -eq 3 ]
ok $? "an_excitation_leaves_the_limits_of_a_sweep_undecided"
virtual pump-excitation again
set_points="SELECT awmt_duty, wilo_duty FROM scan ORDER BY tick"
run=$(echo "$place"/first/*)
again=$(echo "$place"/again/*)
python=$(python_with sqlite3)
cat >"$place/rows.py" <<'PY'
import sqlite3
import sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]):
    print(*("" if v is None else v for v in row), sep=",")
PY
rows() { "$python" "$place/rows.py" "$1/run.db" "$2"; }
[ "$(rows "$run" "$set_points")" = "$(rows "$again" "$set_points")" ] && [ "$(rows "$run" "$set_points" | sort -u | wc -l)" -gt 150 ]
ok $? "the_same_seed_gives_the_same_set_points"
report=$run/evaluations/1
[ -s "$report/line1.svg" ] && [ -s "$report/dynamics1.svg" ] && [ -s "$report/dynamics2.svg" ] && ! grep -q 'This figure is missing' "$report/report.html"
ok $? "its_report_has_lines_and_dynamics"
numpy=$(python_with numpy)
if [ -n "$numpy" ]; then
	"$numpy" "$here/recompute_models.py" "$run/run.db" "$report/report.json"
	ok $? "numpy_finds_the_same_models"
else
	ok 0 "numpy_finds_the_same_models" "SKIP no python3 with numpy"
fi

# the same run as the lab's recording: its header chooses the map
{
	echo "time,idx,pump_name,set_pump_duty_cycle,pump_feedback,measured_flow_external,measured_flow_integrated"
	rows "$run" "SELECT 1700000000 + tick, tick, 'Wilo', wilo_duty, wilo_feedback, 3 * round(wilo_flow / 3), '' FROM scan, step
		WHERE step.name = 'wilo excitation' AND tick BETWEEN first_tick AND last_tick"
} >"$place/excitation.csv"
"$BUILD/heatbench" pump --recording "$place/excitation.csv,valve=open" --label recorded --out "$place/recorded" >"$place/out" 2>&1
[ $? -eq 3 ]
ok $? "an_excitation_recording_is_taken_without_naming_its_map"
recorded=$(echo "$place"/recorded/*)
[ "$(rows "$recorded" "SELECT count(*), max(last_tick - first_tick) FROM step")" = "1,119" ] && cmp -s "$recorded/recording-map.lua" "$root/benches/pump/recording-excitation.lua"
ok $? "and_is_one_stretch_with_its_map_as_evidence"
"$BUILD/heatbench" pump --recording "$place/excitation.csv" --map "$root/benches/pump/recording.lua" --out "$place/named" >"$place/out" 2>&1
[ $? -eq 2 ] && grep -q measured_flow "$place/out"
ok $? "a_named_map_wins"

virtual pump-curve curve
status=$?
curve=$(echo "$place"/curve/*)
[ $status -ne 2 ] && [ $status -ne 4 ] && [ "$(rows "$curve" "SELECT count(*) FROM step WHERE dut <> '' AND done")" = 50 ]
ok $? "a_curve_visits_every_duty_at_every_valve_position"

mkdir "$place/dp"
truth=$("$BUILD/tests/pump/test_models" curve "$place/dp" "flow=2 m3/h,head=4.9 m,grade=2B")
if [ -n "$numpy" ]; then
	"$numpy" "$here/recompute_curve.py" "$truth/run.db" "$place/dp/report.json"
	ok $? "numpy_finds_the_same_curves"
else
	ok 0 "numpy_finds_the_same_curves" "SKIP no python3 with numpy"
fi
[ "$(grep -c 'unverified table' "$place/dp/report.html")" -gt 3 ] && [ -s "$place/dp/curve1.svg" ]
ok $? "grades_and_index_are_marked_unverified"

python=$(python_with jsonschema)
if [ -n "$python" ]; then
	"$python" "$here/check_schema.py" "$root/docs/report.schema.json" "$report/report.json" "$curve/evaluations/1/report.json" \
		"$recorded/evaluations/1/report.json"
	ok $? "the_json_fits_its_schema"
else
	ok 0 "the_json_fits_its_schema" "SKIP no python3 with jsonschema"
fi
echo "1..$number"
exit $failed
