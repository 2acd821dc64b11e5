package dev.tutti.bench;

import dev.tutti.bench.session.ExitCodes;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleJson;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.ScheduleText;
import dev.tutti.collectives.schedule.ScheduleVerifier;
import dev.tutti.collectives.schedule.VerificationReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti verify`: proves a schedule.
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Proves a schedule: every element contributed exactly once, no race, no deadlock, the right"
          + " result on every rank.%n",
      "Reads the text or the JSON form that 'tutti schedule' prints."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the schedule is proven",
      "2:usage error, or the file is malformed",
      "3:the schedule has defects; they are printed"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti verify mine.json",
      "  tutti schedule all-reduce --algorithm ring --ranks 8 | tutti verify -"
    })
final class VerifyCommand implements Callable<Integer> {
  private static final String STANDARD_INPUT = "-";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "FILE|-",
      description = "What to prove; - for standard input.")
  private String file = "";

  @Option(
      names = "--slots",
      paramLabel = "N",
      description =
          "How many whole chunks a channel holds. Default: none, as chunks may be longer than any"
              + " channel; for a barrier, whose messages are empty, 1.")
  private @Nullable Integer slots;

  /// For picocli.
  VerifyCommand() {}

  @Override
  public Integer call() throws IOException {
    ScheduleSet set;
    try {
      set = file.equals(STANDARD_INPUT) ? parse(text(System.in.readAllBytes())) : read(file);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    if (slots != null && slots < 0) {
      throw new ParameterException(spec.commandLine(), "--slots is " + slots + ", expected 0 up");
    }
    VerificationReport report = verify(set, slots);
    spec.commandLine().getOut().println(report.describe());
    spec.commandLine().getOut().flush();
    return report.isValid() ? ExitCodes.OK : ExitCodes.WRONG_RESULTS;
  }

  /// Proves a schedule.
  ///
  /// @param slots how many whole chunks a channel holds, null for what is usual
  static VerificationReport verify(ScheduleSet set, @Nullable Integer slots) {
    // A barrier's messages are empty and fit one slot; other chunks may exceed any channel.
    int usual = set.collective() == Collective.BARRIER ? 1 : 0;
    return ScheduleVerifier.verify(set, slots == null ? usual : slots);
  }

  /// Reads a schedule in either form.
  ///
  /// @throws IllegalArgumentException if the file cannot be read or is malformed; names it
  static ScheduleSet read(String file) {
    try {
      return parse(text(Files.readAllBytes(Path.of(file))));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no file " + file, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("is not text in UTF-8, expected a schedule", e);
    }
  }

  private static ScheduleSet parse(String text) {
    return text.stripLeading().startsWith("{")
        ? ScheduleJson.parse(text)
        : ScheduleText.parse(text);
  }
}
