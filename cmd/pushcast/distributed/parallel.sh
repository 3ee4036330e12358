#!/bin/sh
# A sweep over ssh with GNU parallel, on machines that share nothing:
#   ./parallel.sh sweep.yaml 16 alice,bob
# ./pushcast and the scenario are copied to a new folder on each machine, which computes
# one shard after the other; what it has finished is copied back, and judged here. Shards
# that are complete are left out, so the same command again goes on where it was. Needs
# rsync on both sides, as GNU parallel does.
set -eu
scenario=$1 shards=$2 machines=$3
kept=results/$(basename "$scenario" .yaml)
mkdir -p "$kept"

for i in $(seq "$shards"); do
  ./pushcast run "$scenario" -o "$kept" --shard "$i/$shards" --dry-run | grep -q ' 0 due' || echo "$i"
done |
  # One shard at a time, because each takes all cores; elsewhere again where a machine fails.
  parallel --sshlogin "$machines" --jobs 1 --retries 3 --workdir ... --cleanup \
    --transferfile ./pushcast --transferfile "$scenario" --return 'shard-{}.tar' \
    "mkdir part; ./pushcast run $scenario -o part --shard {}/$shards; code=\$?;
     tar -cf shard-{}.tar -C part . && rm -r part; exit \$code" || true

for part in shard-*.tar; do
  [ -e "$part" ] || continue
  tar -xf "$part" -C "$kept" && rm "$part"
done
exec ./pushcast check "$scenario" -o "$kept"
