package dev.tutti.bindings.hccl;

/// The results of HCCL's functions.
public enum HcclResult {
  /// Done, or handed to the stream.
  SUCCESS(0, "HCCL_SUCCESS"),
  /// An argument is wrong.
  PARAMETER(1, "HCCL_E_PARA"),
  /// A pointer is null.
  POINTER(2, "HCCL_E_PTR"),
  /// Memory is wrong or missing.
  MEMORY(3, "HCCL_E_MEMORY"),
  /// HCCL has a mistake.
  INTERNAL(4, "HCCL_E_INTERNAL"),
  /// Not supported here.
  NOT_SUPPORTED(5, "HCCL_E_NOT_SUPPORT"),
  /// Not found.
  NOT_FOUND(6, "HCCL_E_NOT_FOUND"),
  /// Not available.
  UNAVAILABLE(7, "HCCL_E_UNAVAIL"),
  /// A call of the operating system failed.
  SYSTEM_CALL(8, "HCCL_E_SYSCALL"),
  /// Took too long.
  TIMEOUT(9, "HCCL_E_TIMEOUT"),
  /// A file cannot be opened.
  OPEN_FILE(10, "HCCL_E_OPEN_FILE_FAILURE"),
  /// A connection by TCP failed.
  TCP_CONNECT(11, "HCCL_E_TCP_CONNECT"),
  /// A connection by RoCE failed.
  ROCE_CONNECT(12, "HCCL_E_ROCE_CONNECT"),
  /// A transfer by TCP failed.
  TCP_TRANSFER(13, "HCCL_E_TCP_TRANSFER"),
  /// A transfer by RoCE failed.
  ROCE_TRANSFER(14, "HCCL_E_ROCE_TRANSFER"),
  /// A call of the runtime failed.
  RUNTIME(15, "HCCL_E_RUNTIME"),
  /// A call of the driver failed.
  DRIVER(16, "HCCL_E_DRV"),
  /// A call of the profiler failed.
  PROFILING(17, "HCCL_E_PROFILING"),
  /// A call of the compute library failed.
  CCE(18, "HCCL_E_CCE"),
  /// A call of the network failed.
  NETWORK(19, "HCCL_E_NETWORK"),
  /// Another thread is inside: try again.
  AGAIN(20, "HCCL_E_AGAIN"),
  /// Another rank failed.
  REMOTE(21, "HCCL_E_REMOTE"),
  /// The communicator is being suspended; since 8.1.
  SUSPENDING(22, "HCCL_E_SUSPENDING"),
  /// Repeating the operation failed too.
  RETRY_FAILED(23, "HCCL_E_OPRETRY_FAIL"),
  /// Out of memory; since 8.5.
  OUT_OF_MEMORY(24, "HCCL_E_OOM"),
  /// The communicator is in another state; since 8.5.
  IN_STATUS(1041, "HCCL_E_IN_STATUS"),
  /// A number that this binding does not know.
  UNKNOWN(-1, "unknown result");

  private static final HcclResult[] ALL = values();

  private final int code;
  private final String symbol;

  HcclResult(int code, String symbol) {
    this.code = code;
    this.symbol = symbol;
  }

  /// Its number.
  public int code() {
    return code;
  }

  /// Its name in C.
  public String symbol() {
    return symbol;
  }

  /// Returns the result with a number.
  public static HcclResult of(int code) {
    for (HcclResult result : ALL) {
      if (result.code == code) {
        return result;
      }
    }
    return UNKNOWN;
  }
}
