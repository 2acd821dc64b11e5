package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.topology.Link;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyFormatException;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class MeasuredOutputTest {
  static final String ALL_REDUCE =
      """
      # nccl-tests version 2.19.6 nccl-headers=23007 nccl-library=23007
      # Collective test starting: all_reduce_perf
      # nThread 1 nGpus 2 minBytes 8 maxBytes 1048576 step: 2(factor) warmup iters: 1 iters: 20 agg iters: 1 validation: 1 graph: 0
      #
      # Using devices
      #  Rank  0 Group  0 Pid   4711 on      alder device  0 [0x10] NVIDIA H100 80GB HBM3
      #  Rank  1 Group  0 Pid   4711 on      birch device  1 [0x16] NVIDIA H100 80GB HBM3
      #
      #                                                              out-of-place                       in-place
      #       size         count      type   redop    root     time   algbw   busbw  #wrong     time   algbw   busbw  #wrong
      #        (B)    (elements)                               (us)  (GB/s)  (GB/s)             (us)  (GB/s)  (GB/s)
                 8             2     float     sum      -1    12.50    0.00    0.00       0    12.25    0.00    0.00       0
           1048576        262144     float     sum      -1    50.00   20.97   36.70       0    49.00   21.40   37.45     N/A
      # Out of bounds values : 0 OK
      # Avg bus bandwidth    : 18.5373
      """;

  static final String JSON =
      """
      {"version": 3, "args": ["./build/sendrecv_perf", "-b", "8"], "env": ["SECRET=1"],
       "nccl_version": 23007,
       "devices": [
        {"rank": 0, "group": 0, "pid": 1, "hostname": "alder", "device": 0, "device_hex": "0x10", "device_info": "H100"},
        {"rank": 1, "group": 0, "pid": 2, "hostname": "birch", "device": 0, "device_hex": "0x10", "device_info": "H100"}],
       "results": [
        {"size": 8, "count": 2, "type": "float", "out_of_place": {"time": 5.5, "alg_bw": 0, "bus_bw": 0.001, "nwrong": 0},
         "in_place": {"cpu_time": 6, "bus_bw": 0.002}},
        {"size": 1048576, "out_of_place": {"time": 50, "bus_bw": 40.5}}],
       "average_bus_bandwidth": {"bandwidth": 1, "okay": true}}
      """;

  static final String OSU_BANDWIDTH =
      """
      # OSU MPI Bandwidth Test v7.0
      # Size      Bandwidth (MB/s)
      1                       2.31
      65536                9000.50
      131072               8000.00
      """;

  static final String OSU_LATENCY =
      """
      # OSU MPI Latency Test v7.0
      # Size          Latency (us)
      1                       1.25
      1000                    2.00
      """;

  static final String OSU_ALL_REDUCE =
      """
      # OSU MPI Allreduce Latency Test v7.0
      # Size       Avg Latency(us)   Min Latency(us)   Max Latency(us)  Iterations
      4                       1.50              1.40              1.60        1000
      """;

  @Test
  void shouldReadTheTableOfACollective() {
    Reading reading = read(new NcclTestsOutput(), ALL_REDUCE);
    Topology topology = reading.topology();

    assertThat(reading.findings()).isEmpty();
    assertThat(topology.ranks().values()).containsExactly("alder/gpu0", "birch/gpu1");
    assertThat(topology.node("network").name()).isEqualTo("measured by all_reduce_perf");
    assertThat(measured(topology, "alder/gpu0", "network").bytesPerSecond()).isEqualTo(37.45e9);
    assertThat(topology.attributes())
        .containsEntry("smallestBytes", "8")
        .containsEntry("smallestMicroseconds", "12.5")
        .containsEntry("averageBusGigabytesPerSecond", "18.5373");
  }

  @Test
  void shouldReadLinesThatALauncherMarked() {
    String marked = ALL_REDUCE.replaceAll("(?m)^", "[1,0]<stdout>: ");

    assertThat(read(new NcclTestsOutput(), marked).topology())
        .isEqualTo(read(new NcclTestsOutput(), ALL_REDUCE).topology());
  }

  @Test
  void shouldReadTheJsonWithoutTheEnvironment() {
    Topology topology = read(new NcclTestsOutput(), JSON).topology();

    assertThat(measured(topology, "birch/gpu0", "alder/gpu0").bytesPerSecond()).isEqualTo(40.5e9);
    assertThat(TopologyJson.text(topology)).doesNotContain("SECRET");
  }

  @Test
  void shouldReadOsu() {
    Topology bandwidth = read(new OsuOutput(), OSU_BANDWIDTH).topology();
    Topology both =
        read(
                new OsuOutput(),
                OSU_BANDWIDTH.replace("Bandwidth Test", "Bi-Directional Bandwidth Test"))
            .topology();
    Topology latency = read(new OsuOutput(), OSU_LATENCY).topology();
    Topology collective = read(new OsuOutput(), OSU_ALL_REDUCE).topology();

    assertThat(measured(bandwidth, "rank0", "rank1").bytesPerSecond()).isEqualTo(9000.5e6);
    assertThat(measured(both, "rank0", "rank1").bytesPerSecond()).isEqualTo(4500.25e6);
    assertThat(measured(latency, "rank1", "rank0").latencySeconds()).isEqualTo(1.25e-6);
    assertThat(measured(latency, "rank1", "rank0").bytesPerSecond()).isEqualTo(500e6);
    assertThat(collective.ranks()).isEmpty();
    assertThat(collective.nodes(NodeKind.NETWORK)).hasSize(1);
    assertThat(collective.attributes()).containsEntry("smallestMicroseconds", "1.5");
  }

  @Test
  void shouldRefuseOutputWithoutNumbers() {
    assertThatThrownBy(() -> read(new NcclTestsOutput(), "# nThread 1 nGpus 8"))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessage("out.txt: has no line with a size, a time and a bandwidth");
    assertThatThrownBy(() -> read(new OsuOutput(), "# OSU MPI Bandwidth Test v7.0"))
        .hasMessage("out.txt: has no line with a size and a number");
  }

  private static Measurement measured(Topology topology, String from, String to) {
    Link link = topology.links(from, to).getFirst();
    return Objects.requireNonNull(link.measured());
  }

  private static Reading read(TopologyReader reader, String text) {
    return reader.read(new SourceFile("out.txt", text));
  }
}
