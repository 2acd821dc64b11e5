#!/bin/sh
# Builds libtutti_sim.so: build.sh FOLDER [OPTION...], where an option goes to the compiler, such as
# -DTUTTI_SIM_NCCL_LEVEL=219, -DTUTTI_SIM_CUDA_LEVEL=13, -DTUTTI_SIM_CANN_LEVEL=81, -fsanitize=thread.
# build.sh --selftest FOLDER [OPTION...] builds the program that tests the library in the folder.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
selftest=
if [ "${1:-}" = --selftest ]; then
  selftest=yes
  shift
fi
folder=${1:?usage: build.sh [--selftest] FOLDER [OPTION...]}
shift
headers=$here/../../../main/headers
flags="-std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -fPIC -fvisibility=hidden -I$headers -I$here"
cc=${CC:-cc}

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
objects=$(mktemp -d "$folder/objects.XXXXXX")
trap 'rm -rf "$objects"' EXIT

# What is made is moved at once: others may look for it now.
# shellcheck disable=SC2086 # the flags are words
if [ -n "$selftest" ]; then
  "$cc" $flags "$@" -o "$objects/selftest" "$here"/selftest/*.c -L"$folder" -ltutti_sim -lpthread -lm \
    -Wl,-rpath,"$folder"
  mv "$objects/selftest" "$folder/selftest"
else
  jobs=
  for source in "$here"/*.c; do
    "$cc" $flags "$@" -c "$source" -o "$objects/$(basename "$source" .c).o" &
    jobs="$jobs $!"
  done
  for job in $jobs; do wait "$job"; done
  "$cc" -shared "$@" -o "$objects/libtutti_sim.so" "$objects"/*.o -lpthread -lm
  mv "$objects/libtutti_sim.so" "$folder/libtutti_sim.so"
fi
