package dev.tutti.bindings.hccl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.acl.generated.aclGetRecentErrMsg_call;
import dev.tutti.bindings.hccl.generated.HcclCommInitAll_call;
import dev.tutti.bindings.hccl.generated.HcclCommInitClusterInfoConfig_call;
import dev.tutti.bindings.hccl.generated.HcclCommInitRootInfoConfig_call;
import dev.tutti.bindings.hccl.generated.HcclConfigValue;
import dev.tutti.bindings.hccl.generated.HcclGetCommConfigCapability_call;
import dev.tutti.bindings.hccl.generated.HcclGetConfig_call;
import dev.tutti.bindings.hccl.generated.HcclGetErrorString_call;
import dev.tutti.bindings.hccl.generated.HcclGetRootInfo_call;
import dev.tutti.bindings.hccl.generated.HcclGroupEnd_call;
import dev.tutti.bindings.hccl.generated.HcclGroupStart_call;
import dev.tutti.bindings.hccl.generated.HcclRootInfoDef;
import dev.tutti.bindings.hccl.generated.HcclSetConfig_call;
import dev.tutti.bindings.hccl.generated.LibHccl;
import dev.tutti.bindings.library.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/// An HCCL that was found. It stays loaded as long as the process lives.
///
/// Any thread of the system may call these methods; what makes communicators uses the thread's
/// current device, and no two threads do so on one device at once.
public final class HcclLibrary {
  private static final int SUCCESS = LibHccl.HCCL_SUCCESS();

  private final NativeLibrary library;
  private final HcclCalls calls;

  HcclLibrary(NativeLibrary library) {
    this.library = library;
    this.calls = new HcclCalls(library);
  }

  HcclCalls calls() {
    return calls;
  }

  /// Returns where the library was found.
  public String place() {
    return library.place();
  }

  /// Returns whether this version has a function.
  public boolean supports(HcclFunction function) {
    return library.optional(function.symbol()) != null;
  }

  /// Returns whether the configuration of communicators knows a field, by HCCL's number of it: 0
  /// the buffer's size, 1 determinism, 2 the name, 3 the expansion mode, 8 the time limit, 9
  /// algorithms, 10 repetition, 11 the buffer's name.
  public boolean hasCapability(int capability) {
    int bound =
        HcclGetCommConfigCapability_call.invoke(address(HcclFunction.GET_COMM_CONFIG_CAPABILITY));
    return Integer.compareUnsigned(capability, bound) < 0;
  }

  /// Returns the address of a function.
  ///
  /// @throws UnsupportedOperationException if this version lacks it
  MemorySegment address(HcclFunction function) {
    MemorySegment address = library.optional(function.symbol());
    if (address == null) {
      throw new UnsupportedOperationException(
          place() + " has no " + function.symbol() + " (since CANN " + function.since() + ")");
    }
    return address;
  }

  // ---- errors

  /// Throws unless a call was successful.
  void check(int result, HcclFunction function, String arguments) {
    if (result != SUCCESS) {
      throw failed(function.symbol(), arguments, result);
    }
  }

  /// Returns the exception for a failed call.
  NativeCallException failed(String function, String arguments, int result) {
    return new NativeCallException(
        function, arguments, result, HcclResult.of(result).symbol(), words(result));
  }

  /// What ACL, on which HCCL stands, says of this thread's last error, or else what HCCL says of
  /// the number.
  private String words(int result) {
    MemorySegment recent = library.optional("aclGetRecentErrMsg");
    if (recent != null) {
      MemorySegment text = aclGetRecentErrMsg_call.invoke(recent);
      if (text.address() != 0 && !text.getString(0).isBlank()) {
        return text.getString(0).strip();
      }
    }
    MemorySegment text =
        HcclGetErrorString_call.invoke(address(HcclFunction.GET_ERROR_STRING), result);
    return text.address() == 0 ? "" : text.getString(0).strip();
  }

  // ---- communicators

  /// Makes what ranks need to find each other, for one rank to give to all others; it should be the
  /// root, with its device set. Listens on a port of this host.
  public HcclRootInfo rootInfo() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = HcclRootInfoDef.allocate(arena);
      int result = HcclGetRootInfo_call.invoke(address(HcclFunction.GET_ROOT_INFO), info);
      check(result, HcclFunction.GET_ROOT_INFO, "");
      return HcclRootInfo.read(info);
    }
  }

  /// Joins a communicator with the thread's current device; all ranks must. Waits for the others,
  /// for `HCCL_CONNECT_TIMEOUT` seconds at most (120 unless set).
  ///
  /// @param worldSize number of ranks
  /// @param info the same at all ranks
  /// @param rank 0 to `worldSize - 1`, each once
  public HcclCommunicator init(int worldSize, HcclRootInfo info, int rank, HcclConfig config) {
    requirePlatformThread();
    MemorySegment function = address(HcclFunction.COMM_INIT_ROOT_INFO_CONFIG);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      int result =
          HcclCommInitRootInfoConfig_call.invoke(
              function, worldSize, info.write(arena), rank, config.write(arena), out);
      check(
          result,
          HcclFunction.COMM_INIT_ROOT_INFO_CONFIG,
          "worldSize=" + worldSize + ", rank=" + rank);
      return new HcclCommunicator(this, out.get(ADDRESS, 0).address());
    }
  }

  /// Joins the communicator that a rank table describes; all of its ranks must.
  ///
  /// @param rankTable path of the file
  public HcclCommunicator initFromRankTable(String rankTable, int rank, HcclConfig config) {
    requirePlatformThread();
    MemorySegment function = address(HcclFunction.COMM_INIT_CLUSTER_INFO_CONFIG);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      int result =
          HcclCommInitClusterInfoConfig_call.invoke(
              function, arena.allocateFrom(rankTable), rank, config.write(arena), out);
      check(
          result,
          HcclFunction.COMM_INIT_CLUSTER_INFO_CONFIG,
          "rankTable=" + rankTable + ", rank=" + rank);
      return new HcclCommunicator(this, out.get(ADDRESS, 0).address());
    }
  }

  /// Makes a communicator whose ranks are all in this process, one per device.
  ///
  /// @param devices each once; rank i is on device `devices[i]`
  /// @return the ranks in order
  public List<HcclCommunicator> initAll(int... devices) {
    requirePlatformThread();
    MemorySegment function = address(HcclFunction.COMM_INIT_ALL);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS, devices.length);
      int result =
          HcclCommInitAll_call.invoke(
              function, devices.length, arena.allocateFrom(JAVA_INT, devices), out);
      check(result, HcclFunction.COMM_INIT_ALL, "devices=" + devices.length);
      return IntStream.range(0, devices.length)
          .mapToObj(i -> new HcclCommunicator(this, out.getAtIndex(ADDRESS, i).address()))
          .toList();
    }
  }

  static void requirePlatformThread() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "ACL's current device belongs to a thread of the system: not for a virtual thread");
    }
  }

  // ---- settings and groups

  /// Says whether collectives of this process give the same result each time.
  public void setDeterministic(Determinism determinism) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = HcclConfigValue.allocate(arena);
      HcclConfigValue.value(value, determinism.ordinal());
      int result =
          HcclSetConfig_call.invoke(
              address(HcclFunction.SET_CONFIG), LibHccl.HCCL_DETERMINISTIC(), value);
      check(result, HcclFunction.SET_CONFIG, "deterministic=" + determinism);
    }
  }

  /// Returns whether collectives of this process give the same result each time.
  public Determinism determinism() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = HcclConfigValue.allocate(arena);
      int result =
          HcclGetConfig_call.invoke(
              address(HcclFunction.GET_CONFIG), LibHccl.HCCL_DETERMINISTIC(), value);
      check(result, HcclFunction.GET_CONFIG, "deterministic");
      return HcclConfigValue.value(value) == 0 ? Determinism.NO : Determinism.YES;
    }
  }

  /// Whether a collective gives the same result each time.
  public enum Determinism {
    /// It may differ in the last bits.
    NO,
    /// It does.
    YES
  }

  /// Begins a group; since CANN 9.0, as an experiment of Huawei's.
  public void groupStart() {
    requirePlatformThread();
    int result = HcclGroupStart_call.invoke(address(HcclFunction.GROUP_START));
    check(result, HcclFunction.GROUP_START, "");
  }

  /// Ends a group that this thread began.
  public void groupEnd() {
    int result = HcclGroupEnd_call.invoke(address(HcclFunction.GROUP_END));
    check(result, HcclFunction.GROUP_END, "");
  }
}
