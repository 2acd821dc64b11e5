package dev.tutti.bindings;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// Access to memory by raw address, for the data path.
///
/// Operands of a collective lie in the caller's buffers, in this rank's registered memory and in
/// the mapped memory of other ranks. The data path addresses all of them alike, by `long`, through
/// one segment that spans the address space, so that nothing is sliced or allocated per call.
/// Whoever hands an address to these methods has checked it: a wrong one crashes the process.
public final class Memory {
  /// The whole address space.
  @SuppressWarnings("restricted") // native access is a documented requirement of this module
  public static final MemorySegment ALL = MemorySegment.ofAddress(0).reinterpret(Long.MAX_VALUE);

  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle ANY_LONG = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();
  private static final VarHandle ANY_INT = ValueLayout.JAVA_INT_UNALIGNED.varHandle();

  private Memory() {}

  /// Reads a long at any alignment.
  public static long getLong(long address) {
    return (long) ANY_LONG.get(ALL, address);
  }

  /// Writes a long at any alignment.
  public static void putLong(long address, long value) {
    ANY_LONG.set(ALL, address, value);
  }

  /// Reads an int at any alignment.
  public static int getInt(long address) {
    return (int) ANY_INT.get(ALL, address);
  }

  /// Writes an int at any alignment.
  public static void putInt(long address, int value) {
    ANY_INT.set(ALL, address, value);
  }

  /// Reads a long with acquire order.
  public static long getLongAcquire(long address) {
    return (long) LONG.getAcquire(ALL, address);
  }

  /// Writes a long with release order.
  public static void putLongRelease(long address, long value) {
    LONG.setRelease(ALL, address, value);
  }

  /// Reads an int with acquire order.
  public static int getIntAcquire(long address) {
    return (int) INT.getAcquire(ALL, address);
  }

  /// Writes an int with volatile order (a full fence follows the store).
  public static void putIntVolatile(long address, int value) {
    INT.setVolatile(ALL, address, value);
  }

  /// Replaces an int atomically if it has a value; returns whether it had.
  public static boolean compareAndSetInt(long address, int expected, int value) {
    return INT.compareAndSet(ALL, address, expected, value);
  }

  /// Writes an int with release order.
  public static void putIntRelease(long address, int value) {
    INT.setRelease(ALL, address, value);
  }

  /// Adds to an int atomically.
  public static void addInt(long address, int delta) {
    int _ = (int) INT.getAndAdd(ALL, address, delta);
  }

  /// Adds to a long atomically.
  public static void addLong(long address, long delta) {
    long _ = (long) LONG.getAndAdd(ALL, address, delta);
  }

  /// Copies bytes; the ranges may overlap.
  public static void copy(long target, long source, long bytes) {
    MemorySegment.copy(ALL, source, ALL, target, bytes);
  }
}
