package dev.tutti.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.cuda.generated.LibCuda;
import dev.tutti.bindings.cuda.generated.cudaDeviceCanAccessPeer_call;
import dev.tutti.bindings.cuda.generated.cudaDeviceDisablePeerAccess_call;
import dev.tutti.bindings.cuda.generated.cudaDeviceEnablePeerAccess_call;
import dev.tutti.bindings.cuda.generated.cudaDeviceSynchronize_call;
import dev.tutti.bindings.cuda.generated.cudaDriverGetVersion_call;
import dev.tutti.bindings.cuda.generated.cudaEventElapsedTime_call;
import dev.tutti.bindings.cuda.generated.cudaGetDeviceCount_call;
import dev.tutti.bindings.cuda.generated.cudaGetDevice_call;
import dev.tutti.bindings.cuda.generated.cudaGetErrorName_call;
import dev.tutti.bindings.cuda.generated.cudaGetErrorString_call;
import dev.tutti.bindings.cuda.generated.cudaGetLastError_call;
import dev.tutti.bindings.cuda.generated.cudaMemGetInfo_call;
import dev.tutti.bindings.cuda.generated.cudaMemcpyPeerAsync_call;
import dev.tutti.bindings.cuda.generated.cudaMemcpy_call;
import dev.tutti.bindings.cuda.generated.cudaRuntimeGetVersion_call;
import dev.tutti.bindings.cuda.generated.cudaStreamIsCapturing_call;
import dev.tutti.bindings.library.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A CUDA runtime that was found. It stays loaded as long as the process lives.
///
/// Calls with a stream return when the work is handed over; what they do happens when the stream
/// comes to it, and errors of it show in later calls. The calls of the data path ([#copyAsync],
/// [#setAsync], [#isDone], [#isRecorded], [#record], [#wait(long, long)], [#synchronize],
/// [#setDevice]) allocate nothing.
public final class CudaRuntime {
  private static final int SUCCESS = LibCuda.cudaSuccess();
  private static final int NOT_READY = LibCuda.cudaErrorNotReady();

  private final NativeLibrary library;
  private final CudaCalls calls;

  CudaRuntime(NativeLibrary library) {
    this.library = library;
    this.calls = new CudaCalls(library);
  }

  NativeLibrary library() {
    return library;
  }

  CudaCalls calls() {
    return calls;
  }

  /// Returns where the library was found.
  public String place() {
    return library.place();
  }

  /// Returns whether this runtime has a function, by its name in C.
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
    MemorySegment name = cudaGetErrorName_call.invoke(library.function("cudaGetErrorName"), result);
    MemorySegment text =
        cudaGetErrorString_call.invoke(library.function("cudaGetErrorString"), result);
    // The runtime remembers the error for whoever asks next; it is told here.
    int _ = cudaGetLastError_call.invoke(library.function("cudaGetLastError"));
    return new NativeCallException(
        function,
        arguments,
        result,
        name.address() == 0 ? "CUDA error" : name.getString(0),
        text.address() == 0 ? "" : text.getString(0));
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

  /// Returns the version of this runtime: 12040 for 12.4.
  public int runtimeVersion() {
    return number("cudaRuntimeGetVersion", cudaRuntimeGetVersion_call::invoke);
  }

  /// Returns the newest version of the runtime that the driver works with, 0 if there is no driver.
  public int driverVersion() {
    return number("cudaDriverGetVersion", cudaDriverGetVersion_call::invoke);
  }

  // ---- devices

  /// Returns the number of devices this process may use.
  ///
  /// @throws NativeCallException if there is no driver or one that is too old
  public int deviceCount() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      int result = cudaGetDeviceCount_call.invoke(library.function("cudaGetDeviceCount"), out);
      if (result == LibCuda.cudaErrorNoDevice()) {
        int _ = cudaGetLastError_call.invoke(library.function("cudaGetLastError"));
        return 0;
      }
      check(result, "cudaGetDeviceCount", "");
      return out.get(JAVA_INT, 0);
    }
  }

  /// Returns what the runtime tells of a device.
  public CudaDevice describe(int device) {
    return CudaDevices.describe(this, device);
  }

  /// Returns the calling thread's current device.
  public int device() {
    return number("cudaGetDevice", cudaGetDevice_call::invoke);
  }

  /// Makes a device the calling thread's current one.
  public void setDevice(int device) {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "CUDA's current device belongs to a thread of the system: not for a virtual thread");
    }
    int result = calls.setDevice(device);
    if (result != SUCCESS) {
      throw failed(result, "cudaSetDevice", "device=" + device);
    }
  }

  /// Waits for everything on the current device.
  public void synchronizeDevice() {
    check(
        cudaDeviceSynchronize_call.invoke(library.require("cudaDeviceSynchronize")),
        "cudaDeviceSynchronize",
        "");
  }

  /// Returns whether a device could reach the memory of another directly.
  public boolean canAccessPeer(int device, int peer) {
    return number(
            "cudaDeviceCanAccessPeer",
            (function, out) -> cudaDeviceCanAccessPeer_call.invoke(function, out, device, peer))
        != 0;
  }

  /// Lets the current device reach the memory of another directly. Idempotent.
  public void enablePeerAccess(int peer) {
    int result =
        cudaDeviceEnablePeerAccess_call.invoke(
            library.require("cudaDeviceEnablePeerAccess"), peer, 0);
    endPeerCall(
        result,
        LibCuda.cudaErrorPeerAccessAlreadyEnabled(),
        "cudaDeviceEnablePeerAccess",
        "peer=" + peer);
  }

  /// Ends what [#enablePeerAccess] began. Idempotent.
  public void disablePeerAccess(int peer) {
    int result =
        cudaDeviceDisablePeerAccess_call.invoke(
            library.require("cudaDeviceDisablePeerAccess"), peer);
    endPeerCall(
        result,
        LibCuda.cudaErrorPeerAccessNotEnabled(),
        "cudaDeviceDisablePeerAccess",
        "peer=" + peer);
  }

  private void endPeerCall(int result, int alreadySo, String function, String arguments) {
    if (result == alreadySo) {
      int _ = cudaGetLastError_call.invoke(library.function("cudaGetLastError"));
      return;
    }
    check(result, function, arguments);
  }

  // ---- memory

  /// Returns how much memory the current device has.
  public CudaMemoryInfo memory() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(JAVA_LONG);
      MemorySegment total = arena.allocate(JAVA_LONG);
      check(
          cudaMemGetInfo_call.invoke(library.require("cudaMemGetInfo"), free, total),
          "cudaMemGetInfo",
          "");
      return new CudaMemoryInfo(free.get(JAVA_LONG, 0), total.get(JAVA_LONG, 0));
    }
  }

  /// Allocates memory of the current device.
  public CudaMemory allocate(long bytes) {
    return CudaMemory.onDevice(this, bytes);
  }

  /// Allocates memory of the host that devices reach at full speed.
  public CudaMemory allocateHost(long bytes) {
    return CudaMemory.onHost(this, bytes);
  }

  /// Makes memory of the host one that devices reach at full speed, until what this returns is
  /// closed.
  ///
  /// @param memory native; must live as long
  public CudaMemory registerHost(MemorySegment memory) {
    return CudaMemory.registered(this, memory);
  }

  /// Copies, and waits until that is done.
  public void copy(long to, long from, long bytes, CudaCopy kind) {
    int result =
        cudaMemcpy_call.invoke(
            library.function("cudaMemcpy"),
            MemorySegment.ofAddress(to),
            MemorySegment.ofAddress(from),
            bytes,
            kind.code());
    check(result, "cudaMemcpy", "bytes=" + bytes + ", kind=" + kind);
  }

  /// Copies on a stream. Memory of the host should be [pinned][#allocateHost]; other memory is
  /// copied once more.
  public void copyAsync(long to, long from, long bytes, CudaCopy kind, long stream) {
    int result = calls.copyAsync(to, from, bytes, kind.code(), stream);
    if (result != SUCCESS) {
      throw failed(result, "cudaMemcpyAsync", "bytes=" + bytes + ", kind=" + kind);
    }
  }

  /// Copies from one device to another on a stream.
  public void copyPeerAsync(
      long to, int toDevice, long from, int fromDevice, long bytes, long stream) {
    int result =
        cudaMemcpyPeerAsync_call.invoke(
            library.require("cudaMemcpyPeerAsync"),
            MemorySegment.ofAddress(to),
            toDevice,
            MemorySegment.ofAddress(from),
            fromDevice,
            bytes,
            MemorySegment.ofAddress(stream));
    check(
        result,
        "cudaMemcpyPeerAsync",
        "toDevice=" + toDevice + ", fromDevice=" + fromDevice + ", bytes=" + bytes);
  }

  /// Sets bytes of device memory on a stream.
  public void setAsync(long to, int value, long bytes, long stream) {
    int result = calls.setAsync(to, value, bytes, stream);
    if (result != SUCCESS) {
      throw failed(result, "cudaMemsetAsync", "bytes=" + bytes);
    }
  }

  // ---- streams and events

  /// Makes a stream of the current device that does not wait for the default one.
  public CudaStream stream() {
    return CudaStream.create(this);
  }

  /// Makes an event of the current device without a time.
  public CudaEvent event() {
    return CudaEvent.create(this, LibCuda.cudaEventDisableTiming());
  }

  /// Makes an event of the current device that notes the time.
  public CudaEvent timedEvent() {
    return CudaEvent.create(this, LibCuda.cudaEventDefault());
  }

  /// Returns whether a stream has done everything.
  public boolean isDone(long stream) {
    int result = calls.streamQuery(stream);
    if (result == SUCCESS || result == NOT_READY) {
      return result == SUCCESS;
    }
    throw failed(result, "cudaStreamQuery", "");
  }

  /// Waits until a stream has done everything.
  public void synchronize(long stream) {
    int result = calls.streamSynchronize(stream);
    if (result != SUCCESS) {
      throw failed(result, "cudaStreamSynchronize", "");
    }
  }

  /// Makes a stream wait for what an event recorded last.
  public void wait(long stream, long event) {
    int result = calls.streamWaitEvent(stream, event, 0);
    if (result != SUCCESS) {
      throw failed(result, "cudaStreamWaitEvent", "");
    }
  }

  /// Records in an event what a stream has been given so far.
  public void record(long event, long stream) {
    int result = calls.eventRecord(event, stream);
    if (result != SUCCESS) {
      throw failed(result, "cudaEventRecord", "");
    }
  }

  /// Returns whether what an event recorded is done; true if it recorded nothing.
  public boolean isRecorded(long event) {
    int result = calls.eventQuery(event);
    if (result == SUCCESS || result == NOT_READY) {
      return result == SUCCESS;
    }
    throw failed(result, "cudaEventQuery", "");
  }

  /// Waits until what an event recorded is done.
  public void synchronizeEvent(long event) {
    int result = calls.eventSynchronize(event);
    if (result != SUCCESS) {
      throw failed(result, "cudaEventSynchronize", "");
    }
  }

  /// Returns the seconds between two timed events that are done, to half a microsecond.
  public double elapsedSeconds(CudaEvent start, CudaEvent end) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_FLOAT);
      int result =
          cudaEventElapsedTime_call.invoke(
              library.require("cudaEventElapsedTime"),
              out,
              MemorySegment.ofAddress(start.address()),
              MemorySegment.ofAddress(end.address()));
      check(result, "cudaEventElapsedTime", "");
      return out.get(JAVA_FLOAT, 0) / 1e3;
    }
  }

  // ---- graphs

  /// Begins to collect what a stream is given, instead of doing it.
  public void beginCapture(long stream, CudaCaptureMode mode) {
    CudaGraph.begin(this, stream, mode);
  }

  /// Ends what [#beginCapture] began.
  ///
  /// @return what was collected, ready to be launched
  public CudaGraph endCapture(long stream) {
    return CudaGraph.end(this, stream);
  }

  /// Returns whether a stream is collecting.
  public boolean isCapturing(long stream) {
    return number(
            "cudaStreamIsCapturing",
            (function, out) ->
                cudaStreamIsCapturing_call.invoke(function, MemorySegment.ofAddress(stream), out))
        == LibCuda.cudaStreamCaptureStatusActive();
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

  /// A function that makes something and writes its address.
  interface MakeCall {
    int make(MemorySegment function, MemorySegment out);
  }

  /// Frees something.
  void free(String function, FreeCall call, long address) {
    int result = call.free(library.require(function), MemorySegment.ofAddress(address));
    check(result, function, "");
  }

  /// A function that frees something.
  interface FreeCall {
    int free(MemorySegment function, MemorySegment address);
  }
}
