package dev.tutti.collectives.schedule;

/// A step of another lane of the same rank that must have completed, all slices of it, before the
/// depending step starts.
///
/// @param lane index of the lane
/// @param step index of the step inside that lane
public record Dependency(int lane, int step) {}
