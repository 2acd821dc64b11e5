package dev.tutti.collectives.execute;

import dev.tutti.collectives.schedule.Blocks;
import dev.tutti.collectives.schedule.Buffer;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds out whether a verified schedule has a shape that shared memory executes faster than step
/// by step.
///
/// Each rank's schedule is evaluated symbolically: what is received is a leaf that names the
/// sender's buffer and chunk, so this works only where every message is an unmodified chunk of
/// INPUT or OUTPUT, and that is exactly what makes a shape *flat*: with shared memory the reader
/// can fetch the chunk itself. What every rank's OUTPUT finally holds then decides. Sums must be
/// the canonical tree, which is the order in which the kernels sum many sources, so that the
/// lowered form gives the same bits (16-bit and 8-bit floats: the lowered form rounds once, the
/// interpreter after every step). The kernels take the sources by rank, lower ranks on the left, so
/// every shape combines in rank order, too.
public final class Lowering {
  private Lowering() {}

  /// The shapes.
  public enum Shape {
    /// Every rank reduces everything itself.
    REDUCE_ALL,
    /// Chunk r is reduced by rank r, who sends the result to everyone.
    REDUCE_AND_SHARE,
    /// Rank r reduces its block.
    REDUCE_OWN,
    /// Every rank takes the root's chunks from the root.
    TAKE_ROOT,
    /// Every rank takes each block from the rank that contributes it.
    TAKE_ALL,
    /// Every rank hears from every other.
    MEET,
    /// The root reduces everything.
    REDUCE_AT_ROOT,
    /// Every rank reduces everything of the ranks up to itself.
    REDUCE_UP_TO_SELF,
    /// Every rank reduces everything of the ranks below itself.
    REDUCE_BELOW_SELF,
    /// The root takes each block from the rank that contributes it.
    GATHER,
    /// Every rank takes its block from the root.
    SCATTER,
    /// Every rank takes its block from every rank.
    TAKE_OWN;

    /// Vectors of reduces and scans that are larger have owners, who reduce a part for whoever gets
    /// it, instead of every rank that gets something reducing that itself.
    public static final long OWNED_BYTES = 8 << 10;

    private static final long TABLE_ENTRY_BYTES = BlockExchange.tableBytes(1);

    /// Returns whether blocks may differ in length.
    public boolean allowsUnevenBlocks() {
      return this == GATHER || this == SCATTER || this == TAKE_OWN || this == TAKE_ALL;
    }

    /// Returns how large a flat slot must be for this shape and a number of ranks.
    public long leastFlatBytes(int ranks) {
      return allowsUnevenBlocks() ? ranks * TABLE_ENTRY_BYTES : 0;
    }
  }

  /// Returns the shape of a schedule set, or null if only the interpreter can execute it.
  public static @Nullable Shape shapeOf(ScheduleSet set) {
    if (set.ranks() == 1) {
      return shapeOfOne(set.collective());
    }
    List<Map<Operand, Expression>> outputs = new ArrayList<>();
    for (Schedule schedule : set.schedules()) {
      Map<Operand, Expression> values = evaluate(schedule, set);
      if (values == null) {
        return null;
      }
      outputs.add(values);
    }
    return switch (set.collective()) {
      case ALL_REDUCE -> allReduceShape(set, outputs);
      case REDUCE_SCATTER ->
          all(set, outputs, (r, c) -> c == r ? canonical(set, c) : null, set.ranks())
              ? Shape.REDUCE_OWN
              : null;
      case BROADCAST ->
          all(set, outputs, (r, c) -> new Expression.Leaf(set.root(), Buffer.INPUT, c), 0)
              ? Shape.TAKE_ROOT
              : null;
      case ALL_GATHER ->
          all(set, outputs, (r, c) -> new Expression.Leaf(owner(set, c), Buffer.INPUT, c), 0)
              ? Shape.TAKE_ALL
              : null;
      case BARRIER -> everyoneMeets(set) ? Shape.MEET : null;
      case REDUCE -> reduced(set, outputs, Shape.REDUCE_AT_ROOT);
      case SCAN -> reduced(set, outputs, Shape.REDUCE_UP_TO_SELF);
      case EXCLUSIVE_SCAN -> reduced(set, outputs, Shape.REDUCE_BELOW_SELF);
      case GATHER -> taken(set, outputs, Shape.GATHER);
      case SCATTER -> taken(set, outputs, Shape.SCATTER);
      case ALL_TO_ALL -> taken(set, outputs, Shape.TAKE_OWN);
    };
  }

  /// Returns the shape if every result is the canonical tree of the ranks that it covers.
  private static @Nullable Shape reduced(
      ScheduleSet set, List<Map<Operand, Expression>> outputs, Shape shape) {
    Blocks blocks = Blocks.of(set);
    Expected expected =
        (r, c) ->
            blocks.holdsOutput(r, c) ? Expression.canonical(0, blocks.contributors(r), c) : null;
    return all(set, outputs, expected, 0) ? shape : null;
  }

  /// Returns the shape if every result comes straight from the rank that has it.
  private static @Nullable Shape taken(
      ScheduleSet set, List<Map<Operand, Expression>> outputs, Shape shape) {
    Blocks blocks = Blocks.of(set);
    Expected expected =
        (r, c) ->
            blocks.holdsOutput(r, c)
                ? new Expression.Leaf(blocks.origin(c), Buffer.INPUT, c)
                : null;
    return all(set, outputs, expected, 0) ? shape : null;
  }

  private static Shape shapeOfOne(Collective collective) {
    return switch (collective) {
      case ALL_REDUCE -> Shape.REDUCE_ALL;
      case REDUCE_SCATTER -> Shape.REDUCE_OWN;
      case BROADCAST -> Shape.TAKE_ROOT;
      case ALL_GATHER -> Shape.TAKE_ALL;
      case BARRIER -> Shape.MEET;
      case REDUCE -> Shape.REDUCE_AT_ROOT;
      case SCAN -> Shape.REDUCE_UP_TO_SELF;
      case EXCLUSIVE_SCAN -> Shape.REDUCE_BELOW_SELF;
      case GATHER -> Shape.GATHER;
      case SCATTER -> Shape.SCATTER;
      case ALL_TO_ALL -> Shape.TAKE_OWN;
    };
  }

  private static int owner(ScheduleSet set, int chunk) {
    return chunk / (set.partition().chunks() / set.ranks());
  }

  private static Expression canonical(ScheduleSet set, int chunk) {
    return Expression.canonical(0, set.ranks(), chunk);
  }

  private static @Nullable Shape allReduceShape(
      ScheduleSet set, List<Map<Operand, Expression>> outputs) {
    if (all(set, outputs, (r, c) -> canonical(set, c), 0)) {
      return Shape.REDUCE_ALL;
    }
    boolean owned =
        all(
            set,
            outputs,
            (r, c) -> c == r ? canonical(set, c) : new Expression.Leaf(c, Buffer.OUTPUT, c),
            set.ranks());
    return owned ? Shape.REDUCE_AND_SHARE : null;
  }

  @FunctionalInterface
  private interface Expected {
    /// Returns what OUTPUT chunk `chunk` of `rank` must hold, null if it does not matter.
    @Nullable Expression of(int rank, int chunk);
  }

  /// Returns whether all outputs are as expected and, if `chunks` is not 0, there are so many
  /// chunks.
  private static boolean all(
      ScheduleSet set, List<Map<Operand, Expression>> outputs, Expected expected, int chunks) {
    int present = set.partition().chunks();
    if (chunks != 0 && present != chunks) {
      return false;
    }
    for (int r = 0; r < set.ranks(); r++) {
      for (int c = 0; c < present; c++) {
        Expression wanted = expected.of(r, c);
        Expression actual = outputs.get(r).get(Operand.output(c));
        if (wanted != null && (actual == null || !Expression.same(wanted, actual))) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean everyoneMeets(ScheduleSet set) {
    for (Schedule schedule : set.schedules()) {
      boolean[] heard = new boolean[set.ranks()];
      heard[schedule.rank()] = true;
      for (Lane lane : schedule.lanes()) {
        lane.steps().stream()
            .filter(s -> s.kind().receives())
            .forEach(s -> heard[s.receivePeer()] = true);
      }
      for (boolean h : heard) {
        if (!h) {
          return false;
        }
      }
    }
    return true;
  }

  /// Returns what a rank's operands hold at the end, or null if a message is not a plain chunk.
  ///
  /// The schedule has been verified, so any order of the lanes that respects the dependencies will
  /// do.
  private static @Nullable Map<Operand, Expression> evaluate(Schedule schedule, ScheduleSet set) {
    Map<Operand, Expression> values = new HashMap<>();
    int lanes = schedule.lanes().size();
    int[] next = new int[lanes];
    int[][] received = new int[lanes][set.ranks()]; // messages taken so far by lane and sender
    boolean progress = true;
    while (progress) {
      progress = false;
      for (int lane = 0; lane < lanes; lane++) {
        List<Step> steps = schedule.lanes().get(lane).steps();
        while (next[lane] < steps.size() && isReady(steps.get(next[lane]), next)) {
          Step step = steps.get(next[lane]);
          Expression arrived = null;
          if (step.kind().receives()) {
            int peer = step.receivePeer();
            arrived = message(set, peer, schedule.rank(), lane, received[lane][peer]++);
            if (arrived == null) {
              return null;
            }
          }
          apply(step, arrived, values, schedule.rank());
          next[lane]++;
          progress = true;
        }
      }
    }
    return values;
  }

  private static boolean isReady(Step step, int[] next) {
    return step.after().stream().allMatch(d -> next[d.lane()] > d.step());
  }

  private static void apply(
      Step step, @Nullable Expression arrived, Map<Operand, Expression> values, int rank) {
    Operand target = step.target();
    if (target == null) {
      return;
    }
    Expression source = read(step.source(), values, rank);
    Expression value =
        switch (step.kind()) {
          case COPY -> source;
          case REDUCE -> combine(read(target, values, rank), source);
          case RECV, RECV_FORWARD -> arrived;
          case RECV_REDUCE, RECV_REDUCE_FORWARD -> combine(source, arrived);
          case SEND, RECV_REDUCE_SEND -> null;
        };
    if (value == null) {
      values.remove(target);
    } else {
      values.put(target, value);
    }
  }

  private static @Nullable Expression combine(@Nullable Expression a, @Nullable Expression b) {
    return a == null || b == null ? null : new Expression.Combined(a, b);
  }

  private static @Nullable Expression read(
      @Nullable Operand operand, Map<Operand, Expression> values, int rank) {
    if (operand == null) {
      return null;
    }
    return operand.buffer() == Buffer.INPUT
        ? new Expression.Leaf(rank, Buffer.INPUT, operand.index())
        : values.get(operand);
  }

  /// Returns the k-th message from `from` to `to` on a lane if it is a plain chunk, else null.
  private static @Nullable Expression message(ScheduleSet set, int from, int to, int lane, int k) {
    List<Lane> lanes = set.schedules().get(from).lanes();
    int seen = 0;
    for (Step step : lane < lanes.size() ? lanes.get(lane).steps() : List.<Step>of()) {
      if (step.kind().sends() && step.sendPeer() == to && seen++ == k) {
        Operand source = step.source();
        return source != null && !step.kind().receives() && source.buffer() != Buffer.SCRATCH
            ? new Expression.Leaf(from, source.buffer(), source.index())
            : null;
      }
    }
    return null;
  }
}
