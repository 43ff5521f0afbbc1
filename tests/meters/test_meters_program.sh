#!/bin/sh
# Exported logs end to end: import with everything that is wrong in them, evaluation, settings, files, schema, an independent
# recomputation.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac
place=$(mktemp -d) || exit 1
trap 'rm -rf "$place"' EXIT INT TERM
number=0
failed=0
python=/usr/bin/python3
[ -x "$python" ] || python=python3

ok() { # ok STATUS NAME [DIRECTIVE]
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2${3:+ # $3}"
	else
		echo "not ok $number - $2"
		failed=1
	fi
}

says() { # says FILE WORDS: a sentence of the run's events or of a page
	grep -q -- "$2" "$1" && return 0
	echo "# \"$2\" is not in $1" >&2
	return 1
}

"$python" "$here/make_logs.py" "$place" || exit 1
"$BUILD/heatbench-meters" --recording "$place/cic2.csv,hp1=hp3" --recording "$place/cic1.csv" --out "$place/results" --quiet \
	>"$place/out" 2>&1
ok $(($? != 3)) "logs_of_two_cics_are_one_undecided_run"
run=$(echo "$place"/results/*)
report=$run/evaluations/1
[ -s "$report/report.html" ] && [ -s "$report/report.json" ] && [ -s "$report/junit.xml" ] && [ -s "$report/days.csv" ] &&
	! grep -q 'This figure is missing' "$report/report.html"
ok $? "four_files_with_all_figures"

"$BUILD/heatbench-runs" show "$run" >"$place/show" 2>&1
page=$report/report.html
says "$page" "row left out: the same time as a row before" && says "$page" "row left out: time goes back" &&
	says "$page" "row left out: no usable time" && says "$page" "row left out: the file is cut in this line\|the file is cut in the middle of this line" &&
	says "$page" "no number" && says "$page" "hp1.temperatureWaterIn.*empty"
ok $? "what_was_left_out_is_counted_with_its_reason"
"$python" - "$run/run.db" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
text = [t for (t,) in db.execute("SELECT text FROM event")]
for words in ("1 row left out: the same time as a row before", "1 row left out: time goes back", "1 row left out: no usable time",
              "line 4002, column \"hp1.externalElectricityMeterPower\": \"err\" is no number"):
    assert any(words in t for t in text), (words, text)
assert db.execute("SELECT max(hp1_electric_power) FROM scan").fetchone()[0] < 2000  # of two rows with one time the first stays
assert "hp1_water_in_temperature" not in [c[1] for c in db.execute("PRAGMA table_info(scan)")]
assert [n for (n,) in db.execute("SELECT name FROM dut")] == ["hp3", "hp1", "hp2"]
assert {v for (v,) in db.execute("SELECT DISTINCT hp1_pump_relay FROM scan WHERE hp1_pump_relay IS NOT NULL")} == {0, 1}
PY
ok $? "the_run_says_it_as_well_and_keeps_the_first_of_two_rows"

"$BUILD/heatbench-evaluate" "$run" --set 'electric_class=B,heat_class=2,qp=1.5 m3/h' --out "$place/classes" >"$place/out" 2>&1
[ $? -eq 3 ]
ok $? "classes_may_be_said_later"
says "$place/classes/report.html" "replaced" && "$python" - "$place/classes/report.json" <<'PY'
import json, sys
tables = {t["name"]: t["rows"] for t in json.load(open(sys.argv[1]))["tables"]}
registers = {(r[0], r[1]): r for r in tables["counters"]}
assert registers["hp2", "energy register"][6] in (1, "1")  # replaced
assert registers["hp1", "energy register"][9] in (1, "1") and registers["hp1", "energy register"][5] in (0, "0")  # a zero, no reset
assert registers["hp1", "heat register"][9] in (1, "1")
PY
ok $? "a_replaced_meter_is_named_and_a_single_zero_is_no_reset"
"$BUILD/heatbench-meters" --recording "$place/cic2.csv,hp1=hp3" --recording "$place/cic1.csv" --out "$place/own" --quiet \
	--set 'electric_class=B,heat_class=2,qp=1.5 m3/h' --set hp3.heat_class=3,hp3.flow_sensor=supply >"$place/out" 2>&1
[ $? -eq 3 ] && "$python" - "$place"/own/*/evaluations/1/report.json "$place/classes/report.json" <<'PY'
import json, sys
own, alike = (json.load(open(f)) for f in sys.argv[1:])
meters = {r[0]: r for r in next(t["rows"] for t in own["tables"] if t["name"] == "meters")}
assert meters["hp3"][4] == "3" and meters["hp3"][7] == "supply" and meters["hp1"][4] == "2" and meters["hp1"][7] == "return", meters
wide = lambda report, pump: next(r["expanded_uncertainty"] / r["value"] for r in report["results"]
                                 if r["dut"] == pump and r["quantity"] == "heat_energy" and not r.get("valve"))
assert wide(own, "hp3") > wide(alike, "hp3") * 1.1 and wide(own, "hp1") == wide(alike, "hp1")
PY
ok $? "meters_of_recordings_may_differ_between_heat_pumps"
for wrong in hp4.heat_class=3:hp3 hp3.heat_clas=3:heat_class hp3.coverage=90:outside heat_class=9:outside; do
	"$BUILD/heatbench-meters" --recording "$place/cic2.csv,hp1=hp3" --set "${wrong%:*}" --out "$place/no" >/dev/null 2>"$place/err"
	[ $? -eq 2 ] && says "$place/err" "${wrong#*:}" && [ -z "$(ls "$place/no" 2>/dev/null)" ] || break
done
ok $? "a_wrong_setting_of_recordings_is_named_and_nothing_made"
cat >"$place/limits.lua" <<'LUA'
limit{ quantity = "cop", min = "4", rule = "guarded" }
limit{ quantity = "electric_register_deviation", min = "-1 %", max = "1 %" }
LUA
"$BUILD/heatbench-evaluate" "$run" --set 'electric_class=B,heat_class=2,qp=1.5 m3/h' --limits "$place/limits.lua" --out "$place/pass" >"$place/out" 2>&1
ok $? "limits_on_the_whole_run_pass"
echo 'limit{ quantity = "daily_cop", min = "6" }' >"$place/limits.lua"
"$BUILD/heatbench-evaluate" "$run" --set 'electric_class=B,heat_class=2,qp=1.5 m3/h' --limits "$place/limits.lua" --out "$place/fail" >"$place/out" 2>&1
[ $? -eq 1 ] && says "$place/out" "failed  *hp1  *2024-01-02  *daily_cop" && says "$place/out" "undecided  *hp1  *2024-01-01  *daily_cop.*covered to 79"
ok $? "a_day_that_is_not_covered_is_undecided_also_where_others_fail"
"$BUILD/heatbench-evaluate" "$run" --set 'fluid=glycol' --out "$place/glycol" >/dev/null 2>"$place/err"
[ $? -eq 2 ] && says "$place/err" rho_cp && [ ! -e "$place/glycol" ]
ok $? "heat_of_a_fluid_without_a_table_is_refused"
"$BUILD/heatbench-evaluate" "$run" --set 'fluid=glycol,convention=given,rho_cp=3.9' --out "$place/glycol" >/dev/null 2>&1
[ $? -eq 3 ] && says "$place/glycol/report.html" "Not MID"
ok $? "glycol_marks_the_run_as_not_mid"
"$BUILD/heatbench-evaluate" "$run" --set heat_clas=2 --out "$place/wrong" >/dev/null 2>"$place/err"
[ $? -eq 2 ] && says "$place/err" "heat_class" && [ ! -e "$place/wrong" ]
ok $? "a_misspelt_setting_names_the_nearest_and_makes_nothing"

"$BUILD/heatbench-meters" --recording "$place/cic1.csv" --recording "$place/cic2.csv" --out "$place/none" >/dev/null 2>"$place/err"
[ $? -eq 2 ] && says "$place/err" "hold the same device at the same times" && [ -z "$(ls "$place/none" 2>/dev/null)" ]
ok $? "two_heat_pumps_under_one_name_are_refused"
printf 'time.ts,hp1.powerInput\n' >"$place/empty.csv"
"$BUILD/heatbench-meters" --recording "$place/empty.csv" --out "$place/none" >/dev/null 2>"$place/err"
[ $? -eq 2 ] && says "$place/err" "no rows" && [ -z "$(ls "$place/none" 2>/dev/null)" ]
ok $? "a_log_without_rows_is_refused"
printf 'when,hp1.powerInput\n1700000000000,5\n' >"$place/when.csv"
"$BUILD/heatbench-meters" --recording "$place/when.csv" --out "$place/none" >/dev/null 2>"$place/err"
[ $? -eq 2 ] && says "$place/err" "time.ts"
ok $? "a_log_without_time_is_refused"
printf 'time.ts,nothing\n1700000000000,5\n' >"$place/other.csv"
"$BUILD/heatbench-meters" --recording "$place/other.csv" --out "$place/none" >/dev/null 2>"$place/err"
[ $? -eq 2 ] && says "$place/err" "no column of any device"
ok $? "a_log_of_something_else_is_refused"
printf 'time,externalElectricityMeterPower,getCirculatingPumpRelay\n2023-11-14T23:13:20+01:00,100,TRUE\n2023-11-14 22:13:30,200,False\n2023-11-14T22:13:40Z,300,maybe\n' >"$place/iso.csv"
"$BUILD/heatbench-meters" --recording "$place/iso.csv" --out "$place/iso" --quiet >/dev/null 2>"$place/err"
"$python" - "$place"/iso/*/run.db <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
rows = db.execute("SELECT time, hp1_electric_power, hp1_pump_relay FROM scan ORDER BY tick").fetchall()
assert rows == [(1700000000.0, 100.0, 1.0), (1700000010.0, 200.0, 0.0), (1700000020.0, 300.0, None)], rows
PY
ok $? "times_in_words_and_switches_are_read"

if command -v xmllint >/dev/null; then
	xmllint --noout "$report/junit.xml" && for f in "$report"/*.svg; do xmllint --noout "$f" || exit 1; done
	ok $? "reports_are_well_formed"
else
	ok 0 "reports_are_well_formed" "SKIP no xmllint"
fi
if "$python" -c 'import jsonschema' 2>/dev/null; then
	"$python" "$root/tests/pump/check_schema.py" "$root/docs/report.schema.json" "$report/report.json" "$place/classes/report.json" "$place/fail/report.json"
	ok $? "the_json_fits_its_schema"
else
	ok 0 "the_json_fits_its_schema" "SKIP no python3 with jsonschema"
fi
if "$python" -c 'import pandas' 2>/dev/null; then
	"$python" "$here/recompute.py" "$run/run.db" "$place/classes/report.json" "$place/classes/days.csv"
	ok $? "pandas_finds_the_same"
else
	ok 0 "pandas_finds_the_same" "SKIP no python3 with pandas"
fi
echo "1..$number"
exit $failed
