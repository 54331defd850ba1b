"""The corpora that knowledge itself can be made into, one file each: `osler corpus list` shows them."""
