#!/bin/sh
# HTTP load on loopback with hey. Needs hey, curl, jq, bc and taskset, and the built service and benchmarks (./popsight serve
# and ./popsight bench build them). The server gets the first CORES processors, hey those that are left, or all if none is. All
# servers run with the collector that the launcher chooses for the service.
#
#   src/benchmarks/load.sh popcount|onnx|peer CORES [SECONDS]   a line a photo size: one caller, then two callers a core
#   src/benchmarks/load.sh overhead CORES                       what HTTP adds to the times in the answers
#   src/benchmarks/load.sh overload CORES [SECONDS]             ten times the photos a second that it can answer
#   src/benchmarks/load.sh reload CORES [SECONDS]               the model's file is replaced again and again meanwhile
#
# peer is what one would write instead: Spring MVC over DJL's ONNX Runtime (io.popsight.benchmarks.peer), with the model's
# float twin; onnx is ONNX Runtime behind our own service.
set -eu
what=$1
cores=$2
seconds=${3:-8}
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
flags=$(sed -n 's#.*<jvm.flags>\(.*\)</jvm.flags>.*#\1#p' "$root/pom.xml")
flags="$flags $(sed -n 's#^service_flags="\(.*\)"#\1#p' "$root/popsight")"
work=$root/src/benchmarks/target/load
model=popsight-street
benchmarks="$root/src/benchmarks/target/popsight-benchmarks-0.1.0.jar:$root/src/benchmarks/target/lib/*"
port=$((20000 + $$ % 20000))
if ! [ -f "$work/twin.onnx" ]; then
  # shellcheck disable=SC2086
  "$java" $flags -cp "$benchmarks" io.popsight.benchmarks.LoadFiles "$root/models/$model.jpg" "$root/models/$model.onnx" "$work"
fi
rm -rf "$work/models" && mkdir -p "$work/models" && cp "$root/models/$model.onnx" "$work/models/"
cpus=0-$((cores - 1))
theirs=$cores-$(($(nproc) - 1))
if [ "$cores" -ge "$(nproc)" ]; then theirs=$cpus; fi

if [ "$what" = peer ]; then
  url=http://localhost:$port/detect
  # shellcheck disable=SC2086
  taskset -c "$cpus" "$java" $flags -cp "$benchmarks" io.popsight.benchmarks.peer.PeerService \
    --peer.model="$work/twin.onnx" --server.port=$port --spring.threads.virtual.enabled=true >"$work/server.log" 2>&1 &
else
  backend=popcount
  if [ "$what" = onnx ]; then backend=onnx; fi
  url="http://localhost:$port/v1/detect?model=$model"
  # shellcheck disable=SC2086
  taskset -c "$cpus" "$java" $flags -Dpopsight.home="$root" \
    -cp "$root/src/service/target/popsight-service-0.1.0.jar:$root/src/service/target/lib/*" io.popsight.service.Popsight serve \
    --port $port --no-grpc --backend "$backend" --models "$work/models" --set popsight.drain=0s >"$work/server.log" 2>&1 &
fi
server=$!
copying=
trap 'kill $copying $server; wait $server 2>/dev/null || true' EXIT
trap 'exit 130' INT # where EXIT is not run by a signal
trap 'exit 143' TERM
answers() { curl -sf -o /dev/null --max-time 5 -H 'Content-Type: image/jpeg' --data-binary "@$work/640.jpg" "$url"; }
until answers; do
  kill -0 $server 2>/dev/null || { tail -n 5 "$work/server.log" >&2; exit 1; }
  sleep 0.5
done

cpu() { awk '{print $14 + $15}' /proc/$server/stat; } # hundredths of a second
memory() { awk '/VmRSS/ {print int($2 / 1024)}' /proc/$server/status; }
into=load.csv
load() { # CALLERS SECONDS PHOTO [OPTIONS of hey]: a line a request into $into
  callers=$1
  time=$2
  photo=$3
  shift 3
  taskset -c "$theirs" hey -o csv -z "$time"s -c "$callers" -m POST -T image/jpeg -D "$work/$photo.jpg" "$@" "$url" >"$work/$into"
}
# All callers of one hey ask at the same moment: ten of them share the time between two photos of a caller.
flood() { # SECONDS: as load, with $workers callers who ask for $each photos a second
  heys=
  for i in 0 1 2 3 4 5 6 7 8 9; do
    (
      sleep "$(echo "$i / 10 / $each" | bc -l)"
      into=load$i.csv
      load $((workers / 10)) "$1" 640 -q "$each"
    ) &
    heys="$heys $!"
  done
  # shellcheck disable=SC2086
  wait $heys
  head -n 1 "$work/load0.csv" >"$work/load.csv"
  grep -hv '^response' "$work"/load[0-9].csv >>"$work/load.csv"
}
accepted() { # SECONDS -> "photos a second, p50, p95, p99 in ms" of what was answered with 200
  awk -F, 'NR > 1 && $7 == 200 {print $1}' "$work/load.csv" | sort -n | awk -v time="$1" '{v[NR] = $1 * 1000}
    END {printf "%8.1f %8.2f %8.2f %8.2f", NR / time, v[int(NR * .5) + 1], v[int(NR * .95) + 1], v[int(NR * .99) + 1]}'
}
others() { awk -F, 'NR > 1 && $7 != 200 {n++} END {print n + 0}' "$work/load.csv"; }
statuses() { awk -F, 'NR > 1 {n[$7]++} END {for (s in n) printf " %s: %d", s, n[s]}' "$work/load.csv"; }

case $what in
  overhead)
    load $((2 * cores)) 40 640
    for photo in 320 640 1920; do
      for _ in $(seq 600); do printf 'url = "%s"\n' "$url"; done >"$work/urls"
      curl -s -K "$work/urls" -H 'Content-Type: image/jpeg' -H Expect: --data-binary "@$work/$photo.jpg" -w '%{time_total}\n' >"$work/answers"
      # A document, then how long curl waited for it.
      jq -r 'if type == "object" then .timings_ms.total else . * 1000 end' "$work/answers" | paste - - | tail -n +101 |
        awk '{print $2 - $1, $2}' | sort -n | awk -v photo="$photo" '{v[NR] = $1} END {printf "%s px: HTTP adds %.3f ms at p50, %.3f ms at p95\n", photo, v[int(NR * .5)], v[int(NR * .95)]}'
    done
    ;;
  overload)
    load $((2 * cores)) 20 640
    load 1 10 640
    echo "alone:           photos/s, p50, p95, p99 ms: $(accepted 10)"
    load $((2 * cores)) 10 640
    full=$(accepted 10)
    echo "two a core:      photos/s, p50, p95, p99 ms: $full"
    workers=$((cores * 100))
    each=$(echo "$full" | awk -v workers=$workers '{print 10 * $1 / workers}')
    flood 10 # until the way of what is refused is compiled, too
    flood "$seconds"
    echo "10 x, $workers callers: photos/s, p50, p95, p99 ms: $(accepted "$seconds")"
    echo "statuses:$(statuses)"
    awk -F, 'NR > 1 && $7 != 200 {print $1 * 1000}' "$work/load.csv" | sort -n |
      awk '{v[NR] = $1} END {printf "refused after p50 %.2f, p99 %.2f ms\n", v[int(NR * .5)], v[int(NR * .99)]}'
    ;;
  reload)
    load $((2 * cores)) 8 640
    (
      while sleep 3; do
        cp "$work/models/$model.onnx" "$work/next.onnx" && mv "$work/next.onnx" "$work/models/$model.onnx"
      done
    ) &
    copying=$!
    load $((2 * cores)) "$seconds" 640
    kill $copying
    copying=
    echo "photos/s, p50, p95, p99 ms: $(accepted "$seconds"); statuses:$(statuses); loaded $(grep -c "$model .* serves" "$work/server.log") times"
    ;;
  *)
    printf '%-9s %5s %5s | %8s %8s %8s %8s | %8s %8s %8s %8s %6s | %7s %7s\n' what cores px \
      'alone/s' p50 p95 p99 'full/s' p50 p95 p99 'not ok' 'cpu ms' 'rss MB'
    load $((2 * cores)) 25 640
    for photo in 320 640 1920; do
      load $((2 * cores)) 6 $photo
      load 1 "$seconds" $photo
      alone=$(accepted "$seconds")
      before=$(cpu)
      load $((2 * cores)) "$seconds" $photo
      after=$(cpu)
      answered=$(awk -F, 'NR > 1 && $7 == 200 {n++} END {print n + 0}' "$work/load.csv")
      printf '%-9s %5s %5s | %s | %s %6d | %7.2f %7d\n' "$what" "$cores" "$photo" "$alone" "$(accepted "$seconds")" "$(others)" \
        "$(echo "($after - $before) * 10 / $answered" | bc -l)" "$(memory)"
    done
    ;;
esac
