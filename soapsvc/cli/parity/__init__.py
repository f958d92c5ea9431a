"""The commands that lay the vendor's previews beside ours: `verify` and `fit`."""
