"""What runs inside the copy of the learner's project; it imports nothing of the workshop."""
