/// Looks at the host it runs on: hwloc, sysfs, NVML and ACL, put together to one topology.
@NullMarked
package dev.tutti.topology.discover;

import org.jspecify.annotations.NullMarked;
