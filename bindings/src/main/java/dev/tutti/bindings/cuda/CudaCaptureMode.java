package dev.tutti.bindings.cuda;

/// What other calls are allowed while a stream collects, in the order of CUDA's numbers.
public enum CudaCaptureMode {
  /// No thread may make calls that are unsafe then, such as to allocate.
  GLOBAL,
  /// The thread that collects may not.
  THREAD_LOCAL,
  /// All may.
  RELAXED;

  int code() {
    return ordinal();
  }
}
