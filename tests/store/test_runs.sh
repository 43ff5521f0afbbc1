#!/bin/sh
# heatbench-runs from outside: what it prints, and the exit statuses that scripts rely on.
BUILD=${BUILD:-build}
runs=$BUILD/heatbench-runs
make=$BUILD/tests/store/test_verify
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset HEATBENCH_RESULTS

n=0
failed=0

# claim NAME STATUS WORD COMMAND...: the command ends with that status and says that word
claim() {
	claimed=$1 status=$2 word=$3
	shift 3
	n=$((n + 1))
	"$@" >"$scratch/out" 2>&1
	got=$?
	if [ $got -eq "$status" ] && grep -q -e "$word" "$scratch/out"; then
		echo "ok $n - $claimed"
	else
		echo "not ok $n - $claimed"
		echo "# status $got, expected $status and \"$word\"; it said:"
		sed 's/^/#   /' "$scratch/out"
		failed=1
	fi
}

to_full_disk() {
	"$@" >/dev/full
}

json() {
	"$@" | python3 -m json.tool
}

echo 1..24
results=$scratch/results
mkdir "$results" "$scratch/killed"
run=$("$make" --make finished "$results")
name=$(basename "$run")
killed=$("$make" --make killed "$scratch/killed")

claim a_run_is_listed_with_its_verdict 0 "$name .*simulated .*100  complete  -" "$runs" list --results "$results"
claim the_environment_names_the_results 0 "$name" env HEATBENCH_RESULTS="$results" "$runs" list
claim a_killed_run_is_listed_as_incomplete 0 "50  incomplete" "$runs" list --results "$scratch/killed"
claim a_list_is_valid_json 0 '"verdict": "complete"' json "$runs" list --json --results "$results"
claim a_missing_results_folder_is_an_error 2 "cannot read the results folder" "$runs" list --results "$scratch/none"
mkdir -p "$run/evaluations/1" "$run/evaluations/2"
echo '{"verdict": "passed"}' >"$run/evaluations/1/report.json"
echo '{"verdict": "failed"}' >"$run/evaluations/2/report.json"
claim the_newest_evaluation_counts 0 "complete  failed" "$runs" list --results "$results"

claim a_run_is_shown_by_its_name 0 "power .* timeout 20" "$runs" show "$name" --results "$results"
claim a_run_is_shown_by_its_path 0 "operator  *R. Visser" "$runs" show "$run"
claim what_is_shown_is_valid_json 0 '"timeout": 20' json "$runs" show --json "$run"
claim an_unknown_run_is_an_error 2 "there is no run" "$runs" show nothing --results "$results"
claim a_misspelt_run_gets_the_nearest_name 2 "did you mean $name?" "$runs" show "${name}x" --results "$results"

claim an_intact_run_verifies_with_0 0 "intact" "$runs" verify "$run"
claim a_killed_run_verifies_with_2 2 "no clean end" "$runs" verify "$killed"
claim of_several_runs_the_worst_counts 2 "intact" "$runs" verify "$killed" "$run"
claim a_state_is_valid_json 0 '"state": "intact"' json "$runs" verify --json "$run"
cp -a "$run" "$scratch/changed"
echo extra >"$scratch/changed/extra.txt"
claim a_changed_run_verifies_with_1 1 "extra.txt is extra" "$runs" verify "$scratch/changed"

claim a_finished_run_is_not_recovered 2 "is closed" "$runs" recover "$run"
claim a_killed_run_is_recovered 0 "closed with 50 scans, incomplete: no clean end" "$runs" recover "$killed"
claim a_recovered_run_is_intact 0 "intact" "$runs" verify "$killed"

claim a_misspelt_subcommand_gets_the_nearest_name 2 'did you mean "verify"?' "$runs" verfiy "$run"
claim a_misspelt_option_gets_the_nearest_name 2 "did you mean --results?" "$runs" list --result x
claim no_subcommand_is_an_error_with_help 2 "usage:" "$runs"
claim help_is_no_error 0 "exit status" "$runs" --help
claim output_that_does_not_arrive_is_an_error 2 "cannot write the output" to_full_disk "$runs" list --results "$results"
exit $failed
