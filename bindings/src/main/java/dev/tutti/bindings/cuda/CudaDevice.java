package dev.tutti.bindings.cuda;

import org.jspecify.annotations.Nullable;

/// A device as CUDA's runtime shows it.
///
/// @param index its number in this process
/// @param name what NVIDIA calls it
/// @param uuid unique number, 32 hexadecimal digits
/// @param pciAddress `0000:17:00.0`, null if not told
/// @param memoryBytes its memory
/// @param computeMajor first part of its compute capability
/// @param computeMinor second part of its compute capability
/// @param multiprocessors number of them
public record CudaDevice(
    int index,
    String name,
    String uuid,
    @Nullable String pciAddress,
    long memoryBytes,
    int computeMajor,
    int computeMinor,
    int multiprocessors) {}
