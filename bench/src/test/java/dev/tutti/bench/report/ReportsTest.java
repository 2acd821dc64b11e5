package dev.tutti.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.CallStyle;
import dev.tutti.bench.measure.Placement;
import dev.tutti.bench.measure.RankMode;
import dev.tutti.bench.measure.Rows;
import dev.tutti.bench.measure.StartedEvent;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportsTest {
  private static final BenchOptions OPTIONS =
      new BenchOptions(
          BenchCollective.ALL_REDUCE,
          2,
          RankMode.PROCESSES,
          List.of(64L, 1L << 20),
          List.of(DataType.FLOAT32),
          List.of(ReduceOp.SUM),
          0,
          0,
          0,
          0.12,
          true,
          List.of(BufferKind.FOREIGN),
          List.of(Placement.values()),
          CallStyle.BLOCKING,
          null,
          null);
  private static final RunHeader HEADER =
      new RunHeader(
          "0.1.0",
          "tutti bench all-reduce",
          "2026-11-22T12:00:00Z",
          new MachineInfo("A CPU", 2, 24L << 30, 20L << 30, "Linux 6", "Temurin 25"),
          OPTIONS,
          3,
          new StartedEvent("shm", "vector"));

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private String show(ReportFormat format, Palette palette, List<BenchRow> rows) {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    BenchReport report = format.report(out, palette, OPTIONS);
    report.begin(HEADER);
    rows.forEach(report::row);
    report.end();
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldPrintTheTableOfNcclTests() {
    String table =
        show(
            ReportFormat.TABLE,
            Palette.PLAIN,
            List.of(
                Rows.row(64, Placement.OUT_OF_PLACE, 0.25),
                Rows.row(64, Placement.IN_PLACE, 0.5),
                Rows.row(1 << 20, Placement.OUT_OF_PLACE, 50),
                Rows.row(1 << 20, Placement.IN_PLACE, 1234)));

    assertThat(table).isEqualTo(GOLDEN);
  }

  private static final String GOLDEN =
      """
      # tutti 0.1.0  all-reduce
      # command: tutti bench all-reduce
      # date:    2026-11-22T12:00:00Z
      # machine: A CPU, 2 cores, 24.0 GiB, Linux 6
      # java:    Temurin 25, reductions by the vector kernel
      # ranks:   2 processes over shm, blocking calls, medians of 3 launches
      #
      # buffers: foreign
      #                                                                    out-of-place                                       in-place
      #       size        count        type  redop  root      time      p99   algbw   busbw %limit #wrong      time      p99   algbw   busbw %limit #wrong  algorithm
      #        (B)   (elements)                               (us)     (us)  (GB/s)  (GB/s)                    (us)     (us)  (GB/s)  (GB/s)
                64           16     float32    sum    -1     0.250    0.500    0.26    0.26   25.0      0     0.500    1.000    0.13    0.13   25.0      0  ring, interpreted
           1048576       262144     float32    sum    -1     50.00    100.0   20.97   20.97   25.0      0      1234     2468    0.85    0.85   25.0      0  ring, interpreted
      #
      # wrong elements:        0 OK
      # average bus bandwidth: 5.55 GB/s
      """;

  @Test
  void shouldCountAndColourWrongElements() {
    String table =
        show(
            ReportFormat.TABLE,
            Palette.ANSI,
            List.of(
                Rows.row(64, Placement.OUT_OF_PLACE, BufferKind.FOREIGN, 1, 3),
                Rows.row(64, Placement.IN_PLACE, BufferKind.FOREIGN, 1, 4)));

    assertThat(table).contains("# wrong elements:        \u001b[1;31m7 FAILED\u001b[0m\n");
  }

  @Test
  void shouldSayThatNothingWasChecked() {
    String table =
        show(
            ReportFormat.TABLE,
            Palette.ANSI,
            List.of(Rows.row(64, Placement.OUT_OF_PLACE, BufferKind.FOREIGN, 1, -1)));

    assertThat(table).contains("N/A").contains("not checked");
  }

  @Test
  void shouldStartANewSectionForOtherBuffers() {
    String table =
        show(
            ReportFormat.TABLE,
            Palette.PLAIN,
            List.of(
                Rows.row(64, Placement.OUT_OF_PLACE, BufferKind.FOREIGN, 1, 0),
                Rows.row(64, Placement.IN_PLACE, BufferKind.FOREIGN, 1, 0),
                Rows.row(64, Placement.OUT_OF_PLACE, BufferKind.REGISTERED, 1, 0),
                Rows.row(64, Placement.IN_PLACE, BufferKind.REGISTERED, 1, 0)));

    assertThat(table.lines()).contains("# buffers: foreign", "# buffers: registered");
    assertThat(table.lines().filter(line -> !line.startsWith("#"))).hasSize(2);
  }

  @Test
  void shouldPrintNothingButRowsAsJsonAndCsv() {
    List<BenchRow> rows = List.of(Rows.row(64, Placement.IN_PLACE, 1));

    assertThat(show(ReportFormat.JSON, Palette.ANSI, rows).lines()).hasSize(1);
    bytes.reset();
    assertThat(show(ReportFormat.CSV, Palette.ANSI, rows).lines()).hasSize(2);
  }

  @Test
  void shouldChooseTheFormatOfAFileByItsName() {
    assertThat(ReportFormat.of(Path.of("a.csv"))).isEqualTo(ReportFormat.CSV);
    assertThat(ReportFormat.of(Path.of("a.txt"))).isEqualTo(ReportFormat.TABLE);
    assertThat(ReportFormat.of(Path.of("a.jsonl"))).isEqualTo(ReportFormat.JSON);
  }
}
