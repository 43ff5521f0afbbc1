#!/bin/sh
# heatbench-evaluate end to end: exit statuses, files, schema, an independent recomputation, time, a dying gnuplot.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac
evaluate=$BUILD/heatbench-evaluate
maker=$BUILD/tests/pump/test_evaluate
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

# the first python that knows the named modules, or nothing
python_with() {
	for p in python3 /usr/bin/python3; do
		if "$p" -c "import $1" 2>/dev/null; then
			echo "$p"
			return
		fi
	done
}

run=$("$maker" make "$place/results" 3 standby) || exit 1

"$evaluate" "$run" >"$place/out" 2>&1
ok $(($? != 3)) "without_limits_it_is_undecided"
report=$run/evaluations/1
[ -s "$report/report.html" ] && [ -s "$report/report.json" ] && [ -s "$report/junit.xml" ] && grep -q "$report/report.html" "$place/out"
ok $? "three_reports_and_where_they_lie"

cat >"$place/good.lua" <<'LUA'
limit{ dut = "wilo", quantity = "volume flow", valve = "open", set_point = "100 permille", min = "1000 l/h", max = "1.2 m3/h", rule = "guarded" }
LUA
sed 's/1000 l/1190 l/; s/1.2 m3/1.3 m3/' "$place/good.lua" >"$place/bad.lua"
"$evaluate" "$run" --limits "$place/good.lua" --out "$place/good" >"$place/out" 2>&1
ok $? "limits_from_a_file_pass"
"$evaluate" "$run" --limits "$place/bad.lua" --out "$place/bad" --quiet >"$place/out" 2>&1
[ $? -eq 1 ] && [ "$(wc -l <"$place/out")" = 1 ] && grep -q '^failed: ' "$place/out"
ok $? "and_fail_in_one_line"
sed 's/100 permille/10 %/' "$place/good.lua" >"$place/percent.lua"
"$evaluate" "$run" --limits "$place/percent.lua" --out "$place/percent" --quiet >"$place/out" 2>&1
ok $? "their_set_points_may_be_in_any_unit_that_fits"
sed 's/100 permille/10 bar/' "$place/good.lua" >"$place/bar.lua"
"$evaluate" "$run" --limits "$place/bar.lua" --out "$place/bar" >/dev/null 2>"$place/err"
[ $? -eq 2 ] && grep -q "bar.lua:1: limit.set_point: a value in 'bar' cannot be given in 'permille'" "$place/err"
ok $? "and_in_no_other"
HEATBENCH_RESULTS=$place/results "$evaluate" "$(basename "$run")" --json >"$place/out.json" 2>/dev/null
[ $? -eq 3 ] && [ -d "$run/evaluations/2" ]
ok $? "a_run_is_found_by_name_and_evaluations_are_numbered"
"$evaluate" "$place/nothing" >/dev/null 2>"$place/err"
[ $? -eq 2 ] && grep -q "$place/nothing" "$place/err"
ok $? "no_such_run_is_said_with_its_name"
"$evaluate" "$run" --limit x >/dev/null 2>"$place/err"
[ $? -eq 2 ] && grep -q -e '--limits' "$place/err"
ok $? "a_misspelt_option_names_the_nearest"
"$evaluate" "$run" --out "$place/full" >/dev/full 2>"$place/err"
ok $(($? != 2)) "a_full_disk_does_not_exit_0"

killed=$("$maker" make "$place/results" 4 killed)
"$evaluate" "$killed" --limits "$place/good.lua" --out "$place/killed" >"$place/out" 2>&1
[ $? -eq 3 ] && grep -q incomplete "$place/out" && grep -q 'undecided, incomplete' "$place/killed/report.html"
ok $? "a_run_without_clean_end_cannot_pass"

if command -v xmllint >/dev/null; then
	xmllint --noout "$report/junit.xml" && xmllint --html --noout "$report/report.html" 2>/dev/null &&
		for f in "$report"/*.svg; do xmllint --noout "$f" || exit 1; done
	ok $? "reports_are_well_formed"
else
	ok 0 "reports_are_well_formed" "SKIP no xmllint"
fi
! grep -qE '(src|href)="?https?:|@import|url\(["'"'"']?http' "$report/report.html"
ok $? "the_page_needs_no_network"
ids=$(grep -oE " id=['\"][^'\"]+" "$report/report.html" | sort | uniq -d | head -1)
[ -z "$ids" ]
ok $? "no_id_twice_on_the_page"
grep -q 'Simulated data' "$report/report.html"
ok $? "simulated_data_are_marked"

python=$(python_with jsonschema)
if [ -n "$python" ]; then
	"$python" "$here/check_schema.py" "$root/docs/report.schema.json" "$report/report.json" "$place/good/report.json" "$place/out.json"
	ok $? "the_json_fits_its_schema"
else
	ok 0 "the_json_fits_its_schema" "SKIP no python3 with jsonschema"
fi
python=$(python_with pandas,scipy,statsmodels)
if [ -n "$python" ]; then
	"$python" "$here/recompute.py" "$run/run.db" "$report/report.json"
	ok $? "pandas_and_scipy_find_the_same_means"
else
	ok 0 "pandas_and_scipy_find_the_same_means" "SKIP no python3 with pandas, scipy and statsmodels"
fi

printf '#!/bin/sh\nexec sleep 60\n' >"$place/hang"
printf '#!/bin/sh\nhead -c 100 >/dev/null\nkill -SEGV $$\n' >"$place/die"
chmod +x "$place/hang" "$place/die"
HEATBENCH_GNUPLOT=$place/die "$evaluate" "$run" --out "$place/died" >"$place/out" 2>&1
[ $? -eq 3 ] && grep -q 'This figure is missing' "$place/died/report.html" && grep -q 'is missing' "$place/out"
ok $? "a_gnuplot_that_dies_costs_only_the_figures"
HEATBENCH_GNUPLOT=$place/hang HEATBENCH_GNUPLOT_SECONDS=1 "$evaluate" "$run" --out "$place/hung" >"$place/out" 2>&1
[ $? -eq 3 ] && grep -q 'did not finish' "$place/hung/report.html"
ok $? "a_gnuplot_that_hangs_is_ended"

begin=$(date +%s%N)
"$evaluate" "$run" --out "$place/timed" --quiet
took=$((($(date +%s%N) - begin) / 1000000))
echo "# 840 scans, 24 steps: evaluation and report with figures in $took ms"
ok $((took >= 3000)) "evaluation_and_report_in_under_3_s"

echo "1..$number"
exit $failed
