package dev.tutti.collectives;

import dev.tutti.collectives.execute.Exchange;
import dev.tutti.collectives.execute.Exchanges;
import dev.tutti.collectives.execute.ShardOwners;
import dev.tutti.collectives.execute.UnevenExchange;
import dev.tutti.collectives.kernel.ExactKernels;
import dev.tutti.collectives.plan.BlockLengths;
import dev.tutti.collectives.plan.Composition;
import dev.tutti.collectives.plan.Forms;
import dev.tutti.collectives.plan.OperandOrder;
import dev.tutti.collectives.plan.Plan;
import dev.tutti.collectives.plan.Planner;
import dev.tutti.collectives.plan.Reproducibility;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/// The plans of one communicator with what executes them, made when a size class is first used.
///
/// All members make the same: what decides is the configuration and what they call.
final class PlanTable {
  private static final int SIZE_CLASSES = 65;

  private final CommunicatorConfig config;
  private final Planner planner;
  private final Exchanges exchanges;
  private final Stragglers stragglers;
  private final CommunicatorRecord record;
  private final int size;
  private final int index;
  private final ShardOwners owners;
  private @Nullable Planner amongHosts; // for what the owners of a shard do, made when needed
  // [purpose][collective * size + root][size class]
  private final @Nullable Bound[][][] tables;

  /// A plan with what executes it, and the recorder's number for its algorithm.
  record Bound(Plan plan, Exchange exchange, int algorithm) {
    /// Returns what executes it on blocks of different lengths, for which it was planned.
    UnevenExchange uneven() {
      return PlanTable.uneven(exchange);
    }
  }

  /// What a plan must be good for.
  private enum Purpose {
    EQUAL(BlockLengths.EQUAL, Forms.ANY, OperandOrder.ANY),
    UNEVEN(BlockLengths.UNEVEN, Forms.ANY, OperandOrder.ANY),
    /// Canonical sums of floats that are rounded after every step.
    INTERPRETED(BlockLengths.EQUAL, Forms.INTERPRETED, OperandOrder.ANY),
    ORDERED(BlockLengths.EQUAL, Forms.ANY, OperandOrder.RANK),
    ORDERED_UNEVEN(BlockLengths.UNEVEN, Forms.ANY, OperandOrder.RANK),
    /// A kernel gets the contributions of all ranks in one call.
    EXACT(BlockLengths.EQUAL, Forms.LOWERED, OperandOrder.ANY),
    EXACT_UNEVEN(BlockLengths.UNEVEN, Forms.LOWERED, OperandOrder.ANY),
    /// Data travel encoded.
    ENCODED(BlockLengths.EQUAL, Forms.ENCODED, OperandOrder.ANY);

    private final BlockLengths lengths;
    private final Forms forms;
    private final OperandOrder order;

    Purpose(BlockLengths lengths, Forms forms, OperandOrder order) {
      this.lengths = lengths;
      this.forms = forms;
      this.order = order;
    }
  }

  /// Makes an empty table.
  ///
  /// @param hostOf number of each member's host
  /// @param index this member
  PlanTable(
      CommunicatorConfig config,
      Planner planner,
      Exchanges exchanges,
      Stragglers stragglers,
      CommunicatorRecord record,
      int[] hostOf,
      int index) {
    this.config = config;
    this.planner = planner;
    this.exchanges = exchanges;
    this.stragglers = stragglers;
    this.record = record;
    this.size = hostOf.length;
    this.index = index;
    this.owners = new ShardOwners(hostOf, index);
    this.tables = new Bound[Purpose.values().length][Collective.values().length * size][];
  }

  /// Returns what runs a collective of a size; made at the first request.
  ///
  /// @param lengths whether it is for equal blocks
  /// @throws dev.tutti.transport.NetworkException if a connection that it needs cannot be made
  Bound bound(
      Collective collective,
      BlockLengths lengths,
      DataType type,
      Reduction op,
      long vectorBytes,
      int root) {
    Purpose purpose =
        lengths == BlockLengths.UNEVEN
            ? unevenPurpose(collective, type, op)
            : purpose(collective, type, op, vectorBytes);
    return bound(purpose, collective, vectorBytes, root);
  }

  private Purpose purpose(Collective collective, DataType type, Reduction op, long vectorBytes) {
    if (isExact(collective, type, op)) {
      return Purpose.EXACT;
    }
    if (isEncoded(collective, type, op, vectorBytes)) {
      return Purpose.ENCODED;
    }
    if (!op.isCommutative()) {
      return Purpose.ORDERED;
    }
    boolean interpreted =
        config.reproducibility() == Reproducibility.CANONICAL
            && collective.reduces()
            && type.isFloatingPoint()
            && type.bytes() < Float.BYTES;
    return interpreted ? Purpose.INTERPRETED : Purpose.EQUAL;
  }

  private Purpose unevenPurpose(Collective collective, DataType type, Reduction op) {
    if (isExact(collective, type, op)) {
      return Purpose.EXACT_UNEVEN;
    }
    return op.isCommutative() ? Purpose.UNEVEN : Purpose.ORDERED_UNEVEN;
  }

  /// Returns whether the data of an operation travel encoded.
  private boolean isEncoded(Collective collective, DataType type, Reduction op, long vectorBytes) {
    return owners.hosts() > 1
        && op instanceof ReduceOp builtIn
        && config.wire().takes(collective, type, builtIn, vectorBytes);
  }

  private boolean isExact(Collective collective, DataType type, Reduction op) {
    return config.reproducibility() == Reproducibility.EXACT
        && collective.reduces()
        && op instanceof ReduceOp builtIn
        && ExactKernels.isNeeded(type, builtIn);
  }

  private Bound bound(Purpose purpose, Collective collective, long vectorBytes, int root) {
    @Nullable Bound[][] rows = tables[purpose.ordinal()];
    int key = collective.ordinal() * size + (collective.isRooted() ? root : 0);
    @Nullable Bound[] row = rows[key];
    if (row == null) {
      row = new Bound[SIZE_CLASSES];
      rows[key] = row;
    }
    int sizeClass = Long.SIZE - Long.numberOfLeadingZeros(vectorBytes);
    Bound bound = row[sizeClass];
    if (bound == null) {
      bound = make(purpose, collective, Planner.largestOfClass(vectorBytes), root);
      row[sizeClass] = bound;
    }
    return bound;
  }

  private Bound make(Purpose purpose, Collective collective, long largest, int root) {
    boolean composed =
        switch (purpose.forms) {
          case ANY, INTERPRETED -> false;
          case LOWERED ->
              !exchanges.areAllLocal()
                  || !planner.hasPlan(collective, purpose.lengths, largest, root, purpose.forms);
          case ENCODED -> true;
        };
    Plan plan;
    Exchange exchange;
    if (composed) {
      Composition composition =
          purpose.forms == Forms.ENCODED
              ? Composition.of(amongHosts(), collective, bytesOfShard(largest), root)
              : Composition.of(planner, collective, largest, root);
      plan = composition.whole();
      exchange =
          purpose.forms == Forms.ENCODED ? encoded(composition) : composed(composition, largest);
    } else {
      plan = planner.plan(collective, purpose.lengths, largest, root, purpose.forms, purpose.order);
      exchange = exchange(plan, purpose.lengths, largest);
      exchange = purpose == Purpose.EQUAL ? stragglers.exchange(plan, exchange, largest) : exchange;
    }
    return new Bound(plan, exchange, record.planned(planner, collective, largest, root, plan));
  }

  private Exchange composed(Composition composition, long largest) {
    Plan last = composition.gather();
    UnevenExchange scatter = uneven(exchange(composition.scatter(), BlockLengths.UNEVEN, largest));
    UnevenExchange gather =
        last == null ? null : uneven(exchange(last, BlockLengths.UNEVEN, largest));
    return exchanges.composed(composition.collective(), composition.root(), scatter, gather);
  }

  private Exchange encoded(Composition composition) {
    int host = owners.host();
    Plan last = composition.gather();
    Schedule scatter = composition.scatter().schedules().schedules().get(host);
    Schedule gather = last == null ? null : last.schedules().schedules().get(host);
    WireEncoding wire = config.wire();
    return exchanges.encoded(owners, scatter, gather, wire.codec(), wire.dither());
  }

  /// Returns what plans for one member of each host: what is exchanged there is encoded.
  private Planner amongHosts() {
    Planner made = amongHosts;
    if (made == null) {
      made = owners.hosts() == size ? planner : planner.ofMembers(owners.owners(0));
      amongHosts = made;
    }
    return made;
  }

  /// Returns how many bytes a shard of a vector takes encoded.
  private long bytesOfShard(long vectorBytes) {
    return config.wire().codec().encodedBytes(vectorBytes / Float.BYTES / owners.shards());
  }

  private static UnevenExchange uneven(Exchange exchange) {
    if (exchange instanceof UnevenExchange able) {
      return able;
    }
    throw new AssertionError("planned for equal blocks: " + exchange.form(0));
  }

  private Exchange exchange(Plan plan, BlockLengths lengths, long largest) {
    Schedule own = plan.schedules().schedules().get(index);
    if (plan.shape() != null && exchanges.areAllLocal()) {
      return lengths == BlockLengths.EQUAL
          ? exchanges.lowered(plan.shape(), own, largest)
          : exchanges.loweredUneven(plan.shape());
    }
    return exchanges.interpreted(own, plan.order());
  }
}
