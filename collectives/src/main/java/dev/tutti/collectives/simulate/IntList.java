package dev.tutti.collectives.simulate;

import java.util.Arrays;

/// A growing list of ints.
final class IntList {
  private int[] values = new int[16];
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int get(int index) {
    return values[index];
  }

  void set(int index, int value) {
    values[index] = value;
  }

  void add(int value) {
    values = size == values.length ? Arrays.copyOf(values, 2 * size) : values;
    values[size++] = value;
  }

  void clear() {
    size = 0;
  }
}
