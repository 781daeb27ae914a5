#!/bin/sh
# HTTP load on loopback with hey: one line a photo size. Needs hey, curl and taskset, and the built service and benchmarks
# (./popsight serve and ./popsight bench build them).
#
#   src/benchmarks/load.sh popcount|onnx|peer CORES [SECONDS]     latency with one caller, throughput with two callers a core
#   src/benchmarks/load.sh overload CORES [SECONDS]               ten times as many callers as places, popcount
set -eu
what=$1
cores=$2
seconds=${3:-8}
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
flags=$(sed -n 's#.*<jvm.flags>\(.*\)</jvm.flags>.*#\1#p' "$root/pom.xml")
work=$root/src/benchmarks/target/load
benchmarks="$root/src/benchmarks/target/popsight-benchmarks-0.1.0.jar:$root/src/benchmarks/target/lib/*"
port=$((20000 + $$ % 20000))
if ! [ -f "$work/twin.onnx" ]; then
  # shellcheck disable=SC2086
  "$java" $flags -cp "$benchmarks" io.popsight.benchmarks.LoadFiles "$root/models/popsight-street.jpg" "$root/models/popsight-street.onnx" "$work"
fi
cpus=0
if [ "$cores" -gt 1 ]; then cpus=0-$((cores - 1)); fi

if [ "$what" = peer ]; then
  url=http://localhost:$port/detect
  ready=$url
  # shellcheck disable=SC2086
  taskset -c "$cpus" "$java" $flags -cp "$benchmarks" io.popsight.benchmarks.peer.PeerService \
    --peer.model="$work/twin.onnx" --server.port=$port --spring.threads.virtual.enabled=true >"$work/server.log" 2>&1 &
else
  backend=$what
  if [ "$what" = overload ]; then backend=popcount; fi
  url="http://localhost:$port/v1/detect?model=popsight-street"
  ready=http://localhost:$port/actuator/health/readiness
  # shellcheck disable=SC2086
  taskset -c "$cpus" "$java" $flags -Dpopsight.home="$root" \
    -cp "$root/src/service/target/popsight-service-0.1.0.jar:$root/src/service/target/lib/*" io.popsight.service.Popsight serve \
    --port $port --no-grpc --backend "$backend" --set popsight.compare-backends=false --set popsight.drain=0s >"$work/server.log" 2>&1 &
fi
server=$!
trap 'kill $server; wait $server 2>/dev/null || true' EXIT
until [ "$(curl -s -o /dev/null -w '%{http_code}' "$ready")" != 000 ] && { [ "$what" = peer ] || curl -sf "$ready" >/dev/null; }; do sleep 0.2; done

cpu() { awk '{print $14 + $15}' /proc/$server/stat; } # hundredths of a second
load() { # CALLERS SECONDS PHOTO -> "requests a second, p50, p95, p99 in ms, share answered with 200"
  hey -z "$2"s -c "$1" -m POST -T image/jpeg -D "$work/$3.jpg" "$url" >"$work/hey.txt"
  awk '/Requests\/sec/ {rps=$2} /50% in/ {a=$3} /95% in/ {b=$3} /99% in/ {c=$3} /\[200\]/ {ok=$2} /\[[0-9]+\]/ {all+=$2}
    END {printf "%8.1f %8.1f %8.1f %8.1f %8d %6.2f%%", rps, a*1000, b*1000, c*1000, ok, all ? 100*ok/all : 0}' "$work/hey.txt"
}

if [ "$what" = overload ]; then
  load 1 10 640 >/dev/null
  echo "640 px, $cores core(s), alone:    $(load 1 "$seconds" 640)"
  # The latency of accepted photos alone: hey's own figures mix in the refusals.
  hey -o csv -z "$seconds"s -c $((cores * 40)) -m POST -T image/jpeg -D "$work/640.jpg" "$url" >"$work/overload.csv"
  awk -F, 'NR > 1 {n[$7]++; if ($7 == 200) print $1 > "'"$work"'/accepted.txt"} END {for (s in n) printf "status %s: %d\n", s, n[s]}' "$work/overload.csv"
  sort -n "$work/accepted.txt" | awk '{v[NR]=$1} END {printf "accepted under overload: p50 %.1f, p95 %.1f, p99 %.1f ms\n", v[int(NR*.5)]*1000, v[int(NR*.95)]*1000, v[int(NR*.99)]*1000}'
  exit
fi
printf '%-9s %5s %5s | %8s %8s %8s %8s %8s %7s | %8s %8s %8s %8s %8s %7s | %9s %7s\n' what cores px \
  'alone/s' p50 p95 p99 n ok 'full/s' p50 p95 p99 n ok 'cpu ms' 'rss MB'
for photo in 320 640 1920; do
  load $((2 * cores)) 5 $photo >/dev/null
  alone=$(load 1 "$seconds" $photo)
  before=$(cpu)
  full=$(load $((2 * cores)) "$seconds" $photo)
  after=$(cpu)
  answered=$(awk '/\[200\]/ {print $2}' "$work/hey.txt")
  printf '%-9s %5s %5s | %s | %s | %9.2f %7d\n' "$what" "$cores" "$photo" "$alone" "$full" \
    "$(echo "($after - $before) * 10 / $answered" | bc -l)" "$(awk '/VmRSS/ {print int($2 / 1024)}' /proc/$server/status)"
done
