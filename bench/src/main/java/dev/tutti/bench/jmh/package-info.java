/// JMH benchmarks of the parts below a collective.
package dev.tutti.bench.jmh;
