package dev.tutti.bindings.nccl;

/// The results of NCCL's functions, in the order of their numbers.
public enum NcclResult {
  /// Done, or handed to the stream.
  SUCCESS("ncclSuccess"),

  /// A call of CUDA failed.
  UNHANDLED_CUDA_ERROR("ncclUnhandledCudaError"),

  /// A call of the operating system failed.
  SYSTEM_ERROR("ncclSystemError"),

  /// NCCL has a mistake, or its memory is damaged.
  INTERNAL_ERROR("ncclInternalError"),

  /// An argument is wrong. The communicator can be used on.
  INVALID_ARGUMENT("ncclInvalidArgument"),

  /// The call is not allowed here. The communicator can be used on.
  INVALID_USAGE("ncclInvalidUsage"),

  /// Another rank or the network failed.
  REMOTE_ERROR("ncclRemoteError"),

  /// A communicator that does not block is still at it.
  IN_PROGRESS("ncclInProgress"),

  /// A barrier of devices took too long; since 2.30.
  TIMEOUT("ncclTimeout"),

  /// A number that this binding does not know.
  UNKNOWN("unknown result");

  private static final NcclResult[] BY_CODE = values();

  private final String symbol;

  NcclResult(String symbol) {
    this.symbol = symbol;
  }

  /// Its name in C.
  public String symbol() {
    return symbol;
  }

  /// Returns the result with a number.
  public static NcclResult of(int code) {
    return code >= 0 && code < UNKNOWN.ordinal() ? BY_CODE[code] : UNKNOWN;
  }

  /// Returns whether a communicator that gave this can be used on; otherwise it has to be aborted
  /// or revoked, by all ranks.
  public boolean leavesCommunicatorUsable() {
    return this == SUCCESS
        || this == IN_PROGRESS
        || this == INVALID_ARGUMENT
        || this == INVALID_USAGE;
  }
}
