package dev.tutti.bench.measure;

import static dev.tutti.bench.measure.BenchCollective.ALL_GATHER;
import static dev.tutti.bench.measure.BenchCollective.ALL_REDUCE;
import static dev.tutti.bench.measure.BenchCollective.BROADCAST;
import static dev.tutti.bench.measure.BenchCollective.REDUCE_SCATTER;
import static dev.tutti.bench.measure.BenchCollective.SEND_RECV;
import static dev.tutti.bench.measure.BenchCollective.SEND_STREAM;
import static dev.tutti.bench.measure.Placement.IN_PLACE;
import static dev.tutti.bench.measure.Placement.OUT_OF_PLACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.measure.BenchCollective.Traffic;
import org.junit.jupiter.api.Test;

final class BenchCollectiveTest {
  @Test
  void shouldCountAsNcclTestsDoes() {
    assertThat(ALL_REDUCE.count(10, 4)).isEqualTo(10);
    assertThat(ALL_GATHER.count(10, 4)).isEqualTo(2);
    assertThat(REDUCE_SCATTER.count(3, 4)).isZero();
    assertThat(ALL_GATHER.sendElements(2, 4)).isEqualTo(2);
    assertThat(ALL_GATHER.recvElements(2, 4)).isEqualTo(8);
    assertThat(REDUCE_SCATTER.sendElements(2, 4)).isEqualTo(8);
    assertThat(REDUCE_SCATTER.recvElements(2, 4)).isEqualTo(2);
    assertThat(REDUCE_SCATTER.sizeElements(2, 4)).isEqualTo(8);
    assertThat(BROADCAST.sizeElements(2, 4)).isEqualTo(2);
    assertThat(BenchCollective.ALL_TO_ALL.sendElements(2, 4)).isEqualTo(8);
    assertThat(BenchCollective.ALL_TO_ALL.recvElements(2, 4)).isEqualTo(8);
    assertThat(BenchCollective.SCATTER.sendElements(2, 4)).isEqualTo(8);
    assertThat(BenchCollective.SCATTER.recvElements(2, 4)).isEqualTo(2);
    assertThat(BenchCollective.ALL_TO_ALL_V.count(25, 4)).isEqualTo(2);
    assertThat(BenchCollective.ALL_TO_ALL_V.sizeElements(2, 4)).isEqualTo(20);
    assertThat(BenchCollective.ALL_TO_ALL_V.share(1, 2, 4)).isEqualTo(4);
    assertThat(BenchCollective.ALL_TO_ALL_V.shareStart(1, 2, 4)).isEqualTo(5);
  }

  @Test
  void shouldHaveTheBusFactorsOfNcclTests() {
    assertThat(ALL_REDUCE.busFactor(4)).isEqualTo(1.5);
    assertThat(ALL_GATHER.busFactor(4)).isEqualTo(0.75);
    assertThat(REDUCE_SCATTER.busFactor(4)).isEqualTo(0.75);
    assertThat(BROADCAST.busFactor(4)).isEqualTo(1);
    assertThat(BenchCollective.REDUCE.busFactor(4)).isEqualTo(1);
    assertThat(BenchCollective.GATHER.busFactor(4)).isEqualTo(0.75);
    assertThat(BenchCollective.SCATTER.busFactor(4)).isEqualTo(0.75);
    assertThat(BenchCollective.ALL_TO_ALL.busFactor(4)).isEqualTo(0.75);
  }

  @Test
  void shouldReadEveryInputAndWriteEveryOutputOnce() {
    // 4 ranks, 1000 bytes: the shares of all ranks add up to the traffic of the operation.
    assertThat(ALL_REDUCE.traffic(1000, 4, 0, OUT_OF_PLACE))
        .isEqualTo(new Traffic(1000, 1000, false));
    assertThat(ALL_REDUCE.traffic(1000, 4, 3, IN_PLACE)).isEqualTo(new Traffic(1000, 1000, true));
    assertThat(REDUCE_SCATTER.traffic(1000, 4, 0, OUT_OF_PLACE))
        .isEqualTo(new Traffic(1000, 250, false));
    assertThat(REDUCE_SCATTER.traffic(1000, 4, 0, IN_PLACE))
        .isEqualTo(new Traffic(1000, 250, true));
    assertThat(ALL_GATHER.traffic(1000, 4, 0, OUT_OF_PLACE))
        .isEqualTo(new Traffic(250, 1000, false));
    assertThat(ALL_GATHER.traffic(1000, 4, 0, IN_PLACE)).isEqualTo(new Traffic(250, 750, false));
    assertThat(BROADCAST.traffic(1000, 4, 2, OUT_OF_PLACE))
        .isEqualTo(new Traffic(250, 1000, false));
    assertThat(BROADCAST.traffic(1000, 4, 2, IN_PLACE)).isEqualTo(new Traffic(250, 750, false));
    assertThat(SEND_RECV.traffic(1000, 4, 1, OUT_OF_PLACE)).isEqualTo(new Traffic(500, 500, false));
    assertThat(SEND_RECV.traffic(1000, 4, 2, OUT_OF_PLACE)).isEqualTo(new Traffic(0, 0, false));
  }

  @Test
  void shouldTimeStreamsBySixteenMebibytes() {
    assertThat(SEND_RECV.messages(4)).isEqualTo(2);
    assertThat(ALL_REDUCE.messages(4)).isEqualTo(1);
    assertThat(SEND_STREAM.messages(4)).isEqualTo(256);
    assertThat(SEND_STREAM.messages(1 << 20)).isEqualTo(16);
    assertThat(SEND_STREAM.messages(64 << 20)).isEqualTo(1);
  }
}
