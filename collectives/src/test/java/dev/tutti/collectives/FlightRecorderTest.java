package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.collectives.record.Counter;
import dev.tutti.collectives.record.Dump;
import dev.tutti.collectives.record.DumpFile;
import dev.tutti.collectives.record.LiveRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is recorded about communicators, seen through dumps and from outside.
@Timeout(60)
final class FlightRecorderTest {
  @TempDir Path folder;

  private static CommunicatorConfig.Builder config() {
    return CommunicatorConfig.builder();
  }

  private static List<Dump> ofThisProcess() {
    long pid = ProcessHandle.current().pid();
    return LiveRecords.find().stream()
        .filter(live -> live.processId() == pid)
        .map(live -> Objects.requireNonNull(live.dump()))
        .toList();
  }

  @Test
  void shouldDumpOnDemandAndLetOthersLook() throws IOException {
    try (World world = World.threads(2, config().build())) {
      world.run(c -> {
        for (int i = 0; i < 3; i++) {
          c.allReduce(new float[100], ReduceOp.SUM);
        }
        try (Communicator part = c.split(7, 0)) {
          part.barrier();
          Dump dump = DumpFile.read(part.dump(folder));
          assertThat(dump.identity().communicator()).isEqualTo("world.1.7");
        }
      });

      Dump dump = DumpFile.read(world.communicator(1).dump(folder.resolve("one.json")));
      assertThat(dump.identity().rank()).isEqualTo(1);
      assertThat(dump.identity().size()).isEqualTo(2);
      assertThat(dump.identity().transport()).isEqualTo("inproc");
      assertThat(dump.operations())
          .extracting(Dump.Operation::call)
          .startsWith("all-reduce of 100 FLOAT32 SUM")
          .contains("all-gather of 1 INT64");
      assertThat(dump.operations()).extracting(Dump.Operation::state).containsOnly(Dump.State.DONE);
      assertThat(dump.counter(Counter.BYTES)).isGreaterThanOrEqualTo(1200);
      assertThat(ofThisProcess())
          .extracting(d -> d.identity().communicator() + " " + d.identity().rank())
          .containsExactly("world 0", "world 1");
    }
    assertThat(ofThisProcess()).isEmpty();
  }

  @Test
  void shouldDumpOnEveryRankWhenAnOperationFails() throws IOException {
    Path dumps = folder.resolve("made/by/tutti");
    CommunicatorConfig config = config().set("dumpDirectory", dumps.toString()).build();
    try (World world = World.threads(2, config)) {
      assertThatThrownBy(() -> world.run(c -> c.allReduce(new float[10 + c.rank()], ReduceOp.SUM)))
          .hasRootCauseInstanceOf(MismatchException.class);

      assertThatThrownBy(() -> world.communicator(0).barrier())
          .isInstanceOf(MismatchException.class);
    }

    List<Path> files;
    try (Stream<Path> stream = Files.list(dumps)) {
      files = stream.sorted().toList();
    }
    assertThat(files).hasSize(2);
    for (int rank = 0; rank < 2; rank++) {
      Dump dump = DumpFile.read(files.get(rank));
      assertThat(dump.identity().rank()).isEqualTo(rank);
      Dump.Failure failure = Objects.requireNonNull(dump.failure());
      assertThat(failure.kind()).isEqualTo("MismatchException");
      assertThat(failure.operation()).isZero();
      Dump.Operation failed = Objects.requireNonNull(dump.current());
      assertThat(failed.state()).isEqualTo(Dump.State.FAILED);
      assertThat(failed.call()).isEqualTo("all-reduce of " + (10 + rank) + " FLOAT32 SUM");
      assertThat(dump.absent()).isEmpty();
    }
  }

  @Test
  void shouldSayWhoIsAwaitedWhileARankIsAbsent() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    try (World world = World.threads(2, config().build())) {
      Thread looker =
          Thread.ofPlatform()
              .start(() -> {
                org.awaitility.Awaitility.await().until(() -> waitOf(0) != null);
                seen.countDown();
              });
      world.run(c -> {
        if (c.rank() == 1) {
          seen.await();
          Dump other = DumpFile.read(world.communicator(0).dump(folder));
          assertThat(other.absent()).containsExactly(1);
          assertThat(Objects.requireNonNull(other.currentWait()).peer()).isEqualTo(1);
        }
        c.barrier();
      });
      looker.join();

      assertThat(ofThisProcess().get(0).counter(Counter.STALLS)).isPositive();
      assertThat(ofThisProcess().get(0).counter(Counter.WAITED)).isPositive();
    }
  }

  private static Dump.@Nullable Wait waitOf(int rank) {
    return ofThisProcess().get(rank).currentWait();
  }

  @Test
  void shouldRecordMessages() throws IOException {
    try (World world = World.threads(2, config().build())) {
      world.run(c -> {
        MemorySegment data = c.allocate(1 << 20);
        if (c.rank() == 0) {
          c.send(data, 1 << 20, DataType.INT8, 1);
        } else {
          c.receive(data, 1 << 20, DataType.INT8, 0);
        }
      });

      Dump dump = DumpFile.read(world.communicator(1).dump(folder));
      assertThat(dump.operations().getLast().call())
          .isEqualTo("receive of 1048576 INT8 from rank 0");
      assertThat(dump.peers().get(0).transferBytes()).isEqualTo(1 << 20);
    }
  }

  @Test
  void shouldHideOrRecordNothingWhenTold() throws IOException {
    try (World world = World.threads(1, config().set("counters", "off").build())) {
      world.communicator(0).barrier();

      assertThat(ofThisProcess()).isEmpty();
      assertThat(DumpFile.read(world.communicator(0).dump(folder)).entered()).isEqualTo(1);
    }
    try (World world = World.threads(1, config().set("recorderOperations", "0").build())) {
      world.communicator(0).barrier();

      assertThat(ofThisProcess()).isEmpty();
      assertThatThrownBy(() -> world.communicator(0).dump(folder))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("recorderOperations is 0");
    }
  }

  @Test
  void shouldRefuseToDumpWhenClosed() {
    Communicator closed;
    try (World world = World.threads(1, config().build())) {
      closed = world.communicator(0);
    }

    assertThatThrownBy(() -> closed.dump(folder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the communicator is closed");
  }

  @Test
  void shouldNotHideTheFailureWhenTheDumpCannotBeWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    CommunicatorConfig config = config().set("dumpDirectory", file.toString()).build();
    try (World world = World.threads(2, config)) {
      assertThatThrownBy(() -> world.run(c -> c.allReduce(new float[1 + c.rank()], ReduceOp.SUM)))
          .hasRootCauseInstanceOf(MismatchException.class);
    }
  }

  @Test
  void shouldCheckItsOptions() {
    assertThatThrownBy(() -> config().set("recorderOperations", "100").build())
        .hasMessage("tutti.recorderOperations is 100, expected 0 or a power of two, 16 to 65536");
    assertThatThrownBy(() -> config().set("counters", "yes").build())
        .hasMessage("tutti.counters is \"yes\", expected on or off");
  }
}
