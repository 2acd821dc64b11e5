package dev.tutti.collectives.device;

import dev.tutti.bindings.cuda.Cuda;
import dev.tutti.bindings.cuda.CudaRuntime;
import dev.tutti.bindings.nccl.Nccl;
import dev.tutti.bindings.nccl.NcclCommunicator;
import dev.tutti.bindings.nccl.NcclConfig;
import dev.tutti.bindings.nccl.NcclFunction;
import dev.tutti.bindings.nccl.NcclLibrary;
import dev.tutti.bindings.nccl.NcclSetting;
import dev.tutti.bindings.nccl.NcclUniqueId;
import org.jspecify.annotations.Nullable;

/// NCCL over CUDA.
///
/// Communicators do not block: their calls return at once, so that a rank that waits for another
/// one to connect still hears of its death.
final class NcclVendor implements Vendor {
  static final NcclConfig CONFIG = NcclConfig.DEFAULT.with(NcclSetting.BLOCKING, 0);

  private final NcclLibrary nccl;
  private final CudaAccess runtime;
  private final int ordinal;

  private NcclVendor(NcclLibrary nccl, CudaAccess runtime, int ordinal) {
    this.nccl = nccl;
    this.runtime = runtime;
    this.ordinal = ordinal;
  }

  /// Opens the libraries.
  ///
  /// @throws RuntimeException saying what is missing
  static NcclVendor open(int ordinal, int localRank) {
    NcclLibrary nccl = Nccl.open();
    CudaRuntime cuda = Cuda.runtime();
    int device = Vendors.ordinal(ordinal, localRank, cuda.deviceCount(), "CUDA");
    cuda.setDevice(device);
    return new NcclVendor(nccl, new CudaAccess(cuda, device), device);
  }

  @Override
  public DeviceBackend backend() {
    return DeviceBackend.NCCL;
  }

  @Override
  public int version() {
    return nccl.version();
  }

  @Override
  public String description() {
    return description(nccl);
  }

  static String description(NcclLibrary nccl) {
    return "NCCL " + NcclLibrary.versionText(nccl.version());
  }

  @Override
  public DeviceRuntime runtime() {
    return runtime;
  }

  @Override
  public int ordinal() {
    return ordinal;
  }

  @Override
  public byte[] rootId() {
    return nccl.uniqueId().bytes();
  }

  @Override
  public VendorRank init(int size, byte[] rootId, int rank) {
    return new NcclRank(
        nccl.init(size, NcclUniqueId.of(rootId), rank, CONFIG), runtime, size, rank);
  }

  @Override
  public boolean canGrow() {
    return nccl.supports(NcclFunction.COMM_GROW);
  }

  @Override
  public byte[] growthId(VendorRank old) {
    return ((NcclRank) old).communicator().growId().bytes();
  }

  @Override
  public VendorRank grow(@Nullable VendorRank old, int size, byte[] growthId, int rank) {
    NcclUniqueId id = NcclUniqueId.of(growthId);
    NcclCommunicator grown =
        old == null
            ? NcclCommunicator.join(nccl, size, id, rank, CONFIG)
            : ((NcclRank) old).communicator().grow(size, rank == 0 ? id : null, CONFIG);
    return new NcclRank(grown, runtime, size, rank);
  }
}
