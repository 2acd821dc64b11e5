package dev.tutti.collectives;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// A process and what it has printed so far.
final class OutputCollector {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Thread reader;

  OutputCollector(Process process) {
    this.process = process;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      in.lines().filter(line -> !line.contains("incubator")).forEach(lines::add);
    } catch (IOException | UncheckedIOException _) {
      // It was killed.
    }
  }

  Process process() {
    return process;
  }

  /// Returns what it has printed.
  List<String> lines() {
    return List.copyOf(lines);
  }

  /// Waits for a line that begins so, and returns it.
  ///
  /// @throws AssertionError if the process ends without one
  String await(String beginning) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .atMost(PATIENCE)
        .failFast(() -> {
          if (!reader.isAlive() && find(beginning) == null) {
            throw new AssertionError("no line begins with \"" + beginning + "\": " + lines);
          }
        })
        .until(() -> find(beginning) != null);
    return Objects.requireNonNull(find(beginning));
  }

  private @Nullable String find(String beginning) {
    return lines.stream().filter(line -> line.startsWith(beginning)).findFirst().orElse(null);
  }

  /// Waits for its end and returns its exit status.
  int exit() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("still running: " + lines);
    }
    reader.join();
    return process.exitValue();
  }

  @Override
  public String toString() {
    return lines.toString();
  }
}
