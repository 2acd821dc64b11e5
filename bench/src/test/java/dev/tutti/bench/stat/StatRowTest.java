package dev.tutti.bench.stat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.analyze.Dumps;
import dev.tutti.collectives.record.Dump;
import dev.tutti.collectives.record.LiveRecords.Live;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StatRowTest {
  private static Live live(Dump dump) {
    return new Live(77, Path.of("/proc/77/fd/5"), dump, "");
  }

  @Test
  void shouldRateANewRankSinceItsBegin() {
    StatRow row =
        StatRow.between(List.of(), List.of(live(Dumps.rank(0, 2).completed(50).dump()))).getFirst();

    assertThat(row.operationsPerSecond()).isEqualTo(5); // in ten seconds of life
    assertThat(row.state()).isEqualTo("-");
  }

  @Test
  void shouldSayWhatARankDoes() {
    assertThat(state(Dumps.rank(0, 2).in("barrier"))).isEqualTo("barrier");
    assertThat(state(Dumps.rank(0, 2).in("barrier").waitsFor(1, 2.5)))
        .isEqualTo("barrier: waits for rank 1, 2.5 s");
    assertThat(state(Dumps.rank(0, 2).in("barrier").waitsFor(1, 0.001))).isEqualTo("barrier");
    assertThat(state(Dumps.rank(0, 2).in("barrier").failed("AbortedException", "", 0)))
        .isEqualTo("FAILED: AbortedException");
  }

  private static String state(Dumps dumps) {
    return StatRow.between(List.of(), List.of(live(dumps.dump()))).getFirst().state();
  }

  @Test
  void shouldAlignAndCutLines() {
    List<StatRow> rows =
        StatRow.between(
            List.of(),
            List.of(
                live(Dumps.rank(0, 2).completed(1234).dump()),
                live(Dumps.rank(1, 2).completed(7).in("barrier").dump())));

    List<String> lines = StatTable.lines(rows, 1000);
    assertThat(lines)
        .containsExactly(
            "PID  RANK  COMMUNICATOR  VIA  OPERATIONS  OPS/S   GB/S  STALLS/S  WAIT%  SLEEP%  NOW",
            " 77   0/2  world         shm       1,234    123  0.000         0    0.0     0.0  -",
            " 77   1/2  world         shm           7      1  0.000         0    0.0     0.0"
                + "  barrier");
    assertThat(StatTable.lines(rows, 20)).allMatch(line -> line.length() <= 20);
  }

  @Test
  void shouldWriteOneObjectPerLook() {
    List<StatRow> rows =
        StatRow.between(List.of(), List.of(live(Dumps.rank(0, 2).completed(50).dump())));

    assertThat(StatJson.line(rows, Instant.EPOCH))
        .startsWith("{\"schema\":\"tutti-stat/1\",\"time\":\"1970-01-01T00:00:00Z\",\"ranks\":[{")
        .contains("\"pid\":77,", "\"rank\":0,", "\"operations\":50,", "\"epoch\":0,")
        .contains("\"operationsPerSecond\":5.0,", "\"now\":\"-\"")
        .doesNotContain("\n");
  }
}
