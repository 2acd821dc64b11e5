package dev.tutti.collectives.simulate;

import java.util.Arrays;

/// Gives each of some numbers of at least 0 an index, in the order in which they come: a hash table
/// with linear probing, without objects.
final class LongTable {
  private static final long FREE = -1;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long[] keys = new long[16]; // by index
  private long[] slots = new long[32]; // keys by hash
  private int[] indexes = new int[32];
  private int size;

  LongTable() {
    Arrays.fill(slots, FREE);
  }

  int size() {
    return size;
  }

  long key(int index) {
    return keys[index];
  }

  /// Returns the index of a number, giving it one if it has none.
  int add(long key) {
    int slot = slot(key);
    if (slots[slot] == key) {
      return indexes[slot];
    }
    if (2 * (size + 1) > slots.length) {
      grow();
      slot = slot(key);
    }
    slots[slot] = key;
    indexes[slot] = size;
    keys = size == keys.length ? Arrays.copyOf(keys, 2 * size) : keys;
    keys[size] = key;
    return size++;
  }

  /// Returns the index of a number, -1 if it has none.
  int find(long key) {
    int slot = slot(key);
    return slots[slot] == key ? indexes[slot] : -1;
  }

  private int slot(long key) {
    int mask = slots.length - 1;
    int slot = (int) ((key * GOLDEN) >>> 32) & mask;
    while (slots[slot] != key && slots[slot] != FREE) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    slots = new long[2 * slots.length];
    indexes = new int[slots.length];
    Arrays.fill(slots, FREE);
    for (int i = 0; i < size; i++) {
      int slot = slot(keys[i]);
      slots[slot] = keys[i];
      indexes[slot] = i;
    }
  }
}
