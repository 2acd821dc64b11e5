package dev.tutti.transport.rendezvous;

/// A rank that was admitted to a running world.
///
/// @param rank its rank: the world's size before it came, or more
/// @param card what it told when it joined
public record Newcomer(int rank, byte[] card) {}
