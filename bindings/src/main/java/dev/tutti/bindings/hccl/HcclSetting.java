package dev.tutti.bindings.hccl;

import static dev.tutti.bindings.hccl.generated.HcclCommConfigDef.aclGraphZeroCopy$offset;
import static dev.tutti.bindings.hccl.generated.HcclCommConfigDef.execTimeout$offset;
import static dev.tutti.bindings.hccl.generated.HcclCommConfigDef.hcclBufferSize$offset;
import static dev.tutti.bindings.hccl.generated.HcclCommConfigDef.hcclDeterministic$offset;
import static dev.tutti.bindings.hccl.generated.HcclCommConfigDef.hcclOpExpansionMode$offset;
import static dev.tutti.bindings.hccl.generated.HcclCommConfigDef.hcclRdmaServiceLevel$offset;
import static dev.tutti.bindings.hccl.generated.HcclCommConfigDef.hcclRdmaTrafficClass$offset;
import static dev.tutti.bindings.hccl.generated.HcclCommConfigDef.jobId$offset;
import static dev.tutti.bindings.hccl.generated.HcclCommConfigDef.worldRank$offset;

import dev.tutti.bindings.hccl.generated.LibHccl;

/// The numbers in a communicator's configuration.
public enum HcclSetting {
  /// Size of each of two buffers on the device, in MB. Unset: `HCCL_BUFFSIZE`, or 200.
  BUFFER_MEGABYTES(hcclBufferSize$offset(), Integer.BYTES, LibHccl.TUTTI_HCCL_CONFIG_NOT_SET()),

  /// 1: the same result each time. Unset: `HCCL_DETERMINISTIC`.
  DETERMINISTIC(hcclDeterministic$offset(), Integer.BYTES, LibHccl.TUTTI_HCCL_CONFIG_NOT_SET()),

  /// Who runs collectives: 0 default, 1 host, 2 AI CPU, 3 vector cores, 4 these only, 5 and 6 CCU.
  EXPANSION_MODE(hcclOpExpansionMode$offset(), Integer.BYTES, 0),

  /// Traffic class of RDMA. Unset: `HCCL_RDMA_TC`.
  TRAFFIC_CLASS(hcclRdmaTrafficClass$offset(), Integer.BYTES, LibHccl.TUTTI_HCCL_CONFIG_NOT_SET()),

  /// Service level of RDMA. Unset: `HCCL_RDMA_SL`.
  SERVICE_LEVEL(hcclRdmaServiceLevel$offset(), Integer.BYTES, LibHccl.TUTTI_HCCL_CONFIG_NOT_SET()),

  /// Rank in the job; since CANN 9.0.
  WORLD_RANK(worldRank$offset(), Integer.BYTES, 0),

  /// Number of the job; since CANN 9.0.
  JOB_ID(jobId$offset(), Long.BYTES, 0),

  /// 1: no copies in captured graphs; since CANN 9.0.
  GRAPH_ZERO_COPY(aclGraphZeroCopy$offset(), Byte.BYTES, 0),

  /// Time limit of a collective in seconds; since CANN 9.0. Unset: `HCCL_EXEC_TIMEOUT`, or 1836.
  EXEC_TIMEOUT_SECONDS(execTimeout$offset(), Integer.BYTES, -1);

  private final long offset;
  private final int bytes;
  private final long unset;

  HcclSetting(long offset, int bytes, long unset) {
    this.offset = offset;
    this.bytes = bytes;
    this.unset = unset;
  }

  long offset() {
    return offset;
  }

  int bytes() {
    return bytes;
  }

  /// What stands there if nobody sets it.
  long unset() {
    return unset;
  }

  /// Returns whether the short form of the configuration, which all versions know, has it.
  public boolean isOfAllVersions() {
    return offset < HcclConfig.SHORT_BYTES;
  }
}
