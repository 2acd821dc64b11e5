package dev.tutti.bindings.cuda;

import dev.tutti.bindings.cuda.generated.cudaEventQuery_call;
import dev.tutti.bindings.cuda.generated.cudaEventRecord_call;
import dev.tutti.bindings.cuda.generated.cudaEventSynchronize_call;
import dev.tutti.bindings.cuda.generated.cudaGraphLaunch_call;
import dev.tutti.bindings.cuda.generated.cudaMemcpyAsync_call;
import dev.tutti.bindings.cuda.generated.cudaMemsetAsync_call;
import dev.tutti.bindings.cuda.generated.cudaSetDevice_call;
import dev.tutti.bindings.cuda.generated.cudaStreamQuery_call;
import dev.tutti.bindings.cuda.generated.cudaStreamSynchronize_call;
import dev.tutti.bindings.cuda.generated.cudaStreamWaitEvent_call;
import dev.tutti.bindings.library.Downcalls;
import dev.tutti.bindings.library.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/// The calls of the data path of one CUDA runtime, with pointers as `long`. They allocate nothing.
/// Each form of call is linked on its first use.
final class CudaCalls {
  /// Functions without which a runtime is of no use.
  static final List<String> REQUIRED =
      List.of(
          "cudaGetLastError",
          "cudaGetErrorString",
          "cudaGetErrorName",
          "cudaGetDeviceCount",
          "cudaGetDevice",
          "cudaMalloc",
          "cudaFree",
          "cudaMemcpy",
          "cudaStreamCreateWithFlags",
          "cudaStreamDestroy",
          "cudaEventCreateWithFlags",
          "cudaEventDestroy",
          "cudaMemcpyAsync",
          "cudaMemsetAsync",
          "cudaStreamQuery",
          "cudaStreamSynchronize",
          "cudaStreamWaitEvent",
          "cudaEventRecord",
          "cudaEventQuery",
          "cudaEventSynchronize",
          "cudaSetDevice");

  private final MemorySegment copyAsync;
  private final MemorySegment setAsync;
  private final MemorySegment streamQuery;
  private final MemorySegment streamSynchronize;
  private final MemorySegment streamWaitEvent;
  private final MemorySegment eventRecord;
  private final MemorySegment eventQuery;
  private final MemorySegment eventSynchronize;
  private final MemorySegment graphLaunch;
  private final MemorySegment setDevice;

  CudaCalls(NativeLibrary library) {
    this.copyAsync = library.function("cudaMemcpyAsync");
    this.setAsync = library.function("cudaMemsetAsync");
    this.streamQuery = library.function("cudaStreamQuery");
    this.streamSynchronize = library.function("cudaStreamSynchronize");
    this.streamWaitEvent = library.function("cudaStreamWaitEvent");
    this.eventRecord = library.function("cudaEventRecord");
    this.eventQuery = library.function("cudaEventQuery");
    this.eventSynchronize = library.function("cudaEventSynchronize");
    MemorySegment launch = library.optional("cudaGraphLaunch");
    this.graphLaunch = launch == null ? MemorySegment.NULL : launch;
    this.setDevice = library.function("cudaSetDevice");
  }

  private static final class CopyAsync {
    static final MethodHandle HANDLE = Downcalls.link(cudaMemcpyAsync_call.descriptor());
  }

  int copyAsync(long to, long from, long bytes, int kind, long stream) {
    try {
      return (int) CopyAsync.HANDLE.invokeExact(copyAsync, to, from, bytes, kind, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class SetAsync {
    static final MethodHandle HANDLE = Downcalls.link(cudaMemsetAsync_call.descriptor());
  }

  int setAsync(long to, int value, long bytes, long stream) {
    try {
      return (int) SetAsync.HANDLE.invokeExact(setAsync, to, value, bytes, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class StreamQuery {
    static final MethodHandle HANDLE = Downcalls.link(cudaStreamQuery_call.descriptor());
  }

  int streamQuery(long stream) {
    try {
      return (int) StreamQuery.HANDLE.invokeExact(streamQuery, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class StreamSynchronize {
    static final MethodHandle HANDLE = Downcalls.link(cudaStreamSynchronize_call.descriptor());
  }

  int streamSynchronize(long stream) {
    try {
      return (int) StreamSynchronize.HANDLE.invokeExact(streamSynchronize, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class StreamWaitEvent {
    static final MethodHandle HANDLE = Downcalls.link(cudaStreamWaitEvent_call.descriptor());
  }

  int streamWaitEvent(long stream, long event, int flags) {
    try {
      return (int) StreamWaitEvent.HANDLE.invokeExact(streamWaitEvent, stream, event, flags);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class EventRecord {
    static final MethodHandle HANDLE = Downcalls.link(cudaEventRecord_call.descriptor());
  }

  int eventRecord(long event, long stream) {
    try {
      return (int) EventRecord.HANDLE.invokeExact(eventRecord, event, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class EventQuery {
    static final MethodHandle HANDLE = Downcalls.link(cudaEventQuery_call.descriptor());
  }

  int eventQuery(long event) {
    try {
      return (int) EventQuery.HANDLE.invokeExact(eventQuery, event);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class EventSynchronize {
    static final MethodHandle HANDLE = Downcalls.link(cudaEventSynchronize_call.descriptor());
  }

  int eventSynchronize(long event) {
    try {
      return (int) EventSynchronize.HANDLE.invokeExact(eventSynchronize, event);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class GraphLaunch {
    static final MethodHandle HANDLE = Downcalls.link(cudaGraphLaunch_call.descriptor());
  }

  int graphLaunch(long graph, long stream) {
    try {
      return (int) GraphLaunch.HANDLE.invokeExact(graphLaunch, graph, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class SetDevice {
    static final MethodHandle HANDLE = Downcalls.link(cudaSetDevice_call.descriptor());
  }

  int setDevice(int device) {
    try {
      return (int) SetDevice.HANDLE.invokeExact(setDevice, device);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }
}
