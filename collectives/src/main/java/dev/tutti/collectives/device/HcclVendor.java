package dev.tutti.collectives.device;

import dev.tutti.bindings.acl.Acl;
import dev.tutti.bindings.acl.AclRuntime;
import dev.tutti.bindings.hccl.Hccl;
import dev.tutti.bindings.hccl.HcclConfig;
import dev.tutti.bindings.hccl.HcclLibrary;
import dev.tutti.bindings.hccl.HcclRootInfo;
import org.jspecify.annotations.Nullable;

/// HCCL over ACL.
final class HcclVendor implements Vendor {
  private final HcclLibrary hccl;
  private final AclRuntime acl;
  private final AscendAccess runtime;
  private final int ordinal;

  private HcclVendor(HcclLibrary hccl, AclRuntime acl, AscendAccess runtime, int ordinal) {
    this.hccl = hccl;
    this.acl = acl;
    this.runtime = runtime;
    this.ordinal = ordinal;
  }

  /// Opens the libraries.
  ///
  /// @throws RuntimeException saying what is missing
  static HcclVendor open(int ordinal, int localRank) {
    HcclLibrary hccl = Hccl.open();
    AclRuntime acl = Acl.runtime();
    int device = Vendors.ordinal(ordinal, localRank, acl.deviceCount(), "ACL");
    return new HcclVendor(hccl, acl, new AscendAccess(acl, device), device);
  }

  @Override
  public DeviceBackend backend() {
    return DeviceBackend.HCCL;
  }

  /// HCCL does not tell; that of ACL changes with it.
  @Override
  public int version() {
    return acl.version().hashCode();
  }

  @Override
  public String description() {
    return "HCCL with ACL " + acl.version();
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
    return hccl.rootInfo().bytes();
  }

  /// HCCL's call returns when all ranks have come or after its own time limit
  /// (`HCCL_CONNECT_TIMEOUT`): it is made by a thread that may be left behind.
  @Override
  public VendorRank init(int size, byte[] rootId, int rank) {
    HcclRootInfo info = HcclRootInfo.of(rootId);
    return new HcclRank(
        PendingRank.start(runtime, () -> hccl.init(size, info, rank, HcclConfig.DEFAULT)),
        new HcclRank.Place(runtime, description(), size, rank, HcclRank.Kind.GLOBAL));
  }

  @Override
  public boolean canGrow() {
    return false;
  }

  @Override
  public byte[] growthId(VendorRank old) {
    throw new UnsupportedOperationException("HCCL cannot take in newcomers");
  }

  @Override
  public VendorRank grow(@Nullable VendorRank old, int size, byte[] growthId, int rank) {
    throw new UnsupportedOperationException("HCCL cannot take in newcomers");
  }
}
