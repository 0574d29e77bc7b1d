#!/usr/bin/env bash
# Kills a component that up.sh started and starts it again with the same arguments, as a crash would.
# usage: restart.sh [--pause SECONDS] DIR|KUBECONFIG [NAME]      NAME: kube-apiserver unless told
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
pause=0; [ "${1:-}" != --pause ] || { pause=$2; shift 2; }
dir=${1:?usage: restart.sh [--pause SECONDS] DIR or KUBECONFIG [NAME]} name=${2:-kube-apiserver}
[ ! -f "$dir" ] || dir=$(dirname "$dir")
[ -f "$dir/.mesh-kube" ] || die "$dir: not a folder of up.sh"
read -r pid start < <(awk -v n="$name" '$3 == n { print $1, $2 }' "$dir/pids") || true
[ -n "${pid:-}" ] && [ "$(start_of "$pid")" = "$start" ] || die "$name does not run"

mapfile -d '' -t command <"/proc/$pid/cmdline"
kill -KILL "$pid"
for _ in $(seq 100); do [ "$(start_of "$pid")" = "$start" ] || break; sleep 0.05; done
sleep "$pause"

setsid "${command[@]}" >>"$dir/$name.log" 2>&1 </dev/null &
new=$!
disown $new
sed -i "s/^$pid $start $name\$/$new $(start_of $new) $name/" "$dir/pids"

end=$((SECONDS + 60))
until [ "$(KUBECONFIG=$dir/kubeconfig kubectl get --raw /readyz 2>/dev/null)" = ok ]; do
  kill -0 "$new" 2>/dev/null || { tail -n 20 "$dir/$name.log" >&2; die "$name ended"; }
  [ $SECONDS -lt $end ] || die "not ready in time"
  sleep 0.1
done
