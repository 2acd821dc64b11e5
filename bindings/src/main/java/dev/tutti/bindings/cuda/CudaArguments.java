package dev.tutti.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The arguments of a kernel, in memory that is used for launch after launch. One thread at a time.
///
/// ```
/// [ pointer to 0 ] ... [ pointer to n-1 ] [ value 0 ] ... [ value n-1 ]   8 bytes each
/// ```
public final class CudaArguments {
  private static final long WORD = Long.BYTES;

  private final MemorySegment memory;
  private final int count;

  /// Makes room in an arena for arguments of up to 8 bytes each, which are 0 at first.
  public CudaArguments(Arena arena, int count) {
    this.count = count;
    this.memory = arena.allocate(2 * WORD * count, WORD);
    for (int i = 0; i < count; i++) {
      memory.set(JAVA_LONG, i * WORD, memory.address() + value(i));
    }
  }

  private long value(int index) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException("argument " + index + " of " + count);
    }
    return (count + index) * WORD;
  }

  /// Sets an argument that is a pointer or has 64 bits.
  public void setLong(int index, long to) {
    memory.set(JAVA_LONG, value(index), to);
  }

  /// Sets an argument that has 32 bits.
  public void setInt(int index, int to) {
    memory.set(JAVA_INT, value(index), to);
  }

  /// Sets an argument of type `float`.
  public void setFloat(int index, float to) {
    memory.set(JAVA_FLOAT, value(index), to);
  }

  /// Returns where the pointers are.
  ///
  /// @throws IllegalStateException if the arena is closed
  long address() {
    if (!memory.scope().isAlive()) {
      throw new IllegalStateException("the arena of these arguments is closed");
    }
    return memory.address();
  }
}
