package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said of counts, displacements and buffers that do not fit.
@Timeout(60)
final class UnevenTest {
  private static final long[] ONES = {1, 1, 1};

  /// Runs what each rank of three does and returns what it throws; a rank that has nothing to do
  /// with the two that disagree may hear of it in its next operation.
  private static List<String> failures(Consumer<Communicator> task) {
    CommunicatorConfig config = CommunicatorConfig.builder().algorithm("pairwise").build();
    List<String> messages = new CopyOnWriteArrayList<>();
    try (World world = World.threads(3, config)) {
      world.run(c -> {
        try {
          task.accept(c);
          c.barrier();
        } catch (MismatchException e) {
          messages.add(e.getMessage());
        }
      });
    }
    return messages;
  }

  private static MemorySegment buffer() {
    return Arena.ofAuto().allocate(64, 8);
  }

  @Test
  void shouldFailOnEveryRankWhenSenderAndReceiverDisagreeInAllToAll() {
    List<String> messages =
        failures(c -> {
          long[] sends = {1, 1, c.rank() == 1 ? 2 : 1};
          c.allToAllV(buffer(), sends, buffer(), ONES, DataType.INT32);
        });

    assertThat(messages)
        .hasSize(3)
        .allSatisfy(m ->
            assertThat(m)
                .contains("ranks disagree on operation 0, all-to-all-v of INT32")
                .contains("rank 1 sends 2 elements to rank 2, which expects 1"));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3})
  void shouldFailOnEveryRankWhenTheRootExpectsAnotherCountInGather(long sent) {
    List<String> messages =
        failures(c -> {
          long count = c.rank() == 2 ? sent : 2;
          c.gatherV(
              buffer(),
              count,
              buffer(),
              new long[] {2, 2, 2},
              new long[] {0, 2, 4},
              DataType.INT32,
              0);
        });

    assertThat(messages)
        .hasSize(3)
        .allSatisfy(m ->
            assertThat(m)
                .contains("gather-v of INT32 to root 0")
                .contains("rank 2 sends " + sent + " elements to rank 0, which expects 2"));
  }

  @Test
  void shouldFailOnEveryRankWhenTheRootSendsAnotherCountInScatter() {
    List<String> messages =
        failures(c ->
            c.scatterV(
                buffer(),
                ONES,
                new long[] {0, 1, 2},
                buffer(),
                c.rank() == 1 ? 0 : 1,
                DataType.INT32,
                0));

    assertThat(messages)
        .hasSize(3)
        .allSatisfy(
            m -> assertThat(m).contains("rank 0 sends 1 elements to rank 1, which expects 0"));
  }

  @Test
  void shouldFailOnEveryRankWhenCountsDiffer() {
    List<String> messages =
        failures(c -> {
          long[] counts = {1, c.rank() == 0 ? 2 : 1, 1};
          c.allGatherV(buffer(), buffer(), counts, DataType.INT32);
        });

    assertThat(messages)
        .hasSize(3)
        .allSatisfy(
            m -> assertThat(m).contains("rank 0 called all-gather-v of INT32 with counts #"));
  }

  @Test
  void shouldFailOnEveryRankWhenOnlySomeCallTheUnevenForm() {
    List<String> messages =
        failures(c -> {
          if (c.rank() == 0) {
            c.allToAllV(buffer(), ONES, buffer(), ONES, DataType.INT32);
          } else {
            c.allToAll(buffer(), buffer(), 1, DataType.INT32);
          }
        });

    assertThat(messages)
        .hasSize(3)
        .allSatisfy(m ->
            assertThat(m)
                .contains("rank 0 called all-to-all-v of INT32")
                .contains("rank 1 called all-to-all of 1 INT32"));
  }

  @Test
  void shouldNameWhatIsWrongWithCountsAndDisplacements() {
    try (World world = World.threads(1)) {
      world.run(c -> {
        MemorySegment data = buffer();
        long[] one = {1};
        long[] zero = {0};
        assertThatThrownBy(() -> c.allGatherV(data, data, new long[] {1, 2}, one, DataType.INT32))
            .hasMessage(
                "counts has 2 entries and its displacements have 1, expected 1, one per rank");
        assertThatThrownBy(
                () -> c.allToAllV(data, new long[] {-1}, zero, data, one, zero, DataType.INT32))
            .hasMessageStartingWith("sendCounts[0] is -1 at displacement 0, expected 0 to ");
        assertThatThrownBy(() ->
                c.gatherV(data, 1, data.asSlice(0, 8), one, new long[] {2}, DataType.INT32, 0))
            .hasMessage("receive buffer has 8 bytes, 12 are needed");
        assertThatThrownBy(() -> c.scatterV(data, one, new long[] {2}, data, 1, DataType.INT32, 0))
            .hasMessage(
                "send and receive buffer overlap: the receive buffer begins at byte 0 of the send"
                    + " buffer, in place it would be 8");
        assertThatThrownBy(() -> c.allToAllV(data, one, zero, data, one, one, DataType.INT32))
            .hasMessage(
                "send and receive buffer overlap: in place, counts and displacements must be"
                    + " equal");
        assertThatThrownBy(() -> c.scan(data, data, 1, DataType.INT32, ReduceOp.AVG))
            .hasMessage(
                "AVG divides by the number of all ranks, which a scan does not reduce over");
      });
    }
  }

  @Test
  void shouldRejectReceivedBlocksThatOverlap() {
    try (World world = World.threads(2)) {
      world.run(c -> {
        MemorySegment data = buffer();
        long[] counts = {2, 2};
        assertThatThrownBy(() ->
                c.allGatherV(data.asSlice(32), data, counts, new long[] {1, 0}, DataType.INT32))
            .hasMessage("counts: the blocks of ranks 1 and 0 overlap");
      });
    }
  }
}
