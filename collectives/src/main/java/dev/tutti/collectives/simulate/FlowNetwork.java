package dev.tutti.collectives.simulate;

import java.util.Arrays;

/// Flows that share resources max-min fairly, each with at most its own cap: a flow gets more only
/// where that takes nothing from one that has less (progressive filling; Bertsekas, Gallager, "Data
/// Networks", section 6.5.2).
///
/// Rates are computed anew only for the part of the network that a start or end can touch. A
/// resource is *tight* while the caps of its flows add up to more than its capacity; one that is
/// not tight limits nobody, so only tight resources join flows to each other.
///
/// Not thread-safe.
final class FlowNetwork {
  private static final double SLACK = 1e-9;
  private static final long MOST_WORK = 1_000_000_000; // some 10 s

  private final double[] capacity; // by resource
  private final double[] cap; // by flow: its rate when it is alone
  private final int[] entryStart; // flow f uses entries entryStart[f]...entryStart[f + 1] - 1
  private final int[] entryResource;
  private final double[] entryWeight; // bytes on the resource for each byte of the flow
  private final int[] entryFlow;

  private final int[] next; // by entry: the next of the same resource's active ones
  private final int[] previous;
  private final int[] head; // by resource: its first active entry
  private final double[] demand; // by resource: caps of its active flows times weights

  private final double[] rate; // by flow, 0 if not active
  private final double[] remaining; // by flow: bytes at the time of `since`
  private final double[] since;
  private final OrderedHeap ends;

  private final IntList touched = new IntList(); // resources that were tight when a flow ended
  private final IntList begun = new IntList(); // flows
  private final IntList flows = new IntList(); // of the part being computed
  private final IntList resources = new IntList();
  private final int[] flowMark;
  private final int[] resourceMark;
  private final double[] left; // by resource, while rates are computed
  private final double[] wanted; // weights of the flows that have no rate yet
  private final int[] waiting; // number of those flows
  private final OrderedHeap fullOrder; // resources by the level at which they are full
  private final OrderedHeap capOrder; // flows without a rate by their caps
  private int mark;
  private long work; // entries looked at

  /// Makes a network in which nothing flows.
  ///
  /// @param capacity of each resource, above 0
  /// @param cap of each flow, above 0 and finite
  /// @param entryStart where the entries of each flow begin, and the number of all
  /// @param entryResource resource of each entry, none twice in a flow
  /// @param entryWeight weight of each entry, above 0
  FlowNetwork(
      double[] capacity,
      double[] cap,
      int[] entryStart,
      int[] entryResource,
      double[] entryWeight) {
    this.capacity = capacity;
    this.cap = cap;
    this.entryStart = entryStart;
    this.entryResource = entryResource;
    this.entryWeight = entryWeight;
    entryFlow = new int[entryResource.length];
    for (int f = 0; f < cap.length; f++) {
      Arrays.fill(entryFlow, entryStart[f], entryStart[f + 1], f);
    }
    next = new int[entryResource.length];
    previous = new int[entryResource.length];
    head = new int[capacity.length];
    Arrays.fill(head, -1);
    demand = new double[capacity.length];
    rate = new double[cap.length];
    remaining = new double[cap.length];
    since = new double[cap.length];
    ends = new OrderedHeap(cap.length);
    capOrder = new OrderedHeap(cap.length);
    fullOrder = new OrderedHeap(capacity.length);
    flowMark = new int[cap.length];
    resourceMark = new int[capacity.length];
    left = new double[capacity.length];
    wanted = new double[capacity.length];
    waiting = new int[capacity.length];
  }

  int flows() {
    return cap.length;
  }

  /// Returns what a flow carries in bytes/s; current after [#settle].
  double rate(int flow) {
    return rate[flow];
  }

  /// Returns when the next flow ends if nothing changes, infinite if none is active.
  double earliestEnd() {
    return ends.leastKey();
  }

  /// Returns the flow that ends next.
  int firstToEnd() {
    return ends.first();
  }

  /// Begins a flow that is not active; [#settle] gives it a rate.
  void begin(int flow, double bytes, double now) {
    remaining[flow] = bytes;
    since[flow] = now;
    for (int e = entryStart[flow]; e < entryStart[flow + 1]; e++) {
      int r = entryResource[e];
      previous[e] = -1;
      next[e] = head[r];
      if (head[r] >= 0) {
        previous[head[r]] = e;
      }
      head[r] = e;
      demand[r] += cap[flow] * entryWeight[e];
    }
    if (entryStart[flow] == entryStart[flow + 1]) {
      rate[flow] = cap[flow];
      ends.set(flow, now + bytes / cap[flow]);
    } else {
      begun.add(flow);
    }
  }

  /// Ends a flow that has a rate; [#settle] gives the others what it leaves.
  void end(int flow) {
    for (int e = entryStart[flow]; e < entryStart[flow + 1]; e++) {
      int r = entryResource[e];
      if (isTight(r)) {
        touched.add(r);
      }
      if (previous[e] >= 0) {
        next[previous[e]] = next[e];
      } else {
        head[r] = next[e];
      }
      if (next[e] >= 0) {
        previous[next[e]] = previous[e];
      }
      demand[r] = head[r] < 0 ? 0 : demand[r] - cap[flow] * entryWeight[e];
    }
    rate[flow] = 0;
    ends.remove(flow);
  }

  private boolean isTight(int resource) {
    return demand[resource] > capacity[resource] * (1 + SLACK);
  }

  /// Gives every flow its rate after some have begun or ended.
  void settle(double now) {
    if (begun.isEmpty() && touched.isEmpty()) {
      return;
    }
    mark++;
    flows.clear();
    resources.clear();
    for (int i = 0; i < begun.size(); i++) {
      join(begun.get(i));
    }
    for (int i = 0; i < touched.size(); i++) {
      for (int e = head[touched.get(i)]; e >= 0; e = next[e]) {
        join(entryFlow[e]);
      }
    }
    begun.clear();
    touched.clear();
    if (work > MOST_WORK) {
      throw new SimulationLimitException(
          "so many messages share links at once that the simulation would take minutes");
    }
    for (int i = 0; i < flows.size(); i++) { // grows on the way
      int flow = flows.get(i);
      for (int e = entryStart[flow]; e < entryStart[flow + 1]; e++) {
        reach(entryResource[e]);
      }
    }
    fill(now);
  }

  private void join(int flow) {
    work += 1 + entryStart[flow + 1] - entryStart[flow];
    if (flowMark[flow] != mark) {
      flowMark[flow] = mark;
      flows.add(flow);
    }
  }

  private void reach(int resource) {
    if (resourceMark[resource] == mark || !isTight(resource)) {
      return;
    }
    resourceMark[resource] = mark;
    resources.add(resource);
    left[resource] = capacity[resource];
    wanted[resource] = 0;
    waiting[resource] = 0;
    for (int e = head[resource]; e >= 0; e = next[e]) {
      wanted[resource] += entryWeight[e];
      waiting[resource]++;
      join(entryFlow[e]);
    }
  }

  /// Raises the rates of all flows of the part together; whoever meets its cap or a full resource
  /// stops. The level at which a resource is full only rises while flows stop below it, so the heap
  /// of resources needs no other order than that of levels seen before. O(entries log entries).
  private void fill(double now) {
    fullOrder.clear();
    for (int i = 0; i < resources.size(); i++) {
      int r = resources.get(i);
      fullOrder.set(r, left[r] / wanted[r]);
    }
    capOrder.clear();
    for (int i = 0; i < flows.size(); i++) {
      capOrder.set(flows.get(i), cap[flows.get(i)]);
    }
    double level = 0;
    while (!capOrder.isEmpty()) {
      int flow = capOrder.first();
      if (fullOrder.leastKey() >= cap[flow]) {
        level = Math.max(level, cap[flow]);
        stop(flow, cap[flow], now);
        continue;
      }
      int r = fullOrder.first();
      if (waiting[r] == 0) {
        fullOrder.remove(r);
        continue;
      }
      double full = left[r] / wanted[r];
      if (full > fullOrder.leastKey() * (1 + SLACK)) {
        fullOrder.set(r, full);
        continue;
      }
      level = Math.max(level, full); // never lower but by rounding
      fullOrder.remove(r);
      for (int e = head[r]; e >= 0; e = next[e]) {
        if (flowMark[entryFlow[e]] == mark) {
          stop(entryFlow[e], Math.min(level, cap[entryFlow[e]]), now);
        }
      }
    }
  }

  private void stop(int flow, double level, double now) {
    capOrder.remove(flow);
    flowMark[flow] = -mark;
    for (int e = entryStart[flow]; e < entryStart[flow + 1]; e++) {
      int r = entryResource[e];
      if (resourceMark[r] == mark) {
        left[r] = Math.max(0, left[r] - level * entryWeight[e]);
        wanted[r] -= entryWeight[e];
        waiting[r]--;
      }
    }
    if (Math.abs(level - rate[flow]) > 1e-12 * level) {
      remaining[flow] = Math.max(0, remaining[flow] - rate[flow] * (now - since[flow]));
      since[flow] = now;
      rate[flow] = level;
      ends.set(flow, now + remaining[flow] / level);
    }
  }
}
