package dev.tutti.topology.probe;

/// What was measured from the prober of one host to that of another over one rail alone.
///
/// @param from rank of the sender
/// @param to rank of the receiver
/// @param rail number of the rail, in the order of the interfaces of each place
/// @param bytesPerSecond the rate of a long flow while disjoint pairs also talked over this rail,
///   in one direction at a time
public record RailProfile(int from, int to, int rail, Estimate bytesPerSecond) {}
