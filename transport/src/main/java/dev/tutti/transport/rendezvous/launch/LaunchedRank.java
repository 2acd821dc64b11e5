package dev.tutti.transport.rendezvous.launch;

import java.net.URI;

/// What a launcher's variables say about this process.
///
/// @param launcher the launcher's name
/// @param placement which rank this is
/// @param rendezvous where the ranks meet
/// @param secretAdvice a sentence that says how this launcher passes a secret to every rank
public record LaunchedRank(
    String launcher, Placement placement, URI rendezvous, String secretAdvice) {}
