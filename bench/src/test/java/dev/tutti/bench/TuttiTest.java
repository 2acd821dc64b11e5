package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.CallStyle;
import dev.tutti.bench.measure.Placement;
import dev.tutti.bench.measure.RankMode;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

final class TuttiTest {
  private static BenchOptions bench(String... words) {
    BenchCommand command = new BenchCommand();
    new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(words);
    return command.options();
  }

  private static String failing(String... words) {
    StringWriter err = new StringWriter();
    CommandLine command = Tutti.commandLine(words);
    PrintWriter writer = new PrintWriter(err);
    command.setErr(writer);
    command.getSubcommands().values().forEach(each -> each.setErr(writer));
    int exitCode = command.execute(words);
    assertThat(exitCode).isEqualTo(2);
    return err.toString();
  }

  @Test
  void shouldMeasureFloatSumsOfForeignMemoryByDefault() {
    BenchOptions options = bench("all-reduce");

    assertThat(options.collective()).isEqualTo(BenchCollective.ALL_REDUCE);
    assertThat(options.ranks()).isEqualTo(Math.max(2, Runtime.getRuntime().availableProcessors()));
    assertThat(options.mode()).isEqualTo(RankMode.PROCESSES);
    assertThat(options.sizes()).startsWith(4L, 16L).endsWith(64L << 20);
    assertThat(options.types()).containsExactly(DataType.FLOAT32);
    assertThat(options.ops()).containsExactly(ReduceOp.SUM);
    assertThat(options.kinds()).containsExactly(BufferKind.FOREIGN);
    assertThat(options.placements()).containsExactly(Placement.values());
    assertThat(options.style()).isEqualTo(CallStyle.BLOCKING);
    assertThat(options.check()).isTrue();
    assertThat(options.algorithm()).isNull();
  }

  @Test
  void shouldTakeTheFlagsOfNcclTests() {
    BenchOptions options =
        bench(
            "broadcast",
            "-b",
            "1K",
            "-e",
            "64K",
            "-f",
            "8",
            "-d",
            "half",
            "-r",
            "1",
            "-n",
            "20",
            "-w",
            "5",
            "-c",
            "0",
            "--ranks",
            "3",
            "--threads",
            "--registered",
            "--prepared");

    assertThat(options.sizes()).containsExactly(1L << 10, 8L << 10, 64L << 10);
    assertThat(options.types()).containsExactly(DataType.FLOAT16);
    assertThat(options.root()).isEqualTo(1);
    assertThat(options.iterations()).isEqualTo(20);
    assertThat(options.warmupIterations()).isEqualTo(5);
    assertThat(options.check()).isFalse();
    assertThat(options.ranks()).isEqualTo(3);
    assertThat(options.mode()).isEqualTo(RankMode.THREADS);
    assertThat(options.kinds()).containsExactly(BufferKind.REGISTERED);
    assertThat(options.style()).isEqualTo(CallStyle.PREPARED);
  }

  @Test
  void shouldStepByBytesAndFollowALargeSmallestSize() {
    assertThat(bench("all-reduce", "-b", "4", "-e", "20", "-i", "8").sizes())
        .containsExactly(4L, 12L, 20L);
    assertThat(bench("all-reduce", "-b", "1G").sizes()).containsExactly(1L << 30);
    assertThat(bench("all-reduce", "--buffers", "registered,foreign").kinds())
        .containsExactly(BufferKind.REGISTERED, BufferKind.FOREIGN);
    assertThat(bench("p2p", "--placement", "in-place").placements())
        .containsExactly(Placement.IN_PLACE);
  }

  @ParameterizedTest
  @CsvSource({
    "allreduce, ALL_REDUCE",
    "all_gather, ALL_GATHER",
    "Reduce-Scatter, REDUCE_SCATTER",
    "bcast, BROADCAST",
    "p2p, SEND_RECV",
    "sendrecv, SEND_RECV",
    "barrier, BARRIER"
  })
  void shouldKnowOtherSpellings(String word, BenchCollective collective) {
    assertThat(bench(word).collective()).isEqualTo(collective);
  }

  @Test
  void shouldRefuseWhatExcludesEachOther() {
    for (String[] words :
        new String[][] {
          {"all-reduce", "--threads", "--processes"},
          {"all-reduce", "--prepared", "--blocking"},
          {"all-reduce", "--registered", "--huge-pages"},
          {"all-reduce", "-i", "4", "-f", "2"},
          {"all-reduce", "-b", "8", "-e", "4"},
          {"all-reduce", "-r", "9"}
        }) {
      assertThatExceptionOfType(ParameterException.class).isThrownBy(() -> bench(words));
    }
  }

  @Test
  void shouldGuessWhatWasMeant() {
    assertThat(failing("bnech")).contains("Did you mean bench?");
    assertThat(failing("bench", "all-reduce", "--rnaks=3"))
        .contains("tutti bench: Unknown option: '--rnaks=3'")
        .contains("Did you mean --ranks?")
        .contains("Try 'tutti bench --help'.");
    assertThat(failing("bench", "all-redcue")).contains("did you mean all-reduce?");
    assertThat(failing("bench", "frobnicate")).contains("there are all-reduce, broadcast");
    assertThat(failing("bench", "all-reduce", "-b", "1X")).contains("'1X' is not a size");
    assertThat(failing("bench", "all-reduce", "-d", "f31")).contains("unknown data type 'f31'");
    assertThat(failing("compare", "all-reduce", "--tunings", "x")).contains("unknown tuning 'x'");
    assertThat(failing("netlab", "upp")).contains("Did you mean up?");
    assertThat(failing("netlab", "up", "--rate", "5x")).contains("'5x' is not a rate");
    assertThat(failing("netlab")).contains("missing a command: up, down, status");
    assertThat(failing())
        .contains("missing a command: analyze, bench, compare, doctor, plan, probe");
  }

  @Test
  void shouldDescribeCommandsThatItDoesNotLoad() {
    String usage = Tutti.commandLine("--help").getUsageMessage(Ansi.OFF);

    assertThat(usage).contains("bench", "compare", "run", "COMMAND --help");
  }

  @Test
  void shouldExplainExitCodesAndGiveExamples() {
    for (String name : new String[] {"bench", "compare"}) {
      String usage =
          Tutti.commandLine(name).getSubcommands().values().stream()
              .filter(command -> command.getCommandName().equals(name))
              .map(command -> command.getUsageMessage(Ansi.OFF))
              .collect(Collectors.joining());

      assertThat(usage).contains("Exit codes:", "Examples:", "--help");
    }
  }

  @Test
  void shouldMeasureDistances() {
    assertThat(Suggestions.distance("ranks", "rnaks")).isEqualTo(1);
    assertThat(Suggestions.distance("", "abc")).isEqualTo(3);
    assertThat(Suggestions.distance("ring", "king")).isEqualTo(1);
  }
}
