package dev.tutti.bindings.hccl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// What ranks need to find each other: made by one with [HcclLibrary#rootInfo], carried to the
/// others by other means.
public final class HcclRootInfo {
  /// Length of it.
  public static final int BYTES = 4108;

  private final byte[] bytes;

  private HcclRootInfo(byte[] bytes) {
    this.bytes = bytes;
  }

  /// Takes one that came from another rank.
  ///
  /// @throws IllegalArgumentException if it does not have [#BYTES] bytes
  public static HcclRootInfo of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "a root info of HCCL has " + BYTES + " bytes, these are " + bytes.length);
    }
    return new HcclRootInfo(bytes.clone());
  }

  static HcclRootInfo read(MemorySegment info) {
    return new HcclRootInfo(info.asSlice(0, BYTES).toArray(ValueLayout.JAVA_BYTE));
  }

  MemorySegment write(Arena arena) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }

  /// Returns a copy of its bytes, to be carried to other ranks.
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HcclRootInfo info && Arrays.equals(bytes, info.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /// Says what it is, not what is in it: whoever has it can join.
  @Override
  public String toString() {
    return "HcclRootInfo";
  }
}
