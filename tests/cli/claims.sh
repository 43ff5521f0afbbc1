# For tests of programs from outside: claim NAME STATUS WORD COMMAND...: the command ends with that status and
# says that word. Wants $scratch, and `exit $failed` at the end.
n=0
failed=0

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
