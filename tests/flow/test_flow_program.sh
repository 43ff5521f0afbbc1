#!/bin/sh
# Recorded comparisons end to end: import, evaluation, settings, files, schema, an independent recomputation.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac
maker=$BUILD/tests/flow/test_comparison
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

"$maker" write "$place/one.csv" 1685600000 0 && "$maker" write "$place/two.csv" 1685607200 0.6 &&
	"$maker" write "$place/three.csv" 1685614400 1.2 || exit 1

"$BUILD/heatbench-flow" --recording "$place/one.csv" --recording "$place/two.csv" --recording "$place/three.csv" \
	--out "$place/results" --quiet >"$place/out" 2>&1
ok $(($? != 3)) "three_recordings_are_one_undecided_run"
run=$(echo "$place"/results/*)
report=$run/evaluations/1
[ -s "$report/report.html" ] && [ -s "$report/report.json" ] && [ -s "$report/junit.xml" ] && ! grep -q 'This figure is missing' "$report/report.html"
ok $? "three_reports_with_all_figures"

"$BUILD/heatbench-evaluate" "$run" --set statistic=median --set 'reference_uncertainty=0.5 %' --out "$place/median" >"$place/out" 2>&1
[ $? -eq 3 ] && grep -q '850 .* 7\.[0-9]* ' "$place/out"
ok $? "the_median_is_found_on_demand"
"$BUILD/heatbench-evaluate" "$run" --set 'statistic=median,reference_uncertainty=0.5 %,standard=en1434,class=2,qp=1.5 m3/h' \
	--out "$place/class" >"$place/out" 2>&1
[ $? -eq 1 ] && grep -q 'failed  *internal  *850' "$place/out" && grep -q 'passed  *internal  *100' "$place/out"
ok $? "a_class_fails_where_the_meter_drops_out"
cat >"$place/limits.lua" <<'LUA'
limit{ quantity = "flow_error", min = "-10 %", max = "10 %" }
limit{ quantity = "deming slope", min = 0.9, max = 1.1, rule = "simple" }
limit{ quantity = "mean error", min = "-5 %", max = "5 %", rule = "simple" }
LUA
sed -i 's/min = 0.9, max = 1.1/min = "0.9", max = "1.1"/' "$place/limits.lua"
"$BUILD/heatbench-evaluate" "$run" --set 'reference_uncertainty=0.5 %,statistic=median' --limits "$place/limits.lua" --out "$place/limits" >"$place/out" 2>&1
ok $? "limits_may_name_errors_and_what_the_lines_give"
"$BUILD/heatbench-evaluate" "$run" --set statistc=median --out "$place/wrong" >/dev/null 2>"$place/err"
[ $? -eq 2 ] && grep -q statistic "$place/err" && [ ! -e "$place/wrong" ]
ok $? "a_misspelt_setting_names_the_nearest_and_makes_nothing"

head -c 3000 "$place/one.csv" >"$place/cut.csv"
"$BUILD/heatbench-flow" --recording "$place/cut.csv" --out "$place/short" >"$place/out" 2>&1
[ $? -eq 3 ] && grep -q 'not judged internal  *100' "$place/out"
ok $? "a_recording_cut_in_the_middle_of_a_line_is_evaluated_as_far_as_it_goes"
cut -d, -f1-4 "$place/one.csv" >"$place/less.csv"
"$BUILD/heatbench-flow" --recording "$place/less.csv" --out "$place/less" >"$place/out" 2>"$place/err"
[ $? -eq 2 ] && grep -q external_flow "$place/err" && [ -z "$(ls "$place/less" 2>/dev/null)" ]
ok $? "a_recording_without_reference_is_refused"

if command -v xmllint >/dev/null; then
	xmllint --noout "$report/junit.xml" && for f in "$report"/*.svg; do xmllint --noout "$f" || exit 1; done
	ok $? "reports_are_well_formed"
else
	ok 0 "reports_are_well_formed" "SKIP no xmllint"
fi
ids=$(grep -oE " id=['\"][^'\"]+" "$report/report.html" | sort | uniq -d | head -1)
[ -z "$ids" ]
ok $? "no_id_twice_on_the_page"
python=$(python_with jsonschema)
if [ -n "$python" ]; then
	"$python" "$root/tests/pump/check_schema.py" "$root/docs/report.schema.json" "$report/report.json" "$place/median/report.json" "$place/class/report.json"
	ok $? "the_json_fits_its_schema"
else
	ok 0 "the_json_fits_its_schema" "SKIP no python3 with jsonschema"
fi
python=$(python_with pandas,scipy,statsmodels)
if [ -n "$python" ]; then
	"$python" "$here/recompute.py" "$run/run.db" "$place/median/report.json"
	ok $? "pandas_and_statsmodels_find_the_same"
else
	ok 0 "pandas_and_statsmodels_find_the_same" "SKIP no python3 with pandas, scipy and statsmodels"
fi
echo "1..$number"
exit $failed
