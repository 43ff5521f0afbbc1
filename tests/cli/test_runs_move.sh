#!/bin/sh
# heatbench runs export, import and remove from outside.
BUILD=${BUILD:-build}
runs=$BUILD/heatbench-runs
case $runs in /*) ;; *) runs=$PWD/$runs ;; esac
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'kill $holder 2>/dev/null; rm -rf "$scratch"' EXIT
unset HEATBENCH_RESULTS
holder=
. "$here/claims.sh"

echo 1..33
results=$scratch/results
mkdir "$results" "$scratch/killed" "$scratch/odd"
run=$("$BUILD/tests/store/test_verify" --make finished "$results")
killed=$("$BUILD/tests/store/test_verify" --make killed "$scratch/killed")
odd=$("$BUILD/tests/store/test_export" --make "$scratch/odd")
name=$(basename "$run")

in_folder() {
	(cd "$1" && shift && "$@")
}

digest() {
	"$runs" show --json "$1" | sed -n 's/.*"rows_digest": "\(.*\)".*/\1/p'
}

same_digest() {
	[ -n "$(digest "$1")" ] && [ "$(digest "$1")" = "$(digest "$2")" ] && echo same
}

# what a spreadsheet or a script sees
csv_reads() {
	python3 - "$1" <<'PY'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1] + "/scan.csv")))
assert len(rows) == 100, len(rows)
assert float(rows[7]["flow [l/h]"]) == 0.1 * 7 + 1
assert rows[8]["power [l/h]"] == "" and rows[8]["elapsed [s]"] == "8.000000000"
flags = list(csv.DictReader(open(sys.argv[1] + "/flag.csv")))
assert flags[0]["(channel)"] == "power" and flags[0]["(quality)"] == "timeout"
print("as expected")
PY
}

claim an_export_goes_to_a_folder_of_the_run_s_name 0 "^$name-export$" in_folder "$scratch" "$runs" export "$name" --results "$results"
claim its_tables_are_plain_csv 0 "as expected" csv_reads "$scratch/$name-export"
claim an_export_overwrites_nothing 2 "is there already" in_folder "$scratch" "$runs" export "$run"
claim an_export_goes_where_it_is_told 0 "/told" "$runs" export "$run" --to "$scratch/told"
claim an_export_says_so_in_json 0 '"export": ".*/json"' "$runs" export "$odd" --to "$scratch/json" --json
claim one_run_at_a_time_is_exported 2 "2 given" "$runs" export "$run" "$odd"
claim one_rate_group_is_exported 0 "/group" "$runs" export "$odd" --to "$scratch/group" --group flag_10
claim a_wrong_rate_group_is_an_error 2 'no rate group "fast"' "$runs" export "$odd" --to "$scratch/x" --group fast
claim a_wrong_rate_group_leaves_nothing 0 "^0$" sh -c "ls -A '$scratch' | grep -c -e part -e '^x$'; true"

claim an_import_is_a_run_with_the_same_digest 0 "rows digest $(digest "$run"), as exported" "$runs" import "$scratch/told" --out "$scratch/back"
claim it_is_intact 0 intact "$runs" verify "$scratch/back/$name"
claim a_run_with_every_kind_of_value_comes_back 0 '"run"' "$runs" import "$scratch/json" --results "$scratch/back2" --json
claim with_the_same_digest 0 same same_digest "$odd" "$scratch/back2/$(basename "$odd")"
changed() { # changed FOLDER FILE FROM TO: a copy of the export in which one line of a table says something else
	rm -rf "$scratch/changed" && cp -r "$1" "$scratch/changed" && sed -i "8s/$3/$4/" "$scratch/changed/$2"
	cmp -s "$1/$2" "$scratch/changed/$2" && return 9
	"$runs" import "$scratch/changed" --out "$scratch/back4"
}
claim a_changed_time_is_not_imported 2 "scan.csv: tick 6 has utc 2031.*, and was at 2.* by definitions.json: the file was changed" \
	changed "$scratch/told" scan.csv ",20[0-9][0-9]-" ",2031-"
claim a_changed_time_since_the_start_is_not_imported 2 "tick 6 has elapsed 6.100000000, and was at 6.000000000" \
	changed "$scratch/told" scan.csv ",6.000000000," ",6.100000000,"
claim nothing_is_left_of_a_changed_export 0 "^0$" sh -c "ls -A '$scratch/back4' 2>/dev/null | grep -c . ; true"
claim a_single_rate_group_is_not_imported 2 "one rate group only" "$runs" import "$scratch/group" --out "$scratch/back"
claim what_is_no_export_is_not_imported 2 "is no export of a run" "$runs" import "$results" --out "$scratch/back"
claim a_killed_run_can_travel_too 0 "told-killed" "$runs" export "$killed" --to "$scratch/told-killed"
claim and_has_no_clean_end_afterwards 0 "as exported" "$runs" import "$scratch/told-killed" --out "$scratch/back3"
claim an_option_of_another_subcommand_is_named 2 "belongs to export" "$runs" import "$scratch/told" --to x
claim an_export_does_not_guess_what_out_means 2 "goes to --to DIR" "$runs" export "$run" --out "$scratch/somewhere"
claim the_results_folder_goes_by_the_name_it_has_elsewhere 0 "$name" "$runs" list --out "$results"
claim an_option_without_its_value_is_an_error 2 "needs a value (DIR)" "$runs" export "$run" --to

claim a_run_is_not_removed_unasked 2 "nobody is here to confirm" "$runs" remove "$run"
claim a_folder_that_is_no_run_is_not_removed 2 "is not a run" "$runs" remove --yes "$results"
mkdir "$scratch/pretends" && echo text >"$scratch/pretends/run.db"
claim a_folder_that_pretends_is_not_removed 2 "it is no run" "$runs" remove --yes "$scratch/pretends"
ln -s "$run" "$scratch/link"
claim a_link_is_not_removed 2 "is a link" "$runs" remove --yes "$scratch/link"
python3 -c "
import fcntl, os, time
f = open('$killed/lock', 'w'); f.write(f'{os.getpid()}\n'); f.flush(); fcntl.flock(f, fcntl.LOCK_EX)
open('$scratch/held', 'w').close(); time.sleep(60)" &
holder=$!
while [ ! -e "$scratch/held" ]; do sleep 0.05; done
claim a_run_that_is_being_written_is_not_removed 2 "being written by process $holder (python3)" "$runs" remove --yes "$killed"
claim one_such_run_among_several_keeps_all 2 "being written" "$runs" remove --yes "$run" "$killed"
kill $holder
wait $holder 2>/dev/null

# at_terminal ANSWER COMMAND...
at_terminal() {
	python3 - "$@" <<'PY'
import os, pty, sys
answer, command = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
said = b""
try:
    while b"type yes: " not in said:
        said += os.read(fd, 4096)
    os.write(fd, answer.encode() + b"\n")
    while True:
        said += os.read(fd, 4096)
except OSError:
    pass
sys.stdout.write(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
}
claim who_says_no_keeps_the_run 4 "nothing was removed" at_terminal no "$runs" remove "$run"
claim a_question_says_what_would_be_lost 4 "100 scans, complete" at_terminal y "$runs" remove "$run"
claim who_says_yes_removes_it 0 "removed" at_terminal yes "$runs" remove "$run"
claim a_killed_run_is_removed_too 0 "removed" "$runs" remove --yes "$killed"
claim nothing_is_left_of_them 0 "^0$" sh -c "ls -A '$results' '$scratch/killed' | grep -c Z-; true"
exit $failed
