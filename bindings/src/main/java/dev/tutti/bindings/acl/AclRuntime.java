package dev.tutti.bindings.acl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.acl.generated.LibAcl;
import dev.tutti.bindings.acl.generated.aclFinalize_call;
import dev.tutti.bindings.acl.generated.aclGetRecentErrMsg_call;
import dev.tutti.bindings.acl.generated.aclInit_call;
import dev.tutti.bindings.acl.generated.aclrtDeviceCanAccessPeer_call;
import dev.tutti.bindings.acl.generated.aclrtDeviceEnablePeerAccess_call;
import dev.tutti.bindings.acl.generated.aclrtDeviceTaskAbort_call;
import dev.tutti.bindings.acl.generated.aclrtEventElapsedTime_call;
import dev.tutti.bindings.acl.generated.aclrtGetCurrentContext_call;
import dev.tutti.bindings.acl.generated.aclrtGetDeviceCount_call;
import dev.tutti.bindings.acl.generated.aclrtGetDevice_call;
import dev.tutti.bindings.acl.generated.aclrtGetMemInfo_call;
import dev.tutti.bindings.acl.generated.aclrtGetVersion_call;
import dev.tutti.bindings.acl.generated.aclrtMemcpy_call;
import dev.tutti.bindings.acl.generated.aclrtMemset_call;
import dev.tutti.bindings.acl.generated.aclrtResetDevice_call;
import dev.tutti.bindings.acl.generated.aclrtSetCurrentContext_call;
import dev.tutti.bindings.acl.generated.aclrtStreamAbort_call;
import dev.tutti.bindings.acl.generated.aclrtSynchronizeDevice_call;
import dev.tutti.bindings.library.NativeLibrary;
import dev.tutti.bindings.library.OutWord;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// An ACL that was found and initialised. It stays loaded as long as the process lives.
///
/// Calls with a stream return when the work is handed over; what they do happens when the stream
/// comes to it, and errors of it show in later calls. The calls of the data path ([#copyAsync],
/// [#reduceAsync], [#isDone], [#isRecorded], [#record], [#wait(long, long)], [#synchronize],
/// [#setDevice]) allocate nothing.
public final class AclRuntime {
  /// Time limit that never ends.
  public static final int FOR_EVER = -1;

  private static final int SUCCESS = LibAcl.ACL_SUCCESS();

  private final NativeLibrary library;
  private final AclCalls calls;

  private AclRuntime(NativeLibrary library) {
    this.library = library;
    this.calls = new AclCalls(library);
  }

  /// Initialises ACL unless somebody in this process has.
  static AclRuntime start(NativeLibrary library) {
    AclRuntime runtime = new AclRuntime(library);
    int result = aclInit_call.invoke(library.function("aclInit"), MemorySegment.NULL);
    if (result != LibAcl.ACL_ERROR_REPEAT_INITIALIZE()) {
      runtime.check(result, "aclInit", "");
    }
    return runtime;
  }

  NativeLibrary library() {
    return library;
  }

  /// Returns where the library was found.
  public String place() {
    return library.place();
  }

  /// Returns whether this version has a function, by its name in C.
  public boolean supports(String function) {
    return library.optional(function) != null;
  }

  // ---- errors and versions

  /// Throws unless a call was successful.
  void check(int result, String function, String arguments) {
    if (result != SUCCESS) {
      throw failed(result, function, arguments);
    }
  }

  private NativeCallException failed(int result, String function, String arguments) {
    return new NativeCallException(
        function, arguments, result, AclErrors.name(result), recentError());
  }

  /// Returns what ACL says of the calling thread's last error, and makes it forget that; empty if
  /// it says nothing.
  public String recentError() {
    MemorySegment function = library.optional("aclGetRecentErrMsg");
    if (function == null) {
      return "";
    }
    MemorySegment text = aclGetRecentErrMsg_call.invoke(function);
    return text.address() == 0 ? "" : text.getString(0).strip();
  }

  /// A function that writes something.
  private interface Question {
    int ask(MemorySegment function, MemorySegment out);
  }

  private int number(String function, Question question) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      check(question.ask(library.require(function), out), function, "");
      return out.get(JAVA_INT, 0);
    }
  }

  /// Returns the version of ACL itself, which is not that of CANN: `1.13.0` came with CANN 8.1.
  public String version() {
    MemorySegment function = library.require("aclrtGetVersion");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment parts = arena.allocate(JAVA_INT, 3);
      long word = JAVA_INT.byteSize();
      int result =
          aclrtGetVersion_call.invoke(
              function,
              parts.asSlice(0, word),
              parts.asSlice(word, word),
              parts.asSlice(2 * word, word));
      check(result, "aclrtGetVersion", "");
      return parts.getAtIndex(JAVA_INT, 0)
          + "."
          + parts.getAtIndex(JAVA_INT, 1)
          + "."
          + parts.getAtIndex(JAVA_INT, 2);
    }
  }

  /// Ends ACL for the whole process, whoever else uses it; nothing of it may be used afterwards.
  /// Only for a process that is about to end.
  public void finish() {
    check(aclFinalize_call.invoke(library.require("aclFinalize")), "aclFinalize", "");
  }

  // ---- devices

  /// Returns the number of devices this process may use.
  public int deviceCount() {
    return number("aclrtGetDeviceCount", aclrtGetDeviceCount_call::invoke);
  }

  /// Returns the calling thread's current device.
  public int device() {
    return number("aclrtGetDevice", aclrtGetDevice_call::invoke);
  }

  /// Makes a device the calling thread's current one. Each call wants one [#resetDevice].
  public void setDevice(int device) {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "ACL's current device belongs to a thread of the system: not for a virtual thread");
    }
    int result = calls.setDevice(device);
    if (result != SUCCESS) {
      throw failed(result, "aclrtSetDevice", "device=" + device);
    }
  }

  /// Returns the calling thread's current context, for [#setContext] in other threads.
  public long context() {
    return made("aclrtGetCurrentContext", "", aclrtGetCurrentContext_call::invoke);
  }

  /// Makes a context, and with it its device, the calling thread's current one.
  public void setContext(long context) {
    int result =
        aclrtSetCurrentContext_call.invoke(
            library.require("aclrtSetCurrentContext"), MemorySegment.ofAddress(context));
    check(result, "aclrtSetCurrentContext", "");
  }

  /// Gives a device back; the last time frees everything this process has on it.
  public void resetDevice(int device) {
    check(
        aclrtResetDevice_call.invoke(library.require("aclrtResetDevice"), device),
        "aclrtResetDevice",
        "device=" + device);
  }

  /// Waits for everything on the current device.
  public void synchronizeDevice() {
    check(
        aclrtSynchronizeDevice_call.invoke(library.require("aclrtSynchronizeDevice")),
        "aclrtSynchronizeDevice",
        "");
  }

  /// Returns whether a device could reach the memory of another directly.
  public boolean canAccessPeer(int device, int peer) {
    return number(
            "aclrtDeviceCanAccessPeer",
            (function, out) -> aclrtDeviceCanAccessPeer_call.invoke(function, out, device, peer))
        != 0;
  }

  /// Lets the current device reach the memory of another directly.
  public void enablePeerAccess(int peer) {
    check(
        aclrtDeviceEnablePeerAccess_call.invoke(
            library.require("aclrtDeviceEnablePeerAccess"), peer, 0),
        "aclrtDeviceEnablePeerAccess",
        "peer=" + peer);
  }

  /// Stops everything on a device, of this process: the way out of a collective that hangs.
  ///
  /// @param timeoutMillis how long to wait for it
  public void abortTasks(int device, int timeoutMillis) {
    check(
        aclrtDeviceTaskAbort_call.invoke(
            library.require("aclrtDeviceTaskAbort"), device, timeoutMillis),
        "aclrtDeviceTaskAbort",
        "device=" + device + ", timeoutMillis=" + timeoutMillis);
  }

  // ---- memory

  /// Returns how much memory the current device has.
  public AclMemoryInfo memory() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(JAVA_LONG);
      MemorySegment total = arena.allocate(JAVA_LONG);
      check(
          aclrtGetMemInfo_call.invoke(
              library.require("aclrtGetMemInfo"), LibAcl.ACL_HBM_MEM(), free, total),
          "aclrtGetMemInfo",
          "");
      return new AclMemoryInfo(free.get(JAVA_LONG, 0), total.get(JAVA_LONG, 0));
    }
  }

  /// Allocates memory of the current device, in large pages where there are.
  public AclMemory allocate(long bytes) {
    return AclMemory.onDevice(this, bytes);
  }

  /// Allocates memory of the host that devices reach.
  public AclMemory allocateHost(long bytes) {
    return AclMemory.onHost(this, bytes);
  }

  /// Copies, and waits until that is done.
  public void copy(long to, long from, long bytes, AclCopy kind) {
    int result =
        aclrtMemcpy_call.invoke(
            library.function("aclrtMemcpy"),
            MemorySegment.ofAddress(to),
            bytes,
            MemorySegment.ofAddress(from),
            bytes,
            kind.code());
    check(result, "aclrtMemcpy", "bytes=" + bytes + ", kind=" + kind);
  }

  /// Copies on a stream. Memory of the host must be [of ACL's][#allocateHost].
  public void copyAsync(long to, long from, long bytes, AclCopy kind, long stream) {
    int result = calls.copyAsync(to, bytes, from, bytes, kind.code(), stream);
    if (result != SUCCESS) {
      throw failed(result, "aclrtMemcpyAsync", "bytes=" + bytes + ", kind=" + kind);
    }
  }

  /// Sets bytes of device memory, and waits until that is done.
  public void set(long to, int value, long bytes) {
    int result =
        aclrtMemset_call.invoke(
            library.require("aclrtMemset"), MemorySegment.ofAddress(to), bytes, value, bytes);
    check(result, "aclrtMemset", "bytes=" + bytes);
  }

  /// Reduces on a stream: `to[i] = to[i] kind from[i]`, both in memory of the stream's device.
  public void reduceAsync(
      long to, long from, long count, AclReduceKind kind, AclDataType type, long stream) {
    if (!supports("aclrtReduceAsync")) {
      throw new UnsupportedOperationException(place() + " has no aclrtReduceAsync");
    }
    long bytes = Math.multiplyExact(count, (long) type.bytes());
    int result = calls.reduceAsync(to, from, bytes, kind.code(), type.code(), stream);
    if (result != SUCCESS) {
      throw failed(
          result, "aclrtReduceAsync", "count=" + count + ", kind=" + kind + ", type=" + type);
    }
  }

  // ---- streams and events

  /// Makes a stream of the current device.
  public AclStream stream() {
    return AclStream.create(this);
  }

  /// Makes an event of the current device that streams and the host can wait for.
  public AclEvent event() {
    return AclEvent.create(
        this, LibAcl.ACL_EVENT_SYNC() | LibAcl.ACL_EVENT_CAPTURE_STREAM_PROGRESS());
  }

  /// Makes an event of the current device that notes the time.
  public AclEvent timedEvent() {
    return AclEvent.create(
        this,
        LibAcl.ACL_EVENT_SYNC()
            | LibAcl.ACL_EVENT_CAPTURE_STREAM_PROGRESS()
            | LibAcl.ACL_EVENT_TIME_LINE());
  }

  /// Returns whether a stream has done everything.
  public boolean isDone(long stream) {
    OutWord status = OutWord.current();
    int result = calls.streamQuery(stream, status.address());
    if (result != SUCCESS) {
      throw failed(result, "aclrtStreamQuery", "");
    }
    return status.getInt() == LibAcl.ACL_STREAM_STATUS_COMPLETE();
  }

  /// Waits until a stream has done everything.
  ///
  /// @param timeoutMillis time limit, or [#FOR_EVER]
  /// @throws NativeCallException if it takes longer, among others
  public void synchronize(long stream, int timeoutMillis) {
    int result = calls.streamSynchronize(stream, timeoutMillis);
    if (result != SUCCESS) {
      throw failed(result, "aclrtSynchronizeStreamWithTimeout", "timeoutMillis=" + timeoutMillis);
    }
  }

  /// Makes a stream wait for what an event recorded last.
  public void wait(long stream, long event) {
    int result = calls.streamWaitEvent(stream, event);
    if (result != SUCCESS) {
      throw failed(result, "aclrtStreamWaitEvent", "");
    }
  }

  /// Records in an event what a stream has been given so far.
  public void record(long event, long stream) {
    int result = calls.eventRecord(event, stream);
    if (result != SUCCESS) {
      throw failed(result, "aclrtRecordEvent", "");
    }
  }

  /// Returns whether what an event recorded is done.
  public boolean isRecorded(long event) {
    OutWord status = OutWord.current();
    int result = calls.eventQuery(event, status.address());
    if (result != SUCCESS) {
      throw failed(result, "aclrtQueryEventStatus", "");
    }
    return status.getInt() == LibAcl.ACL_EVENT_RECORDED_STATUS_COMPLETE();
  }

  /// Waits until what an event recorded is done.
  public void synchronizeEvent(long event) {
    int result = calls.eventSynchronize(event);
    if (result != SUCCESS) {
      throw failed(result, "aclrtSynchronizeEvent", "");
    }
  }

  /// Returns the seconds between two timed events that are done.
  public double elapsedSeconds(AclEvent start, AclEvent end) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_FLOAT);
      int result =
          aclrtEventElapsedTime_call.invoke(
              library.require("aclrtEventElapsedTime"),
              out,
              MemorySegment.ofAddress(start.address()),
              MemorySegment.ofAddress(end.address()));
      check(result, "aclrtEventElapsedTime", "");
      return out.get(JAVA_FLOAT, 0) / 1e3;
    }
  }

  /// Stops what a stream does and drops what it was given.
  public void abort(long stream) {
    check(
        aclrtStreamAbort_call.invoke(
            library.require("aclrtStreamAbort"), MemorySegment.ofAddress(stream)),
        "aclrtStreamAbort",
        "");
  }

  // ---- making and freeing

  /// A function that makes something and writes its address.
  interface MakeCall {
    int make(MemorySegment function, MemorySegment out);
  }

  /// Asks for the address of something that a function makes.
  long made(String function, String arguments, MakeCall call) {
    MemorySegment address = library.require(function);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check(call.make(address, out), function, arguments);
      return out.get(ADDRESS, 0).address();
    }
  }

  /// A function that frees something.
  interface FreeCall {
    int free(MemorySegment function, MemorySegment address);
  }

  /// Frees something.
  void free(String function, FreeCall call, long address) {
    int result = call.free(library.require(function), MemorySegment.ofAddress(address));
    check(result, function, "");
  }
}
