package dev.tutti.collectives.simulate;

/// What a simulation found.
///
/// @param seconds until the last rank has finished
/// @param ranks number of ranks
/// @param simulatedRanks ranks that were simulated; the others do the same, shifted
/// @param steps steps that were simulated
/// @param messages messages that were simulated
/// @param flows runs of slices that moved as one
/// @param sliceBytes size of a slice, larger than asked for where there would have been too many
/// @param messageBytes what the messages of all ranks carried together
/// @param unknownLinks links in use of which no capacity is known, taken to be no bottleneck
public record Prediction(
    double seconds,
    int ranks,
    int simulatedRanks,
    long steps,
    long messages,
    long flows,
    long sliceBytes,
    double messageBytes,
    int unknownLinks) {}
