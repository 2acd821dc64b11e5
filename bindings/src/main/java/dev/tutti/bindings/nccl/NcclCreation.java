package dev.tutti.bindings.nccl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.bindings.nccl.generated.ncclCommGrow_call;
import dev.tutti.bindings.nccl.generated.ncclCommInitAll_call;
import dev.tutti.bindings.nccl.generated.ncclCommInitRankConfig_call;
import dev.tutti.bindings.nccl.generated.ncclCommInitRankScalable_call;
import dev.tutti.bindings.nccl.generated.ncclCommShrink_call;
import dev.tutti.bindings.nccl.generated.ncclCommSplit_call;
import dev.tutti.bindings.nccl.generated.ncclUniqueId;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Makes communicators.
///
/// NCCL writes a new communicator's handle when it is there, which in a group is at the group's end
/// and otherwise may be later too, from a thread of its own, and may keep the addresses of texts in
/// its configuration. So both lie in memory that the library holds until the communicator is
/// closed.
final class NcclCreation {
  private NcclCreation() {}

  static NcclCommunicator init(
      NcclLibrary library, int worldSize, NcclUniqueId id, int rank, NcclConfig config) {
    NcclLibrary.requirePlatformThread();
    Arena arena = Arena.ofAuto();
    MemorySegment slot = arena.allocate(ADDRESS);
    int result =
        ncclCommInitRankConfig_call.invoke(
            library.address(NcclFunction.COMM_INIT_RANK_CONFIG),
            slot,
            worldSize,
            id.write(arena),
            rank,
            config.write(arena, library.version()));
    return made(
        library,
        slot,
        result,
        NcclFunction.COMM_INIT_RANK_CONFIG,
        "worldSize=" + worldSize + ", rank=" + rank);
  }

  static NcclCommunicator initScalable(
      NcclLibrary library, int worldSize, List<NcclUniqueId> ids, int rank, NcclConfig config) {
    NcclLibrary.requirePlatformThread();
    MemorySegment function = library.address(NcclFunction.COMM_INIT_RANK_SCALABLE);
    Arena arena = Arena.ofAuto();
    MemorySegment slot = arena.allocate(ADDRESS);
    MemorySegment all = arena.allocate(ncclUniqueId.layout(), ids.size());
    for (int i = 0; i < ids.size(); i++) {
      ids.get(i).write(ncclUniqueId.asSlice(all, i));
    }
    int result =
        ncclCommInitRankScalable_call.invoke(
            function,
            slot,
            worldSize,
            rank,
            ids.size(),
            all,
            config.write(arena, library.version()));
    return made(
        library,
        slot,
        result,
        NcclFunction.COMM_INIT_RANK_SCALABLE,
        "worldSize=" + worldSize + ", rank=" + rank + ", ids=" + ids.size());
  }

  static List<NcclCommunicator> initAll(NcclLibrary library, int... devices) {
    NcclLibrary.requirePlatformThread();
    Arena arena = Arena.ofAuto();
    MemorySegment slots = arena.allocate(ADDRESS, devices.length);
    int result =
        ncclCommInitAll_call.invoke(
            library.address(NcclFunction.COMM_INIT_ALL),
            slots,
            devices.length,
            arena.allocateFrom(JAVA_INT, devices));
    library.check(result, NcclFunction.COMM_INIT_ALL, "devices=" + devices.length);
    return IntStream.range(0, devices.length)
        .mapToObj(
            i -> new NcclCommunicator(library, slots.asSlice(i * ADDRESS.byteSize(), ADDRESS)))
        .toList();
  }

  static @Nullable NcclCommunicator split(
      NcclLibrary library, long parent, int color, int key, @Nullable NcclConfig config) {
    Arena arena = Arena.ofAuto();
    MemorySegment slot = arena.allocate(ADDRESS);
    int result =
        ncclCommSplit_call.invoke(
            library.address(NcclFunction.COMM_SPLIT),
            MemorySegment.ofAddress(parent),
            color,
            key,
            slot,
            written(config, arena, library));
    NcclCommunicator child =
        made(library, slot, result, NcclFunction.COMM_SPLIT, "color=" + color + ", key=" + key);
    return color == NcclCommunicator.NO_COLOR ? null : child;
  }

  static NcclCommunicator shrink(
      NcclLibrary library, long parent, int[] excluded, int flags, @Nullable NcclConfig config) {
    MemorySegment function = library.address(NcclFunction.COMM_SHRINK);
    Arena arena = Arena.ofAuto();
    MemorySegment slot = arena.allocate(ADDRESS);
    int result =
        ncclCommShrink_call.invoke(
            function,
            MemorySegment.ofAddress(parent),
            arena.allocateFrom(JAVA_INT, excluded),
            excluded.length,
            slot,
            written(config, arena, library),
            flags);
    List<Integer> ranks = new ArrayList<>();
    IntStream.of(excluded).forEach(ranks::add);
    return made(library, slot, result, NcclFunction.COMM_SHRINK, "excluded=" + ranks);
  }

  /// Grows a communicator; `parent` 0 and a rank for a newcomer, rank -1 for one that is in it.
  static NcclCommunicator grow(
      NcclLibrary library,
      long parent,
      int worldSize,
      @Nullable NcclUniqueId id,
      int rank,
      @Nullable NcclConfig config) {
    NcclLibrary.requirePlatformThread();
    MemorySegment function = library.address(NcclFunction.COMM_GROW);
    Arena arena = Arena.ofAuto();
    MemorySegment slot = arena.allocate(ADDRESS);
    int result =
        ncclCommGrow_call.invoke(
            function,
            MemorySegment.ofAddress(parent),
            worldSize,
            id == null ? MemorySegment.NULL : id.write(arena),
            rank,
            slot,
            written(config, arena, library));
    return made(
        library, slot, result, NcclFunction.COMM_GROW, "worldSize=" + worldSize + ", rank=" + rank);
  }

  private static MemorySegment written(
      @Nullable NcclConfig config, Arena arena, NcclLibrary library) {
    return config == null ? MemorySegment.NULL : config.write(arena, library.version());
  }

  private static NcclCommunicator made(
      NcclLibrary library, MemorySegment slot, int result, NcclFunction function, String args) {
    library.check(result, function, args);
    return new NcclCommunicator(library, slot);
  }
}
