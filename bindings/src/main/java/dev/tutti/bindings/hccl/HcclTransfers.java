package dev.tutti.bindings.hccl;

import dev.tutti.bindings.hccl.generated.HcclSendRecvItemDef;
import dev.tutti.bindings.hccl.generated.LibHccl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Sends and receives that go out together, in memory that is used time after time. One thread at a
/// time. Allocates nothing once it is made.
public final class HcclTransfers {
  private final MemorySegment items;
  private final int capacity;
  private int count;

  /// Makes room in an arena.
  ///
  /// @param capacity most sends and receives at once
  public HcclTransfers(Arena arena, int capacity) {
    this.items = HcclSendRecvItemDef.allocateArray(capacity, arena);
    this.capacity = capacity;
  }

  /// Forgets all.
  public void clear() {
    count = 0;
  }

  /// Adds a send.
  public void send(long address, long elements, HcclDataType type, int peer) {
    add(LibHccl.HCCL_SEND(), address, elements, type, peer);
  }

  /// Adds a receive.
  public void receive(long address, long elements, HcclDataType type, int peer) {
    add(LibHccl.HCCL_RECV(), address, elements, type, peer);
  }

  private void add(int kind, long address, long elements, HcclDataType type, int peer) {
    if (count == capacity) {
      throw new IllegalStateException("there is room for " + capacity + " sends and receives");
    }
    long at = count * HcclSendRecvItemDef.sizeof();
    items.set(HcclSendRecvItemDef.sendRecvType$layout(), at, kind);
    items.set(LibHccl.C_LONG, at + HcclSendRecvItemDef.buf$offset(), address);
    items.set(LibHccl.C_LONG, at + HcclSendRecvItemDef.count$offset(), elements);
    items.set(LibHccl.C_INT, at + HcclSendRecvItemDef.dataType$offset(), type.code());
    items.set(LibHccl.C_INT, at + HcclSendRecvItemDef.remoteRank$offset(), peer);
    count++;
  }

  /// Returns how many there are.
  public int count() {
    return count;
  }

  /// Returns where they are.
  ///
  /// @throws IllegalStateException if the arena is closed
  long address() {
    if (!items.scope().isAlive()) {
      throw new IllegalStateException("the arena of these transfers is closed");
    }
    return items.address();
  }
}
