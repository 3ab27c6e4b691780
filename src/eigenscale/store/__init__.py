"""Work that is kept: cells of finished results in one SQLite file, found again by their inputs."""
