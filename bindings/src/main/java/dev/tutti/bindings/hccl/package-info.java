/// HCCL, Huawei's library of collectives for Ascend: the functions of CANN 8.1, and later ones
/// where the library has them. The library is loaded when it is first asked for.
///
/// [Hccl#open] finds an [HcclLibrary], which makes [HcclCommunicator]s. Addresses are those of
/// devices, streams those of `dev.tutti.bindings.acl`, both as `long`. A failed call throws
/// `dev.tutti.bindings.NativeCallException` with the words of HCCL or of ACL.
///
/// ## Threads
///
/// * A thread sets its device (`AclRuntime.setDevice`) before it makes a communicator, and no two
///   threads make communicators on one device at once.
/// * One thread at a time uses a communicator; a second one gets an `IllegalStateException`. Only
///   `asyncError` and `abandon` may be called at any time.
/// * ACL's current device belongs to threads of the system, so virtual threads are refused.
@NullMarked
package dev.tutti.bindings.hccl;

import org.jspecify.annotations.NullMarked;
