#!/bin/sh
# Compiles the streaming kernels into the resources of the jar; called by Maven.
#   build.sh <classes directory>
# Without a C compiler it does nothing, successfully: the Java kernels then do all the work.
here=$(dirname "$0")
classes=${1:?usage: build.sh <classes directory>}
cc=${CC:-cc}
command -v "$cc" >/dev/null 2>&1 || exit 0
[ "$(uname -s)" = Linux ] || exit 0
directory="$classes/dev/tutti/collectives/kernel/native/linux-$(uname -m)"
library="$directory/libtutti_kernels.so"
if [ -f "$library" ] && [ -z "$(find "$here" -newer "$library" -type f)" ]; then
  exit 0
fi
mkdir -p "$directory" || exit 0
# -ffp-contract=off: a fused multiply-add would round once where Java rounds twice.
"$cc" -O3 -std=gnu11 -ffp-contract=off -fPIC -shared -Wall -Wextra -Wno-psabi \
  -o "$library.new" "$here/tutti_kernels.c" &&
  mv "$library.new" "$library" || {
  rm -f "$library.new"
  echo "tutti: the streaming kernels did not compile; Tutti works without them" >&2
}
exit 0
