#!/bin/sh
# The files of an accuracy report, as other programs see them.
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

"$BUILD/tests/accuracy/test_accuracy_report" "$place" || exit 1

if command -v xmllint >/dev/null; then
	xmllint --noout "$place"/*/junit.xml "$place"/*/*.svg
	ok $? "figures_and_protocol_are_well_formed"
else
	ok 0 "figures_and_protocol_are_well_formed" "SKIP no xmllint"
fi
ids=$(grep -oE " id=['\"][^'\"]+" "$place/1/report.html" | sort | uniq -d | head -1)
[ -z "$ids" ]
ok $? "no_id_twice_on_the_page"
! grep -qE '(src|href)=.https?:' "$place/1/report.html"
ok $? "the_page_needs_nothing_from_elsewhere"
python=$(python_with jsonschema)
if [ -n "$python" ]; then
	"$python" "$root/tests/pump/check_schema.py" "$root/docs/report.schema.json" "$place/1/report.json" "$place/2/report.json"
	ok $? "the_json_fits_its_schema"
else
	ok 0 "the_json_fits_its_schema" "SKIP no python3 with jsonschema"
fi
if [ -n "$(command -v python3)" ]; then
	python3 "$here/csv_against_json.py" "$place/1" && python3 "$here/csv_against_json.py" "$place/2"
	ok $? "csv_and_json_hold_the_same_numbers_to_the_last_digit"
else
	ok 0 "csv_and_json_hold_the_same_numbers_to_the_last_digit" "SKIP no python3"
fi
echo "1..$number"
exit $failed
