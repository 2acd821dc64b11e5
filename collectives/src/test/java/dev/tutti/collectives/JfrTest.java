package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Records JFR events and reads them back.
@Timeout(60)
final class JfrTest {
  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
  }

  @Test
  void shouldRecordOperationsPlansFailuresAndJoins(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("tutti.jfr");
    try (Recording recording = new Recording();
        World world = World.threads(2)) {
      world.run(c -> c.allReduce(new float[10], ReduceOp.SUM)); // before anybody records
      recording.enable("dev.tutti.Operation").withThreshold(Duration.ZERO);
      recording.enable("dev.tutti.PlanDecision");
      recording.enable("dev.tutti.Failure");
      recording.enable("dev.tutti.Join");
      recording.start();
      world.run(c -> {
        for (int i = 0; i < 300; i++) {
          c.allReduce(new float[1000], ReduceOp.MAX);
        }
        c.allReduce(new float[100_000], ReduceOp.MAX);
      });
      Communicator.join(CommunicatorConfig.builder().build()).close();
      assertThatThrownBy(() -> world.run(c -> c.allReduce(new float[5 + c.rank()], ReduceOp.SUM)))
          .hasRootCauseInstanceOf(MismatchException.class);
      recording.dump(file);
    }

    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    List<RecordedEvent> operations = named(events, "dev.tutti.Operation");
    assertThat(operations)
        .filteredOn(e -> e.getString("call").equals("all-reduce of 100000 FLOAT32 MAX"))
        .hasSize(2)
        .allSatisfy(e -> {
          assertThat(e.getLong("bytes")).isEqualTo(400_000);
          assertThat(e.getString("communicator")).isEqualTo("world");
          assertThat(e.getLong("operation")).isEqualTo(301);
          assertThat(e.getString("algorithm")).isNotEmpty();
          assertThat(e.getDuration()).isPositive();
        });
    // From the first operation that looks, one in 256 or any that is large or waits long, all are.
    assertThat(operations)
        .filteredOn(e -> e.getString("call").equals("all-reduce of 1000 FLOAT32 MAX"))
        .hasSizeGreaterThan(40);
    assertThat(named(events, "dev.tutti.PlanDecision"))
        .anySatisfy(e -> {
          assertThat(e.getString("collective")).isEqualTo("all-reduce");
          assertThat(e.getString("candidates")).contains(e.getString("algorithm"), " ns, ");
          assertThat(e.getDuration("predicted")).isPositive();
        });
    assertThat(named(events, "dev.tutti.Failure"))
        .hasSize(2)
        .allSatisfy(e -> {
          assertThat(e.getString("kind")).isEqualTo("MismatchException");
          assertThat(e.getString("message")).contains("ranks disagree on operation 302");
          assertThat(e.getLong("operation")).isEqualTo(302);
        });
    assertThat(named(events, "dev.tutti.Join"))
        .singleElement()
        .satisfies(e -> assertThat(e.getInt("size")).isEqualTo(1));
  }
}
