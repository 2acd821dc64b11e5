import org.jspecify.annotations.NullMarked;

/// Foreign-function bindings: per library one package of generated code, not exported, and one
/// exported package with its thin typed wrapper. Nothing outside this module calls the `Linker`.
@NullMarked
module dev.tutti.bindings {
  requires static transitive org.jspecify;

  exports dev.tutti.bindings;
  exports dev.tutti.bindings.acl;
  exports dev.tutti.bindings.cuda;
  exports dev.tutti.bindings.hccl;
  exports dev.tutti.bindings.hwloc;
  exports dev.tutti.bindings.kernels;
  exports dev.tutti.bindings.linux;
  exports dev.tutti.bindings.nccl;
  exports dev.tutti.bindings.nvml;
  exports dev.tutti.bindings.ucx;
}
