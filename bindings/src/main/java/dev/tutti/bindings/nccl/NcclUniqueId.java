package dev.tutti.bindings.nccl;

import dev.tutti.bindings.nccl.generated.ncclUniqueId;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// What ranks need to find each other: made by one with [NcclLibrary#uniqueId], carried to the
/// others by other means.
public final class NcclUniqueId {
  /// Length of it.
  public static final int BYTES = 128;

  private final byte[] bytes;

  private NcclUniqueId(byte[] bytes) {
    this.bytes = bytes;
  }

  /// Takes one that came from another rank.
  ///
  /// @throws IllegalArgumentException if it does not have [#BYTES] bytes
  public static NcclUniqueId of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "a unique id of NCCL has " + BYTES + " bytes, these are " + bytes.length);
    }
    return new NcclUniqueId(bytes.clone());
  }

  static NcclUniqueId read(MemorySegment id) {
    return new NcclUniqueId(id.asSlice(0, BYTES).toArray(ValueLayout.JAVA_BYTE));
  }

  /// Writes it to memory as the structure that is passed by value.
  MemorySegment write(Arena arena) {
    MemorySegment id = arena.allocate(ncclUniqueId.layout());
    write(id);
    return id;
  }

  void write(MemorySegment target) {
    MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, BYTES);
  }

  /// Returns a copy of its bytes, to be carried to other ranks.
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NcclUniqueId id && Arrays.equals(bytes, id.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /// Says what it is, not what is in it: whoever has it can join.
  @Override
  public String toString() {
    return "NcclUniqueId";
  }
}
