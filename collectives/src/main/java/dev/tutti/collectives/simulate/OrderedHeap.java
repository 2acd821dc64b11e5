package dev.tutti.collectives.simulate;

import java.util.Arrays;

/// Some of the numbers 0...n - 1 in the order of keys that can be changed, as flows by when they
/// end. Numbers of equal keys come in their own order.
final class OrderedHeap {
  private final double[] key;
  private final int[] place; // -1 if not in the heap
  private int[] heap = new int[64];
  private int size;

  OrderedHeap(int count) {
    key = new double[count];
    place = new int[count];
    Arrays.fill(place, -1);
  }

  boolean isEmpty() {
    return size == 0;
  }

  /// Returns the least key, infinite if the heap is empty.
  double leastKey() {
    return size == 0 ? Double.POSITIVE_INFINITY : key[heap[0]];
  }

  /// Returns the first number.
  int first() {
    return heap[0];
  }

  /// Puts a number in, or changes its key.
  void set(int item, double order) {
    int at = place[item];
    key[item] = order;
    if (at < 0) {
      heap = size == heap.length ? Arrays.copyOf(heap, 2 * size) : heap;
      at = size++;
      put(at, item);
    }
    down(up(at));
  }

  void clear() {
    for (int i = 0; i < size; i++) {
      place[heap[i]] = -1;
    }
    size = 0;
  }

  void remove(int item) {
    int at = place[item];
    place[item] = -1;
    int moved = heap[--size];
    if (at < size) {
      put(at, moved);
      down(up(at));
    }
  }

  private int up(int start) {
    int at = start;
    int item = heap[at];
    while (at > 0 && before(item, heap[(at - 1) >>> 1])) {
      put(at, heap[(at - 1) >>> 1]);
      at = (at - 1) >>> 1;
    }
    put(at, item);
    return at;
  }

  private void down(int start) {
    int at = start;
    int item = heap[at];
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], item)) {
        break;
      }
      put(at, heap[child]);
      at = child;
    }
    put(at, item);
  }

  private boolean before(int a, int b) {
    return key[a] < key[b] || (key[a] == key[b] && a < b);
  }

  private void put(int at, int item) {
    heap[at] = item;
    place[item] = at;
  }
}
