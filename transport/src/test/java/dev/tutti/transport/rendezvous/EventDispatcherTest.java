package dev.tutti.transport.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

/// What reaches a listener that does not keep up.
final class EventDispatcherTest {
  @Test
  void shouldDropReportsButNoEventsWhenListenerIsSlow() {
    EventDispatcher events = new EventDispatcher("tutti-test-events");
    EventLog log = new EventLog();

    for (int i = 0; i < 3000; i++) {
      events.postReport(listener -> listener.told(1, 2, new byte[0]));
    }
    events.post(listener -> listener.rankFailed(4, "gone"));
    events.listen(log);

    await().until(() -> log.events().contains("failed 4 gone"));
    assertThat(log.events()).hasSize(1025);
    events.stop();
  }
}
