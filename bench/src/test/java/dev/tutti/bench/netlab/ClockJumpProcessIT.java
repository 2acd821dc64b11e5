package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.netlab.SteadyRank.Work;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Somebody sets the clock of the hosts while ranks run. Needs gcc.
///
/// `-Dtutti.faults=20` sets it 20 times.
@EnabledOnOs(OS.LINUX)
@Timeout(300)
final class ClockJumpProcessIT {
  private static final int JUMPS = Math.max(2, Integer.getInteger("tutti.faults", 1));
  private static final Duration DAY = Duration.ofDays(1);
  private static final int HEARTBEAT_TIMEOUT_MILLIS = 400;

  @TempDir Path folder;

  @Test
  void shouldGoOnWhenTheClockIsSet() throws Exception {
    Path clock = folder.resolve("clock");
    try (SteadyJob job = SteadyJob.start(options(clock))) {
      job.does(Work.SMALL);
      for (int i = 0; i < JUMPS; i++) {
        Duration shift = i % 2 == 0 ? DAY : DAY.negated();
        Path next = Files.writeString(folder.resolve("next"), shift.toSeconds() + "\n");
        Files.move(next, clock, StandardCopyOption.ATOMIC_MOVE);
        LockSupport.parkNanos(1_000_000L * HEARTBEAT_TIMEOUT_MILLIS);

        job.goesOn();

        for (int rank = 0; rank < SteadyJob.RANKS; rank++) {
          long ahead = job.clockMillis(rank) - System.currentTimeMillis();
          assertThat(ahead)
              .as("milliseconds")
              .isBetween(shift.toMillis() - 60_000, shift.toMillis() + 60_000);
        }
      }
      job.ends();
    }
  }

  private Map<String, String> options(Path clock) throws Exception {
    return Map.of(
        "LD_PRELOAD",
        library().toString(),
        "TUTTI_TEST_CLOCK",
        clock.toString(),
        "TUTTI_HEARTBEAT_MILLIS",
        "50",
        "TUTTI_HEARTBEAT_TIMEOUT_MILLIS",
        Integer.toString(HEARTBEAT_TIMEOUT_MILLIS));
  }

  private Path library() throws LabException, URISyntaxException {
    boolean missing = Programs.find("gcc") == null;
    Labs.skipIf(ClockJumpProcessIT.class, missing ? "the program gcc is missing" : null);
    Path source = Path.of(Objects.requireNonNull(getClass().getResource("clock.c")).toURI());
    Path library = folder.resolve("clock.so");
    String _ =
        Programs.run(
            List.of("gcc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source.toString()));
    return library;
  }
}
