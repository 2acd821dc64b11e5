package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class WindowTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void shouldReadAndWriteTheMemoryOfOthers(int size) {
    try (World world = World.threads(size)) {
      world.run(WindowCases::all);
    }
  }

  @Test
  void shouldTakeDifferentAmountsOfMemory() {
    try (World world = World.threads(3)) {
      world.run(communicator -> {
        try (Window window = Window.open(communicator, 100L * communicator.rank())) {
          assertThat(window.local().byteSize()).isEqualTo(100L * communicator.rank());
          assertThat(window.bytes(2)).isEqualTo(200);
        }
      });
    }
  }

  @Test
  void shouldCountSignalsThatNobodyAwaited() {
    try (World world = World.threads(2)) {
      world.run(communicator -> {
        try (Window window = Window.open(communicator, 0)) {
          window.signal(1 - communicator.rank(), 63);
          window.signal(1 - communicator.rank(), 63);
          window.awaitSignal(63, 2);
          assertThat(window.pendingSignals(63)).isZero();
          window.signal(communicator.rank(), 63);
          assertThat(window.pendingSignals(63)).isEqualTo(1);
        }
      });
    }
  }

  @Test
  void shouldNotCloseTheCommunicatorItWasOpenedOn() {
    try (World world = World.threads(2)) {
      world.run(communicator -> {
        Window window = Window.open(communicator, 8);
        window.close();
        window.close();
        communicator.barrier();
        assertThatIllegalStateException()
            .isThrownBy(window::fence)
            .withMessage("the window is closed");
      });
    }
  }

  @Test
  void shouldNotWaitForARankThatDied() {
    List<Throwable> seen = new CopyOnWriteArrayList<>();
    try (World world = World.threads(3)) {
      assertThatExceptionOfType(TuttiException.class)
          .isThrownBy(() ->
              world.run(communicator -> {
                Window window = Window.open(communicator, 8);
                if (communicator.rank() == 1) {
                  throw new IllegalStateException("dies");
                }
                try {
                  window.awaitSignal(0);
                } catch (RankFailedException e) {
                  seen.add(e);
                  window.close();
                }
              }));
    }
    assertThat(seen)
        .hasSize(2)
        .allSatisfy(e -> assertThat(((RankFailedException) e).failedRanks()).containsExactly(1));
  }

  private static void refuse(Consumer<Window> call, String message) {
    try (World world = World.threads(1);
        Window window = Window.open(world.communicator(0), 100)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> call.accept(window))
          .withMessageContaining(message);
    }
  }

  @Test
  void shouldRefuseWhatIsOutsideOfTheWindow() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(200, 8);
      refuse(
          window -> window.put(data, 0, 96, 8),
          "8 bytes at offset 96 are outside of the window of rank 0, which has 100 bytes");
      refuse(window -> window.get(data, 0, -1, 8), "at offset -1");
      refuse(window -> window.put(data, 0, Long.MAX_VALUE, 8), "outside of the window");
      refuse(window -> window.put(data, 1, 0, 8), "target is 1, expected 0 to 0");
      refuse(window -> window.put(data.asSlice(0, 4), 0, 0, 8), "source has 4 bytes, 8 are needed");
      refuse(window -> window.get(data.asReadOnly(), 0, 0, 8), "destination is read-only");
      refuse(
          window -> window.accumulate(data, 0, 0, 1, DataType.INT32, ReduceOp.AVG),
          "cannot accumulate AVG");
      refuse(window -> window.signal(0, 64), "signal is 64, expected 0 to 63");
      refuse(window -> window.awaitSignal(0, 0), "times is 0, expected at least 1");
    }
  }

  @Test
  void shouldRefuseNegativeMemory() {
    try (World world = World.threads(1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Window.open(world.communicator(0), -1))
          .withMessage("bytes is -1, expected at least 0");
    }
  }
}
