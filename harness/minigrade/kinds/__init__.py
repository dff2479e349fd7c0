"""One file a kind of check, which also defines its decorator."""
