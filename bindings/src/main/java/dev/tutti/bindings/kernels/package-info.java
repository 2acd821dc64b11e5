/// Tutti's own native kernels: reductions and copies that store past the cache.
package dev.tutti.bindings.kernels;
