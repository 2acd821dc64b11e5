package dev.tutti.collectives.device;

import dev.tutti.bindings.cuda.CudaCopy;
import dev.tutti.bindings.cuda.CudaEvent;
import dev.tutti.bindings.cuda.CudaMemory;
import dev.tutti.bindings.cuda.CudaRuntime;
import dev.tutti.bindings.cuda.CudaStream;

/// A device of NVIDIA's.
final class CudaAccess implements DeviceRuntime {
  private static final int INVALID_VALUE = 1; // cudaErrorInvalidValue
  private static final int OUT_OF_MEMORY = 2; // cudaErrorMemoryAllocation

  private final CudaRuntime cuda;
  private final int device;

  CudaAccess(CudaRuntime cuda, int device) {
    this.cuda = cuda;
    this.device = device;
  }

  @Override
  public void use() {
    cuda.setDevice(device);
  }

  private record OwnedHandle(long address, Runnable end) implements Owned {
    @Override
    public void close() {
      end.run();
    }
  }

  @Override
  public Owned allocate(long bytes) {
    CudaMemory memory = cuda.allocate(bytes);
    return new OwnedHandle(memory.address(), memory::close);
  }

  @Override
  public Owned allocateHost(long bytes) {
    CudaMemory memory = cuda.allocateHost(bytes);
    return new OwnedHandle(memory.address(), memory::close);
  }

  @Override
  public Owned stream() {
    CudaStream stream = cuda.stream();
    return new OwnedHandle(stream.address(), stream::close);
  }

  @Override
  public Owned event() {
    CudaEvent event = cuda.event();
    return new OwnedHandle(event.address(), event::close);
  }

  @Override
  public void copyAsync(long to, long from, long bytes, Direction direction, long stream) {
    cuda.copyAsync(to, from, bytes, kind(direction), stream);
  }

  @Override
  public void copy(long to, long from, long bytes, Direction direction) {
    cuda.copy(to, from, bytes, kind(direction));
  }

  private static CudaCopy kind(Direction direction) {
    return switch (direction) {
      case TO_DEVICE -> CudaCopy.HOST_TO_DEVICE;
      case TO_HOST -> CudaCopy.DEVICE_TO_HOST;
      case ON_DEVICE -> CudaCopy.DEVICE_TO_DEVICE;
    };
  }

  @Override
  public boolean isOutOfMemory(int error) {
    return error == OUT_OF_MEMORY;
  }

  @Override
  public boolean isHarmless(int error) {
    return error == INVALID_VALUE;
  }

  @Override
  public void record(long event, long stream) {
    cuda.record(event, stream);
  }

  @Override
  public boolean isDone(long event) {
    return cuda.isRecorded(event);
  }

  @Override
  public boolean isCapturing(long stream) {
    return cuda.isCapturing(stream);
  }

  /// Nothing to do: CUDA tells with every call.
  @Override
  public void checkEnded(long stream) {}

  /// CUDA cannot: what NCCL has on a stream ends when its communicator is aborted.
  @Override
  public void abort(long stream) {}

  @Override
  public void abortAll() {}
}
