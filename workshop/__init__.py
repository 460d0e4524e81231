"""The learner's command line: `python3 -m workshop …`."""
