#!/bin/sh
# Builds libtutti_sim.so: build.sh FOLDER [OPTION...], where an option goes to the compiler, such as
# -DTUTTI_SIM_NCCL_LEVEL=219, -DTUTTI_SIM_CUDA_LEVEL=13, -DTUTTI_SIM_CANN_LEVEL=81, -fsanitize=thread.
# build.sh --from OTHER FOLDER [OPTION...] takes what such a level does not change from the build in OTHER, which had no
# options. build.sh --selftest FOLDER [OPTION...] builds the program that tests the library in the folder.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
selftest=
from=
case ${1:-} in
  --selftest) selftest=yes; shift ;;
  --from) from=$2; shift 2 ;;
esac
folder=${1:?usage: build.sh [--selftest | --from OTHER] FOLDER [OPTION...]}
shift
headers=$here/../../../main/headers
flags="-std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -fPIC -fvisibility=hidden -I$headers -I$here"
cc=${CC:-cc}

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
work=$(mktemp -d "$folder/work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Whether a source depends on one of the options: source, option...
depends() {
  source=$1
  shift
  for option; do
    case $option/$source in
      -DTUTTI_SIM_NCCL_LEVEL=*/nccl_* | -DTUTTI_SIM_CUDA_LEVEL=*/cuda_*) return 0 ;;
      -DTUTTI_SIM_CANN_LEVEL=*/acl* | -DTUTTI_SIM_CANN_LEVEL=*/hccl*) return 0 ;;
      -DTUTTI_SIM_*_LEVEL=*) ;;
      *) return 0 ;;
    esac
  done
  return 1
}

# What is made is moved at once: others may look for it now.
# shellcheck disable=SC2086 # the flags are words
if [ -n "$selftest" ]; then
  "$cc" $flags "$@" -o "$work/selftest" "$here"/selftest/*.c -L"$folder" -ltutti_sim -lpthread -lm \
    -Wl,-rpath,"$folder"
  mv "$work/selftest" "$folder/selftest"
else
  mkdir "$work/objects"
  jobs=
  for file in "$here"/*.c; do
    name=$(basename "$file" .c)
    if [ -n "$from" ] && ! depends "$name" "$@"; then
      cp "$from/objects/$name.o" "$work/objects"
    else
      "$cc" $flags "$@" -c "$file" -o "$work/objects/$name.o" &
      jobs="$jobs $!"
    fi
  done
  failed=
  for job in $jobs; do wait "$job" || failed=yes; done
  [ -z "$failed" ] || exit 1
  "$cc" -shared "$@" -o "$work/libtutti_sim.so" "$work"/objects/*.o -lpthread -lm
  rm -rf "$folder/objects"
  mv "$work/objects" "$folder/objects"
  mv "$work/libtutti_sim.so" "$folder/libtutti_sim.so"
fi
