#!/bin/sh
# Builds the measuring programs for the peers that are installed:  build.sh OUTPUT_DIRECTORY
# `tutti compare` does the same by itself. Debian packages: openmpi-bin libopenmpi-dev, mpich
# libmpich-dev, g++ libgloo-dev.
set -eu
out=${1:?usage: build.sh OUTPUT_DIRECTORY}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
has() { command -v "$1" >/dev/null || { echo "skipped: no $1" >&2; return 1; }; }
flags='-O3 -march=native -Wall'
# shellcheck disable=SC2086 # flags are words
{
  if has mpicc.openmpi; then mpicc.openmpi $flags -o "$out/mpi_bench.openmpi" "$here/mpi_bench.c"; fi
  if has mpicc.mpich; then mpicc.mpich $flags -o "$out/mpi_bench.mpich" "$here/mpi_bench.c"; fi
  if has g++ && [ -e /usr/include/gloo/allreduce.h ]; then
    g++ $flags -std=c++20 -o "$out/gloo_bench" "$here/gloo_bench.cc" -lgloo -lpthread
  fi
  if has gcc; then
    gcc $flags -pthread -o "$out/limits" "$here/limits.c"
    gcc $flags -shared -fPIC -o "$out/libcongestion.so" "$here/congestion.c" -ldl
  fi
}
