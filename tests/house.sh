#!/bin/sh
# Includes point only down the list of rooms (docs/design.md).
set -u
cd "$(dirname "$0")/.." || exit 1

# room : rooms it may use besides itself
rules='
daq/base :
daq/wire : daq/base
daq/device : daq/wire daq/base
daq/store : daq/base
daq/acquire : daq/device daq/wire daq/store daq/base
daq/script : daq/acquire daq/device daq/wire daq/base
daq/recording : daq/script daq/store daq/base
daq/program : daq/recording daq/script daq/acquire daq/device daq/wire daq/store daq/base
analytics/core : daq/store daq/base
analytics/accuracy : analytics/core daq/store daq/base
benches/pump : daq/recording daq/program daq/script daq/acquire daq/device daq/wire daq/store daq/base analytics/core
benches/flow : daq/recording daq/program daq/script daq/acquire daq/device daq/wire daq/store daq/base analytics/core
benches/meters : daq/recording daq/program daq/script daq/acquire daq/device daq/wire daq/store daq/base analytics/core
fixtures/lab : daq/base
daq/cli : daq/recording benches/pump benches/flow benches/meters analytics/accuracy analytics/core daq/program daq/script daq/acquire daq/device daq/wire daq/store daq/base
'
n=0
bad=
ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); echo "not ok $n - $1"; }

echo "$rules" | while IFS=: read -r room may; do
	room=$(echo "$room" | tr -d ' ')
	[ -n "$room" ] || continue
	grep -n '^#include "' "$room"/*.c "$room"/*.h 2>/dev/null | while IFS= read -r line; do
		target=$(echo "$line" | sed 's/.*#include "\([^"]*\)".*/\1/')
		of=$(dirname "$target")
		[ "$of" = "$room" ] && continue
		case " $may " in *" $of "*) ;; *) echo "$line" ;; esac
	done
done >"${TMPDIR:-/tmp}/house.$$"
bad=$(cat "${TMPDIR:-/tmp}/house.$$")
rm -f "${TMPDIR:-/tmp}/house.$$"
if [ -z "$bad" ]; then ok includes_point_only_down_the_list_of_rooms; else
	not_ok includes_point_only_down_the_list_of_rooms
	echo "$bad" >&2
fi

bad=$(grep -ln '<sqlite3\.h>' -r daq benches analytics fixtures --include='*.[ch]' | grep -v '^daq/store/')
if [ -z "$bad" ]; then ok only_the_store_knows_sqlite; else not_ok only_the_store_knows_sqlite; echo "$bad" >&2; fi

bad=$(grep -lE '<(modbus|modbus/modbus|libserialport|gpiod|curl/[a-z]+|hiredis/[a-z]+)\.h>' -r daq benches analytics --include='*.[ch]' | grep -v '^daq/wire/')
if [ -z "$bad" ]; then ok only_wires_know_vendor_headers; else not_ok only_wires_know_vendor_headers; echo "$bad" >&2; fi

bad=$(grep -nE '\b(printf|puts|putchar|exit|abort) ?\(' -r daq/base daq/wire daq/device daq/store daq/acquire daq/script analytics/core analytics/accuracy --include='*.c' |
	grep -vE 'snprintf|fprintf|_exit|vsnprintf' | grep -vE '^daq/base/log\.c')
if [ -z "$bad" ]; then ok libraries_neither_print_nor_exit; else not_ok libraries_neither_print_nor_exit; echo "$bad" >&2; fi
echo "1..$n"
