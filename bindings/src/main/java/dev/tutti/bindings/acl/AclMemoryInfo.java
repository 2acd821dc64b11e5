package dev.tutti.bindings.acl;

/// The memory of a device.
///
/// @param freeBytes what can be allocated, in pieces
/// @param totalBytes all of it
public record AclMemoryInfo(long freeBytes, long totalBytes) {}
