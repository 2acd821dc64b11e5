package dev.tutti.transport.rendezvous;

import java.util.List;

/// What the survivors of a group have agreed on: who they are, and what each contributed.
///
/// The same on every rank that gets one from [Membership#agree]. A rank in it may have died since.
///
/// @param survivors world ranks, in the order of the members that were asked
/// @param contributions what each of them gave, in the same order
public record SurvivorGather(List<Integer> survivors, List<byte[]> contributions) {
  /// Makes unmodifiable copies of the lists.
  public SurvivorGather {
    survivors = List.copyOf(survivors);
    contributions = List.copyOf(contributions);
  }
}
