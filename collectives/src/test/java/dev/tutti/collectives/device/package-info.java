/// Tests of device communicators over simulated devices.
@NullMarked
package dev.tutti.collectives.device;

import org.jspecify.annotations.NullMarked;
