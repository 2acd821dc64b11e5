package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.netlab.SteadyRank.Work;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Two hosts with two network cards each; the link of the second ones goes down and up again. Needs
/// root.
///
/// `-Dtutti.faults=20` does it 20 times.
@Timeout(1200)
final class RailsProcessIT {
  private static final int REPEATS = Integer.getInteger("tutti.faults", 1);
  private static final String FIRST = Lab.HOST_INTERFACE;
  private static final String SECOND = "eth1";
  private static final String RATE = "500mbit";
  private static final long MUCH = 4 << 20; // bytes: half a buffer of an operation

  private static final Map<String, String> OPTIONS =
      Map.of("TUTTI_INTERFACES", FIRST + "," + SECOND);

  private static @Nullable Lab made;

  /// The second cards are joined by a cable of their own.
  @BeforeAll
  static void makeLab() throws LabException {
    Labs.assumeAllowed(RailsProcessIT.class);
    made = Labs.createPair("rails", RATE);
    Labs.addCable(made, SECOND, RATE, RATE);
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

  private static String onHost(int host, String command) throws LabException {
    return Programs.run(lab().onHost(host, List.of(command.split(" "))));
  }

  /// Returns how many bytes a host has sent over a card.
  private static long sent(int host, String card) throws LabException {
    return Long.parseLong(
        onHost(host, "cat /sys/class/net/" + card + "/statistics/tx_bytes").strip());
  }

  private static void awaitMuch(int host, String card) throws LabException {
    long before = sent(host, card);
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> sent(host, card) - before > MUCH);
  }

  @Test
  void shouldUseBothRailsAndGoOnOverOneWhileTheOtherIsDown() throws Exception {
    try (SteadyJob job = SteadyJob.start(lab(), OPTIONS)) {
      job.does(Work.LARGE);
      for (int i = 0; i < REPEATS; i++) {
        for (int host = 0; host < SteadyJob.RANKS; host++) {
          awaitMuch(host, FIRST);
          awaitMuch(host, SECOND);
        }

        int down = i % SteadyJob.RANKS; // the other host's card loses its carrier only
        onHost(down, "ip link set " + SECOND + " down");
        job.goesOn();
        long before = sent(down, SECOND);
        awaitMuch(0, FIRST);
        awaitMuch(1, FIRST);
        job.goesOn();
        assertThat(sent(down, SECOND)).isEqualTo(before);

        onHost(down, "ip link set " + SECOND + " up");
        awaitMuch(0, SECOND);
        awaitMuch(1, SECOND);
        job.goesOn();
      }
      job.ends();
    }
  }

  @Test
  @EnabledIfSystemProperty(
      named = "tutti.faults",
      matches = "\\d+",
      disabledReason = "a rail that is down at the beginning: -Dtutti.faults=20")
  void shouldBeginWithOneRailAndUseTheOtherWhenItComesUp() throws Exception {
    for (int i = 0; i < REPEATS; i++) {
      int down = i % SteadyJob.RANKS;
      onHost(down, "ip link set " + SECOND + " down");
      try (SteadyJob job = SteadyJob.start(lab(), OPTIONS)) {
        job.does(Work.LARGE);

        onHost(down, "ip link set " + SECOND + " up");
        awaitMuch(0, SECOND);
        awaitMuch(1, SECOND);
        job.ends();
      } finally {
        onHost(down, "ip link set " + SECOND + " up");
      }
    }
  }
}
