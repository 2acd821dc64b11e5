package dev.tutti.bindings.library;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Eight bytes per thread for functions that write a small result and must not make garbage.
public final class OutWord {
  private static final ThreadLocal<OutWord> CURRENT = ThreadLocal.withInitial(OutWord::new);

  // Automatic: lives as long as the thread holds this object.
  private final MemorySegment memory = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
  private final long address = memory.address();

  private OutWord() {}

  /// Returns the calling thread's; allocates only on the thread's first call.
  public static OutWord current() {
    return CURRENT.get();
  }

  /// Returns where to write.
  public long address() {
    return address;
  }

  /// Returns the first four bytes.
  public int getInt() {
    return memory.get(ValueLayout.JAVA_INT, 0);
  }
}
