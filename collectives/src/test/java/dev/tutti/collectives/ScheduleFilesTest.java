package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.algorithm.EdgeDisjointRings;
import dev.tutti.collectives.algorithm.HierarchicalAllReduce;
import dev.tutti.collectives.algorithm.MultiRingAllReduce;
import dev.tutti.collectives.algorithm.NestedRings;
import dev.tutti.collectives.algorithm.NestedRingsAllReduce;
import dev.tutti.collectives.algorithm.PackedTreesAllGather;
import dev.tutti.collectives.algorithm.PackedTreesAllReduce;
import dev.tutti.collectives.algorithm.PackedTreesBroadcast;
import dev.tutti.collectives.algorithm.PackedTreesReduceScatter;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleJson;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.ScheduleText;
import dev.tutti.topology.pack.CapacityGraph;
import dev.tutti.topology.pack.CapacityGraph.Edge;
import dev.tutti.topology.pack.PackedTrees;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Schedules from files, executed by ranks that are threads; so the engine runs what no registry
/// knows: multi-level hierarchies, nested rings, packed trees.
final class ScheduleFilesTest {
  private static final int RANKS = 5;
  private static final long[] COUNTS = {0, 1, 2, 13, 997, 4999};

  @TempDir private Path folder;

  private static CapacityGraph network() {
    List<Edge> edges = new ArrayList<>();
    double[] ports = {1, 1, 0.5, 1, 0.25};
    for (int rank = 0; rank < RANKS; rank++) {
      edges.add(new Edge(rank, RANKS, ports[rank]));
      edges.add(new Edge(RANKS, rank, ports[rank]));
      edges.add(new Edge(rank, (rank + 1) % RANKS, 0.5));
      edges.add(new Edge((rank + 1) % RANKS, rank, 0.5));
    }
    return new CapacityGraph(RANKS, 1, edges);
  }

  private static Map<String, ScheduleSet> allReduces() {
    int[][] levels = {{0, 0, 1, 1, 2}, {0, 0, 0, 0, 1}};
    NestedRings rings = NestedRings.of(new double[] {1, 0.5, 1, 2, 0.25}, 3);
    return Map.of(
        "levels", HierarchicalAllReduce.scheduleSet(levels, 2),
        "rings", MultiRingAllReduce.scheduleSet(EdgeDisjointRings.ofFullMesh(5, 3), 1, 2, 3),
        "nested", NestedRingsAllReduce.scheduleSet(rings, 3, 12),
        "trees", PackedTreesAllReduce.scheduleSet(PackedTrees.forAllReduce(network(), 16), 2, 64),
        "few-lanes",
            PackedTreesAllReduce.scheduleSet(PackedTrees.forAllReduce(network(), 16), 3, 8));
  }

  /// Small slots, so that a few thousand elements take many slices.
  private static CommunicatorConfig config(String algorithm) {
    return CommunicatorConfig.builder()
        .algorithm(algorithm)
        .set("threadSharing", "allocated")
        .set("channelSlotBytes", "512")
        .set("channelSlots", "2")
        .build();
  }

  private String file(String name, String text) throws Exception {
    return "file:" + Files.writeString(folder.resolve(name), text);
  }

  private static MemorySegment filled(Arena arena, int rank, long count) {
    MemorySegment memory = arena.allocate(Math.max(8, count * 8), 64);
    for (long i = 0; i < count; i++) {
      memory.set(JAVA_LONG, i * 8, value(rank, i));
    }
    return memory;
  }

  private static long value(int rank, long i) {
    long x = (31L * rank + i + 1) * 0x9E3779B97F4A7C15L;
    return x ^ (x >>> 29);
  }

  private static long sum(long i) {
    long sum = 0;
    for (int rank = 0; rank < RANKS; rank++) {
      sum += value(rank, i);
    }
    return sum;
  }

  private static void check(long actual, long expected) {
    if (actual != expected) { // assertions take long
      assertThat(actual).isEqualTo(expected);
    }
  }

  @Test
  void shouldAllReduceAsTheFilesSay() throws Exception {
    for (Map.Entry<String, ScheduleSet> each : allReduces().entrySet()) {
      String option = file(each.getKey() + ".json", ScheduleJson.write(each.getValue()));
      try (World world = World.threads(RANKS, config(option))) {
        world.run(c -> {
          for (long count : COUNTS) {
            try (Arena arena = Arena.ofConfined()) {
              MemorySegment data = filled(arena, c.rank(), count);
              MemorySegment result = count % 2 == 0 ? data : filled(arena, -1, count);

              c.allReduce(data, result, count, DataType.INT64, ReduceOp.SUM);

              for (long i = 0; i < count; i++) {
                check(result.get(JAVA_LONG, i * 8), sum(i));
              }
            }
          }
        });
      }
    }
  }

  @Test
  void shouldGatherScatterAndBroadcastAsTheFilesSay() throws Exception {
    CapacityGraph network = network();
    int root = 3;
    String option =
        String.join(
            ",",
            file(
                "gather.txt",
                ScheduleText.write(
                    PackedTreesAllGather.scheduleSet(PackedTrees.forAllGather(network, 16), 2))),
            file(
                "scatter.txt",
                ScheduleText.write(
                    PackedTreesReduceScatter.scheduleSet(
                        PackedTrees.forReduceScatter(network, 16), 2))),
            file(
                "broadcast.txt",
                ScheduleText.write(
                    PackedTreesBroadcast.scheduleSet(
                        PackedTrees.forBroadcast(network, root, 16), 2))));
    try (World world = World.threads(RANKS, config(option))) {
      world.run(c -> {
        for (long count : COUNTS) {
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment own = filled(arena, c.rank(), count);
            MemorySegment all = filled(arena, -1, count * RANKS);
            c.allGather(own, all, count, DataType.INT64);
            for (long i = 0; i < count * RANKS; i++) {
              check(all.get(JAVA_LONG, i * 8), value((int) (i / count), i % count));
            }
            MemorySegment whole = filled(arena, c.rank(), count * RANKS);
            c.reduceScatter(whole, own, count, DataType.INT64, ReduceOp.SUM);
            for (long i = 0; i < count; i++) {
              check(own.get(JAVA_LONG, i * 8), sum(c.rank() * count + i));
            }
            MemorySegment sent = filled(arena, c.rank(), count);
            c.broadcast(sent, sent, count, DataType.INT64, root);
            for (long i = 0; i < count; i++) {
              check(sent.get(JAVA_LONG, i * 8), value(root, i));
            }
          }
        }
      });
    }
  }

  @Test
  void shouldRefuseWhatIsNoScheduleOrDoesHarm() throws Exception {
    String wrong = file("wrong.txt", "nonsense\n");
    ScheduleSet ring = Algorithms.named("ring").scheduleSet(Collective.ALL_REDUCE, 2, 0, 1);
    String harmful =
        file("harmful.txt", ScheduleText.write(ring).replaceFirst("(?m)^.*send.*$\\R", ""));

    assertThatThrownBy(() -> World.threads(2, config("file:/nowhere/x")).close())
        .hasStackTraceContaining("tutti.algorithm: cannot read /nowhere/x");
    assertThatThrownBy(() -> World.threads(2, config(wrong)).close())
        .hasStackTraceContaining("wrong.txt");
    assertThatThrownBy(() -> World.threads(3, config(harmful)).close())
        .hasStackTraceContaining("schedules for [2] ranks, but the world has 3");
    assertThatThrownBy(() -> World.threads(2, config(harmful + ",ring")).close())
        .hasStackTraceContaining("tutti.algorithm has 'ring' among files, expected file:PATH");
    assertThatThrownBy(
            () -> {
              try (World world = World.threads(2, config(harmful))) {
                world.run(c -> {
                  try (Arena arena = Arena.ofConfined()) {
                    MemorySegment data = arena.allocate(8);
                    c.allReduce(data, data, 1, DataType.INT64, ReduceOp.SUM);
                  }
                });
              }
            })
        .hasStackTraceContaining("all-reduce on 2 ranks: ");
  }
}
