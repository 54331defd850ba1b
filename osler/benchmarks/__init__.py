"""One file per benchmark: read the published format, yield items, name the scorer."""
