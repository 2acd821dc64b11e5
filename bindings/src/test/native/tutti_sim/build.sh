#!/bin/sh
# Builds libtutti_sim.so: build.sh FOLDER [OPTION...], where an option goes to the compiler, such as
# -DTUTTI_SIM_NCCL_LEVEL=219, -DTUTTI_SIM_CUDA_LEVEL=13, -DTUTTI_SIM_CANN_LEVEL=81, -fsanitize=thread.
# With SELFTEST=1 in the environment it builds the program that tests the library, too.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: build.sh FOLDER [OPTION...]}
shift
headers=$here/../../../main/headers
flags="-std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -g -fPIC -fvisibility=hidden -I$headers -I$here"
cc=${CC:-cc}

mkdir -p "$folder"
objects=$(mktemp -d "$folder/objects.XXXXXX")
trap 'rm -rf "$objects"' EXIT

# shellcheck disable=SC2086 # the flags are words
for source in "$here"/*.c; do
  "$cc" $flags "$@" -c "$source" -o "$objects/$(basename "$source" .c).o" &
  jobs="${jobs:-} $!"
done
for job in $jobs; do wait "$job"; done
"$cc" -shared "$@" -o "$objects/libtutti_sim.so" "$objects"/*.o -lpthread -lm
mv "$objects/libtutti_sim.so" "$folder/libtutti_sim.so" # at once: others may look for it now

if [ -n "${SELFTEST:-}" ]; then
  # shellcheck disable=SC2086
  "$cc" $flags "$@" -o "$objects/selftest" "$here"/selftest/*.c -L"$folder" -ltutti_sim -lpthread -lm \
    -Wl,-rpath,"$folder"
  mv "$objects/selftest" "$folder/selftest"
fi
