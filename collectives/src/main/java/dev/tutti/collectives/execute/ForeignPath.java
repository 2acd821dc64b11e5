package dev.tutti.collectives.execute;

/// How a rank gets at a buffer that lies in another process's private memory.
enum ForeignPath {
  /// The owner copies it into its window slice by slice, the reader out of it.
  WINDOW,
  /// The reader copies it with `process_vm_readv`.
  VM_READ
}
