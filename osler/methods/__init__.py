"""Test-time reasoning methods, one file each; importing a file registers its methods."""
