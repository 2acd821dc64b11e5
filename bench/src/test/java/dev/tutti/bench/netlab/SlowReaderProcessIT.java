package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.netlab.SteadyJob.Connection;
import dev.tutti.bench.netlab.SteadyRank.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// A rank that does not read for a while: it stands still, but not for as long as a dead one.
///
/// `-Dtutti.faults=20` has it stand still 20 times.
@EnabledOnOs(OS.LINUX)
@Timeout(600)
final class SlowReaderProcessIT {
  private static final int PAUSES = Integer.getInteger("tutti.faults", 1);
  private static final long PAUSE_NANOS = 500_000_000;
  private static final int MAX_DELAY_MILLIS = 50;
  private static final long MAX_GROWTH_BYTES = 32 << 20;

  @Test
  void shouldWaitForASlowReaderInBoundedMemory() throws Exception {
    Random random = new Random(7);
    try (SteadyJob job = SteadyJob.start(Map.of())) {
      for (Work work : List.of(Work.LARGE, Work.STREAM)) {
        job.does(work);
        final Connection connection = job.connection(0);
        for (int i = 0; i < PAUSES; i++) {
          LockSupport.parkNanos(1_000_000L * random.nextInt(MAX_DELAY_MILLIS));
          final long before = residentBytes(job.pid(0));

          job.signal(1, "STOP");
          LockSupport.parkNanos(PAUSE_NANOS);
          final long meanwhile = residentBytes(job.pid(0));
          job.signal(1, "CONT");

          job.goesOn();
          assertThat(meanwhile - before).as("growth of the sender").isLessThan(MAX_GROWTH_BYTES);
          assertThat(job.connection(0)).isEqualTo(connection);
        }
      }
      job.ends();
    }
  }

  private static long residentBytes(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.split("\\s+")[1]);
      }
    }
    throw new IOException("process " + pid + " has ended");
  }
}
