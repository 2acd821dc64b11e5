/* NCCL: collectives, point to point, one-sided operations. */
#include <stdlib.h>
#include <string.h>

#include "nccl.h"

static const enum sim_type TYPES[] = {SIM_I8, SIM_U8, SIM_I32, SIM_U32, SIM_I64, SIM_U64,
                                      SIM_F16, SIM_F32, SIM_F64, SIM_BF16, SIM_E4M3, SIM_E5M2};

/* A call in the making: what is wrong with it, and what is to run. */
struct call {
  const char *function;
  ncclComm_t comm;
  ncclResult_t result;
  ncclDataType_t data_type;
  size_t size; /* bytes of an element */
  struct sim_operation operation;
};

static struct call begin(const char *function, int since, ncclComm_t comm, enum sim_kind kind) {
  struct call call = {.function = function, .comm = comm, .operation = {.kind = kind}};
  call.result = nccl_enter(function, comm, since);
  call.operation.hangs = sim_hangs();
  if (call.result == ncclSuccess) call.result = nccl_check(comm, function);
  if (call.result != ncclSuccess) return call;
  if (atomic_load(&comm->revoked) || atomic_load(&comm->finalized) || atomic_load(&comm->suspended)) {
    call.result = nccl_error(ncclInvalidUsage, "%s: rank %d: the communicator is %s", function, comm->rank,
                             atomic_load(&comm->revoked) ? "revoked"
                             : atomic_load(&comm->finalized) ? "finalized" : "suspended");
  }
  return call;
}

static void with_type(struct call *call, size_t count, ncclDataType_t type) {
  if (call->result != ncclSuccess) return;
  int last = nccl_version() >= 22400 ? ncclFloat8e5m2 : ncclBfloat16;
  if ((int)type < 0 || (int)type > last) {
    call->result = nccl_error(ncclInvalidArgument, "%s: data type %d is not in 0 .. %d", call->function, (int)type, last);
    return;
  }
  call->data_type = type;
  call->operation.type = TYPES[type];
  call->operation.count = count;
  call->size = sim_type_bytes(call->operation.type);
}

static void with_root(struct call *call, int root, const char *what) {
  if (call->result != ncclSuccess) return;
  call->operation.root = root;
  if (root >= 0 && root < call->comm->size) return;
  call->result = nccl_error(ncclInvalidArgument, "%s: %s %d is not in 0 .. %d", call->function, what, root,
                            call->comm->size - 1);
}

static void with_reduction(struct call *call, ncclRedOp_t op) {
  if (call->result != ncclSuccess) return;
  int index = (int)op - ncclNumOps;
  if ((int)op >= 0 && index < 0) {
    call->operation.op = (enum sim_operator)op; /* in the same order */
    return;
  }
  const struct nccl_reduction *reduction = index < 0 || index >= MAX_REDUCTIONS ? NULL : &call->comm->reductions[index];
  if (reduction == NULL || !reduction->in_use) {
    call->result = nccl_error(ncclInvalidArgument, "%s: there is no operator %d", call->function, (int)op);
  } else if (reduction->data_type != call->data_type) {
    call->result = nccl_error(ncclInvalidArgument, "%s: operator %d is for data type %d, not %d", call->function,
                              (int)op, (int)reduction->data_type, (int)call->data_type);
  } else {
    call->operation.op = SIM_SUM;
    call->operation.scaled = true;
    call->operation.scalar_on_device = reduction->on_device;
    call->operation.scalar_address = reduction->address;
    memcpy(call->operation.scalar, reduction->scalar, sizeof reduction->scalar);
  }
}

/* Checks that the communicator's device can reach the memory of so many elements, times a factor. */
static void check_memory(struct call *call, const void *address, size_t factor, const char *what) {
  if (call->result != ncclSuccess || call->operation.count == 0) return;
  int device = -1;
  size_t bytes = call->operation.count * factor * call->size;
  if (address == NULL || !sim_reachable(SIM_CUDA, address, bytes, &device)) {
    call->result = nccl_error(ncclInvalidArgument, "%s: %s %p: not %zu bytes of device or pinned memory",
                              call->function, what, address, bytes);
  } else if (device >= 0 && device != call->comm->device) {
    call->result = nccl_error(ncclInvalidArgument, "%s: %s %p is on device %d, the communicator on %d", call->function,
                              what, address, device, call->comm->device);
  }
}

static void with_send(struct call *call, const void *address, size_t factor) {
  check_memory(call, address, factor, "sendbuff");
  call->operation.send = address;
}

static void with_recv(struct call *call, void *address, size_t factor) {
  check_memory(call, address, factor, "recvbuff");
  call->operation.recv = address;
}

static ncclResult_t end(struct call *call, cudaStream_t stream) {
  bool empty = call->operation.count == 0 && call->operation.kind < SIM_PUT;
  if (call->result != ncclSuccess || (empty && !call->operation.hangs)) {
    sim_operation_clear(&call->operation);
    return nccl_group_fail(call->result);
  }
  nccl_group_enter();
  call->result = nccl_group_fail(nccl_group_add(call->comm, stream, &call->operation));
  ncclResult_t result = nccl_group_leave();
  return call->result != ncclSuccess ? call->result : result;
}

ncclResult_t ncclAllReduce(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, ncclRedOp_t op,
                           ncclComm_t comm, cudaStream_t stream) {
  struct call call = begin("ncclAllReduce", 0, comm, SIM_ALL_REDUCE);
  with_type(&call, count, datatype);
  with_reduction(&call, op);
  with_send(&call, sendbuff, 1);
  with_recv(&call, recvbuff, 1);
  return end(&call, stream);
}

ncclResult_t ncclReduce(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, ncclRedOp_t op,
                        int root, ncclComm_t comm, cudaStream_t stream) {
  struct call call = begin("ncclReduce", 0, comm, SIM_REDUCE);
  with_type(&call, count, datatype);
  with_reduction(&call, op);
  with_root(&call, root, "root");
  with_send(&call, sendbuff, 1);
  if (call.result == ncclSuccess && comm->rank == root) with_recv(&call, recvbuff, 1);
  return end(&call, stream);
}

static ncclResult_t broadcast(const char *function, const void *sendbuff, void *recvbuff, size_t count,
                              ncclDataType_t datatype, int root, ncclComm_t comm, cudaStream_t stream) {
  struct call call = begin(function, 0, comm, SIM_BROADCAST);
  with_type(&call, count, datatype);
  with_root(&call, root, "root");
  if (call.result == ncclSuccess && comm->rank == root) with_send(&call, sendbuff, 1);
  with_recv(&call, recvbuff, 1);
  return end(&call, stream);
}

ncclResult_t ncclBroadcast(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, int root,
                           ncclComm_t comm, cudaStream_t stream) {
  return broadcast("ncclBroadcast", sendbuff, recvbuff, count, datatype, root, comm, stream);
}

ncclResult_t ncclBcast(void *buff, size_t count, ncclDataType_t datatype, int root, ncclComm_t comm,
                       cudaStream_t stream) {
  return broadcast("ncclBcast", buff, buff, count, datatype, root, comm, stream);
}

ncclResult_t ncclReduceScatter(const void *sendbuff, void *recvbuff, size_t recvcount, ncclDataType_t datatype,
                               ncclRedOp_t op, ncclComm_t comm, cudaStream_t stream) {
  struct call call = begin("ncclReduceScatter", 0, comm, SIM_REDUCE_SCATTER);
  with_type(&call, recvcount, datatype);
  with_reduction(&call, op);
  with_send(&call, sendbuff, call.result == ncclSuccess ? (size_t)comm->size : 0);
  with_recv(&call, recvbuff, 1);
  return end(&call, stream);
}

ncclResult_t ncclAllGather(const void *sendbuff, void *recvbuff, size_t sendcount, ncclDataType_t datatype,
                           ncclComm_t comm, cudaStream_t stream) {
  struct call call = begin("ncclAllGather", 0, comm, SIM_ALL_GATHER);
  with_type(&call, sendcount, datatype);
  with_send(&call, sendbuff, 1);
  with_recv(&call, recvbuff, call.result == ncclSuccess ? (size_t)comm->size : 0);
  return end(&call, stream);
}

#if TUTTI_SIM_NCCL_LEVEL >= 228
ncclResult_t ncclAlltoAll(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, ncclComm_t comm,
                          cudaStream_t stream) {
  struct call call = begin("ncclAlltoAll", 22800, comm, SIM_ALL_TO_ALL);
  with_type(&call, count, datatype);
  with_send(&call, sendbuff, call.result == ncclSuccess ? (size_t)comm->size : 0);
  with_recv(&call, recvbuff, call.result == ncclSuccess ? (size_t)comm->size : 0);
  return end(&call, stream);
}

ncclResult_t ncclGather(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, int root,
                        ncclComm_t comm, cudaStream_t stream) {
  struct call call = begin("ncclGather", 22800, comm, SIM_GATHER);
  with_type(&call, count, datatype);
  with_root(&call, root, "root");
  with_send(&call, sendbuff, 1);
  if (call.result == ncclSuccess && comm->rank == root) with_recv(&call, recvbuff, (size_t)comm->size);
  return end(&call, stream);
}

ncclResult_t ncclScatter(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, int root,
                         ncclComm_t comm, cudaStream_t stream) {
  struct call call = begin("ncclScatter", 22800, comm, SIM_SCATTER);
  with_type(&call, count, datatype);
  with_root(&call, root, "root");
  if (call.result == ncclSuccess && comm->rank == root) with_send(&call, sendbuff, (size_t)comm->size);
  with_recv(&call, recvbuff, 1);
  return end(&call, stream);
}
#endif

static ncclResult_t point_to_point(struct call *call, bool sends, void *buffer, int peer, cudaStream_t stream) {
  with_root(call, peer, "peer");
  check_memory(call, buffer, 1, sends ? "sendbuff" : "recvbuff");
  if (call->result == ncclSuccess) {
    struct sim_move move = {peer, sends, buffer, call->operation.count * call->size, 0};
    call->operation.moves = calloc(1, sizeof move);
    call->operation.moves[0] = move;
    call->operation.move_count = 1;
  }
  return end(call, stream);
}

ncclResult_t ncclSend(const void *sendbuff, size_t count, ncclDataType_t datatype, int peer, ncclComm_t comm,
                      cudaStream_t stream) {
  struct call call = begin("ncclSend", 0, comm, SIM_POINT_TO_POINT);
  with_type(&call, count, datatype);
  return point_to_point(&call, true, (void *)sendbuff, peer, stream);
}

ncclResult_t ncclRecv(void *recvbuff, size_t count, ncclDataType_t datatype, int peer, ncclComm_t comm,
                      cudaStream_t stream) {
  struct call call = begin("ncclRecv", 0, comm, SIM_POINT_TO_POINT);
  with_type(&call, count, datatype);
  return point_to_point(&call, false, recvbuff, peer, stream);
}

#if TUTTI_SIM_NCCL_LEVEL >= 229
/* The library knows one signal and one context so far. */
static void check_signal(struct call *call, int signal, int context, unsigned flags) {
  if (call->result != ncclSuccess || (signal == 0 && context == 0 && flags == 0)) return;
  call->result = nccl_error(ncclInvalidArgument, "%s: signal %d, context %d, flags %u: must be 0", call->function,
                            signal, context, flags);
}

ncclResult_t ncclPutSignal(const void *localbuff, size_t count, ncclDataType_t datatype, int peer,
                           ncclWindow_t peerWin, size_t peerWinOffset, int sigIdx, int ctx, unsigned int flags,
                           ncclComm_t comm, cudaStream_t stream) {
  struct call call = begin("ncclPutSignal", 22900, comm, SIM_PUT);
  with_type(&call, count, datatype);
  with_root(&call, peer, "peer");
  check_signal(&call, sigIdx, ctx, flags);
  with_send(&call, localbuff, 1);
  if (call.result == ncclSuccess) {
    bool known = false;
    for (int i = 0; i < comm->window_count; i++) known = known || (peerWin != NULL && comm->windows[i] == peerWin);
    if (!known || peerWinOffset > peerWin->bytes || count * call.size > peerWin->bytes - peerWinOffset) {
      call.result = nccl_error(ncclInvalidArgument, "ncclPutSignal: window %p: no place for %zu bytes at %zu",
                               (void *)peerWin, count * call.size, peerWinOffset);
    } else {
      call.operation.window = peerWin->number;
      call.operation.offset = peerWinOffset;
    }
  }
  return end(&call, stream);
}

ncclResult_t ncclSignal(int peer, int sigIdx, int ctx, unsigned int flags, ncclComm_t comm, cudaStream_t stream) {
  struct call call = begin("ncclSignal", 22900, comm, SIM_SIGNAL);
  with_root(&call, peer, "peer");
  check_signal(&call, sigIdx, ctx, flags);
  return end(&call, stream);
}

ncclResult_t ncclWaitSignal(int nDesc, ncclWaitSignalDesc_t *signalDescs, ncclComm_t comm, cudaStream_t stream) {
  struct call call = begin("ncclWaitSignal", 22900, comm, SIM_WAIT_SIGNAL);
  if (call.result == ncclSuccess && (nDesc < 1 || signalDescs == NULL)) {
    call.result = nccl_error(ncclInvalidArgument, "ncclWaitSignal: %d descriptors", nDesc);
  }
  if (call.result == ncclSuccess) {
    call.operation.waits = calloc((size_t)nDesc, sizeof *call.operation.waits);
    call.operation.wait_count = nDesc;
  }
  for (int i = 0; i < nDesc && call.result == ncclSuccess; i++) {
    with_root(&call, signalDescs[i].peer, "peer");
    check_signal(&call, signalDescs[i].sigIdx, signalDescs[i].ctx, 0);
    if (call.result == ncclSuccess && signalDescs[i].opCnt < 1) {
      call.result = nccl_error(ncclInvalidArgument, "ncclWaitSignal: opCnt %d", signalDescs[i].opCnt);
    }
    if (call.result != ncclSuccess) break;
    call.operation.waits[i].peer = signalDescs[i].peer;
    call.operation.waits[i].count = (uint32_t)signalDescs[i].opCnt;
  }
  return end(&call, stream);
}
#endif
