package dev.tutti.bench;

import dev.tutti.bench.launch.Launcher;
import dev.tutti.bench.launch.LineSink;
import dev.tutti.bench.session.ExitCodes;
import dev.tutti.bench.session.WorkerCommandLine;
import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.RankFailedException;
import dev.tutti.collectives.TuttiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// What commands share whose ranks run `tutti` itself: either the command starts them on this host,
/// or it is one of them (`--join`).
final class OwnRanks {
  private OwnRanks() {}

  /// What a rank does.
  @FunctionalInterface
  interface Task {
    /// Does it and returns the exit code.
    int run(Communicator world) throws IOException;
  }

  /// Starts ranks on this host and passes on what they say; returns the exit code.
  ///
  /// @param arguments what each of them runs `tutti` with
  static int launch(int count, List<String> arguments) throws IOException, InterruptedException {
    return start(count, WorkerCommandLine.of(arguments));
  }

  /// Does the same with ranks that live less than a second.
  static int launchBriefly(int count, List<String> arguments)
      throws IOException, InterruptedException {
    return start(count, WorkerCommandLine.brief(arguments));
  }

  private static int start(int count, List<String> command)
      throws IOException, InterruptedException {
    return Launcher.builder(count, command)
        .output(OwnRanks::pass)
        .diagnostics(System.err::println)
        .run()
        .exitCode();
  }

  private static synchronized void pass(int rank, LineSink.Source source, byte[] bytes) {
    String line = new String(bytes, StandardCharsets.UTF_8);
    if (WorkerCommandLine.isNoise(line)) {
      return;
    }
    if (source == LineSink.Source.STDOUT) {
      System.out.println(line);
    } else {
      System.err.println("[" + rank + "] " + line);
    }
  }

  /// Joins the world that a launcher describes and runs a task there; returns the exit code. What
  /// goes wrong is said on stderr.
  ///
  /// @param transport how the ranks talk, null for what the environment says
  static int join(CommandSpec spec, @Nullable String transport, Task task) throws IOException {
    if (transport != null) {
      System.setProperty("tutti.transport", transport);
    }
    try (Communicator world = Communicator.join()) {
      return task.run(world);
    } catch (RankFailedException e) {
      return failed(spec, e, ExitCodes.RANK_FAILED);
    } catch (TuttiException e) {
      return failed(spec, e, ExitCodes.INTERNAL_ERROR);
    } catch (IllegalArgumentException e) {
      return failed(spec, e, ExitCodes.USAGE);
    }
  }

  private static int failed(CommandSpec spec, RuntimeException e, int code) {
    spec.commandLine().getErr().println(spec.qualifiedName() + ": " + e.getMessage());
    spec.commandLine().getErr().flush();
    return code;
  }

  /// Throws a usage error unless a file's folder is there: before anything is measured.
  static void checkWritable(CommandSpec spec, @Nullable Path file) {
    Path parent = file == null ? null : file.toAbsolutePath().getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      throw new ParameterException(
          spec.commandLine(), "cannot write " + file + ": there is no folder " + parent);
    }
  }
}
