package dev.tutti.collectives.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Working memory of one thread, outside the heap.
///
/// ```
/// base                              + TAIL_BYTES                 + BLOCKS * BLOCK_BYTES
/// | tail 0 | .. | tail 9 | addresses | block 0 | .. | block 15 | operands |
/// ```
///
/// A tail holds one vector: the last, partial one of a range is copied there so that the loops only
/// ever see whole vectors. A block holds an intermediate result; more than two are touched only
/// with more than 16 sources. The operand area holds the widened sources of one block of narrow
/// floats. So what is in use stays in the level 1 and 2 caches.
final class Scratch {
  /// Size of a block: a quarter of a 32 KiB level 1 cache, the rest is for what flows past it.
  static final int BLOCK_BYTES = 8 << 10;

  /// Most operands that the operand area holds.
  static final int OPERANDS = 256;

  /// Most elements of one operand.
  static final int OPERAND_ELEMENTS = 1024;

  private static final int OPERAND_AREA_ELEMENTS = 16 << 10;
  private static final int BLOCKS = 16;
  private static final int TAIL_STRIDE = 256;
  private static final int TAIL_BYTES = 4096;
  private static final int ADDRESSES = 10 * TAIL_STRIDE;

  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  /// Addresses that a call on scratch memory is given.
  final long[] operands = new long[8];

  final long[] result = new long[1];

  /// The same for the call of a float32 kernel by that of a narrow float; it may need the others.
  final long[] wideOperands = new long[OPERANDS];

  final long[] wideResult = new long[1];

  /// Freed when this object is collected, after its thread has ended.
  private final MemorySegment memory;

  private final long base;

  private Scratch() {
    long bytes = TAIL_BYTES + BLOCKS * BLOCK_BYTES + OPERAND_AREA_ELEMENTS * Float.BYTES;
    memory = Arena.ofAuto().allocate(bytes, 4096);
    base = memory.address();
  }

  static Scratch ofThread() {
    return OF_THREAD.get();
  }

  long tail(int index) {
    return base + (long) index * TAIL_STRIDE;
  }

  /// Returns the address of room for 100 addresses, the arguments of a native call.
  long addresses() {
    return base + ADDRESSES;
  }

  long block(int index) {
    assert index < BLOCKS;
    return base + TAIL_BYTES + (long) index * BLOCK_BYTES;
  }

  /// Returns how many elements each of `count` operands may have: a multiple of 64.
  static int operandElements(int count) {
    return Math.min(OPERAND_ELEMENTS, OPERAND_AREA_ELEMENTS / count & -64);
  }

  /// Returns the address of a float32 operand when each has room for `elements`, rounded up to 64.
  long operand(int index, int elements) {
    long stride = (long) (elements + 63 & -64) * Float.BYTES;
    return base + TAIL_BYTES + BLOCKS * BLOCK_BYTES + index * stride;
  }

  @Override
  public String toString() {
    return "Scratch[" + memory.byteSize() + " bytes]";
  }
}
