package dev.tutti.collectives.simulate;

import static dev.tutti.collectives.simulate.Stars.LATENCY;
import static dev.tutti.collectives.simulate.Stars.RATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.schedule.Collective;
import org.junit.jupiter.api.Test;

/// Times that can be computed by hand.
final class MessageModelTest {
  private static final long SIZE = 8_000_000;
  private static final double ALONE = SIZE / RATE; // one vector over one link

  private static double seconds(
      String algorithm, Collective collective, int n, MessageModel messages) {
    ScheduleSource source =
        ScheduleSource.of(Algorithms.named(algorithm).scheduleSet(collective, n, 0, 1));
    return new Simulator(Stars.of(n), Stars.linksOnly().withMessages(messages))
        .predict(source, SIZE)
        .seconds();
  }

  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(1e-9 * expected));
  }

  @Test
  void shouldLetWhatLinksHaveSavedUpPassAtOnce() {
    MessageModel saving = new MessageModel(-1, 0, 0, SIZE / 4.0, -1);

    double seconds = seconds("flat", Collective.BROADCAST, 2, saving);

    assertClose(seconds, 0.75 * ALONE + LATENCY);
  }

  @Test
  void shouldShareTheProcessorOfARankThatSendsAndReceives() {
    MessageModel busy = new MessageModel(-1, 0, 1 / RATE, 0, -1);

    double oneWay = seconds("flat", Collective.BROADCAST, 2, busy);
    double bothWays = seconds("ring", Collective.ALL_GATHER, 2, busy);

    assertClose(oneWay, ALONE + LATENCY);
    assertClose(bothWays, 2 * (ALONE / 2) + LATENCY);
  }

  @Test
  void shouldTakeTheMeasuredLatencyInsteadOfThatOfLinks() {
    MessageModel measured = new MessageModel(7 * LATENCY, 0, 0, 0, -1);

    assertClose(seconds("flat", Collective.BROADCAST, 2, measured), ALONE + 7 * LATENCY);
  }

  @Test
  void shouldBelieveThatALinkCarriesWhatAMessageWasSeenToReach() {
    MessageModel seen = new MessageModel(-1, 2 * RATE, 0, 0, -1);

    assertClose(seconds("flat", Collective.BROADCAST, 2, seen), ALONE / 2 + LATENCY);
  }

  @Test
  void shouldSendTheNextMessageBesideOneThatTheSystemHasTaken() {
    MessageModel buffering = new MessageModel(-1, 0, 0, 0, 2.0 * SIZE);

    double waiting = seconds("binomial-tree", Collective.BROADCAST, 4, MessageModel.NONE);
    double taken = seconds("binomial-tree", Collective.BROADCAST, 4, buffering);

    assertClose(waiting, 2 * (ALONE + LATENCY));
    assertClose(taken, 3 * ALONE + 2 * LATENCY); // both shares of the root's port, then the last
  }
}
