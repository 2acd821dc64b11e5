/* Inside of the ACL and HCCL parts. */
#ifndef TUTTI_SIM_ACL_H
#define TUTTI_SIM_ACL_H

#include "sim.h"

#pragma GCC visibility push(default)
#include "tutti_acl.h"
#include "tutti_hccl.h"
#pragma GCC visibility pop

/* Functions that came later than this version of CANN, 81 for 8.1, are left out. */
#ifndef TUTTI_SIM_CANN_LEVEL
#define TUTTI_SIM_CANN_LEVEL 92
#endif

enum {
  ACL_PARAMETER = 107000,
  ACL_DEVICE = 107001,
  ACL_NO_CONTEXT = 107002,
  ACL_STREAM = 107003,
  ACL_EVENT = 107004,
  ACL_WAIT_TIMEOUT = 107019,
  ACL_DEVICE_ABORT = 107022,
  ACL_STREAM_ABORT = 107023,
  ACL_NOT_SUPPORTED = 207000,
  ACL_ALLOCATION = 207001,
  ACL_NO_MEMORY = 207018,
  ACL_STREAM_TIMEOUT = 507046,
  ACL_NOTIFY_TIMEOUT = 507048
};

/* Remembers what went wrong for aclGetRecentErrMsg. */
aclError acl_error(aclError code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Enters a function of the runtime that needs a context if `device` is not null; tells its device. */
aclError acl_enter(const char *function, int *device);
bool acl_is_device(int device);
/* A stream of this thread's device by its handle, null for the default; held. */
struct sim_stream *acl_stream(int device, const void *handle);
/* Whether an address is of a device; clears `right` if the range leaves its memory or is another vendor's. */
bool acl_is_device_memory(const void *address, size_t bytes, bool *right);

#endif
