package dev.tutti.bindings.ucx;

import static dev.tutti.bindings.ucx.UcxConstants.UCP_EP_CLOSE_FLAG_FORCE;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_EP_PARAM_FIELD_ERR_HANDLER;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_EP_PARAM_FIELD_ERR_HANDLING_MODE;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_EP_PARAM_FIELD_REMOTE_ADDRESS;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_ERR_HANDLING_MODE_NONE;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_ERR_HANDLING_MODE_PEER;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_OP_ATTR_FIELD_FLAGS;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_OP_ATTR_FIELD_MEMORY_TYPE;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_WORKER_FLAG_IGNORE_REQUEST_LEAK;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_WORKER_PARAM_FIELD_FLAGS;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_WORKER_PARAM_FIELD_THREAD_MODE;
import static dev.tutti.bindings.ucx.UcxConstants.UCS_INPROGRESS;
import static dev.tutti.bindings.ucx.UcxConstants.UCS_MEMORY_TYPE_HOST;
import static dev.tutti.bindings.ucx.UcxConstants.UCS_THREAD_MODE_SERIALIZED;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.ucx.generated.LibUcp;
import dev.tutti.bindings.ucx.generated.ucp_ep_params;
import dev.tutti.bindings.ucx.generated.ucp_err_handler;
import dev.tutti.bindings.ucx.generated.ucp_request_param;
import dev.tutti.bindings.ucx.generated.ucp_tag_recv_info;
import dev.tutti.bindings.ucx.generated.ucp_worker_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Sends and receives tagged messages; progress is made inside calls only, and nothing calls back
/// into Java.
///
/// What may take time returns a *ticket*: [#DONE], a negative status, or the number of a request
/// ([#isRequest]), to be asked about with [#status] and given back with [#free]. Addresses are raw
/// and unchecked. The calls of the data path allocate nothing.
///
/// Used by one thread at a time, not always the same.
public final class UcxWorker implements AutoCloseable {
  /// Ticket of what is done already; also "no message".
  public static final long DONE = 0;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment worker;
  private final long handle;
  private final long plain; // parameters of sends and receives
  private final MemorySegment orderly; // parameters of operations on endpoints
  private final MemorySegment forced;
  private final long info; // of the probed message
  private boolean closed;

  private UcxWorker(MemorySegment worker) {
    this.worker = worker;
    this.handle = worker.address();
    // Host memory always: without the word UCX looks each address up.
    MemorySegment parameters = ucp_request_param.allocate(arena);
    ucp_request_param.op_attr_mask(parameters, UCP_OP_ATTR_FIELD_MEMORY_TYPE);
    ucp_request_param.memory_type(parameters, UCS_MEMORY_TYPE_HOST);
    this.plain = parameters.address();
    this.orderly = ucp_request_param.allocate(arena);
    this.forced = ucp_request_param.allocate(arena);
    ucp_request_param.op_attr_mask(forced, UCP_OP_ATTR_FIELD_FLAGS);
    ucp_request_param.flags(forced, UCP_EP_CLOSE_FLAG_FORCE);
    this.info = ucp_tag_recv_info.allocate(arena).address();
  }

  static UcxWorker create(MemorySegment context) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment params = ucp_worker_params.allocate(arena);
      ucp_worker_params.field_mask(
          params, UCP_WORKER_PARAM_FIELD_THREAD_MODE | UCP_WORKER_PARAM_FIELD_FLAGS);
      ucp_worker_params.thread_mode(params, UCS_THREAD_MODE_SERIALIZED);
      // A worker is closed in the middle of things when a peer has died.
      ucp_worker_params.flags(params, UCP_WORKER_FLAG_IGNORE_REQUEST_LEAK);
      MemorySegment result = arena.allocate(LibUcp.C_POINTER);
      Ucx.check(LibUcp.ucp_worker_create(context, params, result), "ucp_worker_create", "");
      return new UcxWorker(result.get(LibUcp.C_POINTER, 0));
    }
  }

  /// Returns what others need to connect to this worker.
  public byte[] address() {
    try (Arena scope = Arena.ofConfined()) {
      MemorySegment address = scope.allocate(LibUcp.C_POINTER);
      MemorySegment length = scope.allocate(LibUcp.C_LONG);
      int status = LibUcp.ucp_worker_get_address(worker, address, length);
      Ucx.check(status, "ucp_worker_get_address", "");
      MemorySegment found = address.get(LibUcp.C_POINTER, 0);
      byte[] bytes = found.asSlice(0, length.get(LibUcp.C_LONG, 0)).toArray(ValueLayout.JAVA_BYTE);
      LibUcp.ucp_worker_release_address(worker, found);
      return bytes;
    }
  }

  /// Returns the descriptor that becomes readable when an armed worker has something to do.
  public int eventDescriptor() {
    try (Arena scope = Arena.ofConfined()) {
      MemorySegment fd = scope.allocate(LibUcp.C_INT);
      Ucx.check(LibUcp.ucp_worker_get_efd(worker, fd), "ucp_worker_get_efd", "");
      return fd.get(LibUcp.C_INT, 0);
    }
  }

  /// Makes the event descriptor readable at the next event; returns false if there is something to
  /// do already, or if that cannot be told.
  public boolean arm() {
    return UcxCalls.arm(handle) == UcxConstants.UCS_OK;
  }

  /// Moves what can be moved; returns how much that was, in no particular unit.
  public int progress() {
    return UcxCalls.progress(handle);
  }

  /// Connects to a worker by its address; the connection is made while both sides make progress.
  ///
  /// Requests to a peer that dies end with an error, which UCX's shared memory cannot promise and
  /// is therefore not used for.
  ///
  /// @return the endpoint
  public long connect(byte[] address) {
    return connect(address, UCP_ERR_HANDLING_MODE_PEER);
  }

  /// Connects to a worker of this host, also by shared memory. Requests to a peer that dies may
  /// never end, so it has to be watched by other means.
  ///
  /// @return the endpoint
  public long connectWithinHost(byte[] address) {
    return connect(address, UCP_ERR_HANDLING_MODE_NONE);
  }

  private long connect(byte[] address, int mode) {
    try (Arena scope = Arena.ofConfined()) {
      MemorySegment params = ucp_ep_params.allocate(scope);
      ucp_ep_params.field_mask(
          params,
          UCP_EP_PARAM_FIELD_REMOTE_ADDRESS
              | UCP_EP_PARAM_FIELD_ERR_HANDLING_MODE
              | UCP_EP_PARAM_FIELD_ERR_HANDLER);
      ucp_ep_params.address(params, scope.allocateFrom(ValueLayout.JAVA_BYTE, address));
      ucp_ep_params.err_mode(params, mode);
      // Without a handler UCX complains on standard error. This one does nothing and ignores its
      // arguments: what went wrong is told by the status of the requests.
      MemorySegment handler = ucp_ep_params.err_handler(params);
      ucp_err_handler.cb(handler, LibUcp.ucp_get_version_string$address());
      MemorySegment result = scope.allocate(LibUcp.C_POINTER);
      int status = LibUcp.ucp_ep_create(worker, params, result);
      Ucx.check(status, "ucp_ep_create", "address of " + address.length + " bytes");
      return result.get(LibUcp.C_POINTER, 0).address();
    }
  }

  /// Sends a message; its memory is free when the ticket is done.
  public long send(long endpoint, long address, long bytes, long tag) {
    return UcxCalls.send(endpoint, address, bytes, tag, plain);
  }

  /// Sends a message; the ticket is done when the receiver has taken it by [#receive].
  public long sendSync(long endpoint, long address, long bytes, long tag) {
    return UcxCalls.sendSync(endpoint, address, bytes, tag, plain);
  }

  /// Takes the oldest message of any tag that has begun to arrive; returns its number, [#DONE] if
  /// there is none. It must be received, later or at once.
  public long probe() {
    return UcxCalls.probe(handle, 0, 0, 1, info);
  }

  /// Looks at the message that [#probe] would take, and leaves it; returns [#DONE] if there is
  /// none.
  public long peek() {
    return UcxCalls.probe(handle, 0, 0, 0, info);
  }

  /// Returns the tag of the message that [#probe] took last, or [#peek] has seen.
  public long probedTag() {
    return Memory.getLong(info);
  }

  /// Returns the length of the message that [#probe] took last.
  public long probedBytes() {
    return Memory.getLong(info + Long.BYTES);
  }

  /// Receives a message that [#probe] took; returns a ticket.
  ///
  /// @param bytes room at the address; of a longer message nothing may be left
  public long receive(long message, long address, long bytes) {
    return UcxCalls.receive(handle, address, bytes, message, plain);
  }

  /// Returns whether a ticket is a request that has to be asked about and given back.
  public static boolean isRequest(long ticket) {
    return ticket > 0;
  }

  /// Returns whether a status or ticket is an error.
  public static boolean isError(long status) {
    return status < 0;
  }

  /// Returns whether a request is under way.
  public static boolean isPending(int status) {
    return status == UCS_INPROGRESS;
  }

  /// Returns the status of a request: 0 done, negative failed, else pending.
  public int status(long request) {
    return UcxCalls.status(request);
  }

  /// Gives a request back; one that is under way goes on.
  public void free(long request) {
    UcxCalls.free(request);
  }

  /// Waits in the background until everything sent to an endpoint is out; returns a ticket.
  public long flush(long endpoint) {
    return LibUcp.ucp_ep_flush_nbx(MemorySegment.ofAddress(endpoint), orderly).address();
  }

  /// Closes an endpoint after what was sent to it is out; returns a ticket.
  public long close(long endpoint) {
    return LibUcp.ucp_ep_close_nbx(MemorySegment.ofAddress(endpoint), orderly).address();
  }

  /// Closes an endpoint and drops what has not been sent; returns a ticket.
  public long abandon(long endpoint) {
    return LibUcp.ucp_ep_close_nbx(MemorySegment.ofAddress(endpoint), forced).address();
  }

  /// Frees the worker with all its endpoints. Idempotent.
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LibUcp.ucp_worker_destroy(worker);
      arena.close();
    }
  }
}
