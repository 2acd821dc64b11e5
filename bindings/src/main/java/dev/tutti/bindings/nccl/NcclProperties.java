package dev.tutti.bindings.nccl;

import dev.tutti.bindings.nccl.generated.ncclCommProperties;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What NCCL tells of a communicator.
///
/// @param rank this rank
/// @param worldSize number of ranks
/// @param device number of the device in CUDA's order
/// @param nvmlDevice number of the device in NVML's order
/// @param hasDeviceApi whether kernels may communicate by themselves
/// @param hasMulticast whether NVSwitches can send to many devices at once
/// @param loadStoreTeams number of groups of ranks that reach each other's memory, null before
///   2.29.7
/// @param hasHostOneSided whether one-sided operations of the host work, null before 2.29.7
public record NcclProperties(
    int rank,
    int worldSize,
    int device,
    int nvmlDevice,
    boolean hasDeviceApi,
    boolean hasMulticast,
    @Nullable Integer loadStoreTeams,
    @Nullable Boolean hasHostOneSided) {

  /// Length of the structure in 2.29.2, whose last field is a byte.
  static final long SHORT_BYTES = 40;

  static NcclProperties read(MemorySegment properties, boolean isLong) {
    return new NcclProperties(
        ncclCommProperties.rank(properties),
        ncclCommProperties.nRanks(properties),
        ncclCommProperties.cudaDev(properties),
        ncclCommProperties.nvmlDev(properties),
        ncclCommProperties.deviceApiSupport(properties),
        ncclCommProperties.multimemSupport(properties),
        isLong ? ncclCommProperties.nLsaTeams(properties) : null,
        isLong ? ncclCommProperties.hostRmaSupport(properties) : null);
  }
}
