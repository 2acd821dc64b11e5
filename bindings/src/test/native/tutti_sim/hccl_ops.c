/* HCCL: collectives and point to point. */
#include <stdlib.h>
#include <string.h>

#include "hccl.h"

#define MAX_GROUPED 1024

static const enum sim_type TYPES[] = {SIM_I8, SIM_I16, SIM_I32, SIM_F16, SIM_F32, SIM_I64,
                                      SIM_U64, SIM_U8, SIM_U16, SIM_U32, SIM_F64, SIM_BF16};

/* A call in the making. */
struct call {
  const char *function;
  struct hccl_comm *comm;
  HcclResult result;
  int device;
  size_t size; /* bytes of an element */
  struct sim_operation operation;
};

static struct call begin(const char *function, HcclComm comm, enum sim_kind kind) {
  struct call call = {.function = function, .operation = {.kind = kind}};
  int code = sim_enter(function, hccl_rank(comm));
  call.operation.hangs = sim_hangs();
  call.comm = hccl_is_comm(comm) ? comm : NULL;
  if (code != 0) call.result = (HcclResult)code;
  else if (comm == NULL) call.result = HCCL_E_PTR;
  else if (call.comm == NULL) call.result = HCCL_E_PARA;
  else if (acl_enter(function, &call.device) != ACL_SUCCESS) call.result = HCCL_E_RUNTIME;
  else if (call.comm->suspended) call.result = (HcclResult)22;
  else if (atomic_load(&call.comm->core->error) != 0) call.result = HCCL_E_REMOTE;
  return call;
}

static void fail(struct call *call, HcclResult result) {
  if (call->result == HCCL_SUCCESS) call->result = result;
}

static void with_type(struct call *call, size_t count, HcclDataType type) {
  if ((int)type < 0 || (int)type > 17 || (int)type == 13) fail(call, HCCL_E_PARA);
  else if (type > HCCL_DATA_TYPE_BFP16) fail(call, HCCL_E_NOT_SUPPORT);
  if (call->result != HCCL_SUCCESS) return;
  call->operation.type = TYPES[type];
  call->operation.count = count;
  call->size = sim_type_bytes(call->operation.type);
}

/* The types and operators of an Atlas A2: no unsigned types and no float64, no product of int16 and bfloat16. */
static void with_reduction(struct call *call, HcclReduceOp op) {
  if (call->result != HCCL_SUCCESS) return;
  enum sim_type type = call->operation.type;
  bool known = type == SIM_I8 || type == SIM_I16 || type == SIM_I32 || type == SIM_I64 || type == SIM_F16
      || type == SIM_F32 || type == SIM_BF16;
  if ((int)op < HCCL_REDUCE_SUM || op > HCCL_REDUCE_MIN) fail(call, HCCL_E_PARA);
  else if (!known || (op == HCCL_REDUCE_PROD && (type == SIM_I16 || type == SIM_BF16))) fail(call, HCCL_E_NOT_SUPPORT);
  call->operation.op = (enum sim_operator)op; /* in the same order */
}

static void with_rank(struct call *call, uint32_t rank) {
  if (call->result == HCCL_SUCCESS && rank >= (uint32_t)call->comm->core->size) fail(call, HCCL_E_PARA);
  call->operation.root = (int)rank;
}

/* Device memory of the communicator's device, and nothing else. */
static void check_memory(struct call *call, const void *address, size_t elements) {
  if (call->result != HCCL_SUCCESS || elements == 0) return;
  int device = -1;
  if (address == NULL) {
    fail(call, HCCL_E_PTR);
  } else if (!sim_reachable(SIM_ASCEND, address, elements * call->size, &device) || device != call->comm->core->device) {
    acl_error(0, "%s: %p: not %zu bytes of device %d", call->function, address, elements * call->size,
              call->comm->core->device);
    fail(call, HCCL_E_PARA);
  }
}

static void with_send(struct call *call, const void *address, size_t elements) {
  check_memory(call, address, elements);
  call->operation.send = address;
}

static void with_recv(struct call *call, const void *address, size_t elements) {
  check_memory(call, address, elements);
  call->operation.recv = (char *)address;
}

static size_t ranks_of(const struct call *call) { return call->result == HCCL_SUCCESS ? (size_t)call->comm->core->size : 0; }

/* Copies an array with an element per rank; a missing one is an error. */
static uint64_t *copy_counts(struct call *call, const void *counts) {
  if (counts == NULL) fail(call, HCCL_E_PTR);
  size_t ranks = ranks_of(call);
  uint64_t *copy = calloc(ranks + 1, sizeof *copy);
  if (ranks > 0) memcpy(copy, counts, ranks * sizeof *copy);
  return copy;
}

/* How many elements a buffer of these blocks must have. */
static size_t extent(const struct call *call, const uint64_t *counts, const uint64_t *offsets) {
  size_t end = 0;
  for (size_t r = 0; r < ranks_of(call); r++) {
    if (counts[r] > 0 && offsets[r] + counts[r] > end) end = offsets[r] + counts[r];
  }
  return end;
}

/* ---- groups, since 9.0 ---- */

struct grouped {
  struct hccl_comm *comm;
  struct sim_stream *stream;
  struct sim_operation operation;
};

static _Thread_local int depth;
static _Thread_local struct grouped *grouped;
static _Thread_local int grouped_count;
static _Thread_local HcclResult group_error;

static HcclResult submit(struct call *call, const void *handle) {
  struct sim_stream *stream = acl_stream(call->device, handle);
  if (stream == NULL || stream->device != call->comm->core->device) {
    if (stream != NULL) sim_stream_drop(stream);
    sim_operation_clear(&call->operation);
    return HCCL_E_PARA;
  }
  if (depth > 0 && grouped_count < MAX_GROUPED) {
    if (grouped == NULL) grouped = calloc(MAX_GROUPED, sizeof *grouped);
    grouped[grouped_count++] = (struct grouped){call->comm, stream, call->operation};
    return HCCL_SUCCESS;
  }
  enum sim_result result = sim_submit(call->comm->core, stream, &call->operation, 1);
  sim_stream_drop(stream);
  return hccl_result(result);
}

static HcclResult end(struct call *call, const void *handle) {
  bool empty = call->operation.count == 0 && call->operation.kind <= SIM_ALL_TO_ALL;
  if (call->result != HCCL_SUCCESS || (empty && !call->operation.hangs)) {
    if (call->result != HCCL_SUCCESS && depth > 0 && group_error == HCCL_SUCCESS) group_error = call->result;
    sim_operation_clear(&call->operation);
    return call->result;
  }
  return submit(call, handle);
}

#if TUTTI_SIM_CANN_LEVEL >= 90
HcclResult HcclGroupStart(void) {
  HCCL_ENTER(HcclGroupStart, NULL);
  if (depth++ == 0) group_error = HCCL_SUCCESS;
  return HCCL_SUCCESS;
}

/* One submission per communicator: all sends and receives of the group together. */
static HcclResult launch(int first) {
  struct hccl_comm *comm = grouped[first].comm;
  struct sim_operation *operations = calloc((size_t)grouped_count + 1, sizeof *operations), together;
  int count = 0;
  memset(&together, 0, sizeof together);
  together.kind = SIM_POINT_TO_POINT;
  together.moves = calloc((size_t)grouped_count, sizeof *together.moves);
  for (int i = first; i < grouped_count; i++) {
    if (grouped[i].comm != comm) continue;
    struct sim_operation *operation = &grouped[i].operation;
    if (operation->kind == SIM_POINT_TO_POINT) {
      together.moves[together.move_count++] = operation->moves[0];
      together.hangs = together.hangs || operation->hangs;
      sim_operation_clear(operation);
    } else {
      operations[count++] = *operation;
    }
    if (i > first) grouped[i].comm = NULL;
  }
  if (together.move_count > 0) operations[count++] = together;
  else free(together.moves);
  enum sim_result result = sim_submit(comm->core, grouped[first].stream, operations, count);
  free(operations);
  return hccl_result(result);
}

HcclResult HcclGroupEnd(void) {
  HCCL_ENTER(HcclGroupEnd, NULL);
  if (depth == 0) return HCCL_E_PARA;
  if (--depth > 0) return HCCL_SUCCESS;
  HcclResult result = group_error;
  for (int i = 0; i < grouped_count; i++) {
    if (result != HCCL_SUCCESS) sim_operation_clear(&grouped[i].operation);
    else if (grouped[i].comm != NULL) result = launch(i);
  }
  for (int i = 0; i < grouped_count; i++) sim_stream_drop(grouped[i].stream);
  free(grouped);
  grouped = NULL;
  grouped_count = 0;
  return result;
}
#endif

#if TUTTI_SIM_CANN_LEVEL >= 92
HcclResult HcclGroupStatusGet(_Bool *inGroup) {
  HCCL_ENTER(HcclGroupStatusGet, NULL);
  if (inGroup == NULL) return HCCL_E_PTR;
  *inGroup = depth > 0;
  return HCCL_SUCCESS;
}
#endif

/* ---- collectives ---- */

HcclResult HcclBarrier(HcclComm comm, aclrtStream stream) {
  struct call call = begin("HcclBarrier", comm, SIM_BARRIER);
  return end(&call, stream);
}

HcclResult HcclAllReduce(void *sendBuf, void *recvBuf, uint64_t count, HcclDataType dataType, HcclReduceOp op,
                         HcclComm comm, aclrtStream stream) {
  struct call call = begin("HcclAllReduce", comm, SIM_ALL_REDUCE);
  with_type(&call, count, dataType);
  with_reduction(&call, op);
  with_send(&call, sendBuf, count);
  with_recv(&call, recvBuf, count);
  return end(&call, stream);
}

HcclResult HcclBroadcast(void *buf, uint64_t count, HcclDataType dataType, uint32_t root, HcclComm comm,
                         aclrtStream stream) {
  struct call call = begin("HcclBroadcast", comm, SIM_BROADCAST);
  with_type(&call, count, dataType);
  with_rank(&call, root);
  with_send(&call, buf, count);
  with_recv(&call, buf, count);
  return end(&call, stream);
}

HcclResult HcclReduce(void *sendBuf, void *recvBuf, uint64_t count, HcclDataType dataType, HcclReduceOp op,
                      uint32_t root, HcclComm comm, aclrtStream stream) {
  struct call call = begin("HcclReduce", comm, SIM_REDUCE);
  with_type(&call, count, dataType);
  with_reduction(&call, op);
  with_rank(&call, root);
  with_send(&call, sendBuf, count);
  if (call.result == HCCL_SUCCESS && (uint32_t)call.comm->core->rank == root) with_recv(&call, recvBuf, count);
  return end(&call, stream);
}

HcclResult HcclReduceScatter(void *sendBuf, void *recvBuf, uint64_t recvCount, HcclDataType dataType, HcclReduceOp op,
                             HcclComm comm, aclrtStream stream) {
  struct call call = begin("HcclReduceScatter", comm, SIM_REDUCE_SCATTER);
  with_type(&call, recvCount, dataType);
  with_reduction(&call, op);
  with_send(&call, sendBuf, recvCount * ranks_of(&call));
  with_recv(&call, recvBuf, recvCount);
  return end(&call, stream);
}

HcclResult HcclReduceScatterV(void *sendBuf, const void *sendCounts, const void *sendDispls, void *recvBuf,
                              uint64_t recvCount, HcclDataType dataType, HcclReduceOp op, HcclComm comm,
                              aclrtStream stream) {
  struct call call = begin("HcclReduceScatterV", comm, SIM_REDUCE_SCATTER_V);
  with_type(&call, recvCount, dataType);
  with_reduction(&call, op);
  call.operation.send_counts = copy_counts(&call, sendCounts);
  call.operation.send_offsets = copy_counts(&call, sendDispls);
  if (call.result == HCCL_SUCCESS && call.operation.send_counts[call.comm->core->rank] != recvCount) {
    fail(&call, HCCL_E_PARA);
  }
  with_send(&call, sendBuf, extent(&call, call.operation.send_counts, call.operation.send_offsets));
  with_recv(&call, recvBuf, recvCount);
  return end(&call, stream);
}

HcclResult HcclAllGather(void *sendBuf, void *recvBuf, uint64_t sendCount, HcclDataType dataType, HcclComm comm,
                         aclrtStream stream) {
  struct call call = begin("HcclAllGather", comm, SIM_ALL_GATHER);
  with_type(&call, sendCount, dataType);
  with_send(&call, sendBuf, sendCount);
  with_recv(&call, recvBuf, sendCount * ranks_of(&call));
  return end(&call, stream);
}

HcclResult HcclAllGatherV(void *sendBuf, uint64_t sendCount, void *recvBuf, const void *recvCounts,
                          const void *recvDispls, HcclDataType dataType, HcclComm comm, aclrtStream stream) {
  struct call call = begin("HcclAllGatherV", comm, SIM_ALL_GATHER_V);
  with_type(&call, sendCount, dataType);
  call.operation.recv_counts = copy_counts(&call, recvCounts);
  call.operation.recv_offsets = copy_counts(&call, recvDispls);
  if (call.result == HCCL_SUCCESS && call.operation.recv_counts[call.comm->core->rank] != sendCount) {
    fail(&call, HCCL_E_PARA);
  }
  with_send(&call, sendBuf, sendCount);
  with_recv(&call, recvBuf, extent(&call, call.operation.recv_counts, call.operation.recv_offsets));
  return end(&call, stream);
}

HcclResult HcclScatter(void *sendBuf, void *recvBuf, uint64_t recvCount, HcclDataType dataType, uint32_t root,
                       HcclComm comm, aclrtStream stream) {
  struct call call = begin("HcclScatter", comm, SIM_SCATTER);
  with_type(&call, recvCount, dataType);
  with_rank(&call, root);
  if (call.result == HCCL_SUCCESS && (uint32_t)call.comm->core->rank == root) {
    with_send(&call, sendBuf, recvCount * ranks_of(&call));
  }
  with_recv(&call, recvBuf, recvCount);
  return end(&call, stream);
}

HcclResult HcclAlltoAll(const void *sendBuf, uint64_t sendCount, HcclDataType sendType, const void *recvBuf,
                        uint64_t recvCount, HcclDataType recvType, HcclComm comm, aclrtStream stream) {
  struct call call = begin("HcclAlltoAll", comm, SIM_ALL_TO_ALL);
  with_type(&call, sendCount, sendType);
  if (sendCount != recvCount || sendType != recvType) fail(&call, HCCL_E_PARA);
  with_send(&call, sendBuf, sendCount * ranks_of(&call));
  with_recv(&call, recvBuf, recvCount * ranks_of(&call));
  return end(&call, stream);
}

static HcclResult all_to_all_v(struct call *call, const void *sendBuf, const void *recvBuf, aclrtStream stream) {
  with_send(call, sendBuf, extent(call, call->operation.send_counts, call->operation.send_offsets));
  with_recv(call, recvBuf, extent(call, call->operation.recv_counts, call->operation.recv_offsets));
  return end(call, stream);
}

HcclResult HcclAlltoAllV(const void *sendBuf, const void *sendCounts, const void *sendDispls, HcclDataType sendType,
                         const void *recvBuf, const void *recvCounts, const void *recvDispls, HcclDataType recvType,
                         HcclComm comm, aclrtStream stream) {
  struct call call = begin("HcclAlltoAllV", comm, SIM_ALL_TO_ALL_V);
  with_type(&call, 0, sendType);
  if (sendType != recvType) fail(&call, HCCL_E_PARA);
  call.operation.send_counts = copy_counts(&call, sendCounts);
  call.operation.send_offsets = copy_counts(&call, sendDispls);
  call.operation.recv_counts = copy_counts(&call, recvCounts);
  call.operation.recv_offsets = copy_counts(&call, recvDispls);
  return all_to_all_v(&call, sendBuf, recvBuf, stream);
}

#if TUTTI_SIM_CANN_LEVEL >= 85
/* Row r of the matrix is what rank r sends to each; blocks lie one behind the other. */
HcclResult HcclAlltoAllVC(const void *sendBuf, const void *sendCountMatrix, HcclDataType sendType, const void *recvBuf,
                          HcclDataType recvType, HcclComm comm, aclrtStream stream) {
  struct call call = begin("HcclAlltoAllVC", comm, SIM_ALL_TO_ALL_V);
  with_type(&call, 0, sendType);
  if (sendType != recvType) fail(&call, HCCL_E_PARA);
  if (sendCountMatrix == NULL) fail(&call, HCCL_E_PTR);
  size_t ranks = ranks_of(&call), sent = 0, received = 0;
  call.operation.send_counts = calloc(ranks + 1, sizeof(uint64_t));
  call.operation.send_offsets = calloc(ranks + 1, sizeof(uint64_t));
  call.operation.recv_counts = calloc(ranks + 1, sizeof(uint64_t));
  call.operation.recv_offsets = calloc(ranks + 1, sizeof(uint64_t));
  const uint64_t *matrix = sendCountMatrix;
  for (size_t r = 0; r < ranks; r++) {
    size_t me = (size_t)call.comm->core->rank;
    call.operation.send_counts[r] = matrix[me * ranks + r];
    call.operation.recv_counts[r] = matrix[r * ranks + me];
    call.operation.send_offsets[r] = sent;
    call.operation.recv_offsets[r] = received;
    sent += call.operation.send_counts[r];
    received += call.operation.recv_counts[r];
  }
  return all_to_all_v(&call, sendBuf, recvBuf, stream);
}
#endif

/* ---- point to point ---- */

static HcclResult point_to_point(const char *function, bool sends, void *buffer, uint64_t count, HcclDataType type,
                                 uint32_t peer, HcclComm comm, aclrtStream stream) {
  struct call call = begin(function, comm, SIM_POINT_TO_POINT);
  with_type(&call, count, type);
  with_rank(&call, peer);
  if (call.result == HCCL_SUCCESS && (uint32_t)call.comm->core->rank == peer) fail(&call, HCCL_E_PARA);
  check_memory(&call, buffer, count);
  if (call.result != HCCL_SUCCESS || count == 0) return call.result;
  call.operation.moves = calloc(1, sizeof *call.operation.moves);
  call.operation.moves[0] = (struct sim_move){(int)peer, sends, buffer, count * call.size, 0};
  call.operation.move_count = 1;
  return end(&call, stream);
}

HcclResult HcclSend(void *sendBuf, uint64_t count, HcclDataType dataType, uint32_t destRank, HcclComm comm,
                    aclrtStream stream) {
  return point_to_point("HcclSend", true, sendBuf, count, dataType, destRank, comm, stream);
}

HcclResult HcclRecv(void *recvBuf, uint64_t count, HcclDataType dataType, uint32_t srcRank, HcclComm comm,
                    aclrtStream stream) {
  return point_to_point("HcclRecv", false, recvBuf, count, dataType, srcRank, comm, stream);
}

HcclResult HcclBatchSendRecv(HcclSendRecvItem *items, uint32_t itemNum, HcclComm comm, aclrtStream stream) {
  struct call call = begin("HcclBatchSendRecv", comm, SIM_POINT_TO_POINT);
  if (items == NULL) fail(&call, HCCL_E_PTR);
  if (itemNum == 0) fail(&call, HCCL_E_PARA);
  if (depth > 0) fail(&call, HCCL_E_NOT_SUPPORT);
  call.operation.moves = calloc((size_t)itemNum + 1, sizeof *call.operation.moves);
  for (uint32_t i = 0; i < itemNum && call.result == HCCL_SUCCESS; i++) {
    const HcclSendRecvItem *item = &items[i];
    if (item->sendRecvType != HCCL_SEND && item->sendRecvType != HCCL_RECV) fail(&call, HCCL_E_PARA);
    with_type(&call, item->count, item->dataType);
    with_rank(&call, item->remoteRank);
    check_memory(&call, item->buf, item->count);
    if (call.result != HCCL_SUCCESS) break;
    call.operation.moves[call.operation.move_count++] =
        (struct sim_move){(int)item->remoteRank, item->sendRecvType == HCCL_SEND, item->buf, item->count * call.size, 0};
  }
  return end(&call, stream);
}
