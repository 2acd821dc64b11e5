/// ACL, the runtime of Ascend: so far what it tells of the devices and the links between them. The
/// library is loaded when it is first asked for.
@NullMarked
package dev.tutti.bindings.acl;

import org.jspecify.annotations.NullMarked;
