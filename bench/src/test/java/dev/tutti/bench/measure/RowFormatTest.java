package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

final class RowFormatTest {
  private static final BenchRow ROW = Rows.row(1 << 20, Placement.IN_PLACE, 50);

  @Test
  void shouldWriteTheAgreedKeys() {
    assertThat(RowFormat.json(ROW))
        .isEqualTo(
            "{\"collective\":\"all-reduce\",\"ranks\":2,\"bytes\":1048576,\"count\":262144,"
                + "\"type\":\"float32\",\"op\":\"sum\",\"root\":-1,\"in_place\":true,"
                + "\"registered\":false,\"algorithm\":\"ring\",\"transport\":\"shm\","
                + "\"time_us_p50\":50,\"time_us_p99\":100,\"time_us_min\":25,"
                + "\"algbw_gbs\":20.9715,\"busbw_gbs\":20.9715,\"percent_of_limit\":25,"
                + "\"wrong\":0,\"time_us_avg\":75,\"limit_us\":12.5,\"iterations\":100,"
                + "\"launch\":1,\"mode\":\"processes\",\"call\":\"blocking\","
                + "\"buffers\":\"foreign\",\"form\":\"interpreted\",\"late\":\"\",\"schema\":1}");
  }

  @Test
  void shouldReadWhatItWrites() {
    assertThat(RowFormat.read(RowFormat.json(ROW))).isEqualTo(ROW);
  }

  @Test
  void shouldReadRowsFromBeforeRanksCouldBeLate() {
    String line = RowFormat.json(ROW).replace("\"late\":\"\",", "");

    assertThat(line).doesNotContain("late");
    assertThat(RowFormat.read(line)).isEqualTo(ROW);
  }

  @Test
  void shouldWriteLateRanksAsTheyAreRead() {
    SortedMap<Integer, Double> late =
        LateRanks.of(List.of(LateRanks.parse("5=20.5us"), LateRanks.parse("3=0.5ms")));

    assertThat(LateRanks.words(late)).isEqualTo("3=500us,5=20.5us");
  }

  @Test
  void shouldIgnoreWhatIsNoRow() {
    assertThat(RowFormat.read("hello")).isNull();
    assertThat(RowFormat.read("{\"event\":\"started\"}")).isNull();
    assertThat(RowFormat.read("{\"time_us_p50\":")).isNull();
    assertThat(StartedEvent.read(RowFormat.json(ROW))).isNull();
  }

  @Test
  void shouldPassTheStartOn() {
    StartedEvent event = new StartedEvent("shm", "vector");

    assertThat(StartedEvent.read(event.write())).isEqualTo(event);
  }

  @Test
  void shouldWriteCsvUnderNames() {
    String[] names = RowFormat.csvHeader().split(",");
    String[] values = RowFormat.csv(ROW).split(",");

    assertThat(names).startsWith("collective", "ranks", "bytes").endsWith("schema");
    assertThat(values).hasSameSizeAs(names).startsWith("all-reduce", "2", "1048576");
  }

  @Test
  void shouldQuoteCommas() {
    BenchRow row =
        new BenchRow(
            "barrier",
            2,
            RankMode.THREADS,
            0,
            0,
            "none",
            "none",
            -1,
            Placement.OUT_OF_PLACE,
            BufferKind.FOREIGN,
            CallStyle.PREPARED,
            "a",
            "b, \"c\"",
            "shm",
            1,
            1,
            1,
            1,
            0,
            -1,
            1,
            1,
            "3=500us,5=20.5us");

    assertThat(RowFormat.csv(row)).contains(",\"b, \"\"c\"\"\",\"3=500us,5=20.5us\",");
    assertThat(RowFormat.read(RowFormat.json(row))).isEqualTo(row);
  }

  @Test
  void shouldKeepFourDecimals() {
    assertThat(RowFormat.decimal(0.18)).isEqualTo("0.18");
    assertThat(RowFormat.decimal(12.00004)).isEqualTo("12");
    assertThat(RowFormat.decimal(1234567.5)).isEqualTo("1234567.5");
  }
}
