/// Choosing a schedule for an operation. Planning never touches data.
@NullMarked
package dev.tutti.collectives.plan;

import org.jspecify.annotations.NullMarked;
