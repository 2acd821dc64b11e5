package dev.tutti.bindings.acl;

import dev.tutti.bindings.acl.generated.aclrtMemcpyAsync_call;
import dev.tutti.bindings.acl.generated.aclrtQueryEventStatus_call;
import dev.tutti.bindings.acl.generated.aclrtRecordEvent_call;
import dev.tutti.bindings.acl.generated.aclrtReduceAsync_call;
import dev.tutti.bindings.acl.generated.aclrtSetDevice_call;
import dev.tutti.bindings.acl.generated.aclrtStreamQuery_call;
import dev.tutti.bindings.acl.generated.aclrtStreamWaitEvent_call;
import dev.tutti.bindings.acl.generated.aclrtSynchronizeEvent_call;
import dev.tutti.bindings.acl.generated.aclrtSynchronizeStreamWithTimeout_call;
import dev.tutti.bindings.library.Downcalls;
import dev.tutti.bindings.library.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/// The calls of the data path of one ACL, with pointers as `long`. They allocate nothing. Each form
/// of call is linked on its first use.
final class AclCalls {
  /// Functions without which an ACL cannot run anything.
  static final List<String> REQUIRED =
      List.of(
          "aclInit",
          "aclrtGetDeviceCount",
          "aclrtGetDevice",
          "aclrtMalloc",
          "aclrtFree",
          "aclrtMallocHost",
          "aclrtFreeHost",
          "aclrtMemcpy",
          "aclrtDestroyStream",
          "aclrtCreateStream",
          "aclrtCreateEvent",
          "aclrtDestroyEvent",
          "aclrtMemcpyAsync",
          "aclrtStreamQuery",
          "aclrtSynchronizeStreamWithTimeout",
          "aclrtStreamWaitEvent",
          "aclrtRecordEvent",
          "aclrtQueryEventStatus",
          "aclrtSynchronizeEvent",
          "aclrtSetDevice");

  private final MemorySegment copyAsync;
  private final MemorySegment streamQuery;
  private final MemorySegment streamSynchronize;
  private final MemorySegment streamWaitEvent;
  private final MemorySegment eventRecord;
  private final MemorySegment eventQuery;
  private final MemorySegment eventSynchronize;
  private final MemorySegment setDevice;
  private final MemorySegment reduceAsync;

  AclCalls(NativeLibrary library) {
    this.copyAsync = library.function("aclrtMemcpyAsync");
    this.streamQuery = library.function("aclrtStreamQuery");
    this.streamSynchronize = library.function("aclrtSynchronizeStreamWithTimeout");
    this.streamWaitEvent = library.function("aclrtStreamWaitEvent");
    this.eventRecord = library.function("aclrtRecordEvent");
    this.eventQuery = library.function("aclrtQueryEventStatus");
    this.eventSynchronize = library.function("aclrtSynchronizeEvent");
    this.setDevice = library.function("aclrtSetDevice");
    MemorySegment reduce = library.optional("aclrtReduceAsync");
    this.reduceAsync = reduce == null ? MemorySegment.NULL : reduce;
  }

  private static final class CopyAsync {
    static final MethodHandle HANDLE = Downcalls.link(aclrtMemcpyAsync_call.descriptor());
  }

  int copyAsync(long to, long room, long from, long bytes, int kind, long stream) {
    try {
      return (int) CopyAsync.HANDLE.invokeExact(copyAsync, to, room, from, bytes, kind, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class StreamQuery {
    static final MethodHandle HANDLE = Downcalls.link(aclrtStreamQuery_call.descriptor());
  }

  int streamQuery(long stream, long status) {
    try {
      return (int) StreamQuery.HANDLE.invokeExact(streamQuery, stream, status);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class StreamSynchronize {
    static final MethodHandle HANDLE =
        Downcalls.link(aclrtSynchronizeStreamWithTimeout_call.descriptor());
  }

  int streamSynchronize(long stream, int timeoutMillis) {
    try {
      return (int) StreamSynchronize.HANDLE.invokeExact(streamSynchronize, stream, timeoutMillis);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class StreamWaitEvent {
    static final MethodHandle HANDLE = Downcalls.link(aclrtStreamWaitEvent_call.descriptor());
  }

  int streamWaitEvent(long stream, long event) {
    try {
      return (int) StreamWaitEvent.HANDLE.invokeExact(streamWaitEvent, stream, event);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class EventRecord {
    static final MethodHandle HANDLE = Downcalls.link(aclrtRecordEvent_call.descriptor());
  }

  int eventRecord(long event, long stream) {
    try {
      return (int) EventRecord.HANDLE.invokeExact(eventRecord, event, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class EventQuery {
    static final MethodHandle HANDLE = Downcalls.link(aclrtQueryEventStatus_call.descriptor());
  }

  int eventQuery(long event, long status) {
    try {
      return (int) EventQuery.HANDLE.invokeExact(eventQuery, event, status);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class EventSynchronize {
    static final MethodHandle HANDLE = Downcalls.link(aclrtSynchronizeEvent_call.descriptor());
  }

  int eventSynchronize(long event) {
    try {
      return (int) EventSynchronize.HANDLE.invokeExact(eventSynchronize, event);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class SetDevice {
    static final MethodHandle HANDLE = Downcalls.link(aclrtSetDevice_call.descriptor());
  }

  int setDevice(int device) {
    try {
      return (int) SetDevice.HANDLE.invokeExact(setDevice, device);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class ReduceAsync {
    static final MethodHandle HANDLE = Downcalls.link(aclrtReduceAsync_call.descriptor());
  }

  int reduceAsync(long to, long from, long bytes, int kind, int type, long stream) {
    try {
      return (int)
          ReduceAsync.HANDLE.invokeExact(reduceAsync, to, from, bytes, kind, type, stream, 0L);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }
}
