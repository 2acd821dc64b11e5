package dev.tutti.bench.session;

import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BenchOptionsCodec;
import dev.tutti.bench.measure.BenchWorkerMain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command that starts a worker: this Java, this class path, and the options that the `tutti`
/// script passes on for ranks (`tutti.rank.options`, `tutti.rank.aot`).
public final class WorkerCommandLine {
  private static final String MAIN_CLASS = "dev.tutti.bench.Tutti";
  private static final String STANDARD_OPTIONS =
      "--enable-native-access=ALL-UNNAMED --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"
          + " --add-modules=jdk.incubator.vector -XX:+UseSerialGC";

  /// The JVM says this of every rank and cannot be told not to.
  private static final String INCUBATOR_WARNING = "WARNING: Using incubator modules";

  private WorkerCommandLine() {}

  /// Returns whether a line is what the JVM of every worker says and nobody wants to read.
  public static boolean isNoise(String line) {
    return line.startsWith(INCUBATOR_WARNING);
  }

  /// Returns the command of a worker with these options.
  public static List<String> of(BenchOptions options) {
    List<String> arguments = new ArrayList<>(List.of(BenchWorkerMain.COMMAND));
    arguments.addAll(BenchOptionsCodec.encode(options));
    return of(arguments);
  }

  /// Returns the command that runs `tutti` with some arguments.
  public static List<String> of(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:-UsePerfData"); // a killed rank leaves no file in the temporary directory
    String cache = System.getProperty("tutti.rank.aot");
    if (cache != null) {
      command.add("-XX:AOTCache=" + cache);
    }
    String rankOptions = System.getProperty("tutti.rank.options", STANDARD_OPTIONS);
    for (String option : rankOptions.strip().split("\\s+")) {
      command.add(option);
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(MAIN_CLASS);
    command.addAll(arguments);
    return command;
  }
}
