/// ACL, the runtime of Ascend: what it tells of the devices and the links between them
/// ([Acl#read]), and devices, memory, streams and events ([Acl#runtime]). The library is loaded
/// when it is first asked for.
///
/// Addresses of memory are `long`; so are streams and events on the data path, where 0 is the
/// default stream: [AclStream#address] and [AclEvent#address] give them, and throw once the object
/// is closed. A failed call throws `dev.tutti.bindings.NativeCallException` with ACL's own words.
///
/// Any thread of the system may call; virtual threads are refused where a call depends on the
/// current device, which belongs to the thread of the system. An object that owns something of ACL
/// is closed by its owner when no other thread uses it.
@NullMarked
package dev.tutti.bindings.acl;

import org.jspecify.annotations.NullMarked;
