/* Inside of the CUDA part. */
#ifndef TUTTI_SIM_CUDA_H
#define TUTTI_SIM_CUDA_H

#include "sim.h"

#pragma GCC visibility push(default)
#include "tutti_cuda.h"
#pragma GCC visibility pop

/* The major version whose functions there are. */
#ifndef TUTTI_SIM_CUDA_LEVEL
#define TUTTI_SIM_CUDA_LEVEL 12
#endif

/* Codes that the interface header leaves out. */
enum {
  CUDA_INVALID_PTX = 218,
  CUDA_INVALID_CONTEXT = 201,
  CUDA_INVALID_HANDLE = 400,
  CUDA_NOT_FOUND = 500,
  CUDA_ILLEGAL_ADDRESS = 700,
  CUDA_LAUNCH_FAILURE = 719,
  CUDA_SYSTEM_NOT_READY = 802,
  CUDA_CAPTURE_UNSUPPORTED = 900,
  CUDA_CAPTURE_INVALIDATED = 901,
  CUDA_CAPTURE_UNMATCHED = 903,
  CUDA_CAPTURE_UNJOINED = 904,
  CUDA_CAPTURE_ISOLATION = 905,
  CUDA_CAPTURE_IMPLICIT = 906,
  CUDA_CAPTURED_EVENT = 907
};

/* Enters a function of the runtime, which starts the driver and makes the device's context current. */
#define CUDA_ENTER(function)                                          \
  do {                                                                \
    cudaError_t entered = cuda_enter(#function);                      \
    if (entered != cudaSuccess) return cuda_done(entered);            \
  } while (0)

cudaError_t cuda_enter(const char *function);
/* Remembers an error for cudaGetLastError. */
cudaError_t cuda_done(int error);
cudaError_t cuda_result(enum sim_result result);
int sim_cuda_device(void);
int cuda_driver_version(void);
bool cuda_is_device(int device);
void cuda_use_device(int device);
bool cuda_has_context(void);
void cuda_start_driver(void);
bool cuda_driver_started(void);
/* An error of work on a device, which stays until the device is reset. */
void cuda_fault(int device, int error);
int cuda_fault_of(int device);
/* Whether a capture forbids this thread calls like an allocation; breaks the capture. */
bool cuda_capture_forbids(void);
struct sim_stream *cuda_stream(const void *handle);
const char *cuda_error_name(int error);
const char *cuda_error_text(int error);

#endif
