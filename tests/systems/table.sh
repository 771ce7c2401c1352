# table.sh: what each cell of a table said, and the table itself. For the scripts here and in
# tests/machines, which name the columns in $cells.
declare -A cell
bad=0 missing='' ran=''

set_cell() { # NAME CELL TEXT
	cell[$1.$2]=$3
	echo "$1 $2: $3"
	case $3 in FAILED*) bad=1 ;; esac
}
# From what tests/run.sh said, on stdin; its last total counts.
set_count() { # NAME CELL OTHERWISE
	local said counted
	said=$(cat)
	counted=$(echo "$said" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' | tail -n 1)
	case $counted in
	*' 0') set_cell "$1" "$2" "${counted% *} passed" ;;
	*' '*) set_cell "$1" "$2" "FAILED: ${counted#* } of $((${counted% *} + ${counted#* })):$(
		echo "$said" | sed -n 's/^failed://p')" ;;
	*) set_cell "$1" "$2" "FAILED: $3" ;;
	esac
}
lacks() { # NAME WHY
	local c
	for c in $cells; do
		cell[$1.$c]="not to be had"
	done
	echo "$1: not to be had: $2"
	missing="$missing
$1: not to be had here: $2"
}
table() { # of those in $ran
	local name c
	printf '\n%-14s' ''
	printf '%-22s' $cells
	echo
	for name in $ran; do
		printf '%-14s' "$name"
		for c in $cells; do
			printf '%-22.21s' "${cell[$name.$c]:-}"
		done
		echo
	done
	[ -z "$missing" ] || echo "$missing"
}
