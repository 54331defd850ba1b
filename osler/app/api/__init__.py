"""The REST API, one file a subject; every reply is what the command line prints with --json."""
