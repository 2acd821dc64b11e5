package dev.tutti.collectives.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bindings.linux.Linux;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.execute.Signature;
import dev.tutti.collectives.record.Dump.State;
import dev.tutti.collectives.record.OperationRecorder.Visibility;
import dev.tutti.collectives.schedule.Collective;
import java.util.List;
import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OperationRecorderTest {
  private static final long SUM =
      Signature.of(Collective.ALL_REDUCE, DataType.FLOAT32, ReduceOp.SUM, 0, 25);
  private static final long BARRIER =
      Signature.of(Collective.BARRIER, DataType.INT8, ReduceOp.SUM, 0, 0);

  private final OperationRecorder recorder =
      new OperationRecorder(
          new Identity("world", 1, List.of(4, 5, 6), "shm", "host", "boot", 99, "job"),
          16,
          Visibility.PROCESS,
          address -> address == 1234 ? 2 : -1);

  @AfterEach
  void close() {
    recorder.close();
  }

  private Dump dump() {
    return Objects.requireNonNull(recorder.snapshot());
  }

  private void run(long first, long count) {
    for (long k = first; k < first + count; k++) {
      recorder.enter(k, SUM, 0, 100);
      recorder.done(k, 100);
    }
  }

  @Test
  void shouldBeEmptyWhenNothingWasEntered() {
    Dump dump = dump();

    assertThat(dump.entered()).isZero();
    assertThat(dump.operations()).isEmpty();
    assertThat(dump.current()).isNull();
    assertThat(dump.failure()).isNull();
    assertThat(dump.identity().members()).containsExactly(4, 5, 6);
    assertThat(dump.identity().job()).isEqualTo("job");
  }

  @Test
  void shouldTellEnteredFromCompletedInEveryLap() {
    for (long k = 0; k < 70; k++) {
      Dump before = dump();
      recorder.enter(k, k % 2 == 0 ? SUM : BARRIER, recorder.algorithm("ring"), 100);
      Dump during = dump();
      recorder.done(k, 100);

      assertThat(before.entered()).isEqualTo(k);
      assertThat(before.current()).isNull();
      assertThat(during.entered()).isEqualTo(k + 1);
      Dump.Operation running = Objects.requireNonNull(during.current());
      assertThat(running.number()).isEqualTo(k);
      assertThat(running.state()).isEqualTo(State.RUNNING);
      assertThat(running.call()).isEqualTo(k % 2 == 0 ? "all-reduce of 25 FLOAT32 SUM" : "barrier");
      assertThat(running.algorithm()).isEqualTo("ring");
      assertThat(during.operations()).hasSize((int) Math.min(16, k + 1));
    }
  }

  @Test
  void shouldCountBytesAlsoSinceTheLastPublication() {
    run(0, 5);

    assertThat(dump().counter(Counter.BYTES)).isEqualTo(500);

    run(5, 100);

    assertThat(dump().counter(Counter.BYTES)).isEqualTo(10_500);
    assertThat(dump().counter(Counter.OPERATIONS)).isEqualTo(105);
  }

  @Test
  void shouldNumberCollectivesApartFromMessages() {
    run(0, 2);
    recorder.enterSend(2, DataType.INT32, 2, 10);
    recorder.doneMessage(2, 40);
    recorder.enterReceive(2, DataType.INT32, 0, 10);
    recorder.doneMessage(2, 40);
    run(2, 1);

    Dump dump = dump();
    assertThat(dump.operations())
        .extracting(Dump.Operation::call)
        .contains("send of 10 INT32 to rank 2", "receive of 10 INT32 from rank 0");
    assertThat(dump.operations())
        .extracting(Dump.Operation::number)
        .containsExactly(0L, 1L, 2L, 2L, 2L);
    assertThat(dump.collectives()).isEqualTo(3);
    assertThat(dump.counter(Counter.MESSAGES)).isEqualTo(2);
    assertThat(dump.counter(Counter.BYTES)).isEqualTo(380);
  }

  @Test
  void shouldStampLargeOperationsAndRateMessages() {
    run(0, 2);
    recorder.enter(2, SUM, 0, 1 << 20);
    recorder.done(2, 1 << 20);
    recorder.enterSend(3, DataType.INT8, 0, 1 << 20);
    recorder.doneMessage(3, 1 << 20);

    Dump dump = dump();
    Dump.Operation small = dump.operations().get(1);
    Dump.Operation large = dump.operations().get(2);
    assertThat(small.beginNanos()).isZero();
    assertThat(large.beginNanos()).isNotZero();
    assertThat(large.endNanos()).isGreaterThanOrEqualTo(large.beginNanos());
    assertThat(dump.peers().get(0).transfers()).isEqualTo(1);
    assertThat(dump.peers().get(0).transferBytes()).isEqualTo(1 << 20);
    assertThat(dump.peers().get(0).bestBytesPerSecond()).isPositive();
  }

  @Test
  void shouldSayWhoIsAwaitedWhileWaiting() {
    run(0, 3);
    long now = System.nanoTime();
    recorder.enter(3, SUM, 0, 100);
    recorder.waiting(1234, now - 900, now - 300);
    recorder.parked(200);
    recorder.waiting(1234, now - 900, now);

    Dump during = dump();
    Dump.Wait wait = Objects.requireNonNull(during.currentWait());
    assertThat(wait.peer()).isEqualTo(2);
    assertThat(wait.sinceNanos()).isEqualTo(now - 900);
    assertThat(wait.seenNanos()).isEqualTo(now);
    assertThat(during.counter(Counter.STALLS)).isEqualTo(1);
    assertThat(during.counter(Counter.WAITED)).isEqualTo(900);
    assertThat(during.counter(Counter.PARKED)).isEqualTo(200);
    assertThat(during.peers().get(2).waits()).isEqualTo(1);
    assertThat(during.peers().get(2).waitedNanos()).isEqualTo(900);

    recorder.done(3, 100);
    Dump.Operation operation = dump().operations().getLast();
    assertThat(dump().currentWait()).isNull();
    assertThat(operation.stalled()).isTrue();
    assertThat(operation.beginNanos()).isEqualTo(now - 900);
    assertThat(operation.endNanos()).isGreaterThanOrEqualTo(now);
  }

  @Test
  void shouldSayWhoIsAwaitedBeforeAnOperation() {
    recorder.enterSend(0, DataType.INT8, 0, 1); // the entry is still there in the next lap
    recorder.doneMessage(0, 1);
    run(0, 15);
    long now = System.nanoTime();
    recorder.waiting(1234, now - 900, now);

    Dump during = dump();
    assertThat(during.current()).isNull();
    assertThat(Objects.requireNonNull(during.currentWait()).peer()).isEqualTo(2);
    assertThat(during.operations()).noneMatch(Dump.Operation::stalled);

    recorder.enter(15, SUM, 0, 100);
    recorder.done(15, 100);
    assertThat(dump().currentWait()).isNull();
    assertThat(dump().operations().getLast().stalled()).isFalse();
  }

  @Test
  void shouldKeepTheFirstFailure() {
    recorder.enter(0, SUM, 0, 100);
    recorder.failed(0, "TimeoutException", "nobody came " + "ä".repeat(3000));
    recorder.failed(1, "Other", "later");

    Dump dump = dump();
    Dump.Failure failure = Objects.requireNonNull(dump.failure());
    assertThat(failure.kind()).isEqualTo("TimeoutException");
    assertThat(failure.message()).startsWith("nobody came ää").endsWith("ä");
    assertThat(Objects.requireNonNull(dump.current()).state()).isEqualTo(State.FAILED);
    assertThat(dump.counter(Counter.FAILURES)).isEqualTo(1);
  }

  @Test
  void shouldReturnNothingAfterClose() {
    recorder.close();
    recorder.close();
    recorder.failed(0, "Late", "ignored");

    assertThat(recorder.snapshot()).isNull();
  }

  @Test
  void shouldNameAlgorithmsOnce() {
    int ring = recorder.algorithm("ring");

    assertThat(recorder.algorithm("ring")).isEqualTo(ring).isNotEqualTo(recorder.algorithm("flat"));
    for (int i = 0; i < 200; i++) {
      assertThat(recorder.algorithm("made up " + i)).isBetween(1, RecordLayout.MAX_NAMES - 1);
    }
  }

  @Test
  void shouldLabelCountersForAgrona() {
    RecordMemory memory = RecordMemory.visible(new RecordLayout(1, 16).bytes());
    try {
      CounterLabels.write(memory.address());
      CountersReader reader =
          new CountersReader(
              new UnsafeBuffer(memory.address() + RecordLayout.LABELS, 8192),
              new UnsafeBuffer(memory.address() + RecordLayout.VALUES, 2048));
      dev.tutti.bindings.Memory.putLong(
          memory.address() + RecordLayout.value(Counter.STALLS), 4711);

      for (Counter counter : Counter.values()) {
        assertThat(reader.getCounterLabel(counter.ordinal())).isEqualTo(counter.label());
        assertThat(CountersReader.counterOffset(counter.ordinal()))
            .isEqualTo((int) RecordLayout.value(counter) - RecordLayout.VALUES);
      }
      assertThat(reader.getCounterValue(Counter.STALLS.ordinal())).isEqualTo(4711);
      assertThat(CountersReader.METADATA_LENGTH).isEqualTo(RecordLayout.LABEL_BYTES);
    } finally {
      memory.close();
    }
  }

  @Test
  void shouldRoundSectionsToPages() {
    RecordLayout layout = new RecordLayout(3, 256);

    assertThat(layout.bytes() % Linux.pageBytes()).isZero();
    assertThat(layout.entry(256)).isEqualTo(layout.entry(0));
    assertThat(layout.stamp(0)).isEqualTo(layout.entry(255) + 16);
    assertThat(layout.peer(0)).isEqualTo(layout.stamp(255) + 16);
  }
}
