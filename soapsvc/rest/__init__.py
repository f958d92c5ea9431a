"""The REST surfaces: billing preview, Quickstart preview, OAuth; one file per operation on one frame."""
