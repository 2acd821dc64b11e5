package dev.tutti.bench.session;

import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BenchOptionsCodec;
import dev.tutti.bench.measure.BenchWorkerMain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command that starts a worker: this Java, this class path, and the options that the `tutti`
/// script passes on for ranks (`tutti.rank.options`, `tutti.rank.aot`), or for ranks that live less
/// than a second (`tutti.brief.options`).
public final class WorkerCommandLine {
  private static final String MAIN_CLASS = "dev.tutti.bench.Tutti";
  private static final String STANDARD_OPTIONS =
      "--enable-native-access=ALL-UNNAMED --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"
          + " --add-modules=jdk.incubator.vector -XX:+UseSerialGC";

  // Where the script has not told: what a short life gains most by.
  private static final String BRIEF_OPTIONS = STANDARD_OPTIONS + " -XX:TieredStopAtLevel=1";

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
    List<String> command = java();
    String cache = System.getProperty("tutti.rank.aot");
    if (cache != null) {
      command.add("-XX:AOTCache=" + cache);
    }
    addWords(command, System.getProperty("tutti.rank.options", STANDARD_OPTIONS));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN_CLASS));
    command.addAll(arguments);
    return command;
  }

  /// Returns the command that runs `tutti` with some arguments for less than a second: nothing is
  /// compiled that would be ready only when all is over, and large vectors are reduced slowly.
  public static List<String> brief(List<String> arguments) {
    List<String> command = java();
    String told = System.getProperty("tutti.brief.options");
    addWords(command, told == null ? BRIEF_OPTIONS : told);
    String classPath = System.getProperty("java.class.path");
    command.addAll(
        told == null ? List.of("-cp", classPath, MAIN_CLASS) : List.of("-jar", classPath));
    command.addAll(arguments);
    return command;
  }

  private static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:-UsePerfData"); // a killed rank leaves no file in the temporary directory
    return command;
  }

  private static void addWords(List<String> command, String options) {
    command.addAll(List.of(options.strip().split("\\s+")));
  }
}
