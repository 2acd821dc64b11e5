/// Arithmetic and copies on raw memory: one kernel per data type and operator.
package dev.tutti.collectives.kernel;
