package dev.tutti.bindings.nccl;

/// How much of a device's memory a communicator has.
///
/// @param suspendableBytes what [NcclCommunicator#suspend] would give back
/// @param isSuspended whether it was given back
/// @param persistentBytes what stays
/// @param totalBytes all that NCCL counts
public record NcclMemoryUse(
    long suspendableBytes, boolean isSuspended, long persistentBytes, long totalBytes) {}
