package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BenchOptionsTest {
  private static BenchOptions options(
      BenchCollective collective, int ranks, int root, @Nullable String algorithm) {
    return new BenchOptions(
        collective,
        ranks,
        RankMode.THREADS,
        List.of(4L, 64L),
        List.of(DataType.FLOAT16, DataType.INT8),
        List.of(ReduceOp.SUM, ReduceOp.MAX),
        root,
        0,
        3,
        0.05,
        true,
        List.of(BufferKind.values()),
        List.of(Placement.values()),
        CallStyle.PREPARED,
        algorithm,
        null);
  }

  @Test
  void shouldSurviveTheWayToTheWorker() {
    BenchOptions options = options(BenchCollective.REDUCE_SCATTER, 3, 2, "ring");

    assertThat(BenchOptionsCodec.decode(BenchOptionsCodec.encode(options))).isEqualTo(options);
  }

  @Test
  void shouldTellTheWorkerWhoIsLate() {
    List<LateRanks.Late> words = List.of(LateRanks.parse("2=1.5ms"), LateRanks.parse("0=20us"));
    BenchOptions options = late(words);

    assertThat(options.late()).isEqualTo(Map.of(2, 1.5e-3, 0, 20 * 1e-6));
    assertThat(BenchOptionsCodec.decode(BenchOptionsCodec.encode(options))).isEqualTo(options);
    assertThat(LateRanks.describe(options.late())).isEqualTo("rank 0 by 20 us, rank 2 by 1500 us");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> late(List.of(new LateRanks.Late(3, 1))))
        .withMessage("rank 3 is late, but there are only 0 to 2");
  }

  private static BenchOptions late(List<LateRanks.Late> words) {
    return new BenchOptions(
        BenchCollective.ALL_REDUCE,
        3,
        RankMode.PROCESSES,
        List.of(4L),
        List.of(DataType.FLOAT32),
        List.of(ReduceOp.SUM),
        0,
        0,
        0,
        0.1,
        true,
        List.of(BufferKind.FOREIGN),
        List.of(Placement.OUT_OF_PLACE),
        CallStyle.BLOCKING,
        null,
        null,
        LateRanks.of(words));
  }

  @Test
  void shouldRefuseContradictions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(BenchCollective.BROADCAST, 2, 2, null))
        .withMessage("root 2 is not a rank; with 2 ranks they are 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(BenchCollective.SEND_RECV, 1, 0, null))
        .withMessage("send-recv needs at least 2 ranks, but there is 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(BenchCollective.BROADCAST, 0, 0, null))
        .withMessageContaining("at least 1 rank");
  }

  @Test
  void shouldRefuseForeignWords() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BenchOptionsCodec.decode(List.of("ranks")))
        .withMessage("not a worker argument: ranks");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BenchOptionsCodec.decode(List.of("ranks=2")))
        .withMessage("worker argument collective is missing");
  }

  @Test
  void shouldCountMeasurements() {
    assertThat(options(BenchCollective.ALL_REDUCE, 2, 0, null).measurements())
        .isEqualTo(2 * 2 * 2 * 3 * 2);
    assertThat(options(BenchCollective.BROADCAST, 2, 0, null).measurements())
        .isEqualTo(2 * 2 * 3 * 2);
    assertThat(options(BenchCollective.BARRIER, 2, 0, null).measurements()).isEqualTo(1);
  }
}
