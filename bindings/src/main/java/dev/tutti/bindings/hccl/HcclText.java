package dev.tutti.bindings.hccl;

import dev.tutti.bindings.hccl.generated.HcclCommConfigDef;

/// The texts in a communicator's configuration.
public enum HcclText {
  /// Name of the communicator.
  NAME(HcclCommConfigDef.hcclCommName$offset(), 128),

  /// What the user wants to read in reports of errors.
  USER_INFO(HcclCommConfigDef.hcclUdi$offset(), 128),

  /// Algorithms, as `HCCL_ALGO` has them; since CANN 9.0.
  ALGORITHM(HcclCommConfigDef.algorithm$offset(), 1600),

  /// Whether to repeat what failed, as `HCCL_OP_RETRY_ENABLE` has it; since CANN 9.0.
  RETRY_ENABLE(HcclCommConfigDef.retryEnable$offset(), 50),

  /// How to repeat, as `HCCL_OP_RETRY_PARAMS` has it; since CANN 9.0.
  RETRY_PARAMETERS(HcclCommConfigDef.retryParameters$offset(), 128),

  /// Name of the buffer, for communicators that share one; since CANN 9.0.
  BUFFER_NAME(HcclCommConfigDef.bufferName$offset(), 128);

  private final long offset;
  private final int room;

  HcclText(long offset, int room) {
    this.offset = offset;
    this.room = room;
  }

  long offset() {
    return offset;
  }

  /// Bytes for it, its end included.
  int room() {
    return room;
  }

  /// Returns whether the short form of the configuration, which all versions know, has it.
  public boolean isOfAllVersions() {
    return offset < HcclConfig.SHORT_BYTES;
  }
}
