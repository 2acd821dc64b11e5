package dev.tutti.bindings.nccl;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.bindings.nccl.generated.LibNccl;
import dev.tutti.bindings.nccl.generated.ncclRedOpCreatePreMulSum_call;
import dev.tutti.bindings.nccl.generated.ncclRedOpDestroy_call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A reduction operator made for one communicator and one type: each rank's elements times a
/// number, summed.
public final class NcclReduceOperator implements AutoCloseable {
  private final NcclCommunicator communicator;
  private final int code;
  private boolean closed;

  private NcclReduceOperator(NcclCommunicator communicator, int code) {
    this.communicator = communicator;
    this.code = code;
  }

  static NcclReduceOperator ofHost(
      NcclCommunicator communicator, long made, NcclDataType type, MemorySegment scalar) {
    if (!scalar.isNative() || scalar.byteSize() < type.bytes()) {
      throw new IllegalArgumentException(
          "the scalar must be " + type.bytes() + " bytes of native memory for " + type);
    }
    return create(communicator, made, type, scalar, LibNccl.ncclScalarHostImmediate());
  }

  static NcclReduceOperator ofDevice(
      NcclCommunicator communicator, long made, NcclDataType type, long scalar) {
    MemorySegment address = MemorySegment.ofAddress(scalar);
    return create(communicator, made, type, address, LibNccl.ncclScalarDevice());
  }

  private static NcclReduceOperator create(
      NcclCommunicator communicator,
      long made,
      NcclDataType type,
      MemorySegment scalar,
      int residence) {
    NcclLibrary library = communicator.library();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      int result =
          ncclRedOpCreatePreMulSum_call.invoke(
              library.address(NcclFunction.RED_OP_CREATE_PRE_MUL_SUM),
              out,
              scalar,
              type.code(),
              residence,
              MemorySegment.ofAddress(made));
      library.check(result, NcclFunction.RED_OP_CREATE_PRE_MUL_SUM, "type=" + type);
      return new NcclReduceOperator(communicator, out.get(JAVA_INT, 0));
    }
  }

  /// Returns its number, for the `op` of a collective.
  public int code() {
    if (closed) {
      throw new IllegalStateException("this operator of NCCL is closed");
    }
    return code;
  }

  /// Frees it, by the thread that uses the communicator; operations that were given it go on.
  /// Idempotent; nothing to do if the communicator is closed.
  @Override
  public void close() {
    if (closed || communicator.isClosed()) {
      return;
    }
    closed = true;
    NcclLibrary library = communicator.library();
    communicator.with(made ->
        library.check(
            ncclRedOpDestroy_call.invoke(
                library.address(NcclFunction.RED_OP_DESTROY), code, MemorySegment.ofAddress(made)),
            NcclFunction.RED_OP_DESTROY,
            ""));
  }
}
