package dev.tutti.collectives.device;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.TimeoutException;
import dev.tutti.collectives.TuttiException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Makes device communicators. First all ranks tell each other over the host communicator that they
/// can; only then does any of them call what waits for the others.
final class DeviceJoin {
  private static final long NAP_NANOS = 20_000;

  private DeviceJoin() {}

  /// Joins the ranks of a host communicator.
  ///
  /// @param old what grows; null at newcomers, and where nothing does
  static DeviceCore join(Communicator world, DeviceOptions options, @Nullable DeviceCore old) {
    int localRank;
    try (Communicator host = world.byHost()) {
      localRank = host.rank();
    }
    Communicator control = world.split(0, world.rank());
    return orClosed(
        control,
        () -> {
          Vendor vendor = null;
          String absence = "";
          try {
            vendor = old == null ? Vendors.open(options, localRank) : old.vendor;
          } catch (RuntimeException e) {
            absence = String.valueOf(e.getMessage());
          }
          List<JoinCard> cards = JoinCard.gather(control, card(vendor, absence, old));
          check(cards, control.rank());
          if (vendor == null) {
            throw new AssertionError("check throws");
          }
          VendorRank before = old == null ? null : old.rank;
          VendorRank rank =
              grows(cards)
                  ? grown(control, vendor, before, options)
                  : connected(control, vendor, options);
          return new DeviceCore(control, vendor, rank, options);
        });
  }

  private static DeviceCore orClosed(Communicator control, Supplier<DeviceCore> making) {
    boolean done = false;
    try {
      DeviceCore made = making.get();
      done = true;
      return made;
    } finally {
      if (!done) {
        control.close();
      }
    }
  }

  private static JoinCard card(@Nullable Vendor vendor, String absence, @Nullable DeviceCore old) {
    int oldRank = old == null ? -1 : old.control.rank();
    int oldSize = old == null ? 0 : old.control.size();
    if (vendor == null) {
      return new JoinCard(-1, 0, 0, oldRank, oldSize, absence);
    }
    String text = vendor.description() + " on device " + vendor.ordinal();
    return new JoinCard(
        vendor.backend().ordinal(),
        vendor.version(),
        vendor.canGrow() ? 1 : 0,
        oldRank,
        oldSize,
        text);
  }

  private static void check(List<JoinCard> cards, int rank) {
    List<String> problems = new ArrayList<>();
    for (int r = 0; r < cards.size(); r++) {
      JoinCard card = cards.get(r);
      if (card.isAbsent()) {
        problems.add("rank " + r + " cannot take part: " + card.text());
      }
    }
    JoinCard first = cards.getFirst();
    for (int r = 1; r < cards.size() && problems.isEmpty(); r++) {
      JoinCard card = cards.get(r);
      if (card.backend() != first.backend() || card.version() != first.version()) {
        problems.add("rank " + r + " has " + card.text() + ", rank 0 has " + first.text());
      }
    }
    if (!problems.isEmpty()) {
      throw new TuttiException(
          "no device communicator: " + String.join("; ", problems), rank, -1, null);
    }
  }

  /// Returns whether the library can grow a communicator: its ranks come first, in their order, and
  /// others after them.
  private static boolean grows(List<JoinCard> cards) {
    int old = cards.getFirst().oldSize();
    return old > 0
        && old < cards.size()
        && IntStream.range(0, cards.size())
            .allMatch(r ->
                cards.get(r).canGrow() != 0
                    && cards.get(r).oldRank() == (r < old ? r : -1)
                    && cards.get(r).oldSize() == (r < old ? old : 0));
  }

  private static VendorRank connected(Communicator control, Vendor vendor, DeviceOptions options) {
    byte[] id = fromRoot(control, vendor::rootId);
    return made(control, vendor, options, () -> vendor.init(control.size(), id, control.rank()));
  }

  private static VendorRank grown(
      Communicator control, Vendor vendor, @Nullable VendorRank old, DeviceOptions options) {
    byte[] id =
        fromRoot(
            control,
            () -> {
              if (old == null) {
                throw new AssertionError("rank 0 is an old one");
              }
              vendor.runtime().use();
              return vendor.growthId(old);
            });
    return made(
        control, vendor, options, () -> vendor.grow(old, control.size(), id, control.rank()));
  }

  /// Carries what rank 0 makes to all; if it cannot, all get the reason.
  private static byte[] fromRoot(Communicator control, Supplier<byte[]> making) {
    byte[] mine = {};
    String problem = "";
    if (control.rank() == 0) {
      try {
        mine = making.get();
      } catch (NativeCallException | IllegalStateException e) {
        problem = String.valueOf(e.getMessage());
      }
    }
    int[] length = {mine.length};
    MemorySegment lengthOfAll = MemorySegment.ofArray(length);
    control.broadcast(lengthOfAll, lengthOfAll, 1, DataType.INT32, 0);
    int bytes = length[0];
    if (bytes == 0) {
      throw new TuttiException(
          "no device communicator: rank 0 cannot begin one"
              + (problem.isEmpty() ? "" : ": " + problem),
          control.rank(),
          -1,
          null);
    }
    byte[] id = Arrays.copyOf(mine, bytes);
    MemorySegment idOfAll = MemorySegment.ofArray(id);
    control.broadcast(idOfAll, idOfAll, bytes, DataType.INT8, 0);
    return id;
  }

  /// Makes this rank's end and waits until all ranks have theirs. A rank that fails tells the
  /// others by aborting the host communicator, so that none waits in the library.
  private static VendorRank made(
      Communicator control, Vendor vendor, DeviceOptions options, Supplier<VendorRank> making) {
    VendorRank rank = null;
    try {
      vendor.runtime().use();
      rank = making.get();
      long start = System.nanoTime();
      while (!rank.isSettled()) {
        control.check();
        if (System.nanoTime() - start > options.joinTimeout().toNanos()) {
          throw new TimeoutException(
              "the library has not connected the ranks within "
                  + options.joinTimeout().toMillis() / 1000.0
                  + " s",
              control.rank(),
              -1,
              null);
        }
        LockSupport.parkNanos(NAP_NANOS);
      }
      control.barrier();
      return rank;
    } catch (TuttiException | NativeCallException | IllegalStateException e) {
      if (rank != null) {
        DeviceCore.quietly(rank::abort);
      }
      String reason = "no device communicator at rank " + control.rank() + ": " + e.getMessage();
      control.abort(reason);
      throw new TuttiException(reason, control.rank(), -1, e);
    }
  }

  // ---- from another one

  /// Returns the ranks of `control` as they are in another communicator.
  private static List<Integer> members(Communicator control, int rankThere) {
    int[] all = new int[control.size()];
    control.allGather(
        MemorySegment.ofArray(new int[] {rankThere}),
        MemorySegment.ofArray(all),
        1,
        DataType.INT32);
    return Arrays.stream(all).boxed().toList();
  }

  static DeviceCore split(DeviceCore core, int color, int key) {
    Communicator control = core.control.split(color, key);
    return orClosed(
        control,
        () -> {
          List<Integer> members = members(control, core.control.rank());
          core.runtime.use();
          VendorRank part = partOf(core, control, () -> core.rank.split(color, key, members));
          return new DeviceCore(control, core.vendor, part, core.options);
        });
  }

  private static VendorRank partOf(
      DeviceCore core, Communicator control, Supplier<@Nullable VendorRank> splitting) {
    VendorRank part;
    try {
      part = splitting.get();
    } catch (NativeCallException e) {
      control.abort("no device communicator at rank " + control.rank() + ": " + e.getMessage());
      throw core.fail( // ranks of other parts wait for this one, too
          new TuttiException(
              "split failed at rank " + core.control.rank() + ": " + e.getMessage(),
              core.control.rank(),
              -1,
              e));
    }
    if (part == null) {
      return connected(control, core.vendor, core.options);
    }
    return made(control, core.vendor, core.options, () -> part);
  }

  static DeviceCore shrink(DeviceCore core, Duration timeout) {
    int rank = core.control.rank();
    int size = core.control.size();
    Communicator control = core.control.shrink(timeout);
    return orClosed(
        control,
        () -> {
          List<Integer> members = members(control, rank);
          List<Integer> excluded =
              IntStream.range(0, size).filter(r -> !members.contains(r)).boxed().toList();
          List<Integer> canShrink = members(control, core.rank.canShrink() ? 1 : 0);
          boolean allCan = !canShrink.contains(0);
          core.runtime.use();
          VendorRank next =
              allCan && !excluded.isEmpty()
                  ? made(control, core.vendor, core.options, () -> core.rank.shrink(excluded))
                  : reconnected(core, control);
          return new DeviceCore(control, core.vendor, next, core.options);
        });
  }

  private static VendorRank reconnected(DeviceCore core, Communicator control) {
    DeviceCore.quietly(core.rank::abort); // two communicators of a device may block each other
    return connected(control, core.vendor, core.options);
  }
}
