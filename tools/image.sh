#!/usr/bin/env bash
# Usage: image.sh [OPTION...]
# Builds the container image soapsvc:VERSION (and soapsvc:latest) from the Containerfile and the wheel in dist/, with
# $BUILDER or the first of buildah, podman and docker that is here, and says how large it is. Options go to the builder.
set -euo pipefail

cd "$(dirname "$0")/.."
wheels=(dist/soapsvc-*-none-any.whl)
version=${wheels[0]#dist/soapsvc-}
tags=(--tag "soapsvc:${version%%-*}" --tag soapsvc:latest)
for builder in ${BUILDER:-buildah podman docker}; do
  command -v "$builder" >/dev/null && break
  builder=
done
case ${builder##*/} in
  # No daemon and no user namespaces; Docker's format, as OCI's has no health check.
  buildah) "$builder" build --isolation chroot --format docker "${tags[@]}" --file Containerfile "$@" . ;;
  podman) podman build --format docker "${tags[@]}" --file Containerfile "$@" . ;;
  docker) docker build "${tags[@]}" --file Containerfile "$@" . ;;
  *) echo "an image is built by buildah, podman or docker; none is here" >&2; exit 1 ;;
esac
"$builder" images soapsvc
