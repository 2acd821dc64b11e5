/// CUDA: the runtime (devices, memory, streams, events, graphs) and of the driver what loads and
/// launches kernels. The libraries are loaded when they are first asked for.
///
/// [Cuda] finds a [CudaRuntime] and a [CudaDriver]. Addresses of memory are `long`; so are streams
/// and events on the data path, where 0 is the default stream: [CudaStream#address] and
/// [CudaEvent#address] give them, and throw once the object is closed. A failed call throws
/// `dev.tutti.bindings.NativeCallException`.
///
/// Any thread of the system may call; virtual threads are refused where a call depends on the
/// current device, which belongs to the thread of the system. An object that owns something of CUDA
/// (a stream, an event, memory, a graph, a module) is closed by its owner when no other thread uses
/// it.
@NullMarked
package dev.tutti.bindings.cuda;

import org.jspecify.annotations.NullMarked;
