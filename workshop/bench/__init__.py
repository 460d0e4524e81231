"""`python3 -m workshop bench`: measures the workshop on the learner's own machine."""
