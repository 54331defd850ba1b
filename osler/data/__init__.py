"""What comes from outside: manifest, downloads, checksums, licences, caches and the offline guard."""
