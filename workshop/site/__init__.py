"""The lessons as a site: `python3 -m workshop lessons`."""
