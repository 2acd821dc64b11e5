/// NCCL, NVIDIA's library of collectives: its functions of the host, versions 2.19 to 2.30. The
/// library is loaded when it is first asked for.
///
/// [Nccl#open] finds an [NcclLibrary], which makes [NcclCommunicator]s. Addresses are those of
/// devices, streams those of CUDA, both as `long`. A failed call throws
/// `dev.tutti.bindings.NativeCallException` with NCCL's own words of its last error.
///
/// ## Threads
///
/// * One thread at a time uses a communicator; a second one gets an `IllegalStateException`. Only
///   `asyncError`, `poll` and `abort` may be called at any time.
/// * Groups belong to the thread that started them: until it ends its group, no other thread may
///   use a communicator that has calls in it, and gets an `IllegalStateException` too.
/// * CUDA's current device and NCCL's groups belong to threads of the system, so virtual threads
///   are refused.
@NullMarked
package dev.tutti.bindings.nccl;

import org.jspecify.annotations.NullMarked;
