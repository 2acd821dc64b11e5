package dev.tutti.bench.compare;

/// iperf3 as ranks of a stream: rank 0 is the client, which sends, rank 1 the server.
///
/// One stream per size; iperf3 writes at most 1 MiB at once, so that larger messages are several
/// writes. The first half second does not count. The port is derived from the job's name, so that
/// two comparisons at the same time rarely meet.
final class IperfScript {
  /// Arguments: the program, the server's address, the congestion control (empty: the kernel's
  /// choice), then the sizes.
  static final String TEXT =
      """
      program=$1 address=$2 congestion=$3
      shift 3
      [ "$TUTTI_RANK" -lt 2 ] || exit 0
      digits=$(printf '%s' "$TUTTI_JOB" | cut -c1-4)
      port=$((20000 + 0x$digits % 10000))
      version=$("$program" --version | awk 'NR == 1 { print $2 }')
      for size; do
        if [ "$TUTTI_RANK" = 1 ]; then
          said=$("$program" -s -1 -B "$address" -p $port 2>&1) && continue
          echo "iperf3 server: $said" >&2
          exit 1
        fi
        piece=$((size < 1048576 ? size : 1048576))
        tries=0
        until said=$("$program" -c "$address" -p $port -t 2 -O 1 -l $piece -f k \\
          ${congestion:+-C "$congestion"} 2>&1); do
          tries=$((tries + 1))
          [ $tries -lt 30 ] || { echo "iperf3: $said" >&2; exit 1; }
          sleep 0.1
        done
        echo "$said" | awk -v size="$size" -v version="$version" '
          / receiver *$/ {
            for (i = 2; i <= NF; i++) if ($i == "Kbits/sec") rate = $(i - 1)
          }
          END {
            if (!(rate > 0)) exit 1
            t = size * 8000 / rate
            printf "{\\"version\\":\\"%s\\",\\"collective\\":\\"send-stream\\",\\"ranks\\":2,", version
            printf "\\"bytes\\":%s,\\"time_us_p50\\":%.4f,\\"time_us_p99\\":%.4f,", size, t, t
            printf "\\"time_us_min\\":%.4f,\\"time_us_avg\\":%.4f,\\"iterations\\":1,\\"wrong\\":0}\\n", t, t
          }' || { echo "iperf3 said: $said" >&2; exit 1; }
      done
      """;

  private IperfScript() {}
}
