package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.netlab.Lab.LinkState;
import dev.tutti.bench.netlab.SteadyJob.Connection;
import dev.tutti.bench.netlab.SteadyRank.Work;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Packets between two hosts vanish without a word: those of one connection, of all that carry
/// data, or all there are. Needs root.
///
/// `-Dtutti.faults=20` runs each case 20 times.
@Timeout(1800)
final class HalfOpenProcessIT {
  private static final int REPEATS = Integer.getInteger("tutti.faults", 1);
  private static final int HEARTBEAT_TIMEOUT_MILLIS = 1000;
  private static final int RECONNECT_TIMEOUT_MILLIS = 500;
  private static final int SILENCE_MILLIS = 2000; // after which a connection counts as half-open
  private static final int SLACK_MILLIS = 1000; // ranks and test share what cores there are
  private static final long OUTAGE_NANOS = 500_000_000;
  private static final int MAX_DELAY_MILLIS = 50;
  private static final Map<String, String> IMPATIENT =
      Map.of(
          "TUTTI_HEARTBEAT_MILLIS",
          "100",
          "TUTTI_HEARTBEAT_TIMEOUT_MILLIS",
          Integer.toString(HEARTBEAT_TIMEOUT_MILLIS),
          "TUTTI_RECONNECT_TIMEOUT_MILLIS",
          Integer.toString(RECONNECT_TIMEOUT_MILLIS));

  private final Random random = new Random(7);
  private static @Nullable Lab made;

  @BeforeAll
  static void makeLab() throws LabException {
    Labs.assumeAllowed(HalfOpenProcessIT.class);
    made = Labs.createPair("half", "500mbit");
    Labs.skipIf(HalfOpenProcessIT.class, PacketLoss.missing(made));
  }

  @AfterAll
  static void leaveNothing() throws Exception {
    if (made != null) {
      Labs.remove(made);
    }
  }

  private static Lab lab() {
    return Objects.requireNonNull(made);
  }

  private void waitAMoment() {
    LockSupport.parkNanos(1_000_000L * random.nextInt(MAX_DELAY_MILLIS));
  }

  @Test
  void shouldReplaceAHalfOpenConnectionAndGoOnAfterAShortOutage() throws Exception {
    try (SteadyJob job = SteadyJob.start(lab(), Map.of())) {
      for (int i = 0; i < REPEATS; i++) {
        for (Work work : REPEATS == 1 ? List.of(Work.LARGE) : List.of(Work.SMALL, Work.LARGE)) {
          job.does(work);
          replaceTheConnection(job);
          goOnAfterAnOutage(job);
        }
      }
      job.ends();
    }
  }

  private void replaceTheConnection(SteadyJob job) throws Exception {
    Connection victim = job.connection(0);
    waitAMoment();
    try (PacketLoss _ = PacketLoss.of(lab(), victim)) {
      job.goesOn();

      assertThat(job.connections(0)).isNotEmpty().doesNotContain(victim);
    }
  }

  private void goOnAfterAnOutage(SteadyJob job) throws Exception {
    Connection connection = job.connection(0);
    waitAMoment();
    lab().setLink(1, LinkState.DOWN);
    LockSupport.parkNanos(OUTAGE_NANOS);
    lab().setLink(1, LinkState.UP);

    job.goesOn();

    assertThat(job.connection(0)).isEqualTo(connection);
  }

  /// Keep-alive tells the kernels, so that no operation has to find out.
  @Test
  @EnabledIfSystemProperty(
      named = "tutti.faults",
      matches = "\\d+",
      disabledReason = "keep-alive takes its time: -Dtutti.faults=20")
  void shouldReplaceAHalfOpenConnectionThatWasIdle() throws Exception {
    try (SteadyJob job = SteadyJob.start(lab(), Map.of())) {
      job.does(Work.IDLE);
      for (int i = 0; i < REPEATS; i++) {
        Connection victim = job.connection(0);
        try (PacketLoss _ = PacketLoss.of(lab(), victim)) {
          Awaitility.await()
              .atMost(Duration.ofSeconds(10))
              .until(() -> job.connections(0).isEmpty() && job.connections(1).isEmpty());
          long start = System.nanoTime();

          job.goesOn();

          assertThat(Duration.ofNanos(System.nanoTime() - start))
              .isLessThan(Duration.ofMillis(SILENCE_MILLIS));
        }
      }
      job.ends();
    }
  }

  /// The ranks hear each other's heartbeats, but no data get through.
  @Test
  void shouldFailOnEveryRankWhenDataVanishForLong() throws Exception {
    for (int i = 0; i < REPEATS; i++) {
      try (SteadyJob job = SteadyJob.start(lab(), IMPATIENT)) {
        job.does(Work.LARGE);
        waitAMoment();
        try (PacketLoss _ = PacketLoss.ofAllBut(lab(), job.rendezvousPort())) {
          assertAllFailWithin(job, SILENCE_MILLIS + RECONNECT_TIMEOUT_MILLIS);
        }
      }
    }
  }

  @Test
  @EnabledIfSystemProperty(
      named = "tutti.faults",
      matches = "\\d+",
      disabledReason = "LostHostProcessIT has the same with three ranks: -Dtutti.faults=20")
  void shouldFailOnEveryRankWhenTheLinkIsDownForLong() throws Exception {
    for (int i = 0; i < REPEATS; i++) {
      try (SteadyJob job = SteadyJob.start(lab(), IMPATIENT)) {
        job.does(Work.LARGE);
        waitAMoment();
        try {
          lab().setLink(1, LinkState.DOWN);

          assertAllFailWithin(job, 2 * HEARTBEAT_TIMEOUT_MILLIS);
        } finally {
          lab().setLink(1, LinkState.UP);
        }
      }
    }
  }

  private static void assertAllFailWithin(SteadyJob job, long millis) throws Exception {
    long start = System.nanoTime();
    for (int rank = 0; rank < SteadyJob.RANKS; rank++) {
      String out = job.await(rank, "out ");
      assertThat(out).contains("RankFailedException");
      assertThat(job.exit(rank)).isEqualTo(6);
      long took = (Long.parseLong(out.split(" ")[1]) - start) / 1_000_000;
      assertThat(took).as("milliseconds").isLessThan(millis + SLACK_MILLIS);
    }
  }
}
