/// NVML, which tells of NVIDIA's devices and the NVLinks between them. The library is loaded when
/// it is first asked for.
@NullMarked
package dev.tutti.bindings.nvml;

import org.jspecify.annotations.NullMarked;
