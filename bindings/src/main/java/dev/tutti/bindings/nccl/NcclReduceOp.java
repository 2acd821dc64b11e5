package dev.tutti.bindings.nccl;

import dev.tutti.bindings.nccl.generated.LibNccl;

/// The numbers of NCCL's reduction operators; [NcclReduceOperator] makes more.
public final class NcclReduceOp {
  /// Sum.
  public static final int SUM = LibNccl.ncclSum();

  /// Product.
  public static final int PROD = LibNccl.ncclProd();

  /// Maximum.
  public static final int MAX = LibNccl.ncclMax();

  /// Minimum.
  public static final int MIN = LibNccl.ncclMin();

  /// Sum divided by the number of ranks.
  public static final int AVG = LibNccl.ncclAvg();

  private NcclReduceOp() {}
}
