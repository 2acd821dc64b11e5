/// Collectives over memory of devices: NVIDIA's through NCCL, Huawei's Ascend through HCCL.
///
/// A [DeviceCommunicator] is made by the ranks of a host communicator, which carries what the
/// library needs to begin, tells of ranks that die and is usable on besides. Addresses of device
/// memory and handles of streams are `long`, as CUDA and ACL give them.
@NullMarked
package dev.tutti.collectives.device;

import org.jspecify.annotations.NullMarked;
