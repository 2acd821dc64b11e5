package dev.tutti.collectives.simulate;

import java.util.Arrays;

/// Events in order of time; those of the same time in the order in which they were added.
final class EventQueue {
  private double[] time = new double[64];
  private long[] order = new long[64];
  private int[] step = new int[64];
  private int[] what = new int[64];
  private int size;
  private long added;

  /// Returns the time of the first event, infinite if there is none.
  double earliest() {
    return size == 0 ? Double.POSITIVE_INFINITY : time[0];
  }

  /// Returns the step of the first event.
  int firstStep() {
    return step[0];
  }

  /// Returns what else the first event was added with.
  int firstWhat() {
    return what[0];
  }

  void add(double when, int ofStep, int happens) {
    if (size == time.length) {
      time = Arrays.copyOf(time, 2 * size);
      order = Arrays.copyOf(order, 2 * size);
      step = Arrays.copyOf(step, 2 * size);
      what = Arrays.copyOf(what, 2 * size);
    }
    long number = added++;
    int at = size++;
    while (at > 0 && before(when, number, (at - 1) >>> 1)) {
      copy((at - 1) >>> 1, at);
      at = (at - 1) >>> 1;
    }
    set(at, when, number, ofStep, happens);
  }

  void removeFirst() {
    size--;
    double when = time[size];
    long number = order[size];
    int at = 0;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && before(time[child + 1], order[child + 1], child)) {
        child++;
      }
      if (before(when, number, child)) {
        break;
      }
      copy(child, at);
      at = child;
    }
    set(at, when, number, step[size], what[size]);
  }

  private boolean before(double when, long number, int other) {
    return when < time[other] || (when == time[other] && number < order[other]);
  }

  private void copy(int from, int to) {
    set(to, time[from], order[from], step[from], what[from]);
  }

  private void set(int at, double when, long number, int ofStep, int happens) {
    time[at] = when;
    order[at] = number;
    step[at] = ofStep;
    what[at] = happens;
  }
}
