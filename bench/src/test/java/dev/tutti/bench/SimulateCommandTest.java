package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class SimulateCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine command = Tutti.commandLine(args);
    command.setOut(new PrintWriter(out));
    command.setErr(new PrintWriter(err));
    for (CommandLine sub : command.getSubcommands().values()) {
      sub.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    }
    return command.execute(args);
  }

  private List<Double> numbers(String field) {
    List<Double> values = new ArrayList<>();
    Matcher matcher = Pattern.compile("\"" + field + "\":([0-9.E-]+)").matcher(out.toString());
    while (matcher.find()) {
      values.add(Double.valueOf(matcher.group(1)));
    }
    return values;
  }

  @Test
  void shouldRankAllAlgorithmsBestFirst() {
    int code = run("simulate", "--preset", "hgx-h800", "--hosts", "2", "--format", "json");

    assertThat(code).isZero();
    assertThat(numbers("time_us")).hasSize(14).isSorted();
    assertThat(out.toString())
        .contains("\"hierarchical\"")
        .contains("\"halving-doubling\"")
        .contains("\"packed-trees\"")
        .contains("\"nested-rings\"");
  }

  /// The recording's profile says that messages save up at shapers and what they cost their ends; a
  /// profile of the same links alone says nothing of that.
  @Test
  void shouldUseWhatAProfileTellsOfMessages(@TempDir Path folder) throws IOException {
    Path recording = Path.of("src/test/resources/validate/uniform.jsonl");
    String profile = Files.readAllLines(recording).get(1);
    Path whole = folder.resolve("whole.json");
    Path links = folder.resolve("links.json");
    Files.writeString(whole, profile);
    Files.writeString(links, profile.replaceFirst(",\"messages\":\\{.*?\\]\\}", ""));

    String[] what = {
      "simulate", "--algorithm", "ring", "--bytes", "1M", "--format", "json", "--from"
    };
    assertThat(run(with(what, whole.toString()))).as(err.toString()).isZero();
    assertThat(run(with(what, links.toString()))).as(err.toString()).isZero();
    assertThat(run(with(with(with(what, whole.toString()), "--message-us"), "5000"))).isZero();

    List<Double> times = numbers("time_us");
    assertThat(times.get(0)).isCloseTo(12_600, within(600.0)); // as tutti validate says
    assertThat(times.get(1)).isNotCloseTo(times.get(0), within(100.0));
    assertThat(times.get(2))
        .isGreaterThan(2 * times.get(0)); // six steps of 5 ms, part of which overlaps
  }

  private static String[] with(String[] words, String more) {
    String[] all = Arrays.copyOf(words, words.length + 1);
    all[words.length] = more;
    return all;
  }

  @Test
  void shouldOfferTheAllReduceForALateRank() {
    int code =
        run(
            "simulate",
            "--preset",
            "ethernet-racks",
            "--hosts",
            "8",
            "--late",
            "3=10ms",
            "--format",
            "json");

    assertThat(code).isZero();
    assertThat(out.toString()).contains("\"late-rank\"").contains("\"late_us\":{\"3\":10000.0}");
    assertThat(numbers("time_us")).allSatisfy(micros -> assertThat(micros).isGreaterThan(10_000));
  }

  @Test
  void shouldSayWhoIsLateAboveTheTable() {
    int code =
        run(
            "simulate",
            "--preset",
            "ethernet-racks",
            "--hosts",
            "4",
            "--algorithm",
            "ring",
            "--late",
            "3=1.5ms,0=20us");

    assertThat(code).isZero();
    assertThat(out.toString()).contains("# late: rank 0 by 20 us, rank 3 by 1500 us");
  }

  @Test
  void shouldRefuseALateRankThatIsNotThere() {
    String[] base = {"simulate", "--preset", "ethernet-racks", "--hosts", "4", "--late"};

    assertThat(run(concat(base, "7=1ms"))).isEqualTo(2);
    assertThat(run(concat(base, "soon"))).isEqualTo(2);

    assertThat(err.toString())
        .contains("rank 7 is late, but there are only ranks 0 to 3")
        .contains("'soon' names no late rank, expected RANK=TIME in us, ms or s, as 3=500us");
  }

  private static String[] concat(String[] words, String last) {
    String[] all = Arrays.copyOf(words, words.length + 1);
    all[words.length] = last;
    return all;
  }

  /// Every rank sends three quarters of its buffer through its port.
  @Test
  void shouldCountTheBufferOfARankInAnAllToAll() {
    int code =
        run(
            "simulate",
            "--preset",
            "ethernet-racks",
            "--hosts",
            "4",
            "--collective",
            "all-to-all",
            "--bytes",
            "64M",
            "--format",
            "json");

    assertThat(code).isZero();
    assertThat(numbers("time_us"))
        .allSatisfy(micros -> assertThat(micros).isGreaterThan((64 << 20) * 0.75 / 1.25e3));
  }

  @Test
  void shouldComputeBandwidthsAsNcclTestsDoes() {
    run(
        "simulate",
        "--preset",
        "ethernet-racks",
        "--hosts",
        "4",
        "--collective",
        "all-gather",
        "--algorithm",
        "ring",
        "--bytes",
        "64M",
        "--format",
        "json");

    double micros = numbers("time_us").getFirst();
    double algorithmBandwidth = (64 << 20) / micros / 1e3;
    assertThat(numbers("algbw_gbs").getFirst()).isCloseTo(algorithmBandwidth, within(1e-9));
    assertThat(numbers("busbw_gbs").getFirst()).isCloseTo(algorithmBandwidth * 3 / 4, within(1e-9));
    assertThat(numbers("optimum_us").getFirst()).isCloseTo(3 * 16_777_216 / 1.25e3, within(1e-3));
    assertThat(numbers("percent_of_optimum").getFirst())
        .isCloseTo(100 * numbers("optimum_us").getFirst() / micros, within(1e-9))
        .isBetween(90.0, 100.0);
  }

  @Test
  void shouldPrintATableForSeveralSizes() {
    int code =
        run("simulate", "--preset", "dgx-1", "--bytes", "1M,64M", "--algorithm", "ring,direct");

    assertThat(code).isZero();
    assertThat(out.toString().lines().filter(line -> !line.startsWith("#")))
        .hasSize(4)
        .allMatch(line -> line.matches("(ring|direct) +(1048576|67108864) .*"));
  }

  @Test
  void shouldLeaveOutWhatIsTooLarge() {
    int code =
        run(
            "simulate",
            "--preset",
            "ethernet-racks",
            "--hosts",
            "3000",
            "--late", // so that no symmetry helps
            "0=1ms",
            "--algorithm",
            "ring");

    assertThat(code).isEqualTo(4);
    assertThat(err.toString()).contains("ring is left out: the schedules have about");
  }

  @Test
  void shouldWriteATimeline(@TempDir Path directory) throws Exception {
    Path trace = directory.resolve("trace.json");

    int code =
        run("simulate", "--preset", "dgx-1", "--algorithm", "ring", "--trace", trace.toString());

    assertThat(code).isZero();
    String text = Files.readString(trace);
    assertThat(text).contains("\"traceEvents\"").contains("lane 7, chunk 7");
    assertThat(text.split("\"ph\":\"X\"", -1)).hasSize(1 + 2 * 2 * 7 * 8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --collective all-reduse | no collective 'all-reduse'; there are [all-reduce,
          --algorithm rung | no all-reduce by 'rung' here; there are [flat,
          --collective broadcast --root 8 | root is 8, expected 0 to 7 as there are 8
          --pieces 0 | --pieces is 0, expected at least 1
          --trace x.json | --trace shows one --algorithm and one size
          --slice 0 | slice size is 0, expected at least 1
          --bytes 12Q | '12Q' is not a size
          """)
  void shouldExplainWrongArguments(String options, String message) {
    List<String> args = new ArrayList<>(List.of("simulate", "--preset", "dgx-1"));
    args.addAll(List.of(options.split(" ")));

    assertThat(run(args.toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }
}
