"""Commands that call the vendor's own service, one module each; `options` is what they have in common."""
