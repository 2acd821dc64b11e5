package dev.tutti.collectives.device;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.TuttiException;
import dev.tutti.collectives.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// How many collectives each rank has begun, where the others can read it without its help: a rank
/// that waits in vain finds out whom it waits for.
///
/// The window ends with the world: another rank may look at it until then, and to close it together
/// would make a rank that leaves early wait.
final class DeviceProgress {
  private final Window window;
  private final long counter;
  private final int size;
  private long begun; // owner: the thread that calls the communicator

  /// Collective.
  DeviceProgress(Communicator control) {
    this.window = Window.open(control, JAVA_LONG.byteSize());
    this.counter = window.local().address();
    this.size = control.size();
  }

  /// Counts a collective that this rank begins; returns its number, from 1.
  long begin() {
    begun++;
    Memory.putLongRelease(counter, begun);
    return begun;
  }

  /// Says, for a message, which ranks have not begun a collective.
  synchronized String missing(long number) {
    List<Integer> missing = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment other = arena.allocate(JAVA_LONG);
      for (int rank = 0; rank < size; rank++) {
        window.get(other, rank, 0, JAVA_LONG.byteSize());
        if (other.get(JAVA_LONG, 0) < number) {
          missing.add(rank);
        }
      }
    } catch (TuttiException | IllegalStateException e) {
      return "which ranks had begun it is not known: " + e.getMessage();
    }
    return switch (missing.size()) {
      case 0 -> "all ranks had begun it";
      case 1 -> "rank " + missing.getFirst() + " had not begun it";
      default -> "ranks " + missing + " had not begun it";
    };
  }
}
