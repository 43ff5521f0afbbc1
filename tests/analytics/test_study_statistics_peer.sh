#!/bin/sh
# Resampling, correlations, tolerance, units, equivalence and agreement against scipy and statsmodels.
here=$(cd "$(dirname "$0")" && pwd)
folder=${BUILD:-build}/tests/analytics
for python in python3 /usr/bin/python3; do
	if "$python" -c 'import scipy, statsmodels' 2>/dev/null; then
		exec "$python" "$here/study_statistics_peer.py" "$folder"
	fi
done
echo '1..1'
echo 'ok 1 - statistics of the accuracy study agree with scipy and statsmodels # SKIP no python3 with scipy and statsmodels'
