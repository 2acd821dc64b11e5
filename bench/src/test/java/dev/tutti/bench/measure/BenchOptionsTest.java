package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.util.List;
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
