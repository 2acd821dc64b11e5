package dev.tutti.bindings.cuda;

/// The memory of a device.
///
/// @param freeBytes what can be allocated, in pieces
/// @param totalBytes all of it
public record CudaMemoryInfo(long freeBytes, long totalBytes) {}
