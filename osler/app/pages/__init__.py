"""The views of the web page, one file each; every change goes through the same engine as the command line."""
