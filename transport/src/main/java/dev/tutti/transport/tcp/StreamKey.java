package dev.tutti.transport.tcp;

/// Which connection is meant.
///
/// @param communicator id of the communicator, the same on all members
/// @param peer world rank of the other side
/// @param stream number of the connection among those to this peer
record StreamKey(long communicator, int peer, int stream) {}
